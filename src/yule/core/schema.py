"""The schema of a feature table: which features there are, in which order, and what they mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from yule.core.dataset import Features
from yule.core.meanings import Meaning, choose_meanings
from yule.core.settings import ADDED


@dataclass(frozen=True, kw_only=True)
class FeatureSchema:
    """Names of the features, in their order, and what they mean.

    Parameters
    ----------
    numeric_names, categorical_names
        As in :class:`~yule.core.dataset.Features`.
    meanings
        What they mean, by name; none in files of earlier versions.
    """

    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    meanings: Mapping[str, Meaning] = field(default_factory=dict, metadata=ADDED, hash=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all features, numeric ones first."""
        return self.numeric_names + self.categorical_names

    def only(self, names: Collection[str]) -> "FeatureSchema":
        """Return the schema of some of the features, in their order here."""
        return FeatureSchema(
            numeric_names=tuple(name for name in self.numeric_names if name in names),
            categorical_names=tuple(name for name in self.categorical_names if name in names),
            meanings=choose_meanings(self.meanings, [name for name in self.names if name in names]),
        )


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
    FeatureSchema(numeric_names=('visits__count',), categorical_names=(), meanings={})
    """
    return FeatureSchema(
        numeric_names=features.numeric_names,
        categorical_names=features.categorical_names,
        meanings=choose_meanings(features.meanings, features.names),
    )


def unite_schemas(schemas: Sequence[FeatureSchema]) -> FeatureSchema:
    """Return the schema of all features of some schemas: those of the first, then those that only later ones have.

    >>> one = FeatureSchema(numeric_names=("b", "a"), categorical_names=())
    >>> unite_schemas([one, FeatureSchema(numeric_names=("a", "c"), categorical_names=("town",))])
    FeatureSchema(numeric_names=('b', 'a', 'c'), categorical_names=('town',), meanings={})
    """
    return FeatureSchema(
        numeric_names=tuple(dict.fromkeys(name for schema in schemas for name in schema.numeric_names)),
        categorical_names=tuple(dict.fromkeys(name for schema in schemas for name in schema.categorical_names)),
        meanings={name: meaning for schema in reversed(schemas) for name, meaning in schema.meanings.items()},
    )


def leave_out(features: Features, names: Collection[str]) -> Features:
    """Return the features without some of them; the table itself if it has none of these."""
    return take_features(features, describe_features(features).only(set(features.names).difference(names)))


def take_features(features: Features, schema: FeatureSchema) -> Features:
    """Return just the features of a schema, in its order. They are all there; the table itself if it is what is wanted.

    Parameters
    ----------
    features
        n_users rows; the schema's features in any order, and maybe others.
    schema
        The features wanted.
    """
    if (features.numeric_names, features.categorical_names) == (schema.numeric_names, schema.categorical_names):
        return features
    numeric = {name: place for place, name in enumerate(features.numeric_names)}
    categorical = {name: place for place, name in enumerate(features.categorical_names)}
    return features.take_columns(
        [numeric[name] for name in schema.numeric_names], [categorical[name] for name in schema.categorical_names]
    )
