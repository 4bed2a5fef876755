"""Facts about the check of how far the data reach."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from checks_toys import make_evidence, with_column

from yule.checks.recency import check_recency
from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.messages.finding import Finding
from yule.messages.telling import tell

SOUND = make_evidence()


def named(features: Features) -> Features:
    """Return features of which the second is a recency."""
    first, _, *others = features.numeric_names
    meanings = {**features.meanings, "shop__recency": Meaning(feature_set="shop", aggregate="recency")}
    return replace(features, numeric_names=(first, "shop__recency", *others), meanings=meanings)


def find(*, labelled: np.ndarray, scored: np.ndarray) -> Finding:
    evidence = with_column(SOUND, 1, np.resize(labelled, SOUND.sample.examples.n_examples))
    numeric = evidence.scored.features.numeric.copy()
    numeric[:, 1] = np.resize(scored, len(numeric))
    sample = replace(evidence.sample, features=named(evidence.sample.features))
    (found,) = check_recency(
        sample, replace(evidence.scored, features=named(replace(evidence.scored.features, numeric=numeric)))
    )
    return found


RECENT = np.array([0.5, 3.0, 40.0, np.nan])


@pytest.mark.parametrize(
    ("scored", "told"),
    [(RECENT + 276, "shop: recency is 276 days at least"), (np.array([np.nan]), "shop: recency is missing")],
)
def test_a_log_that_ends_early_is_found(scored: np.ndarray, told: str) -> None:
    found = find(labelled=RECENT, scored=scored)
    assert found.severity == "warn"
    assert told in tell(found).seen


def test_a_log_that_reaches_the_cutoff_is_sound() -> None:
    assert find(labelled=RECENT, scored=RECENT + 2).severity == "ok"


def test_of_a_log_without_events_every_day_nothing_is_said() -> None:
    found = find(labelled=RECENT + 2, scored=RECENT + 60)
    assert (found.severity, tell(found).seen[:9]) == ("ok", "In 0 logs")


def test_a_few_events_with_a_wrong_clock_do_not_bring_a_log_up_to_the_cutoff() -> None:
    stopped = np.append(np.full(99, 276.5), 0.25)  # one in a hundred
    found = find(labelled=RECENT, scored=stopped)
    assert found.severity == "warn"
    assert "shop: recency is 276 days at least" in tell(found).seen
