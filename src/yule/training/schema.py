"""The schema of a feature table: which features a model was fitted on, in which order."""

from dataclasses import dataclass

from yule.core.dataset import Features


@dataclass(frozen=True, kw_only=True)
class FeatureSchema:
    """Names of the features, in the order the models know.

    Parameters
    ----------
    numeric_names, categorical_names
        As in :class:`~yule.core.dataset.Features`.
    """

    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]


def describe_features(features: Features) -> FeatureSchema:
    """Return the schema of a feature table.

    >>> import numpy as np
    >>> features = Features(
    ...     numeric=np.zeros((0, 1), np.float32),
    ...     codes=np.zeros((0, 0), np.int32),
    ...     numeric_names=("visits__count",),
    ...     categorical_names=(),
    ...     vocabularies=(),
    ... )
    >>> describe_features(features)
    FeatureSchema(numeric_names=('visits__count',), categorical_names=())
    """
    return FeatureSchema(numeric_names=features.numeric_names, categorical_names=features.categorical_names)
