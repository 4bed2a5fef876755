"""Ridge regression: least squares with an L2 penalty, for amounts."""

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

_TOLERANCE = 1e-4
_MAX_STEPS = 300


@dataclass(frozen=True, kw_only=True)
class RidgeRegression:
    """Settings of a ridge regression member, which predicts amounts.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    strongest_penalty, weakest_penalty
        Ends of the path of penalties. The fit minimises half the squared error of standardised amounts summed over
        users, plus the penalty times half the squared norm of the weights.
    n_penalties
        Points of the path, evenly spaced in logarithm, strongest first; the squared error of the users kept aside
        chooses.
    """

    kind: Literal["ridge"] = "ridge"
    name: str = "ridge"
    strongest_penalty: Annotated[float, Gt(0)] = 1e5
    weakest_penalty: Annotated[float, Gt(0)] = 10.0
    n_penalties: Annotated[int, Ge(2), Le(100)] = 9

    losses: ClassVar[frozenset[Loss]] = frozenset({"squared_error"})

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> LinearModel:
        """See :class:`~yule.models.protocol.Estimator`."""
        return fit_path(self.kind, self._walk, train, stop, context=context)

    def _walk(self, columns: NDArray[np.float32], targets: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
        """Solve the normal equations by conjugate gradients, each penalty from the weights of the one before."""
        from scipy.sparse.linalg import LinearOperator, cg

        n_columns, center = columns.shape[1], columns.mean(axis=0, dtype=np.float64)
        weights = np.zeros(n_columns)
        for penalty in np.geomspace(self.strongest_penalty, self.weakest_penalty, self.n_penalties):

            def apply(vector: NDArray[np.float64], penalty: float = penalty) -> NDArray[np.float64]:
                sums = columns @ vector.astype(np.float32) - np.float32(center @ vector)
                product: NDArray[np.float64] = columns.T @ sums - center * sums.sum(dtype=np.float64)
                return product + penalty * vector

            with one_thread():
                moment = columns.T @ targets.astype(np.float32) - center * targets.sum()
                operator = LinearOperator((n_columns, n_columns), matvec=apply, dtype=np.float64)
                weights, _ = cg(operator, moment, x0=weights, rtol=_TOLERANCE, maxiter=_MAX_STEPS)
            yield np.append(weights, targets.mean() - center @ weights)
