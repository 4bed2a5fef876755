"""What each member brings: how much worse the blend is without it, on users nobody has seen."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import Loss
from yule.ensemble.blend import blend
from yule.ensemble.judged import MAX_USERS
from yule.ensemble.scales import scale_of
from yule.ensemble.settings import EnsembleSettings


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What a member brings to a blend.

    Parameters
    ----------
    rise
        By which share of itself the loss rises without the member; less than 0 where the blend is better without it.
    error
        Standard error of that over the users.
    """

    rise: float
    error: float


def find_worths(
    oof: NDArray[np.float64],
    labels: NDArray[np.float64],
    folds: NDArray[np.int32],
    settings: EnsembleSettings,
    *,
    loss: Loss = "log_loss",
    transferred: Collection[int] = (),
) -> tuple[Worth, ...]:
    """Blend anew without each member; parameters as of :func:`~yule.ensemble.blend.blend`.

    Returns
    -------
    tuple
        One for each member; none where there is but one.

    >>> oof = np.tile([[0.3, 0.5], [0.7, 0.5]], (50, 1))
    >>> labels, folds = np.tile([0.0, 1.0], 50), np.repeat(np.arange(5, dtype=np.int32), 20)
    >>> from yule.ensemble.settings import Stacking
    >>> [worth.rise > 0 for worth in find_worths(oof, labels, folds, Stacking())]
    [True, False]
    """
    if oof.shape[1] == 1:
        return ()
    some = slice(None, None, -(-len(labels) // MAX_USERS))
    oof, labels, folds = oof[some], labels[some], folds[some]
    scale = scale_of(loss)

    def lose(places: list[int]) -> NDArray[np.float64]:
        elsewhere = [number for number, place in enumerate(places) if place in transferred]
        blended = blend(oof[:, places], labels, folds, settings, loss=loss, transferred=elsewhere)
        return scale.losses(labels, scale.to_values(blended.cross_fitted))

    members = list(range(oof.shape[1]))
    whole = lose(members)
    rises = [(lose([place for place in members if place != left_out]) - whole) / whole.mean() for left_out in members]
    return tuple(Worth(rise=float(rise.mean()), error=float(rise.std(ddof=1) / np.sqrt(len(rise)))) for rise in rises)
