import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from pages import Nesting
from report_samples import make_report_data, with_outcome

from yule.kinds import BINARY
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.metrics.scores import roc_auc
from yule.report.data import ReportData
from yule.report.files import NUMBERS, PAGE


def compute(data: ReportData) -> Report:
    return compute_report(BINARY, data)


def test_the_page_is_well_nested_and_loads_nothing() -> None:
    page = compute(make_report_data()).render()
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert not re.search(r"https?://|@import|url\(|<link|<img", page)


def test_what_people_write_is_escaped() -> None:
    page = compute(make_report_data()).render()
    assert "Who will buy &lt;b&gt;tea&lt;/b&gt; &amp; biscuits?" in page
    assert "<b>tea</b>" not in page


def test_equal_data_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_report(compute(make_report_data()), tmp_path / name)
    for file in (NUMBERS, PAGE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_numbers_read_back_and_agree_with_the_metrics(tmp_path: Path) -> None:
    data = make_report_data()
    write_report(compute(data), tmp_path)
    report = read_report(tmp_path)
    assert report == compute(data)
    assert report.body.validation.roc_auc == roc_auc(data.labels, data.parts[0].ensemble.predictions)
    assert report.body.expected_positives == pytest.approx(data.scores.sum())
    assert report.body.expected_curve[-1] == (len(data.scores), pytest.approx(data.scores.sum()))


def test_members_are_listed_the_best_first() -> None:
    (part,) = compute(make_report_data(n_members=5)).head.parts
    losses = [member.scores["log_loss"] for member in part.board.members]
    assert losses == sorted(losses)


@pytest.mark.parametrize(("n_users", "n_members", "n_folds"), [(20, 1, 2), (300, 7, 10)])
def test_small_and_wide_reports_can_be_written(n_users: int, n_members: int, n_folds: int, tmp_path: Path) -> None:
    write_report(compute(make_report_data(n_users, n_members=n_members, n_folds=n_folds)), tmp_path)
    assert (tmp_path / PAGE).stat().st_size > 10_000


def test_what_happened_since_is_shown_when_it_is_known() -> None:
    data = make_report_data()
    outcome = (np.random.default_rng(1).random(len(data.scores)) < data.scores[:, 0]).astype(np.float64)
    outcome[5] = np.nan
    report = compute(with_outcome(data, outcome))
    assert report.body.outcome is not None
    assert report.body.outcome.n_users == len(outcome) - 1
    assert "Checked against what happened" in report.render()
    assert len(report.describe()) == 4


@pytest.mark.slow
@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_an_outcome_that_is_the_same_for_everybody_is_left_out(label: float) -> None:
    data = make_report_data()
    report = compute(with_outcome(data, np.full(len(data.scores), label)))
    assert report.body.outcome is None
    assert "Checked against" not in report.render()


def test_a_million_users_make_a_small_page() -> None:
    page = compute(make_report_data(1_000_000, n_members=1)).render()
    assert len(page) < 500_000
