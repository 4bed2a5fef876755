"""Facts about reports of cases of which only positives are known."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from report_samples import make_report_data
from test_report import Nesting

from yule.core.meanings import Meaning
from yule.ensemble.prior import ClassPrior
from yule.preparation.selection.record import SelectionRecord, judge, merge_selections
from yule.report.data import ReportData
from yule.report.files import NUMBERS, PAGE, read_numbers, write_report
from yule.report.look_alike.numbers import LookAlikeNumbers, compute_look_alike
from yule.report.look_alike.page import render_look_alike
from yule.report.look_alike.words import describe_look_alike, find_look_alike_advice

BELIEVED = ClassPrior(elkan_noto=0.22, best_bin=0.2, told_apart=0.9)
DOUBTED = ClassPrior(elkan_noto=0.4, best_bin=0.1, told_apart=0.4)


def make(prior: ClassPrior) -> ReportData:
    return replace(make_report_data(), prior=prior)


@pytest.mark.parametrize("prior", [BELIEVED, DOUBTED])
def test_the_page_is_well_nested(prior: ClassPrior) -> None:
    parser = Nesting()
    parser.feed(render_look_alike(compute_look_alike(make(prior), prior)))
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))


@pytest.mark.parametrize("prior", [BELIEVED, DOUBTED])
def test_nothing_that_needs_a_known_no_is_said(tmp_path: Path, prior: ClassPrior) -> None:
    write_report(make(prior), tmp_path)
    page, numbers = (tmp_path / PAGE).read_text(), (tmp_path / NUMBERS).read_text()
    for word in ("were a yes", "hit rate", "promised", "Predicted against actual", 'id="contact"', "log loss"):
        assert word not in page
    for field in ("precision", "calibration", "promised", "log_loss", "brier", "hits"):
        assert field not in numbers


def test_scores_are_called_chances_only_where_the_prior_is_believed() -> None:
    told = " ".join(describe_look_alike(compute_look_alike(make(BELIEVED), BELIEVED)))
    assert "About 20% of the unlabelled users are estimated to be positive too, 100 of those on the list" in told
    doubted = compute_look_alike(make(DOUBTED), DOUBTED)
    told = " ".join(describe_look_alike(doubted))
    assert "Scores are an order, not chances" in told
    assert "at most 10% and at most 40%" in told
    assert any(advice.title == "Scores are an order, not chances" for advice in find_look_alike_advice(doubted))


def test_a_list_no_better_than_chance_is_warned_of() -> None:
    data = make(DOUBTED)
    blend = replace(data.ensemble, predictions=np.random.default_rng(0).random(len(data.labels)))
    numbers = compute_look_alike(replace(data, ensemble=blend), DOUBTED)
    assert any(advice.title == "The list may be no better than chance" for advice in find_look_alike_advice(numbers))


def select_one(data: ReportData) -> ReportData:
    record = SelectionRecord(
        method="gain",
        features=judge(
            {name: Meaning(column=name) for name in ("age", "town")}, {"age": 0.75}, {"town": "always the same"}
        ),
    )
    return replace(data, selection=merge_selections([record]))


def test_the_page_tells_which_features_were_kept() -> None:
    page = render_look_alike(compute_look_alike(select_one(make(DOUBTED)), DOUBTED))
    assert "1 of 2 features were kept in some fold" in page
    assert "Which features were kept?" not in render_look_alike(compute_look_alike(make(DOUBTED), DOUBTED))


def test_written_numbers_read_back_equal(tmp_path: Path) -> None:
    data = select_one(make(DOUBTED))
    write_report(data, tmp_path)
    numbers = read_numbers(tmp_path)
    assert isinstance(numbers, LookAlikeNumbers)
    assert numbers == compute_look_alike(data, DOUBTED)
