"""Facts about reports of cases that ask for one of several classes."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from test_report import Nesting

from yule.checks.finding import Finding
from yule.core.meanings import Meaning
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.metrics.scores import roc_auc
from yule.report.classes.data import ClassesData, ClassResult
from yule.report.classes.numbers import ClassesNumbers, compute_classes
from yule.report.classes.page import render_classes
from yule.report.classes.words import describe_classes, find_class_advice
from yule.report.data import Fact, FeatureImportance, MemberResult
from yule.report.files import NUMBERS, PAGE, read_numbers, write_report

NAMES = ("<b>beer</b>", "tea", "none")
CUTOFFS = (datetime(2017, 9, 17, tzinfo=UTC), datetime(2017, 10, 15, tzinfo=UTC))


def draw_users(n_users: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw chances, and classes that they are right for."""
    random = np.random.default_rng(seed)
    values = np.exp(random.normal(0, 1.5, (n_users, 3)) + np.array([-1.0, 0.0, 1.0]))
    chances = values / values.sum(axis=1, keepdims=True)
    labels = (random.random((n_users, 1)) > np.cumsum(chances, axis=1)).sum(axis=1).astype(float)
    return chances, np.minimum(labels, 2)


def make_data(*, outcome: bool = True) -> ClassesData:
    """Make up a run whose chances are right."""
    held_out, labels = draw_users(600, seed=4)
    chances, came = draw_users(500, seed=1)
    classes = tuple(
        ClassResult(
            name=name,
            members=(
                MemberResult(name="lightgbm", kind="lightgbm", weight=1.0, predictions=held_out[:, number]),
                MemberResult(name="logistic", kind="logistic", weight=0.0, predictions=held_out[:, number] ** 2),
            ),
            features=(
                FeatureImportance(
                    name="shopping__recency", meaning=Meaning(feature_set="shopping", aggregate="recency"), share=0.4
                ),
            ),
            told_weight=1.0,
            selection=None,
        )
        for number, name in enumerate(NAMES)
    )
    return ClassesData(
        case="drink",
        question="Which <i>drink</i>?",
        cutoff=datetime(2017, 12, 3, tzinfo=UTC),
        horizon=timedelta(days=28),
        classes=classes,
        chances=chances,
        outcome=came if outcome else None,
        labels=labels,
        held_out=held_out,
        all_labels=np.concatenate([labels, labels]),
        all_cutoffs=np.repeat(np.array([c.replace(tzinfo=None) for c in CUTOFFS], dtype="datetime64[us]"), 600),
        validation_cutoffs=CUTOFFS[1:],
        is_later=True,
        history=LabelSummary(
            cutoffs=tuple(CutoffSummary(cutoff=cutoff, n_users=600, n_positives=300) for cutoff in CUTOFFS),
            warnings=("7 labelled users are not in the population and were left out.",),
        ),
        findings=(Finding(check="score", severity="ok", title="Fine", seen="tea: A quick model has AUC 0.7."),),
        resolved="question: Which drink?\n",
        facts=(Fact(name="seed", value="0"),),
    )


@pytest.fixture(scope="module")
def numbers() -> ClassesNumbers:
    return compute_classes(make_data())


def test_the_page_is_well_nested_and_what_people_write_is_escaped(numbers: ClassesNumbers) -> None:
    page = render_classes(numbers)
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert "&lt;b&gt;beer&lt;/b&gt;" in page
    assert "<b>beer</b>" not in page
    assert "<i>drink</i>" not in page


def test_what_is_written_is_read_back(tmp_path: Path, numbers: ClassesNumbers) -> None:
    write_report(make_data(), tmp_path)
    assert read_numbers(tmp_path) == numbers
    assert (tmp_path / PAGE).read_text() == render_classes(numbers)
    assert '"kind":"classes"' in (tmp_path / NUMBERS).read_text()


