"""Facts about the metrics of amounts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from yule.core.errors import DataError
from yule.metrics.amounts import amount_bins, amount_intervals, neg_mae, neg_rmse, r2, spearman, totals_table

NUMBERS = st.integers(-50, 200).map(float)


@settings(deadline=None)
@given(
    st.integers(2, 40).flatmap(
        lambda n: st.tuples(arrays(float, n, elements=NUMBERS), arrays(float, n, elements=NUMBERS))
    )
)
def test_metrics_are_those_of_scikit_learn_and_scipy(pair: tuple[np.ndarray, np.ndarray]) -> None:
    amounts, predictions = pair
    assert -neg_rmse(amounts, predictions) == pytest.approx(root_mean_squared_error(amounts, predictions))
    assert -neg_mae(amounts, predictions) == pytest.approx(mean_absolute_error(amounts, predictions))
    if np.ptp(amounts):
        assert r2(amounts, predictions) == pytest.approx(r2_score(amounts, predictions))
    if np.ptp(amounts) and np.ptp(predictions):
        assert spearman(amounts, predictions) == pytest.approx(spearmanr(amounts, predictions).statistic)


@settings(deadline=None)
@given(
    arrays(float, 30, elements=st.integers(0, 9).map(float)),
    arrays(float, 30, elements=st.integers(0, 4).map(float)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_nothing(amounts: np.ndarray, predictions: np.ndarray, random) -> None:
    amounts = amounts + 1
    order = np.array(random.sample(range(30), 30))
    fractions = [0.1, 0.5, 1.0]
    for row, other in zip(
        totals_table(amounts, predictions, fractions),
        totals_table(amounts[order], predictions[order], fractions),
        strict=True,
    ):
        assert row.amount == pytest.approx(other.amount)
    assert totals_table(amounts, predictions, fractions)[-1].share == pytest.approx(1)
    bins = amount_bins(amounts, predictions)
    assert sum(one.n_users * one.observed for one in bins) == pytest.approx(amounts.sum())
    assert sum(one.n_users * one.expected for one in bins) == pytest.approx(predictions.sum())


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    held = {"rmse": 0, "share": 0}
    for seed in range(60):
        expected = random.gamma(1.0, 10.0, 600)
        amounts = expected * random.gamma(2.0, 0.5, 600)
        found = amount_intervals(amounts, expected, [0.2], seed=seed, n_resamples=200)
        many = np.random.default_rng(99).gamma(1.0, 10.0, 200_000)
        truth = np.sort(many)[::-1][:40_000].sum() / many.sum()
        held["share"] += found.shares[0].low <= truth <= found.shares[0].high
        held["rmse"] += found.rmse.low <= np.sqrt(0.5 * 200.0) <= found.rmse.high
    assert 40 <= held["rmse"] <= 60
    assert 45 <= held["share"] <= 60


def test_a_total_that_is_not_above_0_is_refused() -> None:
    with pytest.raises(DataError, match=r"add up to -1\.00: there is no total to reach"):
        totals_table(np.array([1.0, -2.0]), np.array([1.0, 2.0]), [0.5])


def test_amounts_that_are_all_the_same_explain_nothing() -> None:
    with pytest.raises(DataError, match="the amounts of all 2 users are the same"):
        r2(np.array([1.0, 1.0]), np.array([1.0, 2.0]))
