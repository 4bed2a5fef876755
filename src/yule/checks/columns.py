"""Columns: those that say nothing, and those that are ids."""

from collections.abc import Iterator

import numpy as np

from yule.core.dataset import Features
from yule.messages.finding import Finding
from yule.messages.values import Count, FeatureList, name_one, tell_feature
from yule.preparation.selection.duplicates import find_constants

MIN_USERS = 100
"""With fewer users columns of different values are nothing special."""

ID_FRACTION = 0.95
"""A text column with this many values per user is an id."""

EXACT = 2.0**24
"""Up to here features hold whole numbers exactly; longer ones cannot be told from their neighbours."""


def check_constants(features: Features) -> Iterator[Finding]:
    """Find the features that have one value for all labelled users.

    One or the other is nothing to worry about. A whole feature set of them has read no rows.
    """
    if not features.n_users or not features.names:
        return
    constant = find_constants(features).keys()
    sets: dict[str, list[str]] = {}
    for name in features.names:
        sets.setdefault(features.meaning_of(name).feature_set, []).append(name)
    for feature_set, names in sets.items():
        if constant >= set(names):
            yield Finding(
                check="constant-features",
                code="set-constant",
                severity="warn",
                values={
                    "feature_set": name_one(feature_set),
                    "n_features": Count(len(names)),
                    "n_users": Count(features.n_users),
                    "first": tell_feature(features.meaning_of(names[0])),
                },
            )
    if len(constant) == len(features.names):
        return
    yield Finding(
        check="constant-features",
        code="features-differ",
        severity="ok",
        values={
            "n_differing": Count(len(features.names) - len(constant)),
            "n_features": Count(len(features.names)),
            "constant": FeatureList(tuple(features.meaning_of(name) for name in features.names if name in constant)),
        },
    )


def check_ids(features: Features) -> Iterator[Finding]:
    """Find the features that are different for every user and so say nothing of a new one.

    Parameters
    ----------
    features
        Labelled users at one cut-off, each once.
    """
    if features.n_users < MIN_USERS:
        return
    found = find_ids(features)
    if found:
        yield Finding(
            check="ids",
            code="features-like-ids",
            severity="warn",
            values={"found": FeatureList(tuple(map(features.meaning_of, found))), "n_users": Count(features.n_users)},
        )
    else:
        yield Finding(
            check="ids",
            code="features-not-ids",
            severity="ok",
            values={"n_features": Count(len(features.names))},
        )


def find_ids(features: Features) -> list[str]:
    """Return whole numbers that all differ or are too long, and texts with nearly as many values as users have one."""
    found = []
    for name, values in zip(features.numeric_names, features.numeric.T, strict=True):
        known = values[~np.isnan(values)]
        if len(known) < MIN_USERS or (known != np.round(known)).any():
            continue
        if len(np.unique(known)) == len(known) or (np.ptp(known) > 0 and (known > EXACT).all()):
            found.append(name)
    for name, codes in zip(features.categorical_names, features.codes.T, strict=True):
        known = codes[codes >= 0]
        if len(known) >= MIN_USERS and len(np.unique(known)) >= ID_FRACTION * len(known):
            found.append(name)
    return found
