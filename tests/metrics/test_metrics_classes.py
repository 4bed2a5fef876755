"""Facts about metrics of classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from yule.metrics.classes import (
    auc_parts,
    confusion_counts,
    likeliest_hits,
    log_likelihoods,
    macro_auc_parts,
)
from yule.metrics.intervals import mean_interval, roc_auc_interval


def draw(seed, n_users=60, n_classes=4):
    """Draw classes, each of which occurs, and chances with many ties."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n_users) % n_classes).astype(float)
    chances = random.integers(1, 4, (n_users, n_classes)).astype(float)
    return labels, chances / chances.sum(axis=1, keepdims=True)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_means_are_what_scikit_learn_gives(seed):
    labels, chances = draw(seed)
    assert log_likelihoods(labels, chances).mean() == pytest.approx(-log_loss(labels, chances, labels=range(4)))
    assert likeliest_hits(labels, chances).mean() == pytest.approx(accuracy_score(labels, chances.argmax(axis=1)))
    area = roc_auc_score(labels, chances, multi_class="ovr", average="macro")
    assert macro_auc_parts(labels, chances).mean() == pytest.approx(area)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_confusion_counts_every_user_once(seed):
    labels, chances = draw(seed)
    counts = confusion_counts(labels, chances)
    assert counts.sum(axis=1).tolist() == np.bincount(labels.astype(int), minlength=4).tolist()
    assert np.trace(counts) == likeliest_hits(labels, chances).sum()


def test_the_interval_of_the_parts_is_that_of_resampled_areas():
    random = np.random.default_rng(0)
    labels = (random.random(800) < 0.2).astype(float)
    scores = labels + random.normal(0, 1.5, 800)
    ours = mean_interval(auc_parts(labels, scores), seed=0)
    resampled = roc_auc_interval(labels, scores, seed=0)
    assert ours.low == pytest.approx(resampled.low, abs=0.005)
    assert ours.high == pytest.approx(resampled.high, abs=0.005)


def test_a_class_that_nobody_is_of_is_left_out_of_the_mean():
    labels = np.array([0.0, 1.0, 0.0, 1.0])
    chances = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]])
    assert macro_auc_parts(labels, chances).mean() == 1.0