def test_confusion_counts_every_user_and_expected_users_are_all_users(numbers: ClassesNumbers) -> None:
    data = make_data()
    for quality, labels, chances in (
        (numbers.validation, data.labels, data.held_out),
        (numbers.outcome, data.outcome, data.chances),
    ):
        assert quality is not None
        assert labels is not None
        pairs = list(zip(labels, chances.argmax(axis=1), strict=True))
        assert quality.confusion == tuple(
            tuple(pairs.count((was, likeliest)) for likeliest in range(3)) for was in range(3)
        )
        assert quality.counts == tuple(sum(row) for row in quality.confusion)
        assert quality.accuracy == pytest.approx(sum(was == likeliest for was, likeliest in pairs) / len(pairs))
        assert quality.accuracy_range.low < quality.accuracy < quality.accuracy_range.high
        assert quality.log_loss < quality.base_log_loss
    assert sum(one.expected for one in numbers.classes) == pytest.approx(numbers.n_users)
    assert sum(one.n_likeliest for one in numbers.classes) == numbers.n_users
    assert numbers.validation.macro_auc == pytest.approx(np.mean([one.validation.roc_auc for one in numbers.classes]))


def test_a_class_is_judged_against_the_rest(numbers: ClassesNumbers) -> None:
    data = make_data()
    for number, one in enumerate(numbers.classes):
        is_of_it = (data.labels == number).astype(float)
        assert one.validation.roc_auc == roc_auc(is_of_it, data.held_out[:, number])
        assert [member.name for member in one.members] == ["lightgbm", "logistic"]
    assert [row.counts for row in numbers.counts] == [numbers.validation.counts] * 2


def test_the_answer_says_how_many_of_each_class_and_what_naming_the_largest_is_worth(numbers: ClassesNumbers) -> None:
    told = " ".join(describe_classes(numbers))
    for one in numbers.classes:
        assert f"{round(one.expected)} of {one.name}" in told
    assert "always saying none would have been right for" in told
    assert "What happened after 2017-12-03 is known by now" in told
    assert "known by now" not in " ".join(describe_classes(compute_classes(make_data(outcome=False))))


def test_chances_that_are_right_are_called_right_and_others_are_not(numbers: ClassesNumbers) -> None:
    assert not [advice.title for advice in find_class_advice(numbers) if "care" in advice.title]
    data = make_data()
    squared = data.held_out**3 / (data.held_out**3).sum(axis=1, keepdims=True)
    titles = {advice.title for advice in find_class_advice(compute_classes(replace(data, held_out=squared)))}
    assert "tea: take the chances with care" in titles


def test_chances_that_say_no_more_than_shares_are_warned_of() -> None:
    data = make_data()
    nothing = np.tile(np.bincount(data.labels.astype(int)) / 600, (600, 1)) + np.random.default_rng(0).normal(
        0, 1e-9, (600, 3)
    )
    titles = {advice.title for advice in find_class_advice(compute_classes(replace(data, held_out=nothing)))}
    assert "The chances may say no more than the shares of the classes" in titles


def test_a_class_that_is_the_likeliest_of_nobody_is_told() -> None:
    data = make_data()
    chances = data.chances * [1e-3, 1, 1]
    rare = compute_classes(replace(data, chances=chances / chances.sum(axis=1, keepdims=True), outcome=None))
    assert any(advice.title == "<b>beer</b>: the likeliest class of nobody" for advice in find_class_advice(rare))


def test_warnings_of_the_labels_are_told(numbers: ClassesNumbers) -> None:
    assert any("7 labelled users" in advice.title for advice in find_class_advice(numbers))


def test_an_outcome_without_users_of_a_class_takes_nothing_down() -> None:
    data = make_data()
    assert data.outcome is not None
    numbers = compute_classes(replace(data, outcome=np.where(data.outcome == 0, np.nan, 1.0)))
    assert [one.outcome for one in numbers.classes] == [None] * 3
    render_classes(numbers)
