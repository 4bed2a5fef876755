"""What every check must do. A new check joins by its line in the list."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from checks_toys import make_evidence, reorder, shrink, with_column, with_labels

from yule.checks.evidence import Evidence
from yule.checks.finding import read_findings, write_findings
from yule.checks.listing import CHECKS, Check, Checks, find_findings
from yule.kinds.binary import BINARY
from yule.kinds.multiclass import MULTICLASS
from yule.kinds.regression import REGRESSION
from yule.messages.finding import Finding
from yule.messages.telling import tell, tell_all

SOUND = make_evidence()
LEAKY = with_column(SOUND, 1, SOUND.examples.labels)

NAMES = {name: place for place, check in enumerate(CHECKS) for name in {one.check for one in check(SOUND)}}


every_check = pytest.mark.parametrize("check", CHECKS, ids=[str(place) for place in range(len(CHECKS))])


def make(check: Check, evidence: Evidence) -> tuple[Finding, ...]:
    return find_findings(evidence, Checks(whole=(check,)))


@every_check
def test_sound_data_are_called_sound(check: Check) -> None:
    found = make(check, SOUND)
    assert found
    assert {finding.severity for finding in found} == {"ok"}


@every_check
@pytest.mark.parametrize("evidence", [SOUND, LEAKY, shrink(SOUND, 8)], ids=["sound", "leaky", "small"])
def test_a_finding_is_sentences_with_a_number_and_a_remedy_where_one_is_needed(
    check: Check, evidence: Evidence
) -> None:
    for finding in make(check, evidence):
        assert tell(finding).title[0].isupper()
        assert tell(finding).title[-1] not in ".:"
        assert tell(finding).seen.endswith(".")
        assert any(sign.isdigit() for sign in tell(finding).seen) or "too few" in tell(finding).seen
        assert (finding.severity == "ok") == (not tell(finding).remedy)
        assert not tell(finding).remedy or tell(finding).remedy.endswith(".")


@every_check
@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=2)
@pytest.mark.parametrize("evidence", [SOUND, LEAKY], ids=["sound", "leaky"])
def test_the_order_of_rows_changes_no_finding(check: Check, evidence: Evidence, seed: int) -> None:
    assert make(check, reorder(evidence, seed)) == make(check, evidence)


@every_check
@given(n_users=st.integers(1, 40), n_cutoffs=st.integers(1, 3))
@settings(deadline=None, max_examples=6)
def test_small_data_take_no_check_down(check: Check, n_users: int, n_cutoffs: int) -> None:
    evidence = shrink(make_evidence(60, n_cutoffs=n_cutoffs), n_users)
    assert all(finding.severity != "stop" for finding in make(check, evidence))


@every_check
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_labels_of_one_kind_take_no_check_down(check: Check, label: float) -> None:
    make(check, with_labels(SOUND, np.full(SOUND.examples.n_examples, label)))


@every_check
def test_features_that_are_all_missing_take_no_check_down(check: Check) -> None:
    make(check, with_column(SOUND, slice(None), np.full_like(SOUND.sample.features.numeric, np.nan)))


def test_checks_have_names_of_their_own() -> None:
    names = [name for check in CHECKS for name in {finding.check for finding in check(SOUND)}]
    assert len(names) == len(set(names))


def test_amounts_are_spared_the_checks_of_yes_and_no() -> None:
    amounts = with_labels(SOUND, np.random.default_rng(0).gamma(2, 10, SOUND.examples.n_examples), "squared_error")
    made = {finding.check for finding in find_findings(amounts, REGRESSION.checks)}
    assert made == set(NAMES) - {"conflicting-labels"}


def test_of_amounts_it_is_said_what_an_auc_is_of() -> None:
    amounts = with_labels(SOUND, np.random.default_rng(0).gamma(2, 10, SOUND.examples.n_examples), "squared_error")
    (seen,) = (
        tell(finding).seen
        for finding in find_findings(amounts, REGRESSION.checks)
        if finding.check == "shuffled-labels"
    )
    assert seen.endswith("AUC is of amounts above the median against the others.")


def test_an_amount_that_a_feature_gives_away_is_found() -> None:
    amounts = np.random.default_rng(0).gamma(2, 10, SOUND.examples.n_examples)
    leaky = with_column(with_labels(SOUND, amounts, "squared_error"), 1, amounts)
    assert find_findings(leaky, REGRESSION.checks)[0].severity == "stop"


def test_a_mean_amount_that_moves_is_told() -> None:
    random = np.random.default_rng(0)
    for factor, severity in ((1.0, "ok"), (3.0, "warn")):
        is_last = SOUND.examples.cutoffs == SOUND.examples.cutoffs.max()
        amounts = random.gamma(2, 10, SOUND.examples.n_examples) * np.where(is_last, factor, 1.0)
        found = find_findings(with_labels(SOUND, amounts, "squared_error"), REGRESSION.checks)
        assert [finding.severity for finding in found if finding.check == "label-rate"] == [severity]


def test_checks_of_yes_and_no_are_made_for_each_class() -> None:
    labels = SOUND.examples.labels + (np.arange(SOUND.examples.n_examples) % 3 == 0)
    classes = replace(with_labels(SOUND, labels), classes=("beer", "tea", "none"))
    found = find_findings(classes, MULTICLASS.checks)
    assert {finding.check for finding in found} == set(NAMES)
    of_yes_and_no = [finding for finding in found if CHECKS[NAMES[finding.check]] in MULTICLASS.checks.each]
    assert {finding.about for finding in of_yes_and_no} == set(classes.classes)
    assert {finding.about for finding in found if finding not in of_yes_and_no} == {None}
    (well,) = (one.seen for one in tell_all(found) if one.check == "positives")
    counts = np.bincount(labels.astype(int))
    assert all(f"{name}: {n} of 1,200 labels" in well for name, n in zip(classes.classes, counts, strict=True))


def test_an_answer_that_leaks_is_found_in_the_class_it_gives_away() -> None:
    labels = np.arange(SOUND.examples.n_examples) % 3
    classes = replace(with_labels(SOUND, labels.astype(float)), classes=("beer", "tea", "none"))
    found = find_findings(with_column(classes, 1, (labels == 1).astype(float)), MULTICLASS.checks)
    stopped = [finding for finding in found if finding.severity == "stop"]
    assert [finding.about for finding in stopped] == ["tea"]


@pytest.mark.parametrize("n_users", [1, 3, 12])
def test_small_data_of_classes_take_no_check_down(n_users: int) -> None:
    small = shrink(SOUND, n_users)
    labels = (np.arange(small.examples.n_examples) % 3).astype(float)
    find_findings(replace(with_labels(small, labels), classes=("beer", "tea", "none")), MULTICLASS.checks)


def test_the_worst_findings_come_first_and_survive_their_file(tmp_path: Path) -> None:
    found = find_findings(LEAKY, BINARY.checks)
    assert [finding.severity for finding in found][:2] == ["stop", "warn"]
    write_findings(found, tmp_path)
    assert read_findings(tmp_path) == found
