import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sklearn_metrics

from yule.core.errors import DataError
from yule.metrics.scores import average_precision, neg_brier, neg_log_loss, roc_auc

ALL = (roc_auc, average_precision, neg_log_loss, neg_brier)


@st.composite
def predictions(draw):
    n = draw(st.integers(2, 60))
    labels = draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])))
    labels[:2] = 0, 1
    # Few distinct values, so that ties are common.
    return labels, draw(arrays(np.int64, n, elements=st.integers(1, 19))) / 20


@given(predictions())
@settings(deadline=None, max_examples=60)
def test_scores_are_the_textbook_formulas(case):
    labels, probabilities = case
    likelihood = labels * np.log(probabilities) + (1 - labels) * np.log1p(-probabilities)
    difference = probabilities[labels == 1][:, None] - probabilities[labels == 0]
    assert neg_log_loss(labels, probabilities) == pytest.approx(likelihood.mean())
    assert neg_brier(labels, probabilities) == pytest.approx(-np.mean((labels - probabilities) ** 2))
    assert roc_auc(labels, probabilities) == pytest.approx(np.mean((np.sign(difference) + 1) / 2))


@given(predictions())
@settings(deadline=None, max_examples=60)
def test_only_the_order_counts_for_ranking_scores(case):
    labels, probabilities = case
    transformed = np.log(probabilities / (1 - probabilities))
    assert roc_auc(labels, transformed) == roc_auc(labels, probabilities)
    assert average_precision(labels, transformed) == average_precision(labels, probabilities)


@given(predictions(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_of_rows_does_not_matter(case, random):
    labels, probabilities = case
    rows = list(range(len(labels)))
    random.shuffle(rows)
    for score in ALL:
        assert score(labels[rows], probabilities[rows]) == pytest.approx(score(labels, probabilities), abs=1e-12)


@given(predictions())
@settings(deadline=None, max_examples=40)
def test_turning_the_list_round_turns_the_auc_round(case):
    labels, probabilities = case
    assert roc_auc(labels, -probabilities) == pytest.approx(1 - roc_auc(labels, probabilities))


@pytest.mark.parametrize("score", ALL)
def test_higher_is_better_for_every_score(score):
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    assert score(labels, np.array([0.1, 0.2, 0.8, 0.9])) > score(labels, np.array([0.8, 0.2, 0.1, 0.9]))


def test_an_auc_is_counted_exactly_where_halves_add_up_to_no_round_number():
    labels, probabilities = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), np.array([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    assert roc_auc(labels, probabilities) == 9 / 18


def test_a_score_that_is_missing_is_no_place_in_a_list():
    with pytest.raises(ValueError, match="missing"):
        roc_auc(np.array([0.0, 1.0]), np.array([0.1, np.nan]))


@pytest.mark.parametrize("score", ALL)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_is_an_error_that_counts_the_positives(score, label):
    with pytest.raises(DataError, match=rf"{3 * int(label)} of 3 labelled users are positive"):
        score(np.full(3, label), np.array([0.1, 0.2, 0.3]))


def test_average_precision_shares_ties():
    labels = np.array([1.0, 0.0, 0.0, 1.0])
    probabilities = np.full(4, 0.5)
    assert average_precision(labels, probabilities) == sklearn_metrics.average_precision_score(labels, probabilities)
    assert average_precision(labels, probabilities) == 0.5
