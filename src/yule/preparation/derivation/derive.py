"""Columns made of the features: which ones, and how they are added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.meanings import Meaning, find_meaning
from yule.preparation.derivation.arithmetic import OPERATIONS, ArithmeticPair, combine
from yule.preparation.derivation.encoding import N_PARTS, TargetEncoding, encode, learn_encoding
from yule.preparation.learner import fit_quickly
from yule.preparation.sample import Sample, divide_users
from yule.preparation.settings import Derivation

N_CROSSED = 8
"""Categorical features that are crossed with each other: those with the most gain."""

N_PAIRED = 10
"""Numeric features that are paired with each other: those with the most gain."""

Column = TypeVar("Column", TargetEncoding, ArithmeticPair)


@dataclass(frozen=True, kw_only=True)
class Derived:
    """Columns that are added to the features.

    Parameters
    ----------
    encodings, pairs
        The columns, in their order.
    seed
        Seed of the parts that training users are divided into.
    """

    encodings: tuple[TargetEncoding, ...] = ()
    pairs: tuple[ArithmeticPair, ...] = ()
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple([encoding.name for encoding in self.encodings] + [pair.name for pair in self.pairs])

    def find_meanings(self, meanings: Mapping[str, Meaning]) -> dict[str, Meaning]:
        """Return what the columns mean, by name, from what the features mean that they are made of."""
        made = {encoding.name: ("target", encoding.sources) for encoding in self.encodings}
        made |= {pair.name: (pair.operation, (pair.left, pair.right)) for pair in self.pairs}
        return {
            name: Meaning(aggregate=how, made_of=tuple(find_meaning(meanings, source) for source in sources))
            for name, (how, sources) in made.items()
        }


def derive_columns(settings: Derivation, train: Sample, stop: Sample, *, seed: int, n_threads: int) -> Derived:
    """Choose columns by their gain in a quick learner that sees them beside the features.

    Parameters
    ----------
    settings
        How many of each kind.
    train, stop
        The training rows of a fold, and those that say when to stop.
    seed, n_threads
        Of all that is random; threads change nothing.
    """
    if not (settings.targets or settings.crosses or settings.arithmetic):
        return Derived()
    gains = fit_quickly(train, stop, seed=seed, n_threads=n_threads).importance
    categorical = _strongest(train.features.categorical_names, gains)
    numeric = sorted(_strongest(train.features.numeric_names, gains)[:N_PAIRED])
    singles = [(name,) for name in categorical] if settings.targets else []
    crosses = list(combinations(sorted(categorical[:N_CROSSED]), 2)) if settings.crosses else []
    pairs = [
        ArithmeticPair(left=left, operation=operation, right=right)
        for left, right in (combinations(numeric, 2) if settings.arithmetic else ())
        for operation in OPERATIONS
    ]
    parts = divide_users(train.user_ids, N_PARTS, seed=seed)
    encodings = [learn_encoding(train.features, train.labels, parts, sources) for sources in (*singles, *crosses)]
    candidates = Derived(encodings=tuple(encodings), pairs=tuple(pairs), seed=seed)
    train, stop = (
        sample.with_features(add_columns(candidates, sample.features, sample.user_ids)) for sample in (train, stop)
    )
    gains = fit_quickly(train, stop, seed=seed, n_threads=n_threads).importance
    return Derived(
        encodings=(
            *_best((encoding for encoding in encodings if len(encoding.sources) == 1), gains, settings.targets),
            *_best((encoding for encoding in encodings if len(encoding.sources) == 2), gains, settings.crosses),
        ),
        pairs=_best(pairs, gains, settings.arithmetic),
        seed=seed,
    )


def add_columns(derived: Derived, features: Features, user_ids: NDArray[np.object_] | None) -> Features:
    """Add columns to the features.

    Parameters
    ----------
    derived
        The columns.
    features
        n_users rows with what they are made of.
    user_ids
        str (n_users,): whose rows they are, if models learn from them: the users' own labels are then left out of the
        encodings. None for all others.

    Returns
    -------
    Features
        n_users rows; the columns come after the numeric features. The table itself if there are none.
    """
    if not derived.names:
        return features
    parts = None if user_ids is None else divide_users(user_ids, N_PARTS, seed=derived.seed)
    columns = [encode(encoding, features, parts) for encoding in derived.encodings]
    columns += [combine(pair, features) for pair in derived.pairs]
    return replace(
        features,
        numeric=np.concatenate([features.numeric, np.stack(columns, axis=1)], axis=1),
        numeric_names=features.numeric_names + derived.names,
        meanings={**features.meanings, **derived.find_meanings(features.meanings)},
    )


def _strongest(names: Sequence[str], gains: Mapping[str, float]) -> list[str]:
    return sorted(names, key=lambda name: (-gains.get(name, 0.0), name))


def _best(columns: Iterable[Column], gains: Mapping[str, float], n_columns: int) -> tuple[Column, ...]:
    used = [column for column in columns if gains.get(column.name)]
    return tuple(sorted(used, key=lambda column: (-gains[column.name], column.name))[:n_columns])
