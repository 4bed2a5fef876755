"""Facts about trees that lignum evaluates in LightGBM's place."""

from dataclasses import replace

import numpy as np
import pytest

from yule.core.dataset import Features, Labelled
from yule.models.gbdt.fast_trees import sum_checked
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.protocol import BLOCK
from yule.testing.models import context

MATRIX = np.arange(2 * BLOCK, dtype=np.float32)[:, None]


def sum_natively(matrix):
    return matrix[:, 0].astype(np.float64)


def test_fast_sums_that_are_those_of_lightgbm_are_taken():
    assert np.array_equal(
        sum_checked(MATRIX, fast=sum_natively, native=lambda some: some[:BLOCK, 0] * 1.0), MATRIX[:, 0]
    )


def test_fast_sums_that_differ_in_the_last_digit_are_not_taken():
    wrong = sum_checked(MATRIX, fast=lambda some: np.nextafter(sum_natively(some), np.inf), native=sum_natively)
    assert np.array_equal(wrong, sum_natively(MATRIX))


def test_lignum_gives_the_bits_of_lightgbm():
    pytest.importorskip("lignum", reason="the extra `fast` is not installed")
    rng = np.random.default_rng(0)
    numeric = rng.normal(size=(2000, 4)).astype(np.float32)
    numeric[rng.random(numeric.shape) < 0.1] = np.nan
    features = Features(
        numeric=numeric,
        codes=rng.integers(-1, 5, (2000, 1)).astype(np.int32),
        numeric_names=("a", "b", "c", "d"),
        categorical_names=("town",),
        vocabularies=(("Ito", "Kobe", "Nara", "Oita", "Ube"),),
    )
    labels = (np.nan_to_num(numeric[:, 0]) + features.codes[:, 0] + rng.normal(size=2000) > 2).astype(np.float64)
    labelled = Labelled(features=features, labels=labels)
    fast = LightGBM().fit(labelled, labelled, context=context())
    native = replace(fast)
    vars(native)["_fast_trees"] = None
    assert np.array_equal(fast.predict(features, n_threads=1), native.predict(features, n_threads=1))
    assert vars(fast)["_fast_trees"] is not None
