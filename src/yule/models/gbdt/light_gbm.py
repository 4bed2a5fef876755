"""LightGBM: leaf-wise gradient boosting of histogram trees."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from yule.core.dataset import Labelled
from yule.models.protocol import FitContext, Model


@dataclass(frozen=True, kw_only=True)
class LightGBM:
    """Settings of a LightGBM member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the log loss on users kept aside usually stops earlier.
    num_leaves
        Leaves per tree.
    min_data_in_leaf
        Training users a leaf needs.
    feature_fraction, bagging_fraction
        Share of features and of training users each tree may use.
    lambda_l1, lambda_l2
        Penalties on leaf values.
    extra_trees
        Try one random threshold per feature instead of all: weaker trees that differ more.
    """

    kind: Literal["lightgbm"] = "lightgbm"
    name: str = "lightgbm"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.04
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 4000
    num_leaves: Annotated[int, Ge(2), Le(1024)] = 31
    min_data_in_leaf: Annotated[int, Ge(1)] = 20
    feature_fraction: Annotated[float, Gt(0), Le(1)] = 0.5
    bagging_fraction: Annotated[float, Gt(0), Le(1)] = 0.8
    lambda_l1: Annotated[float, Ge(0)] = 0.0
    lambda_l2: Annotated[float, Ge(0)] = 1.0
    extra_trees: bool = False

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError

    def refit(self, train: Labelled, *, n_steps: int, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError
