import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yule.core.errors import DataError
from yule.metrics.gains import calibration_bins, gains_table, top_size

FRACTIONS = (0.01, 0.1, 0.25, 0.5, 1.0)


@st.composite
def predictions(draw):
    n = draw(st.integers(1, 60))
    labels = draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])))
    labels[0] = 1
    return labels, draw(arrays(np.int64, n, elements=st.integers(1, 19))) / 20


@given(predictions(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_gains_do_not_depend_on_the_order_of_rows(case, random):
    labels, scores = case
    rows = list(range(len(labels)))
    random.shuffle(rows)
    assert gains_table(labels[rows], scores[rows], FRACTIONS) == gains_table(labels, scores, FRACTIONS)


@given(predictions())
@settings(deadline=None, max_examples=60)
def test_gains_do_not_change_under_a_monotone_transform(case):
    labels, scores = case
    assert gains_table(labels, np.exp(3 * scores), FRACTIONS) == gains_table(labels, scores, FRACTIONS)


@given(predictions())
@settings(deadline=None, max_examples=60)
def test_the_whole_list_holds_every_positive(case):
    labels, scores = case
    row = gains_table(labels, scores, FRACTIONS)[-1]
    assert (row.n_users, row.hits, row.recall, row.lift) == pytest.approx((len(labels), labels.sum(), 1.0, 1.0))


@given(predictions())
@settings(deadline=None, max_examples=60)
def test_hits_are_their_expectation_over_the_order_of_ties(case):
    labels, scores = case
    random = np.random.default_rng(0)
    (row,) = gains_table(labels, scores, [0.3])
    drawn = []
    for _ in range(400):
        rows = random.permutation(len(labels))
        drawn.append(labels[rows][np.argsort(-scores[rows], kind="stable")[: row.n_users]].sum())
    assert abs(np.mean(drawn) - row.hits) < 0.6


def test_equal_scores_are_no_better_than_chance():
    labels = np.array([1.0, 0.0, 0.0, 0.0])
    assert [row.lift for row in gains_table(labels, np.zeros(4), FRACTIONS)] == [1.0] * len(FRACTIONS)


def test_a_row_tells_hits_precision_recall_and_lift():
    labels = np.repeat([1.0, 0.0, 1.0, 0.0], [8, 2, 2, 88])
    (row,) = gains_table(labels, np.linspace(1, 0, 100), [0.1])
    assert (row.n_users, row.hits, row.precision, row.recall) == (10, 8.0, 0.8, 0.8)
    assert row.lift == pytest.approx(8.0)


def test_a_top_fraction_holds_at_least_one_user():
    assert top_size(0.001, 5) == 1


def test_gains_without_positives_are_an_error():
    with pytest.raises(DataError, match="none of 3"):
        gains_table(np.zeros(3), np.array([0.1, 0.2, 0.3]), [0.5])


@given(predictions(), st.integers(1, 12))
@settings(deadline=None, max_examples=60)
def test_calibration_bins_divide_the_users(case, n_bins):
    labels, probabilities = case
    bins = calibration_bins(labels, probabilities, n_bins)
    assert 1 <= len(bins) <= n_bins
    assert sum(b.n_users for b in bins) == len(labels)
    assert sum(b.n_users * b.positive_fraction for b in bins) == pytest.approx(labels.sum())
    assert sum(b.n_users * b.mean_probability for b in bins) == pytest.approx(probabilities.sum())
    means = [b.mean_probability for b in bins]
    assert means == sorted(means)


def test_calibration_bins_are_of_equal_size_without_ties():
    probabilities = np.linspace(0.01, 0.99, 50)
    labels = (probabilities > 0.6).astype(np.float64)
    bins = calibration_bins(labels, probabilities, 10)
    assert [b.n_users for b in bins] == [5] * 10


def test_users_with_one_probability_stay_in_one_calibration_bin():
    (only,) = calibration_bins(np.array([0.0, 1.0, 1.0]), np.full(3, 0.5))
    assert only.n_users == 3
