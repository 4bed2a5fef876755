"""Stacking: weights of calibrated members by how well their sum tells what came true.

A member's own probabilities say little about its worth while they are too sure or too timid, so each is calibrated
first. Weights are then the most probable ones, given the labels and a prior: about equal, and never negative. With
fifty positives they stay nearly equal; with thousands the labels decide.

Members that learn from other questions are as good with few labels as with many, others are not: the fewer labels there
are, the less of the prior is theirs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.descent import descend
from yule.ensemble.judged import Judged
from yule.ensemble.scales import AnyCalibrator
from yule.ensemble.settings import Stacking


def stack(judged: Judged, settings: Stacking) -> NDArray[np.float64]:
    """Choose weights of the members.

    Parameters
    ----------
    judged
        The members on users they did not see.
    settings
        How far weights may be from equal ones.

    Returns
    -------
    ndarray
        (n_members,); at least 0, summing to 1. 0 for members that tell no user from another, unless none does.

    Notes
    -----
    Minimises the loss over users of ``intercept + sum(shares * calibrated members)``, in units of its dispersion, plus
    the squared distance of the shares from expected ones over twice the squared spread. A weight is a share times the
    slope of its member's calibrator: what remains to be calibrated are the slope and the level of the whole.
    """
    calibrators = [judged.scale.fit_calibrator(member, judged.labels) for member in judged.members]
    telling = [
        place
        for place, (member, calibrator) in enumerate(zip(judged.members, calibrators, strict=True))
        if _tells(member, calibrator, judged)
    ] or list(range(len(calibrators)))
    calibrated = np.column_stack(
        [calibrators[place].slope * judged.members[place] + calibrators[place].intercept for place in telling]
    )
    expected = _expect(judged, telling, half=settings.half)
    slopes = np.array([calibrators[place].slope for place in telling])
    weights = np.zeros(len(calibrators))
    weights[telling] = _weigh(calibrated, judged, expected, slopes, settings=settings)
    return weights


def _weigh(
    calibrated: NDArray[np.float64],
    judged: Judged,
    expected: NDArray[np.float64],
    slopes: NDArray[np.float64],
    *,
    settings: Stacking,
) -> NDArray[np.float64]:
    """Return the weights of the members that tell something, (n_telling,); once more where some have next to none."""
    weights = slopes * _find_shares(calibrated, judged, expected, spread=settings.spread)
    weights /= weights.sum()
    kept = weights >= settings.least / len(weights)
    if not kept.all():
        rest = expected[kept] / expected[kept].sum()
        shares = _find_shares(calibrated[:, kept], judged, rest, spread=settings.spread)
        weights = np.zeros(len(weights))
        weights[kept] = slopes[kept] * shares
        weights /= weights.sum()
    return weights


def _tells(member: NDArray[np.float64], calibrator: AnyCalibrator, judged: Judged) -> bool:
    """Tell whether a member tells users from each other, and not the wrong way round.

    A constant model has another constant in each fold.
    """
    held_out = [member[judged.folds == fold] for fold in range(judged.n_folds)]
    return not calibrator.is_flat and any(len(values) > 0 and np.ptp(values) > 0 for values in held_out)


def _expect(judged: Judged, telling: Sequence[int], *, half: float) -> NDArray[np.float64]:
    """Return the shares that are expected before any label is seen, (n_telling,)."""
    n_rarer = max(judged.n_rarer, 1)
    expected = np.array([1.0 if place in judged.transferred else n_rarer / (n_rarer + half) for place in telling])
    expected /= expected.sum()
    return expected


def _find_shares(
    calibrated: NDArray[np.float64], judged: Judged, expected: NDArray[np.float64], *, spread: float
) -> NDArray[np.float64]:
    """Return the most probable shares, (n_telling,); the expected ones if labels would have all of them 0."""
    labels, scale = judged.labels, judged.scale
    dispersion = scale.dispersion(labels, calibrated @ expected)

    def lose(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares, intercept = numbers[:-1], numbers[-1]
        values, moved = calibrated @ shares + intercept, shares - expected
        slopes = scale.slopes(labels, values) / dispersion
        loss = scale.losses(labels, values).sum() / dispersion + moved @ moved / (2 * spread**2)
        return float(loss), np.append(slopes @ calibrated + moved / spread**2, slopes.sum())

    shares = descend(lose, [*expected, 0.0], at_least=[0.0] * len(expected) + [None])[:-1]
    return shares if shares.any() else expected
