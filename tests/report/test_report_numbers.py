from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import change_part
from report_toys import make_data

from yule.kinds import BINARY
from yule.kinds.reports import Report, compute_report
from yule.messages.telling import tell
from yule.report.cards.axes import nice_step, share_axis
from yule.report.cards.charts import number_ticks
from yule.report.data import ReportData
from yule.report.forecast import forecast, forecast_curve, forecast_top
from yule.report.quality import CURVE_FRACTIONS, FRACTIONS, judge, share_range


@pytest.fixture(scope="module")
def report() -> Report:
    return compute(make_data(n_validated=2000))


def compute(data: ReportData) -> Report:
    return compute_report(BINARY, data)


def titles(report: Report) -> dict[str, str]:
    return {tell(finding).title: finding.severity for finding in report.judge()}


def with_blend(report: Report, **changes: object) -> Report:
    """Return a report with another blend on its leaderboard."""
    (part,) = report.head.parts
    board = replace(part.board, ensemble=replace(part.board.ensemble, **changes))
    return replace(report, head=replace(report.head, parts=(replace(part, board=board),)))


def test_curves_stay_small_whatever_the_population() -> None:
    data = make_data(n_users=200_000)
    quality = judge(data.labels, data.parts[0].ensemble.predictions)
    assert len(quality.curve) <= len(CURVE_FRACTIONS)
    assert len(forecast_curve(data.scores[:, 0], quality)) <= len(CURVE_FRACTIONS) + len(FRACTIONS) + 1


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
def test_a_forecast_stays_between_none_and_all(report: Report, scores: list[float]) -> None:
    ordered = np.sort(np.array(scores))[::-1]
    for row in (*forecast_top(ordered, report.body.validation), *forecast_curve(ordered, report.body.validation)):
        assert 0 <= row.low <= row.expected <= row.high <= row.n_users


def test_nine_of_ten_outcomes_fall_in_the_forecast_range() -> None:
    random = np.random.default_rng(0)
    scores = np.sort(random.beta(0.6, 3.0, 2000))[::-1]
    (row,) = forecast(scores, [400], np.array([[1.0], [0.0]]))
    hits = (random.random((2000, 400)) < scores[:400]).sum(axis=1)
    assert np.mean((row.low <= hits) & (hits <= row.high)) == pytest.approx(0.9, abs=0.03)


def test_a_small_test_widens_the_forecast() -> None:
    small, large = (make_data(n_validated=n) for n in (100, 10_000))
    rows = [
        forecast_top(large.scores[:, 0], judge(data.labels, data.parts[0].ensemble.predictions))[2]
        for data in (small, large)
    ]
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


def test_a_right_blend_gets_no_warning(report: Report) -> None:
    assert "warn" not in titles(report).values()
    assert titles(report)["Chances can be taken at face value"] == "ok"


def test_chances_that_are_too_high_are_to_be_taken_with_care() -> None:
    data = make_data(n_validated=2000)
    doubled = replace(data.parts[0].ensemble, predictions=np.minimum(2 * data.parts[0].ensemble.predictions, 0.999))
    assert titles(compute(change_part(data, ensemble=doubled)))["Take the chances with care"] == "warn"


def test_a_list_that_promised_too_much_is_named() -> None:
    data = make_data(n_users=2000)
    assert data.outcome is not None
    few = np.where(np.arange(2000) % 3 == 0, data.outcome, 0.0)
    assert titles(compute(replace(data, outcome=few)))["The list promised too much"] == "warn"


def test_a_population_unlike_the_test_is_named() -> None:
    data = make_data(n_validated=2000)
    found = titles(compute(replace(data, scores=data.scores / 3, outcome=None)))
    assert found["The ranked users differ from those the list was tested on"] == "warn"


def test_a_fold_without_a_positive_has_no_figures_of_its_own_and_counts_in_those_of_all() -> None:
    data = make_data()
    board = compute(replace(data, labels=np.where(data.folds == 2, 0.0, data.labels))).head.parts[0].board
    for member in (board.ensemble, *board.members):
        assert [fold.fold for fold in member.folds if fold.scores["roc_auc"] is None] == [2]
        assert member.scores["roc_auc"] > 0.5


def test_a_fold_far_below_the_others_is_named(report: Report) -> None:
    folds = tuple(
        replace(fold, scores={"roc_auc": 0.6 if fold.fold == 3 else 0.8})
        for fold in report.head.parts[0].board.ensemble.folds
    )
    found = titles(with_blend(report, folds=folds))
    assert found["Fold 3 is harder than the others"] == "warn"


def test_a_blend_no_better_than_a_member_is_named(report: Report) -> None:
    best = report.head.parts[0].board.members[0]
    worse = with_blend(report, scores={**best.scores, "log_loss": best.scores["log_loss"] + 0.01})
    (tip,) = [tell(finding) for finding in worse.judge() if finding.severity == "tip"]
    assert f"not better than {best.name} alone" in tip.text


def test_the_answer_is_two_sentences_and_their_evidence(report: Report) -> None:
    sentences = report.describe()
    assert sentences[0].startswith("Contact the first 50 of the 500 users on the list and expect about ")
    assert sentences[0].endswith(" of them to be a yes within 28 days.")
    assert sentences[1].startswith("The same number drawn at random would hold about ")
    assert "later period" in sentences[2]
    assert sentences[3].startswith("What happened after 2017-12-03 is known by now: the first 50 of 500 users held ")
    assert not any(word in " ".join(sentences) for word in ("AUC", "log loss", "precision"))


def test_an_unknown_horizon_is_not_mentioned(report: Report) -> None:
    assert "within" not in replace(report, head=replace(report.head, horizon=timedelta(0))).describe()[0]
