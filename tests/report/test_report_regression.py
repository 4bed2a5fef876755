"""Facts about reports of cases that ask how much."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from pages import Nesting
from report_samples import change_part, make_report_data

from yule.kinds import REGRESSION
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.telling import tell
from yule.report.data import MemberResult, ReportData
from yule.report.files import NUMBERS, PAGE
from yule.report.regression.numbers import RegressionBody


def make(n_users: int = 500, *, least: float = 0.0) -> ReportData:
    """Make up a run in which most amounts are 0 and expectations are right."""
    random = np.random.default_rng(3)
    expected = random.gamma(0.5, 20.0, n_users) + least
    amounts = np.where(random.random(n_users) < 0.3, expected / 0.3, 0.0)
    noisy = tuple(
        MemberResult(
            name=f"member {n}", kind="lightgbm", weight=0.5, predictions=expected + random.normal(0, 9, n_users)
        )
        for n in range(2)
    )
    at = datetime(2024, 2, 2, tzinfo=UTC)
    counted = CutoffSummary(cutoff=at, n_users=n_users, n_positives=150, total=float(amounts.sum()), deviation=20.0)
    blend = MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=expected)
    return replace(
        change_part(make_report_data(n_users), ensemble=blend, members=noisy),
        scores=np.sort(expected)[::-1, None],
        labels=amounts,
        history=LabelSummary(cutoffs=(counted,)),
    )


def compute_amounts(data: ReportData) -> Report:
    return compute_report(REGRESSION, data)


def with_outcome(data: ReportData, factor: float) -> ReportData:
    return replace(
        data, outcome=factor * data.scores[:, 0] * np.random.default_rng(1).uniform(0.8, 1.2, len(data.scores))
    )


@pytest.mark.parametrize("data", [make(), with_outcome(make(), 1.0), make(12), make(least=-5.0)])
def test_the_page_is_well_nested_and_says_nothing_of_a_yes(data: ReportData) -> None:
    page = compute_amounts(data).render()
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    for word in ("were a yes", "hit rate", "chance", "AUC", "log loss"):
        assert word not in page.replace("by chance", "")


def test_what_is_expected_and_promised_adds_up() -> None:
    data = make()
    numbers = compute_amounts(data).body
    row = numbers.forecast[2]
    assert row.expected == pytest.approx(data.scores[: row.n_users].sum())
    assert row.at_random == pytest.approx(data.scores.mean() * row.n_users)
    quality = numbers.validation
    assert quality.total == pytest.approx(data.labels.sum())
    first = np.argsort(-data.parts[0].ensemble.predictions)[: quality.totals[2].n_users]
    assert quality.totals[2].amount == pytest.approx(data.labels[first].sum())
    assert quality.promised[2] == pytest.approx(data.parts[0].ensemble.predictions[first].sum())
    assert sum(group.observed * group.n_users for group in quality.deciles) == pytest.approx(quality.total)
    assert quality.curve[-1].recall == pytest.approx(1)
    assert quality.rmse_range.low < quality.rmse < quality.rmse_range.high


def test_the_answer_says_how_much_of_how_much() -> None:
    data = make()
    told = " ".join(compute_amounts(data).describe())
    assert "The first 50 of the 500 users on the list are expected to come to about" in told
    assert "within 28 days" in told
    assert "What happened" not in told
    assert "What happened after 2024-03-01 is known by now" in " ".join(
        compute_amounts(with_outcome(data, 1.0)).describe()
    )


@pytest.mark.parametrize(
    ("factor", "title"),
    [(1.0, "The list kept its promise"), (0.5, "The list promised too much"), (2.0, "The list promised too little")],
)
def test_a_promise_that_was_not_kept_is_told(factor: float, title: str) -> None:
    numbers = compute_amounts(with_outcome(make(), factor))
    assert title in [tell(finding).title for finding in numbers.judge()]


def test_expectations_that_are_wrong_are_not_to_be_taken_at_face_value() -> None:
    data = make()
    for factor, severity in ((1.0, "ok"), (3.0, "warn")):
        blend = replace(data.parts[0].ensemble, predictions=factor * data.parts[0].ensemble.predictions)
        found = compute_amounts(change_part(data, ensemble=blend)).judge()
        assert [one.severity for one in found if one.code.startswith("expectations")] == [severity]


def test_an_outcome_without_a_total_is_left_out() -> None:
    data = make()
    assert compute_amounts(replace(data, outcome=np.zeros(500))).body.outcome is None


def test_written_numbers_read_back_equal(tmp_path: Path) -> None:
    data = with_outcome(make(), 1.0)
    write_report(compute_amounts(data), tmp_path)
    report = read_report(tmp_path)
    assert isinstance(report.body, RegressionBody)
    assert report == compute_amounts(data)
    first = [(tmp_path / name).read_bytes() for name in (NUMBERS, PAGE)]
    write_report(compute_amounts(data), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in (NUMBERS, PAGE)] == first
