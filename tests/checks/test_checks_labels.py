import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from checks_toys import FIRST, STEP, make_evidence, with_folds, with_labels

from yule.checks.folds import check_folds, check_judged_positives
from yule.checks.labels import check_positives, check_rates
from yule.checks.listing import find_label_findings
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.finding import Finding
from yule.messages.telling import tell

SOUND = make_evidence()


def count(*pairs: tuple[int, int]) -> LabelSummary:
    cutoffs = (
        CutoffSummary(cutoff=FIRST + place * STEP, n_users=n_users, n_positives=n_positives)
        for place, (n_users, n_positives) in enumerate(pairs)
    )
    return LabelSummary(cutoffs=tuple(cutoffs))


def the_one(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    return finding


def test_few_positives_are_warned_of() -> None:
    assert the_one(check_positives(count((500, 49)))).severity == "warn"
    assert the_one(check_positives(count((500, 50)))).severity == "ok"


def test_a_share_of_positives_that_doubles_is_warned_of() -> None:
    found = the_one(check_rates(count((1000, 100), (1000, 110), (1000, 200))))
    assert found.severity == "warn"
    assert "10.0% at 2024-01-01, 20.0% at 2024-02-26, at least 1.4 times as many" in tell(found).seen


@pytest.mark.parametrize("pairs", [[(100, 5), (100, 10)], [(1000, 100), (1000, 120)], [(5000, 0), (5, 0)]])
def test_a_share_of_positives_that_moves_within_chance_is_steady(pairs: list[tuple[int, int]]) -> None:
    assert the_one(check_rates(count(*pairs))).severity == "ok"


def test_a_single_cutoff_has_no_rate_to_compare() -> None:
    assert not list(check_rates(count((100, 50))))


def test_checks_of_counts_alone_put_warnings_first() -> None:
    assert [finding.check for finding in find_label_findings([(None, count((1000, 100), (1000, 300)))])] == [
        "label-rate",
        "positives",
    ]


def test_users_in_two_folds_stop_everything_and_are_named() -> None:
    fold = SOUND.folds.fold.copy()
    fold[0] = (fold[0] + 1) % 3
    spoiled = with_folds(SOUND, fold)
    found = the_one(check_folds(spoiled.examples, spoiled.folds, STEP))
    assert found.severity == "stop"
    assert f"1 of 400 users is in more than one fold, {SOUND.examples.user_ids[0]}" in tell(found).seen


def test_labels_that_reach_past_what_is_judged_stop_everything() -> None:
    found = the_one(check_folds(SOUND.examples, SOUND.folds, STEP + timedelta(days=1)))
    assert found.severity == "stop"
    assert "400 examples to learn from have labels that reach past 2024-02-26" in tell(found).seen


def test_with_one_cutoff_rows_may_be_learned_from_and_judged() -> None:
    one = make_evidence(n_cutoffs=1)
    assert the_one(check_folds(one.examples, one.folds, one.horizon)).severity == "ok"


def test_positives_to_judge_by_are_counted_at_the_validation_cutoff_alone() -> None:
    labels = SOUND.examples.labels.copy()
    judged = np.flatnonzero(SOUND.folds.is_validation & (labels == 1))
    labels[judged[40:]] = 0
    few = with_labels(SOUND, labels)
    found = the_one(check_judged_positives(few.examples, few.folds))
    assert (found.severity, tell(found).title) == ("warn", "Only 40 positives to judge by")


def test_a_fold_with_hardly_a_positive_is_warned_of() -> None:
    labels = SOUND.examples.labels.copy()
    labels[SOUND.folds.is_validation & (SOUND.folds.fold == 2)] = 0
    few = with_labels(SOUND, labels)
    many = replace(few.folds, fold=few.folds.fold)
    assert "0 in the smallest fold" in tell(the_one(check_judged_positives(few.examples, many))).seen
