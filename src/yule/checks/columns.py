"""Columns: those that say nothing, and those that are ids."""

from collections.abc import Iterator

import numpy as np

from yule.checks.finding import Finding, name_some
from yule.core.dataset import Features
from yule.features.wording import describe_column
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
                check="constant features",
                severity="warn",
                title=f"The features of {feature_set} say nothing",
                seen=f"All {len(names)} features of {feature_set} are the same for all {features.n_users:,} labelled "
                f"users looked at, such as {describe_column(features, names[0])}.",
                remedy="Look whether its download has rows before the label cut-offs and writes the user id as the "
                "population does; otherwise leave the set out.",
            )
    if len(constant) == len(features.names):
        return
    seen = f"{len(features.names) - len(constant)} of {len(features.names)} features differ between users"
    if constant:
        named = name_some([describe_column(features, name) for name in features.names if name in constant])
        seen = f"{seen}; {named} {'are' if len(constant) > 1 else 'is'} the same for all"
    yield Finding(check="constant features", severity="ok", title="Features differ between users", seen=f"{seen}.")


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
        named = name_some([describe_column(features, name) for name in found])
        yield Finding(
            check="ids",
            severity="warn",
            title="Features that look like ids",
            seen=f"{named} {'are' if len(found) > 1 else 'is'} different for nearly each of {features.n_users:,} "
            "users.",
            remedy="Leave ids out of the feature set (`columns`): a model can only learn them by heart.",
        )
    else:
        yield Finding(
            check="ids",
            severity="ok",
            title="No feature is an id",
            seen=f"None of {len(features.names)} features is different for every user.",
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
