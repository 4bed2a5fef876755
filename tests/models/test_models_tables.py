"""Facts about linear models feature by feature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.dataset import Features, Labelled
from yule.models.linear.design import MAX_COLUMN, Design, candidate_columns, fit_design
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.tables import tabulate
from yule.testing.models import context

VALUES = st.sampled_from([0.0, 1.0, 2.0, 7.0, 254.0, 255.0, 256.0, -1.0, 0.5, -3e7, 1e30, float("nan")])


def make_features(rows, codes) -> Features:
    return Features(
        numeric=np.array(rows, np.float32).reshape(len(rows), 2),
        codes=np.array(codes, np.int32)[:, None],
        numeric_names=("spend", "visits"),
        categorical_names=("town",),
        vocabularies=(("Ito", "Nara", "Oita"),),
    )


def sum_columns(design: Design, weights, features: Features):
    """Sum over the columns, as they are written down."""
    columns = np.concatenate(list(candidate_columns(design, features)), axis=1)[:, design.kept]
    return np.clip((columns - design.center) / design.scale, -MAX_COLUMN, MAX_COLUMN) @ weights[:-1] + weights[-1]


@given(
    st.lists(st.tuples(VALUES, VALUES, st.integers(-1, 2)), min_size=20, max_size=40),
    st.lists(st.tuples(VALUES, VALUES, st.integers(-1, 2)), min_size=1, max_size=10),
    st.integers(0, 9),
)
@settings(deadline=None, max_examples=60)
def test_tables_add_up_to_what_the_columns_do(learned, scored, seed):
    learned, scored = (make_features([row[:2] for row in rows], [row[2] for row in rows]) for rows in (learned, scored))
    design = fit_design(learned)
    weights = np.random.default_rng(seed).normal(size=len(design.center) + 1)
    sums = tabulate(design, weights).add_up(scored)
    assert sums == pytest.approx(sum_columns(design, weights, scored), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize("largest", [9, 254, 255, 300])
def test_whole_numbers_that_are_looked_up_get_what_each_gets_alone(largest):
    numbers = np.random.default_rng(0).integers(0, largest + 1, (1000, 2)).astype(np.float32)
    numbers[::7, 0] = np.nan
    features = make_features(numbers, np.zeros(1000))
    labelled = Labelled(features=features, labels=(np.nan_to_num(numbers[:, 0]) > largest / 2).astype(np.float64))
    model = LogisticRegression().fit(labelled, labelled, context=context())
    alone = np.concatenate([model.predict(features.take(slice(row, row + 1)), n_threads=1) for row in range(1000)])
    assert np.array_equal(model.predict(features, n_threads=1), alone)
