"""How the features of users differ between two instants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import Snapshot
from yule.core.dataset import Features, Labelled
from yule.core.seeds import derive_seed, draw_numbers
from yule.core.tracker import SilentTracker
from yule.features.matrix import stack_features
from yule.metrics.scores import roc_auc
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.protocol import FitContext

MAX_USERS = 2_500
"""Users of either side that are looked at."""

N_BINS = 10

TELLER = LightGBM(name="teller", learning_rate=0.1, max_trees=60, num_leaves=8, min_data_in_leaf=10)

GROWING_FRACTION = 0.99
MIN_PAIRS = 50


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How well two sides can be told apart.

    Parameters
    ----------
    auc
        Chance that a model takes the later of two users for the later one; 0.5 when the sides are alike.
    importance
        Share of each feature in that, the largest first.
    """

    auc: float
    importance: dict[str, float]


def tell_apart(before: Snapshot, after: Snapshot, *, seed: int) -> Difference:
    """Train a small model to tell two sides apart, and judge it on users it has not seen.

    Parameters
    ----------
    before, after
        The two sides; a user may be on both.
    seed
        Of the model, and of who is in which half.
    """
    features = stack_features([before.features, after.features])
    labels = np.repeat([0.0, 1.0], [before.features.n_users, after.features.n_users])
    user_ids = np.concatenate([before.user_ids, after.user_ids])
    part = draw_numbers(user_ids.tolist(), derive_seed(seed, "halves")) % 3
    context = FitContext(seed=derive_seed(seed, "teller"), n_threads=1, tracker=SilentTracker())
    aucs: list[float] = []
    shares = dict.fromkeys(features.names, 0.0)
    for held_out in range(3):
        train, stop, held = (part == (held_out + shift) % 3 for shift in (2, 1, 0))
        if any(len(np.unique(labels[rows])) < 2 for rows in (train, stop, held)):
            continue
        learned, watched = (Labelled(features=features.take(rows), labels=labels[rows]) for rows in (train, stop))
        model = TELLER.fit(learned, watched, context=context)
        aucs.append(roc_auc(labels[held], model.predict(features.take(held), n_threads=1)))
        for name, share in model.importance.items():
            shares[name] += share
    total = sum(shares.values()) or 1.0
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return Difference(
        auc=float(np.mean(aucs)) if aucs else 0.5,
        importance={name: share / total for name, share in ordered if share > 0},
    )


def population_stability(before: Features, after: Features) -> dict[str, float]:
    """Return the population stability index of every feature: 0 when both sides are alike, above 0.25 far apart.

    Parameters
    ----------
    before, after
        Tables with the same columns. Bins are tenths of ``before``; missing values, values that fill more than a tenth,
        and each category have their own.

    Notes
    -----
    Differs from [1]_: what chance alone gives on average is taken off, so that small tables do not seem to drift.

    References
    ----------
    .. [1] Siddiqi, Credit Risk Scorecards, 2006: the index and its thresholds 0.1 and 0.25.

    >>> def table(values):
    ...     return Features(numeric=np.array(values, dtype=np.float32)[:, None], codes=np.empty((4, 0), dtype=np.int32),
    ...                     numeric_names=("a",), categorical_names=(), vocabularies=())
    >>> population_stability(table([1, 2, 3, 4]), table([1, 2, 3, 4]))
    {'a': 0.0}
    """
    both = stack_features([before, after])
    n_before = before.n_users
    numeric = {
        name: _index(_bin(both.numeric[:n_before, column], both.numeric[:, column]), n_before)
        for column, name in enumerate(both.numeric_names)
    }
    categorical = {
        name: _index(both.codes[:, column] + 1, n_before) for column, name in enumerate(both.categorical_names)
    }
    return numeric | categorical


def find_growing(pairs: Sequence[tuple[Features, Features]]) -> frozenset[str]:
    """Return the numeric features that grow with time for the same user, as a tenure or a count of all history does.

    Parameters
    ----------
    pairs
        Features of the same users, row by row, at an earlier and at a later instant.

    Returns
    -------
    frozenset of str
        Features that changed for some users, and grew for nearly all of those. Empty when there are few pairs.
    """
    if sum(before.n_users for before, _ in pairs) < MIN_PAIRS:
        return frozenset()
    names = pairs[0][0].numeric_names
    grew, changed = np.zeros(len(names)), np.zeros(len(names))
    for before, after in pairs:
        grew += (after.numeric > before.numeric).sum(axis=0)
        changed += ((after.numeric > before.numeric) | (after.numeric < before.numeric)).sum(axis=0)
    is_growing = (changed >= MIN_PAIRS / 2) & (grew >= GROWING_FRACTION * changed)
    return frozenset(name for name, found in zip(names, is_growing, strict=True) if found)


def _bin(known: NDArray[np.float32], values: NDArray[np.float32]) -> NDArray[np.intp]:
    finite = np.sort(known[~np.isnan(known)])
    places = np.linspace(0, len(finite) - 1, N_BINS + 1).astype(np.intp)[1:-1]
    edges, n_places = np.unique(finite[places] if len(finite) else finite, return_counts=True)
    # A value that fills a tenth or more has a bin of its own: what lies below it must not be taken for it.
    edges = np.union1d(edges, np.nextafter(edges[n_places > 1], np.float32(-np.inf)))
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values))


def _index(bins: NDArray[np.integer], n_before: int) -> float:
    n_bins = int(bins.max()) + 1
    before, after = (np.bincount(part, minlength=n_bins) for part in (bins[:n_before], bins[n_before:]))
    is_used = (before + after) > 0
    # Half a user more in every bin, so that an empty one does not make the index infinite.
    first, second = ((side[is_used] + 0.5) / (side.sum() + 0.5 * is_used.sum()) for side in (before, after))
    by_chance = (is_used.sum() - 1) * (1 / before.sum() + 1 / after.sum())
    return max(float(((first - second) * np.log(first / second)).sum() - by_chance), 0.0)
