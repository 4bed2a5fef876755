"""Scores of single features, and which of them are enough."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.seeds import derive_seed
from yule.messages.message import Message
from yule.messages.values import Count, Figure
from yule.preparation.learner import fit_quickly, losses
from yule.preparation.sample import Sample

N_SHUFFLES = 3
"""Times a feature is shuffled."""

N_PROBES = 10
"""Random columns that are mixed in."""


def score_by_gain(train: Sample, stop: Sample, *, seed: int, n_threads: int) -> dict[str, float]:
    """Return the share of each feature in the gain of a quick learner's splits, 0 to 1."""
    shares = fit_quickly(train, stop, seed=seed, n_threads=n_threads).importance
    return {name: shares.get(name, 0.0) for name in train.features.names}


def score_by_permutation(train: Sample, stop: Sample, *, seed: int, n_threads: int) -> dict[str, float]:
    """Return by how much the loss of the rows kept aside rises when a feature is shuffled among them.

    Returns
    -------
    dict
        Mean rise per row; 0 for a feature that the learner does not use.
    """
    model = fit_quickly(train, stop, seed=seed, n_threads=n_threads)

    def measure(features: Features) -> float:
        return float(losses(stop, model.predict(features, n_threads=n_threads)).mean())

    unchanged = measure(stop.features)
    random = np.random.default_rng(seed)
    orders = [random.permutation(stop.n_rows) for _ in range(N_SHUFFLES)]
    return {
        name: sum(measure(_shuffle(stop.features, name, order)) - unchanged for order in orders) / N_SHUFFLES
        if model.importance.get(name)
        else 0.0
        for name in stop.features.names
    }


def score_by_null_importance(train: Sample, *, n_rounds: int, seed: int, n_threads: int) -> dict[str, float]:
    """Compare the gain of each feature with what chance gives.

    Parameters
    ----------
    train
        Training rows.
    n_rounds
        Fits with true labels, and as many with shuffled ones.
    seed, n_threads
        Of all that is random; threads change nothing.

    Returns
    -------
    dict
        The smaller of two shares, 0 to 1: of its gains with shuffled labels, and of the gains of random columns, that
        its mean gain with true labels exceeds.

    References
    ----------
    Altmann et al., Permutation importance: a corrected feature importance measure, Bioinformatics 2010.
    Differs from the paper: the gain of a quick learner, and random columns besides.
    """
    true_gains, probes, null_gains = [], [], []
    for number in range(n_rounds):
        random = np.random.default_rng(derive_seed(seed, "round", number))
        probed = train.with_features(_add_probes(train.features, random))
        gains = _gains(probed, seed=derive_seed(seed, "true", number), n_threads=n_threads)
        true_gains.append(gains)
        probes += [gains[name] for name in _probe_names()]
        shuffled = replace(train, labels=random.permutation(train.labels))
        null_gains.append(_gains(shuffled, seed=derive_seed(seed, "null", number), n_threads=n_threads))
    scores = {}
    for name in train.features.names:
        gain = sum(gains[name] for gains in true_gains) / n_rounds
        beaten = (
            sum(gain > gains[name] for gains in null_gains) / n_rounds,
            sum(gain > probe for probe in probes) / len(probes),
        )
        scores[name] = min(beaten)
    return scores


def find_too_low(scores: Mapping[str, float], *, keep: int | None, min_score: float) -> dict[str, Message]:
    """Find the features whose scores are not enough, and say why. The best one is always enough.

    Parameters
    ----------
    scores
        Scores by name.
    keep
        At most so many are enough; None sets no limit.
    min_score
        A score must be higher.

    >>> {name: why.code for name, why in find_too_low({"a": 0.7, "b": 0.3, "c": 0}, keep=1, min_score=0).items()}
    {'b': 'dropped-beyond-best', 'c': 'dropped-low-score'}
    """
    ordered = sorted(scores, key=lambda name: (-scores[name], name))
    reasons = {}
    for rank, name in enumerate(ordered[1:], start=1):
        if scores[name] <= min_score:
            reasons[name] = Message(code="dropped-low-score", values={"least": Figure(min_score)})
        elif keep is not None and rank >= keep:
            reasons[name] = Message(code="dropped-beyond-best", values={"keep": Count(keep)})
    return reasons


def _shuffle(features: Features, name: str, order: NDArray[np.intp]) -> Features:
    """Return the features with one of them in another order."""
    if name in features.numeric_names:
        numeric, column = features.numeric.copy(), features.numeric_names.index(name)
        numeric[:, column] = numeric[order, column]
        return replace(features, numeric=numeric)
    codes, column = features.codes.copy(), features.categorical_names.index(name)
    codes[:, column] = codes[order, column]
    return replace(features, codes=codes)


def _gains(sample: Sample, *, seed: int, n_threads: int) -> dict[str, float]:
    """Return the gain of each feature; the fit goes on to its last tree, that gains can be compared."""
    model = fit_quickly(sample, sample, seed=seed, n_threads=n_threads)
    return {name: model.importance.get(name, 0.0) * model.total_gain for name in sample.features.names}


def _add_probes(features: Features, random: np.random.Generator) -> Features:
    probes = random.normal(size=(features.n_users, N_PROBES)).astype(np.float32)
    return replace(
        features,
        numeric=np.concatenate([features.numeric, probes], axis=1),
        numeric_names=features.numeric_names + _probe_names(),
    )


def _probe_names() -> tuple[str, ...]:
    return tuple(f"random column {number}" for number in range(N_PROBES))
