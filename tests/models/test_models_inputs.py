"""What models see of features."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yule.core.dataset import Features
from yule.models.categories import MAX_VALUES, Categories, encode_categories, learn_categories
from yule.models.linear.design import MAX_COLUMN, design_columns, fit_design
from yule.models.neural.inputs import fit_inputs, numeric_inputs
from yule.models.quantiles import find_knots

numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
tables = arrays(np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=numbers | st.just(np.nan))


def numeric_features(numeric):
    return Features(
        numeric=numeric,
        codes=np.zeros((len(numeric), 0), np.int32),
        numeric_names=("a", "b", "c"),
        categorical_names=(),
        vocabularies=(),
    )


def categorical_features(codes, vocabulary):
    return Features(
        numeric=np.zeros((len(codes), 0), np.float32),
        codes=np.array(codes, np.int32)[:, None],
        numeric_names=(),
        categorical_names=("city",),
        vocabularies=(tuple(vocabulary),),
    )


@settings(deadline=None, max_examples=100)
@given(arrays(np.float32, st.integers(0, 300), elements=numbers))
def test_knots_and_their_scores_ascend(values):
    knots, scores = find_knots(values)
    assert len(knots) == len(scores) >= 1
    assert (np.diff(knots) > 0).all()
    assert (np.diff(scores) > 0).all()


@settings(deadline=None, max_examples=100)
@given(train=tables, test=tables)
def test_columns_of_a_linear_model_are_bounded_for_any_numbers(train, test):
    design = fit_design(numeric_features(train))
    columns = design_columns(design, numeric_features(test))
    assert columns.shape == (len(test), len(design.sources))
    assert (np.abs(columns) <= MAX_COLUMN).all()


@settings(deadline=None, max_examples=100)
@given(train=tables, test=tables)
def test_numeric_inputs_of_a_network_stay_in_the_range_of_training(train, test):
    inputs = fit_inputs(numeric_features(train))
    scores = numeric_inputs(inputs, numeric_features(test))[:, :3]
    assert (scores >= inputs.scores.min(axis=1) - 1e-4).all()
    assert (scores <= inputs.scores.max(axis=1) + 1e-4).all()


def test_numeric_inputs_keep_the_order_of_users():
    values = np.random.default_rng(0).lognormal(0, 3, (200, 3)).astype(np.float32)
    scores = numeric_inputs(fit_inputs(numeric_features(values)), numeric_features(values))
    assert (np.diff(scores[np.argsort(values[:, 0]), 0]) >= 0).all()


def test_a_mark_tells_missing_from_the_median():
    numeric = np.array([[1, 1, 1], [2, np.nan, 1], [3, 3, 1]], np.float32)
    inputs = fit_inputs(numeric_features(numeric))
    scores = numeric_inputs(inputs, numeric_features(numeric))
    assert inputs.sources.tolist() == [0, 1, 2, 1]
    assert scores[:, 3].tolist() == [0, 1, 0]


def test_a_mostly_zero_feature_still_gets_several_pieces():
    numeric = np.zeros((1000, 3), np.float32)
    numeric[:100, 0] = np.arange(1, 101)
    assert len(np.unique(fit_design(numeric_features(numeric)).edges[0])) > 5


def test_columns_of_features_that_never_vary_are_left_out():
    numeric = np.ones((50, 3), np.float32)
    numeric[:, 1] = np.arange(50)
    assert set(fit_design(numeric_features(numeric)).sources) == {1}


def test_rare_values_are_not_known():
    features = categorical_features([0] * 10 + [1] * 9 + [-1] * 20, ["Nara", "Uji"])
    assert learn_categories(features).values == (("Nara",),)


def test_only_the_most_frequent_values_are_known():
    n_values = MAX_VALUES + 3
    codes = [code for code in range(n_values) for _ in range(10 + (code >= 3))]
    features = categorical_features(codes, [f"{code:03}" for code in range(n_values)])
    assert learn_categories(features).values[0] == tuple(f"{code:03}" for code in range(3, n_values))


def test_codes_are_translated_by_value():
    categories = Categories(names=("city",), values=(("Kobe", "Nara"),))
    features = categorical_features([0, 1, 2, -1], ["Nara", "Kobe", "Uji"])
    assert encode_categories(categories, features)[:, 0].tolist() == [1, 0, -1, -1]


def test_the_median_of_huge_numbers_is_a_number():
    numeric = np.full((2, 3), 3e38, np.float32)
    assert np.isfinite(fit_design(numeric_features(numeric)).medians).all()
    assert np.isfinite(fit_inputs(numeric_features(numeric)).medians).all()
