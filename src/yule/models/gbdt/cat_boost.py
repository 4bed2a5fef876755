"""CatBoost: gradient boosting of symmetric trees."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from yule.core.dataset import Labelled
from yule.models.protocol import FitContext, Model


@dataclass(frozen=True, kw_only=True)
class CatBoost:
    """Settings of a CatBoost member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the log loss on users kept aside usually stops earlier.
    depth
        Depth of the symmetric trees: each has ``2 ** depth`` leaves.
    l2_leaf_reg
        Penalty on leaf values.
    subsample
        Share of training users each tree may use.
    feature_fraction
        Share of features each split may use.
    random_strength
        Noise on the scores of splits.
    """

    kind: Literal["catboost"] = "catboost"
    name: str = "catboost"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.08
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 2000
    depth: Annotated[int, Ge(1), Le(12)] = 6
    l2_leaf_reg: Annotated[float, Ge(0)] = 3.0
    subsample: Annotated[float, Gt(0), Le(1)] = 0.8
    feature_fraction: Annotated[float, Gt(0), Le(1)] = 0.5
    random_strength: Annotated[float, Ge(0)] = 1.0

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError

    def refit(self, train: Labelled, *, n_steps: int, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError
