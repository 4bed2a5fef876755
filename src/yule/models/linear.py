"""Logistic regression with an L2 penalty, on features brought to one scale."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from yule.core.dataset import Labelled
from yule.models.protocol import FitContext, Model


@dataclass(frozen=True, kw_only=True)
class LogisticRegression:
    """Settings of a logistic regression member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    strongest_penalty, weakest_penalty
        Ends of the path of penalties: weight of half the squared norm of the weights against the summed log loss.
    n_penalties
        Points of the path, evenly spaced in logarithm, strongest first.
    """

    kind: Literal["logistic"] = "logistic"
    name: str = "logistic"
    strongest_penalty: Annotated[float, Gt(0)] = 1e4
    weakest_penalty: Annotated[float, Gt(0)] = 1.0
    n_penalties: Annotated[int, Ge(2), Le(100)] = 13

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError

    def refit(self, train: Labelled, *, n_steps: int, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError
