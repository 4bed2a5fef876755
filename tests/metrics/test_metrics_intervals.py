import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.metrics.gains import gains_table
from yule.metrics.intervals import hits_intervals, roc_auc_interval
from yule.metrics.scores import roc_auc


def sample(n, seed):
    random = np.random.default_rng(seed)
    scores = random.normal(size=n)
    return (random.uniform(size=n) < 1 / (1 + np.exp(2 - scores))).astype(np.float64), scores


def test_equal_seeds_give_equal_intervals():
    labels, scores = sample(500, 0)
    assert hits_intervals(labels, scores, [0.1], seed=3) == hits_intervals(labels, scores, [0.1], seed=3)
    assert hits_intervals(labels, scores, [0.1], seed=3) != hits_intervals(labels, scores, [0.1], seed=4)


@given(st.integers(0, 2**31 - 1))
@settings(deadline=None, max_examples=4)
def test_intervals_hold_what_was_measured(seed):
    labels, scores = sample(4000, seed)
    rows = gains_table(labels, scores, [0.05, 0.2, 1.0])
    for row, interval in zip(rows, hits_intervals(labels, scores, [0.05, 0.2, 1.0], seed=seed), strict=True):
        assert interval.low < row.hits < interval.high
    interval = roc_auc_interval(labels, scores, seed=seed)
    assert interval.low < roc_auc(labels, scores) < interval.high


def test_the_interval_of_all_hits_is_the_binomial_one():
    labels = np.repeat([1.0, 0.0], [100, 900])
    (interval,) = hits_intervals(labels, np.linspace(1, 0, 1000), [1.0], seed=0, n_resamples=4000)
    deviation = np.sqrt(1000 * 0.1 * 0.9)
    assert interval.low == pytest.approx(100 - 1.645 * deviation, abs=1.5)
    assert interval.high == pytest.approx(100 + 1.645 * deviation, abs=1.5)


def test_intervals_agree_with_the_plain_bootstrap():
    labels, scores = sample(3000, 1)
    random = np.random.default_rng(0)
    areas, hits = [], []
    for _ in range(300):
        rows = random.integers(0, len(labels), len(labels))
        areas.append(roc_auc(labels[rows], scores[rows]))
        hits.append(gains_table(labels[rows], scores[rows], [0.1])[0].hits)
    area = roc_auc_interval(labels, scores, seed=0)
    (hit,) = hits_intervals(labels, scores, [0.1], seed=0)
    assert [area.low, area.high] == pytest.approx(np.quantile(areas, [0.05, 0.95]), abs=0.006)
    assert [hit.low, hit.high] == pytest.approx(np.quantile(hits, [0.05, 0.95]), abs=6)


def test_a_wider_confidence_gives_a_wider_interval():
    labels, scores = sample(500, 0)
    narrow = roc_auc_interval(labels, scores, seed=0, confidence=0.5)
    wide = roc_auc_interval(labels, scores, seed=0, confidence=0.95)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_single_positive_still_gets_an_interval():
    labels = np.array([1.0, 0.0, 0.0, 0.0])
    (interval,) = hits_intervals(labels, np.array([0.9, 0.5, 0.4, 0.1]), [0.5], seed=0)
    assert interval.low == 0
    assert roc_auc_interval(labels, np.array([0.9, 0.5, 0.4, 0.1]), seed=0).low == 1.0
