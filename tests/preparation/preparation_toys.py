"""Made-up users whose labels follow some of their features."""

from dataclasses import replace

import numpy as np

from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.meanings import Meaning

N_USERS = 300
CUTOFFS = ("2024-01-01", "2024-02-01", "2024-03-01")
NUMERIC = (
    "shop__sum__spend",
    "shop__count__28d",
    "shop__count__copy",
    "shop__count__half",
    "site__noise__a",
    "site__noise__b",
    "site__still",
)
CATEGORICAL = ("profile__plan", "profile__plan_name", "profile__town")
MEANINGS = {
    "shop__sum__spend": Meaning(feature_set="shop", aggregate="sum", column="spend"),
    **{f"shop__count__{what}": Meaning(feature_set="shop", aggregate="count") for what in ("28d", "copy", "half")},
    **{f"site__noise__{what}": Meaning(feature_set="site", aggregate="noise", column=what) for what in "ab"},
    "site__still": Meaning(feature_set="site", aggregate="still"),
    **{name: Meaning(feature_set="profile", aggregate="column", column=name[9:]) for name in CATEGORICAL},
}


def make_dataset(cutoffs=CUTOFFS, *, seed=0, n_users=N_USERS):
    """Users at some cut-offs; ``spend`` and ``plan`` decide, ``copy``, ``half`` and ``plan_name`` repeat."""
    random = np.random.default_rng(seed)
    n_rows = n_users * len(cutoffs)
    numeric = random.normal(size=(n_rows, 7))
    numeric[random.random(n_rows) < 0.2, 1] = np.nan
    numeric[:, 2] = numeric[:, 1]
    numeric[:, 3] = numeric[:, 1] / 2
    numeric[:, 6] = 7
    plan, town = random.integers(-1, 3, n_rows), random.integers(0, 12, n_rows)
    codes = np.stack([plan, np.where(plan < 0, -1, 2 - plan), town], axis=1)
    log_odds = 2 * numeric[:, 0] + 4 * (plan == 2) - 1 + random.logistic(size=n_rows) / 2
    examples = Examples(
        user_ids=np.tile(np.array([f"u{i:03}" for i in range(n_users)], dtype=object), len(cutoffs)),
        cutoffs=np.repeat(np.array(cutoffs, "datetime64[us]"), n_users),
        labels=(log_odds > 0).astype(np.float64),
    )
    features = Features(
        numeric=numeric.astype(np.float32),
        codes=codes.astype(np.int32),
        numeric_names=NUMERIC,
        categorical_names=CATEGORICAL,
        meanings=MEANINGS,
        vocabularies=(("basic", "free", "gold"), ("a", "b", "c"), tuple(f"town{i:02}" for i in range(12))),
    )
    return examples, features


def relabel(examples, rows):
    """Turn the labels of some rows around."""
    labels = examples.labels.copy()
    labels[rows] = 1 - labels[rows]
    return replace(examples, labels=labels)


def disturb(examples, features, rows, *, seed):
    """Give some rows other labels and other features: extreme and missing numbers, and values that nobody else has."""
    random = np.random.default_rng(seed)
    numeric = features.numeric.copy()
    numeric[rows] = random.choice([np.nan, -1e30, 0.5, 1e30], size=(len(rows), numeric.shape[1]))
    # The new value comes first in its vocabulary, so that everyone's codes are other numbers.
    codes = np.where(features.codes < 0, -1, features.codes + 1)
    vocabularies = tuple(("", *known) for known in features.vocabularies)
    for column, known in enumerate(vocabularies):
        codes[rows, column] = random.integers(-1, len(known), len(rows)) * random.integers(0, 2)
    flipped = rows[random.random(len(rows)) < 0.5]
    changed = replace(features, numeric=numeric, codes=codes.astype(np.int32), vocabularies=vocabularies)
    return relabel(examples, flipped), changed


def split_rows(examples, *, n_parts=4):
    """Return rows to learn from, to stop by, and to hold out, by user."""
    part = np.array([int(user[1:]) % n_parts for user in examples.user_ids])
    return np.flatnonzero(part > 1), np.flatnonzero(part == 1), np.flatnonzero(part == 0)
