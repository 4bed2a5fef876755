"""Facts about chances of classes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from yule.ensemble.classes import normalise

PROBABILITIES = (
    st.integers(2, 12)
    .flatmap(
        lambda n_classes: st.lists(
            st.lists(st.floats(1e-12, 1 - 1e-12), min_size=n_classes, max_size=n_classes), min_size=1, max_size=20
        )
    )
    .map(np.array)
)


@given(PROBABILITIES)
@settings(deadline=None)
def test_chances_sum_to_one_and_keep_a_users_ratios(probabilities: NDArray[np.float64]) -> None:
    chances = normalise(probabilities)
    assert (np.abs(chances.sum(axis=1) - 1) < 1e-12).all()
    assert np.allclose(chances / chances[:, :1], probabilities / probabilities[:, :1])


@given(PROBABILITIES)
@settings(deadline=None)
def test_a_users_chances_depend_on_no_other_user(probabilities: NDArray[np.float64]) -> None:
    alone = np.concatenate([normalise(row[None]) for row in probabilities])
    assert (alone == normalise(probabilities)).all()
