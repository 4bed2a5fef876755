"""Facts about reports of cases that ask for one of several classes."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from pages import Nesting

from yule.core.meanings import Meaning
from yule.kinds import MULTICLASS
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.finding import Finding
from yule.messages.telling import tell
from yule.messages.values import Choice, Count
from yule.metrics.scores import roc_auc
from yule.report.data import Fact, FeatureImportance, MemberResult, PartResult, ReportData
from yule.report.files import NUMBERS, PAGE

NAMES = ("<b>beer</b>", "tea", "none")
CUTOFFS = (datetime(2017, 9, 17, tzinfo=UTC), datetime(2017, 10, 15, tzinfo=UTC))

UNKNOWN = Finding(
    check="labels",
    code="users-unknown",
    severity="warn",
    values={"n_unknown": Count(7), "supervision": Choice("full")},
)


def draw_users(n_users: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw chances, and classes that they are right for."""
    random = np.random.default_rng(seed)
    values = np.exp(random.normal(0, 1.5, (n_users, 3)) + np.array([-1.0, 0.0, 1.0]))
    chances = values / values.sum(axis=1, keepdims=True)
    labels = (random.random((n_users, 1)) > np.cumsum(chances, axis=1)).sum(axis=1).astype(float)
    return chances, np.minimum(labels, 2)


def make_data(*, outcome: bool = True) -> ReportData:
    """Make up a run whose chances are right."""
    held_out, labels = draw_users(600, seed=4)
    chances, came = draw_users(500, seed=1)
    parts = tuple(
        PartResult(
            name=name,
            ensemble=MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=held_out[:, number]),
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
        )
        for number, name in enumerate(NAMES)
    )
    return ReportData(
        case="drink",
        question="Which <i>drink</i>?",
        cutoff=datetime(2017, 12, 3, tzinfo=UTC),
        horizon=timedelta(days=28),
        parts=parts,
        scores=chances,
        outcome=came if outcome else None,
        labels=labels,
        folds=(np.arange(600) % 3).astype(np.int32),
        all_labels=np.concatenate([labels, labels]),
        all_cutoffs=np.repeat(np.array([c.replace(tzinfo=None) for c in CUTOFFS], dtype="datetime64[us]"), 600),
        validation_cutoffs=CUTOFFS[1:],
        is_later=True,
        history=LabelSummary(
            cutoffs=tuple(CutoffSummary(cutoff=cutoff, n_users=600, n_positives=300) for cutoff in CUTOFFS),
            findings=(UNKNOWN,),
        ),
        findings=(Finding(check="score", code="score-too-few", severity="ok", about="tea"),),
        resolved="question: Which drink?\n",
        facts=(Fact(name="seed", value="0"),),
    )


def with_held_out(data: ReportData, held_out: NDArray[np.float64]) -> ReportData:
    """Return the data with other chances of the validated users."""
    parts = tuple(
        replace(part, ensemble=replace(part.ensemble, predictions=held_out[:, number]))
        for number, part in enumerate(data.parts)
    )
    return replace(data, parts=parts)


def held_out(data: ReportData) -> NDArray[np.float64]:
    return np.column_stack([part.ensemble.predictions for part in data.parts])


def compute_classes(data: ReportData) -> Report:
    return compute_report(MULTICLASS, data)


@pytest.fixture(scope="module")
def report() -> Report:
    return compute_classes(make_data())


def test_the_page_is_well_nested_and_what_people_write_is_escaped(report: Report) -> None:
    page = report.render()
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert "&lt;b&gt;beer&lt;/b&gt;" in page
    assert "<b>beer</b>" not in page
    assert "<i>drink</i>" not in page


def test_what_is_written_is_read_back(tmp_path: Path, report: Report) -> None:
    write_report(report, tmp_path)
    assert read_report(tmp_path) == report
    assert (tmp_path / PAGE).read_text() == report.render()
    assert '"kind":"multiclass"' in (tmp_path / NUMBERS).read_text()


def test_confusion_counts_every_user_and_expected_users_are_all_users(report: Report) -> None:
    data = make_data()
    for quality, labels, chances in (
        (report.body.validation, data.labels, held_out(data)),
        (report.body.outcome, data.outcome, data.scores),
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
    assert sum(one.expected for one in report.body.classes) == pytest.approx(report.head.n_users)
    assert sum(one.n_likeliest for one in report.body.classes) == report.head.n_users
    assert report.body.validation.macro_auc == pytest.approx(
        np.mean([one.validation.roc_auc for one in report.body.classes])
    )


def test_a_class_is_judged_against_the_rest(report: Report) -> None:
    data = make_data()
    for number, (part, one) in enumerate(zip(report.head.parts, report.body.classes, strict=True)):
        is_of_it = (data.labels == number).astype(float)
        assert one.validation.roc_auc == roc_auc(is_of_it, held_out(data)[:, number])
        assert [member.name for member in part.board.members] == ["lightgbm", "logistic"]
    assert [row.counts for row in report.body.counts] == [report.body.validation.counts] * 2


def test_the_answer_says_how_many_of_each_class_and_what_naming_the_largest_is_worth(report: Report) -> None:
    told = " ".join(report.describe())
    for one in report.body.classes:
        assert f"{round(one.expected)} of {one.name}" in told
    assert "always saying none would have been right for" in told
    assert "What happened after 2017-12-03 is known by now" in told
    assert "known by now" not in " ".join(compute_classes(make_data(outcome=False)).describe())


def test_chances_that_are_right_are_called_right_and_others_are_not(report: Report) -> None:
    assert not [finding for finding in report.judge() if finding.code == "chances-off"]
    data = make_data()
    squared = held_out(data) ** 3 / (held_out(data) ** 3).sum(axis=1, keepdims=True)
    found = compute_classes(with_held_out(data, squared)).judge()
    (told,) = (tell(finding) for finding in found if finding.code == "chances-off" and finding.about == "tea")
    assert told.seen.startswith("tea: Predicted and actual shares differ by ")


def test_chances_that_say_no_more_than_shares_are_warned_of() -> None:
    data = make_data()
    nothing = np.tile(np.bincount(data.labels.astype(int)) / 600, (600, 1)) + np.random.default_rng(0).normal(
        0, 1e-9, (600, 3)
    )
    titles = {tell(finding).title for finding in compute_classes(with_held_out(data, nothing)).judge()}
    assert "The chances may say no more than the shares of the classes" in titles


def test_a_class_that_is_the_likeliest_of_nobody_is_told() -> None:
    data = make_data()
    chances = data.scores * [1e-3, 1, 1]
    rare = compute_classes(replace(data, scores=chances / chances.sum(axis=1, keepdims=True), outcome=None))
    assert any(tell(finding).title == "<b>beer</b>: the likeliest class of nobody" for finding in rare.judge())


def test_findings_on_the_labels_are_told(report: Report) -> None:
    assert any("7 labelled users" in tell(finding).text for finding in report.judge())


def test_an_outcome_without_users_of_a_class_takes_nothing_down() -> None:
    data = make_data()
    assert data.outcome is not None
    report = compute_classes(replace(data, outcome=np.where(data.outcome == 0, np.nan, 1.0)))
    assert [one.outcome for one in report.body.classes] == [None] * 3
    report.render()
