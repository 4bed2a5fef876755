"""A Gaussian prior of weights: what those of several questions differ in, and how far labels of one more move them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.threads import one_thread

_MAX_STEPS = 300
_FILE = "prior.safetensors"
_LEAST_DEVIATION = 0.2  # of intercepts: a few questions may agree by chance


@dataclass(frozen=True, kw_only=True)
class WeightPrior:
    """How far the weights and the intercept of one more question may be from what others have in common.

    Parameters
    ----------
    directions
        float64 (n_directions, n_columns), orthogonal: what the weights differ in, each as long as their standard
        deviation along it.
    intercept_deviation
        Standard deviation of how far the log-odds of the other questions are off.
    """

    directions: NDArray[np.float64]
    intercept_deviation: float

    def move(
        self, columns: NDArray[np.float32], sums: NDArray[np.float64], labels: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float]:
        """Return how far labels move the weights and the intercept; see :func:`move_weights`."""
        return move_weights(
            columns, sums, labels, directions=self.directions, intercept_deviation=self.intercept_deviation
        )

    def save(self, folder: Path) -> None:
        """Write ``prior.safetensors``."""
        from safetensors.numpy import save_file

        told = {"directions": self.directions, "intercept_deviation": np.array([self.intercept_deviation])}
        save_file(told, folder / _FILE)

    @classmethod
    def load(cls, folder: Path) -> "WeightPrior":
        """Load what :meth:`save` wrote."""
        from safetensors.numpy import load_file

        told = load_file(folder / _FILE)
        (deviation,) = told["intercept_deviation"].tolist()
        return cls(directions=told["directions"], intercept_deviation=deviation)


def learn_prior(differences: NDArray[np.float64], intercepts: NDArray[np.float64], n_directions: int) -> WeightPrior:
    """Learn a prior from several questions.

    Parameters
    ----------
    differences
        (n_questions, n_columns): how far the weights of each question are from what they have in common.
    intercepts
        (n_questions,): how far the log-odds of each are off.
    n_directions
        How many directions at most.
    """
    deviation = float(np.sqrt(np.mean(intercepts**2)))
    return WeightPrior(
        directions=find_directions(differences, n_directions), intercept_deviation=max(deviation, _LEAST_DEVIATION)
    )


def find_directions(differences: NDArray[np.float64], n_directions: int) -> NDArray[np.float64]:
    """Return what weights differ in most, as long as their standard deviation along it.

    Parameters
    ----------
    differences
        (n_questions, n_columns): how far the weights of each question are from what they have in common.
    n_directions
        How many directions at most; of n questions there are n - 1.

    Returns
    -------
    ndarray
        float64 (n_directions or fewer, n_columns), orthogonal.
    """
    n_questions = len(differences)
    with one_thread():
        _, sizes, axes = np.linalg.svd(differences, full_matrices=False)
    kept = min(n_directions, n_questions - 1)
    directions: NDArray[np.float64] = axes[:kept] * (sizes[:kept] / np.sqrt(max(n_questions - 1, 1)))[:, None]
    return np.ascontiguousarray(directions)


def move_weights(
    columns: NDArray[np.float32],
    sums: NDArray[np.float64],
    labels: NDArray[np.float64],
    *,
    directions: NDArray[np.float64],
    intercept_deviation: float,
) -> tuple[NDArray[np.float64], float]:
    """Return how far labels move the weights and the intercept: the most probable move given both.

    Parameters
    ----------
    columns
        (n_users, n_columns).
    sums
        (n_users,): log-odds of the users before anything is moved.
    labels
        (n_users,); 0 or 1.
    directions
        (n_directions, n_columns): what the weights may move in, each as long as its standard deviation.
    intercept_deviation
        Standard deviation of the intercept's move.
    """
    from scipy.optimize import minimize

    def lose(moves: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        values = sums + moved @ moves
        loss = np.logaddexp(0, values).sum() - labels @ values + moves @ moves / 2
        errors = 1 / (1 + np.exp(-values)) - labels
        return float(loss), moved.T @ errors + moves

    with one_thread():
        along = columns @ directions.T.astype(np.float32)
        moved = np.column_stack([along, np.full(len(labels), intercept_deviation)]).astype(np.float64)
        moves = minimize(lose, np.zeros(moved.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS}).x
        return moves[:-1] @ directions, float(moves[-1] * intercept_deviation)
