"""Facts about the class prior, on simulated lists of positives that are a random sample of all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from yule.ensemble.calibration import Calibrator
from yule.ensemble.log_odds import log_odds
from yule.ensemble.prior import MAX_FACTOR, ClassPrior, calibrate_by_prior, estimate_prior, read_prior, write_prior
from yule.metrics.recall import recall_table
from yule.metrics.scores import roc_auc

N_KNOWN, N_UNLABELLED = 1000, 5000


def simulate(
    share: float, distance: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return labels, the right probabilities to be a known positive, and who is positive.

    Positives are normal around ``distance``, the others around 0; the known ones are any of the positives.
    """
    random = np.random.default_rng(seed)
    labels = np.repeat([1.0, 0.0], [N_KNOWN, N_UNLABELLED])
    is_positive = np.concatenate([np.ones(N_KNOWN, dtype=np.bool_), random.random(N_UNLABELLED) < share])
    place = random.normal(size=len(labels)) + distance * is_positive
    ratio = np.exp(distance * place - distance**2 / 2)  # density of positives over that of the others
    odds = N_KNOWN / N_UNLABELLED * ratio / (share * ratio + 1 - share)
    return labels, odds / (1 + odds), is_positive


@settings(deadline=None, max_examples=25)
@given(st.floats(0.1, 0.6), st.floats(5.0, 6.0), st.integers(0, 1000))
def test_both_methods_come_near_the_prior_where_positives_can_be_told_apart(
    share: float, distance: float, seed: int
) -> None:
    labels, probabilities, is_positive = simulate(share, distance, seed)
    truth = is_positive[labels == 0].mean()
    prior = estimate_prior(labels, probabilities)
    assert truth / 1.35 < prior.elkan_noto < 1.35 * truth
    assert truth / 1.35 < prior.best_bin < 1.35 * truth


@settings(deadline=None, max_examples=25)
@given(st.floats(0.1, 0.8), st.floats(0.0, 6.0), st.integers(0, 1000))
def test_a_prior_that_is_believed_is_near_the_truth(share: float, distance: float, seed: int) -> None:
    labels, probabilities, is_positive = simulate(share, distance, seed)
    prior = estimate_prior(labels, probabilities)
    truth = is_positive[labels == 0].mean()
    assert not prior.is_known or truth / 1.35 < prior.low < 1.35 * truth


def test_a_prior_of_positives_like_all_others_is_not_believed_although_both_methods_agree() -> None:
    labels, probabilities, _ = simulate(0.2, 0.1, seed=0)
    prior = estimate_prior(labels, probabilities)
    assert prior.high < MAX_FACTOR * prior.low
    assert not prior.is_known


def test_methods_that_do_not_agree_are_not_believed() -> None:
    labels, probabilities, _ = simulate(0.05, 1.5, seed=0)
    prior = estimate_prior(labels, probabilities)
    assert not prior.is_known
    assert prior.high > MAX_FACTOR * prior.low


@settings(deadline=None, max_examples=15)
@given(st.floats(0.1, 0.5), st.integers(0, 1000))
def test_chances_from_the_prior_are_right_on_average_and_keep_the_order(share: float, seed: int) -> None:
    labels, probabilities, is_positive = simulate(share, 4.5, seed)
    prior = estimate_prior(labels, probabilities)
    values = log_odds(probabilities)
    chances = calibrate_by_prior(Calibrator(), values, labels, share=prior.low).apply(values)
    unlabelled = labels == 0
    assert chances[unlabelled].mean() == pytest.approx(prior.low, rel=0.001)
    assert abs(chances[unlabelled] - is_positive[unlabelled]).mean() < 0.1
    assert (np.diff(chances[np.argsort(values)]) >= 0).all()


@settings(deadline=None, max_examples=25)
@given(st.floats(0.05, 0.4), st.floats(0.5, 4.0), st.integers(0, 1000))
def test_the_recall_of_known_positives_is_that_of_all_positives(share: float, distance: float, seed: int) -> None:
    labels, probabilities, is_positive = simulate(share, distance, seed)
    unlabelled = labels == 0
    order = np.argsort(-probabilities[unlabelled])
    for row in recall_table(labels, probabilities, [0.05, 0.2, 0.5]):
        first = order[: round(row.fraction * N_UNLABELLED)]
        hidden = is_positive[unlabelled]
        assert row.recall == pytest.approx(hidden[first].sum() / hidden.sum(), abs=0.15)


@settings(deadline=None, max_examples=25)
@given(st.floats(0.05, 0.4), st.floats(0.5, 4.0), st.integers(0, 1000))
def test_the_auc_against_unlabelled_follows_from_the_true_one_and_the_prior(
    share: float, distance: float, seed: int
) -> None:
    labels, probabilities, is_positive = simulate(share, distance, seed)
    against_negatives = roc_auc(is_positive.astype(float), probabilities)
    truth = is_positive[labels == 0].mean()
    assert roc_auc(labels, probabilities) == pytest.approx((1 - truth) * against_negatives + truth / 2, abs=0.04)


def test_a_prior_is_written_and_read_back(tmp_path) -> None:
    assert read_prior(tmp_path) is None
    prior = ClassPrior(elkan_noto=0.2, best_bin=0.1, told_apart=0.5)
    write_prior(prior, tmp_path)
    assert read_prior(tmp_path) == prior
