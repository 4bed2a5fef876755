"""Halves of the questions: what resembles each other stays together."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yule.questions.halves import KEPT_TOGETHER, divide_questions, find_shared
from yule.sql.connecting import connect


@given(st.integers(2, 9).flatmap(lambda n: arrays(np.float64, (n, n), elements=st.sampled_from([0.0, 0.04, 0.2, 0.6]))))
@settings(deadline=None, max_examples=60)
def test_both_halves_have_questions_and_none_has_all_that_resemble_each_other(shared):
    halves = divide_questions(np.maximum(shared, shared.T))
    assert set(halves) == {0, 1}
    assert abs(sum(halves) - len(halves) / 2) <= len(halves) / 4 + 0.5


def test_what_shares_days_stays_together_where_a_half_has_room_for_it():
    shared = np.eye(6)
    shared[0, 5] = shared[5, 0] = shared[5, 3] = shared[3, 5] = KEPT_TOGETHER + 0.01
    halves = divide_questions(shared)
    assert halves[0] == halves[5] == halves[3]
    assert sorted(halves) == [0, 0, 0, 1, 1, 1]


def test_shares_are_of_the_days_on_which_users_did_either():
    rows = "('u', 1, 0), ('u', 1, 1), ('u', 1, 1), ('u', 2, 1), ('v', 1, 0)"
    events = f"SELECT * FROM (VALUES {rows}) AS event (user_id, day, place)"
    with connect(n_threads=1) as connection:
        np.testing.assert_allclose(find_shared(connection, events, 3), [[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 0]])
