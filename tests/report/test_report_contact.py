"""The choice of how many users to contact, and what is expected of them."""

from dataclasses import replace

import numpy as np
import pytest
from report_samples import change_part, make_report_data

from yule.ensemble.prior import ClassPrior
from yule.kinds.positive_unlabelled import POSITIVE_UNLABELLED
from yule.kinds.reports import compute_report
from yule.metrics.intervals import Interval
from yule.report.cards.contact import ContactList, Figure, draw_contact
from yule.report.regression.forecast import forecast_amounts

BELIEVED = ClassPrior(elkan_noto=0.2, best_bin=0.2, told_apart=0.9)
DOUBTED = ClassPrior(elkan_noto=0.1, best_bin=0.4, told_apart=0.1)


def draw(**changes: object) -> str:
    figure = Figure(shows="expected", text="of {random}, {lift}, {reach}")
    contacts = ContactList(
        curve=((10.0, 8.0), (100.0, 20.0)),
        ranges=(Interval(low=5.0, high=9.0), Interval(low=15.0, high=25.0)),
        figures=(figure,),
    )
    return draw_contact(replace(contacts, **changes), title="<h2>How many?</h2>")


def test_a_tenth_of_the_list_is_told_of_without_a_script() -> None:
    drawn = draw()
    assert '<output data-shows="users">10 users</output>' in drawn
    assert '<b data-shows="expected">8</b>' in drawn
    for name, value in (("random", "2"), ("lift", "4.0×"), ("reach", "40%")):
        assert f'<span data-shows="{name}">{value}</span>' in drawn


def test_no_share_of_a_total_that_is_not_above_0_is_told() -> None:
    assert '<span data-shows="reach">–</span>' in draw(curve=((10.0, 8.0), (100.0, -1.0)))


def test_what_pays_is_asked_where_it_can_be_told() -> None:
    assert "profit" not in draw()
    assert "a yes earns" in draw(earns="a yes")


def test_names_of_lists_are_never_taken_for_html() -> None:
    assert 'data-contact="&lt;b&gt;&quot;"' in draw(name='<b>"')


@pytest.mark.parametrize(("prior", "is_told"), [(BELIEVED, True), (DOUBTED, False)])
def test_positives_are_counted_only_where_their_number_is_known(prior: ClassPrior, is_told: bool) -> None:
    page = compute_report(POSITIVE_UNLABELLED, change_part(make_report_data(), prior=prior)).render()
    assert ('data-shows="expected"' in page) == is_told
    assert ('data-shows="profit"' in page) == is_told
    assert 'data-shows="reach"' in page


def test_a_sum_of_amounts_lies_in_its_range_nine_times_of_ten() -> None:
    random = np.random.default_rng(0)
    n_held = 0
    for _ in range(200):
        means = np.sort(random.gamma(1.0, 10.0, 600))[::-1]
        amounts = random.gamma(1.0, means)
        row = forecast_amounts(means[::2], amounts[1::2], means[1::2])[20]
        n_held += row.low <= amounts[::2][: row.n_users].sum() <= row.high
    assert 165 <= n_held <= 195


def test_a_sum_falls_below_0_only_where_amounts_do() -> None:
    scores, predictions = np.array([2.0, 1.0]), np.full(40, 1.0)
    amounts = np.tile([0.0, 9.0], 20)
    assert forecast_amounts(scores, amounts, predictions)[0].low == 0
    assert forecast_amounts(scores, amounts - 5, predictions)[0].low < 0
