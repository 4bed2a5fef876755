"""The pooled member: boosted trees that learn from other questions than the case's own, and answer that one too.

As in global forecasting [1]_, one model is fitted over many questions. It is told nothing but roles
(:mod:`yule.features.roles`), so it cannot know which question it answers.

References
----------
.. [1] Makridakis et al., "M5 accuracy competition", International Journal of Forecasting 2022.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from yule.core.dataset import Labelled
from yule.core.losses import LOSSES, Loss
from yule.models.gbdt.light_gbm import LightGBM, LightGBMModel
from yule.models.protocol import FitContext, Stop


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """Settings of a pooled member. Few and small trees are as good as many, and take seconds (docs/experiments.md).

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the loss of the users kept aside usually stops the fit earlier.
    num_leaves
        Leaves per tree.
    min_data_in_leaf
        Rows of users and questions a leaf needs.
    """

    kind: Literal["pooled"] = "pooled"
    name: str = "pooled"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.1
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 200
    num_leaves: Annotated[int, Ge(2), Le(1024)] = 15
    min_data_in_leaf: Annotated[int, Ge(1)] = 200

    losses: ClassVar[frozenset[Loss]] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> LightGBMModel:
        """See :class:`~yule.models.protocol.Estimator`; rows are users with a question."""
        trees = LightGBM(
            name=self.name,
            learning_rate=self.learning_rate,
            max_trees=self.max_trees,
            num_leaves=self.num_leaves,
            min_data_in_leaf=self.min_data_in_leaf,
            feature_fraction=0.7,
            bagging_fraction=0.5,
            lambda_l2=5.0,
        )
        return trees.fit(train, stop, context=context)
