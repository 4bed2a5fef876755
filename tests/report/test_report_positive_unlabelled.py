"""Facts about reports of cases of which only positives are known."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from pages import Nesting
from report_samples import change_part, make_report_data

from yule.core.meanings import Meaning
from yule.ensemble.prior import ClassPrior
from yule.kinds import POSITIVE_UNLABELLED
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.messages.message import Message
from yule.messages.telling import tell
from yule.preparation.selection.record import SelectionRecord, judge, merge_selections
from yule.report.data import ReportData
from yule.report.files import NUMBERS, PAGE
from yule.report.positive_unlabelled.numbers import PositiveUnlabelledBody

BELIEVED = ClassPrior(elkan_noto=0.22, best_bin=0.2, told_apart=0.9)
DOUBTED = ClassPrior(elkan_noto=0.4, best_bin=0.1, told_apart=0.4)


def make(prior: ClassPrior) -> ReportData:
    return change_part(make_report_data(), prior=prior)


def compute(data: ReportData) -> Report:
    return compute_report(POSITIVE_UNLABELLED, data)


@pytest.mark.parametrize("prior", [BELIEVED, DOUBTED])
def test_the_page_is_well_nested(prior: ClassPrior) -> None:
    parser = Nesting()
    parser.feed(compute(make(prior)).render())
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))


@pytest.mark.parametrize("prior", [BELIEVED, DOUBTED])
def test_nothing_that_needs_a_known_no_is_said(tmp_path: Path, prior: ClassPrior) -> None:
    write_report(compute(make(prior)), tmp_path)
    page, numbers = (tmp_path / PAGE).read_text(), (tmp_path / NUMBERS).read_text()
    for word in ("were a yes", "hit rate", "promised", "Predicted against actual", "log loss"):
        assert word not in page
    for field in ("precision", "calibration", "promised", "log_loss", "brier", "hits"):
        assert field not in numbers


def test_scores_are_called_chances_only_where_the_prior_is_believed() -> None:
    told = " ".join(compute(make(BELIEVED)).describe())
    assert "About 20% of the unlabelled users are estimated to be positive too, 100 of those on the list" in told
    doubted = compute(make(DOUBTED))
    told = " ".join(doubted.describe())
    assert "Scores are an order, not chances" in told
    assert "at most 10% and at most 40%" in told
    assert any(tell(finding).title == "Scores are an order, not chances" for finding in doubted.judge())


def test_a_list_no_better_than_chance_is_warned_of() -> None:
    data = make(DOUBTED)
    blend = replace(data.parts[0].ensemble, predictions=np.random.default_rng(0).random(len(data.labels)))
    report = compute(change_part(data, ensemble=blend))
    assert any(finding.code == "order-by-chance" for finding in report.judge())


def select_one(data: ReportData) -> ReportData:
    record = SelectionRecord(
        method="gain",
        features=judge(
            {name: Meaning(column=name) for name in ("age", "town")},
            {"age": 0.75},
            {"town": Message(code="dropped-constant")},
        ),
    )
    return change_part(data, selection=merge_selections([record]))


def test_the_page_tells_which_features_were_kept() -> None:
    page = compute(select_one(make(DOUBTED))).render()
    assert "1 of 2 features were kept in some fold" in page
    assert "Which features were kept?" not in compute(make(DOUBTED)).render()


def test_written_numbers_read_back_equal(tmp_path: Path) -> None:
    data = select_one(make(DOUBTED))
    write_report(compute(data), tmp_path)
    report = read_report(tmp_path)
    assert isinstance(report.body, PositiveUnlabelledBody)
    assert report == compute(data)
