import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from report_samples import make_report_data, with_outcome

from yule.metrics.scores import roc_auc
from yule.report.files import NUMBERS, PAGE, read_numbers, write_report
from yule.report.numbers import compute_numbers
from yule.report.page import render_page
from yule.report.words import describe_answer

VOID = {"meta", "input", "line", "circle", "rect", "polyline", "polygon", "br"}


class Nesting(HTMLParser):
    """Checks that every tag that opens is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """A tag that closes itself opens nothing."""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_nested_and_loads_nothing() -> None:
    page = render_page(compute_numbers(make_report_data()))
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert not re.search(r"https?://|@import|url\(|<link|<img", page)


def test_what_people_write_is_escaped() -> None:
    page = render_page(compute_numbers(make_report_data()))
    assert "Who will buy &lt;b&gt;tea&lt;/b&gt; &amp; biscuits?" in page
    assert "<b>tea</b>" not in page


def test_equal_data_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_report(make_report_data(), tmp_path / name)
    for file in (NUMBERS, PAGE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_numbers_read_back_and_agree_with_the_metrics(tmp_path: Path) -> None:
    data = make_report_data()
    write_report(data, tmp_path)
    numbers = read_numbers(tmp_path)
    assert numbers == compute_numbers(data)
    assert numbers.validation.roc_auc == roc_auc(data.labels, data.ensemble.predictions)
    assert numbers.expected_positives == pytest.approx(data.scores.sum())
    assert numbers.expected_curve[-1] == (len(data.scores), pytest.approx(data.scores.sum()))


def test_members_are_listed_the_best_first() -> None:
    losses = [member.log_loss for member in compute_numbers(make_report_data(n_members=5)).members]
    assert losses == sorted(losses)


@pytest.mark.parametrize(("n_users", "n_members", "n_folds"), [(20, 1, 2), (300, 7, 10)])
def test_small_and_wide_reports_can_be_written(n_users: int, n_members: int, n_folds: int, tmp_path: Path) -> None:
    write_report(make_report_data(n_users, n_members=n_members, n_folds=n_folds), tmp_path)
    assert (tmp_path / PAGE).stat().st_size > 10_000


def test_what_happened_since_is_shown_when_it_is_known() -> None:
    data = make_report_data()
    outcome = (np.random.default_rng(1).random(len(data.scores)) < data.scores).astype(np.float64)
    outcome[5] = np.nan
    numbers = compute_numbers(with_outcome(data, outcome))
    assert numbers.outcome is not None
    assert numbers.outcome.n_users == len(outcome) - 1
    assert "Checked against what happened" in render_page(numbers)
    assert len(describe_answer(numbers)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_an_outcome_that_is_the_same_for_everybody_is_left_out(label: float) -> None:
    data = make_report_data()
    numbers = compute_numbers(with_outcome(data, np.full(len(data.scores), label)))
    assert numbers.outcome is None
    assert "Checked against" not in render_page(numbers)


def test_a_million_users_make_a_small_page() -> None:
    page = render_page(compute_numbers(make_report_data(1_000_000, n_members=1)))
    assert len(page) < 500_000
