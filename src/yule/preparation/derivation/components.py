"""Components: what all numeric features have in common, in a few numbers that no label has a say in.

They are the principal components of the features' normal scores, see [1]_: what a feature says is where a user stands
among the others, so that units and outliers do not matter.

References
----------
.. [1] Jolliffe, Principal Component Analysis, 2002.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.core.threads import one_thread
from yule.models.quantiles import find_knots
from yule.preparation.sample import Sample, thin_sample

N_KNOTS = 32
"""Knots of the normal scores of a feature at most."""

MAX_ROWS = 20_000
"""Components are learned from at most so many rows."""

_DECIMALS = 6
"""Weights are rounded to these, far coarser than what kernels of different processors differ by."""

_NEGLIGIBLE = 1e-6
"""A component with a smaller part of the strongest one's variance holds rounding errors alone."""

_BATCH_ROWS = 8192


@dataclass(frozen=True, kw_only=True)
class Components:
    """Weighted sums of the normal scores of numeric features.

    Parameters
    ----------
    sources
        The features, n_sources of them.
    knots, scores
        For each of them quantiles, strictly ascending, and their normal scores. Between knots scores are interpolated,
        beyond them they stay; a missing number has the score 0.
    weights
        (n_sources, n_components).
    """

    sources: tuple[str, ...] = ()
    knots: tuple[tuple[float, ...], ...] = ()
    scores: tuple[tuple[float, ...], ...] = ()
    weights: tuple[tuple[float, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns.

        >>> Components(sources=("a",), knots=((0.0,),), scores=((0.0,),), weights=((0.6, 0.8),)).names
        ('component 1', 'component 2')
        """
        return tuple(self.meanings)

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What the columns mean, by name."""
        numbers = range(1, len(self.weights[0]) + 1) if self.weights else ()
        return {f"component {number}": Meaning(aggregate="component", number=number) for number in numbers}


def learn_components(sample: Sample, n_components: int, *, seed: int) -> Components:
    """Learn the components of the numeric features; the strongest is the first.

    Parameters
    ----------
    sample
        Training rows. Their labels are not looked at.
    n_components
        At most so many are found; fewer where there are fewer rows or features, or these have no more in common.
    seed
        Seed of which users are learned from where there are many.
    """
    if not n_components:
        return Components()
    from sklearn.decomposition import PCA

    features = thin_sample(sample, MAX_ROWS, seed=seed).features
    found = [find_knots(column[~np.isnan(column)], N_KNOTS) for column in features.numeric.T]
    standing = np.zeros(features.numeric.shape)
    for place, scale in enumerate(found):
        standing[:, place] = _score(features.numeric[:, place], *scale)
    places = np.flatnonzero(np.ptp(standing, axis=0) > 0)
    n_components = min(n_components, len(places), features.n_users)
    if not n_components:
        return Components()
    with one_thread():
        analysis = PCA(n_components, svd_solver="covariance_eigh").fit(standing[:, places])
    strong = analysis.explained_variance_ > _NEGLIGIBLE * analysis.explained_variance_[0]
    weights = np.round(analysis.components_[strong].T, _DECIMALS)
    # Signs are told from rounded weights: the last digits depend on the machine.
    largest = np.abs(weights).argmax(axis=0)
    weights *= np.sign(weights[largest, np.arange(weights.shape[1])])
    return Components(
        sources=tuple(features.numeric_names[place] for place in places),
        knots=tuple(tuple(found[place][0].tolist()) for place in places),
        scores=tuple(tuple(np.round(found[place][1], _DECIMALS).tolist()) for place in places),
        weights=tuple(tuple(row) for row in weights.tolist()),
    )


def add_components(components: Components, source: Features, features: Features) -> Features:
    """Add the columns of components to some features.

    Every row's numbers are added one by one in the order of the sources: they depend on no other row.

    Parameters
    ----------
    components
        The components.
    source
        n_users rows with what they are made of.
    features
        The same rows, maybe with other columns.

    Returns
    -------
    Features
        The columns come after the numeric features. The table itself if there are none.
    """
    if not components.names:
        return features
    columns = [source.numeric_names.index(name) for name in components.sources]
    knots, scores = ([np.array(row) for row in rows] for rows in (components.knots, components.scores))
    weighted = list(zip(columns, knots, scores, np.array(components.weights), strict=True))
    added = np.zeros((source.n_users, len(components.names)))
    for start in range(0, source.n_users, _BATCH_ROWS):
        rows = slice(start, start + _BATCH_ROWS)
        for column, *scale, weights in weighted:
            added[rows] += _score(source.numeric[rows, column], *scale)[:, None] * weights
    return replace(
        features,
        numeric=np.concatenate([features.numeric, added.astype(np.float32)], axis=1),
        numeric_names=features.numeric_names + components.names,
        meanings={**features.meanings, **components.meanings},
    )


def _score(values: NDArray[np.float32], knots: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal score of each value, 0 for a missing one."""
    interpolated: NDArray[np.float64] = np.interp(values, knots, scores)
    return np.where(np.isnan(values), 0.0, interpolated)
