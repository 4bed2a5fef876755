from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_toys import make_data

from yule.report.advice import find_advice
from yule.report.cards.axes import nice_step, share_axis
from yule.report.cards.charts import number_ticks
from yule.report.forecast import forecast, forecast_curve, forecast_top
from yule.report.numbers import ReportNumbers, compute_numbers
from yule.report.quality import CURVE_FRACTIONS, judge, share_range
from yule.report.words import describe_answer


@pytest.fixture(scope="module")
def numbers() -> ReportNumbers:
    return compute_numbers(make_data(n_validated=2000))


def titles(numbers: ReportNumbers) -> dict[str, str]:
    return {advice.title: advice.kind for advice in find_advice(numbers)}


def test_curves_stay_small_whatever_the_population() -> None:
    data = make_data(n_users=200_000)
    quality = judge(data.labels, data.ensemble.predictions)
    assert len(quality.curve) <= len(CURVE_FRACTIONS)
    assert len(forecast_curve(data.scores, quality)) <= len(CURVE_FRACTIONS) + 1


@given(n_users=st.integers(2, 300), seed=st.integers(0, 100))
@settings(deadline=None, max_examples=8)
def test_a_gains_curve_rises_to_everybody_within_its_range(n_users: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = np.append([1.0, 0.0], (random.random(n_users - 2) < 0.3).astype(float))
    curve = judge(labels, np.round(random.random(n_users), 2)).curve
    assert (curve[-1].fraction, curve[-1].recall, curve[-1].low, curve[-1].high) == (1.0, 1.0, 1.0, 1.0)
    for before, after in pairwise(curve):
        assert before.fraction < after.fraction
        assert before.recall <= after.recall + 1e-12
    assert all(0 <= point.low <= point.recall <= point.high <= 1 for point in curve)


@given(scores=st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=200))
@settings(deadline=None, max_examples=25)
def test_a_forecast_stays_between_none_and_all(numbers: ReportNumbers, scores: list[float]) -> None:
    ordered = np.sort(np.array(scores))[::-1]
    for row in (*forecast_top(ordered, numbers.validation), *forecast_curve(ordered, numbers.validation)):
        assert 0 <= row.low <= row.expected <= row.high <= row.n_users


def test_nine_of_ten_outcomes_fall_in_the_forecast_range() -> None:
    random = np.random.default_rng(0)
    scores = np.sort(random.beta(0.6, 3.0, 2000))[::-1]
    (row,) = forecast(scores, [400], np.array([[1.0], [0.0]]))
    hits = (random.random((2000, 400)) < scores[:400]).sum(axis=1)
    assert np.mean((row.low <= hits) & (hits <= row.high)) == pytest.approx(0.9, abs=0.03)


def test_a_small_test_widens_the_forecast() -> None:
    small, large = (make_data(n_validated=n) for n in (100, 10_000))
    rows = [forecast_top(large.scores, judge(data.labels, data.ensemble.predictions))[2] for data in (small, large)]
    assert rows[0].expected == rows[1].expected
    assert rows[0].high - rows[0].low > 1.2 * (rows[1].high - rows[1].low)


@given(share=st.floats(0, 1), n_users=st.integers(1, 10_000))
@settings(max_examples=100)
def test_the_range_of_a_share_holds_it(share: float, n_users: int) -> None:
    low, high = share_range(share, n_users)
    assert 0 <= low <= share <= high <= 1
    assert high > low


@given(end=st.floats(1e-6, 1))
def test_an_axis_of_shares_reaches_its_end_in_few_steps(end: float) -> None:
    axis = share_axis(end, "share")
    assert axis.end >= end * (1 - 1e-9)
    assert axis.end <= 1 + 1e-9
    assert 2 <= len(axis.ticks) <= 7


@given(low=st.floats(0, 0.99), width=st.floats(1e-4, 1))
def test_ticks_lie_inside_and_differ(low: float, width: float) -> None:
    ticks = number_ticks(low, low + width)
    assert len({label for _, label in ticks}) == len(ticks) >= 2
    assert all(low - 1e-6 <= value <= low + width + 1e-6 for value, _ in ticks)


@given(least=st.floats(1e-9, 1e9))
def test_a_step_is_one_two_or_five(least: float) -> None:
    step = nice_step(least)
    assert least * (1 - 1e-6) <= step <= 2.6 * least
    assert f"{step:e}"[0] in "125"


def test_a_right_blend_gets_no_warning(numbers: ReportNumbers) -> None:
    assert "warn" not in titles(numbers).values()
    assert titles(numbers)["Chances can be taken at face value"] == "ok"


def test_chances_that_are_too_high_are_to_be_taken_with_care() -> None:
    data = make_data(n_validated=2000)
    doubled = replace(data.ensemble, predictions=np.minimum(2 * data.ensemble.predictions, 0.999))
    assert titles(compute_numbers(replace(data, ensemble=doubled)))["Take the chances with care"] == "warn"


def test_a_list_that_promised_too_much_is_named() -> None:
    data = make_data(n_users=2000)
    assert data.outcome is not None
    few = np.where(np.arange(2000) % 3 == 0, data.outcome, 0.0)
    assert titles(compute_numbers(replace(data, outcome=few)))["The list promised too much"] == "warn"


def test_a_population_unlike_the_test_is_named() -> None:
    data = make_data(n_validated=2000)
    found = titles(compute_numbers(replace(data, scores=data.scores / 3, outcome=None)))
    assert found["The ranked users differ from those the list was tested on"] == "warn"


def test_a_fold_without_a_positive_has_no_figures_of_its_own_and_counts_in_those_of_all() -> None:
    data = make_data()
    without = compute_numbers(replace(data, labels=np.where(data.folds == 2, 0.0, data.labels)))
    for member in (without.ensemble, *without.members):
        assert [fold.fold for fold in member.folds if fold.roc_auc is None] == [2]
        assert member.roc_auc > 0.5


def test_a_fold_far_below_the_others_is_named(numbers: ReportNumbers) -> None:
    folds = tuple(replace(fold, roc_auc=0.6 if fold.fold == 3 else 0.8) for fold in numbers.ensemble.folds)
    found = titles(replace(numbers, ensemble=replace(numbers.ensemble, folds=folds)))
    assert found["Fold 3 is harder than the others"] == "warn"


def test_a_blend_no_better_than_a_member_is_named(numbers: ReportNumbers) -> None:
    worse = replace(numbers.ensemble, log_loss=numbers.members[0].log_loss + 0.01)
    (tip,) = [advice for advice in find_advice(replace(numbers, ensemble=worse)) if advice.kind == "tip"]
    assert f"not better than {numbers.members[0].name} alone" in tip.text


def test_the_answer_is_two_sentences_and_their_evidence(numbers: ReportNumbers) -> None:
    sentences = describe_answer(numbers)
    assert sentences[0].startswith("Contact the first 50 of the 500 users on the list and expect about ")
    assert sentences[0].endswith(" of them to be a yes within 28 days.")
    assert sentences[1].startswith("The same number drawn at random would hold about ")
    assert "later period" in sentences[2]
    assert sentences[3].startswith("What happened after 2017-12-03 is known by now: the first 50 of 500 users held ")
    assert not any(word in " ".join(sentences) for word in ("AUC", "log loss", "precision"))


def test_an_unknown_horizon_is_not_mentioned(numbers: ReportNumbers) -> None:
    assert "within" not in describe_answer(replace(numbers, horizon=timedelta(0)))[0]
