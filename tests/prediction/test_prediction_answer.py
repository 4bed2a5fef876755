"""An answer without labels: how it would have done before, what that says of its level, and what is told of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.ensemble.log_odds import probabilities_of
from yule.messages.telling import tell_message
from yule.prediction.answer import Evidence, describe_evidence, read_evidence, write_evidence
from yule.prediction.look_back import count_first, find_level, look_back

JULY = datetime(2024, 7, 1, tzinfo=UTC)
JUNE = datetime(2024, 6, 3, tzinfo=UTC)
VALUES = np.linspace(2, -4, 400)
LABELS = np.repeat([1.0, 0.0], [60, 340])
BEFORE = look_back(VALUES, LABELS, cutoff=JUNE)
EVIDENCE = Evidence(
    cutoff=JULY,
    horizon=timedelta(days=28),
    n_users=400,
    n_doers=90,
    n_first=40,
    expected_first=31.4,
    expected=62.6,
    column="product",
    n_questions=20,
    question_cutoffs=(JUNE - timedelta(days=28),),
    left_out=("ale",),
    before=BEFORE,
)


def tell(evidence: Evidence) -> list[str]:
    return [tell_message(message) for message in describe_evidence(evidence)]


@given(st.integers(20, 380), st.floats(-3, 3), st.integers(0, 9))
@settings(max_examples=30)
def test_corrected_chances_add_up_to_the_yeses_there_were_nearly(n_yes: int, middle: float, seed: int) -> None:
    values = np.random.default_rng(seed).normal(middle, 1, 400)
    chances = probabilities_of(values + find_level(values, n_yes=n_yes))
    assert chances.sum() == pytest.approx(n_yes, abs=7)


@given(st.integers(0, 400))
@settings(max_examples=20)
def test_a_correction_is_moderate_however_few_there_were(n_yes: int) -> None:
    assert abs(find_level(np.zeros(400), n_yes=n_yes)) < 6


def test_a_look_back_counts_who_was_a_yes_among_the_first() -> None:
    assert (BEFORE.n_users, BEFORE.n_yes, BEFORE.n_first, BEFORE.n_hits, BEFORE.auc) == (400, 60, 40, 40, 1.0)


def test_a_look_back_says_what_was_expected_before_any_correction() -> None:
    assert BEFORE.expected == pytest.approx(probabilities_of(VALUES).mean())


def test_where_nobody_was_a_yes_nothing_is_said_of_the_order() -> None:
    assert look_back(VALUES, np.zeros(400), cutoff=JUNE).auc is None


def test_a_list_has_a_first_user() -> None:
    assert count_first(1) == 1


def test_evidence_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_evidence(EVIDENCE, tmp_path)
    assert read_evidence(tmp_path) == EVIDENCE


def test_it_is_told_what_a_list_rests_on_and_how_it_did_before() -> None:
    assert tell(EVIDENCE) == [
        "Of 400 users about 63 are expected to be a yes within 28 days from 2024-07-01, and about 31 of the first 40 "
        "on the list.",
        "The list rests on no label, but on 20 other questions of the same log, by product, as of 2024-05-06.",
        "Nothing was learned from questions that nearly repeat this one: ale.",
        "Looking back: as of 2024-06-03, asked in the same way of models that end before it, 40 of the first 40 users "
        "were a yes, and about 6 would have been at random (AUC 1.000).",
        f"{BEFORE.expected:.1%} were expected to be a yes then, and 15.0% were. So the odds of all chances on the list "
        f"are multiplied by {np.exp(BEFORE.level):.2f}.",
    ]


def test_it_is_told_where_nobody_has_ever_done_it() -> None:
    nobody = replace(EVIDENCE, n_doers=0, left_out=(), before=look_back(VALUES, np.zeros(400), cutoff=JUNE))
    told = tell(nobody)
    assert told[2] == "None of these users has ever done it: the list tells no more than how active they are."
    assert told[3].startswith("Looking back: as of 2024-06-03, 0 of 400 users were a yes within 28 days, so nothing")
