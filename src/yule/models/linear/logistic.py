"""Logistic regression with an L2 penalty."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.core.losses import Loss
from yule.core.threads import one_thread
from yule.models.linear.model import LinearModel
from yule.models.linear.path import fit_path
from yule.models.protocol import FitContext, Stop


@dataclass(frozen=True, kw_only=True)
class LogisticRegression:
    """Settings of a logistic regression member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    strongest_penalty, weakest_penalty
        Ends of the path of penalties. The fit minimises the log loss summed over users plus the penalty times half
        the squared norm of the weights.
    n_penalties
        Points of the path, evenly spaced in logarithm, strongest first; the log loss of the users kept aside chooses.
    """

    kind: Literal["logistic"] = "logistic"
    name: str = "logistic"
    strongest_penalty: Annotated[float, Gt(0)] = 1e4
    weakest_penalty: Annotated[float, Gt(0)] = 1.0
    n_penalties: Annotated[int, Ge(2), Le(100)] = 9

    losses: ClassVar[frozenset[Loss]] = frozenset({"log_loss"})

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> LinearModel:
        """See :class:`~yule.models.protocol.Estimator`."""
        return fit_path(self.kind, self._walk, train, stop, context=context)

    def _walk(self, columns: NDArray[np.float32], labels: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
        import sklearn.linear_model

        regression = sklearn.linear_model.LogisticRegression(warm_start=True, tol=3e-4, max_iter=300)
        for penalty in np.geomspace(self.strongest_penalty, self.weakest_penalty, self.n_penalties):
            with one_thread():
                regression.set_params(C=1 / penalty).fit(columns, labels)
            yield np.append(regression.coef_[0], regression.intercept_).astype(np.float64)
