from functools import partial

import numpy as np
import pytest

from yule.ensemble.log_odds import log_losses
from yule.ensemble.selection import next_losses, select_greedily

LABELS = np.array([0.0, 1.0, 0.0, 1.0])
FOLDS = np.array([1, 0, 1, 0], np.int32)
BOTH = np.array([1.0, 1.0])


def select(members, *, n_steps=25, block_weights=BOTH):
    members = [np.array(member) for member in members]
    losses_after = next_losses(members, partial(log_losses, LABELS), FOLDS, n_blocks=2)
    return select_greedily(losses_after, n_members=len(members), n_steps=n_steps, block_weights=block_weights)


def test_losses_one_step_ahead_are_the_log_losses_of_the_mean_log_odds():
    members = [np.array([-1.0, 2.0, 0.5, 1.0]), np.array([0.0, -1.0, -3.0, 4.0])]
    losses = next_losses(members, partial(log_losses, LABELS), FOLDS, n_blocks=2)((2, 0))
    expected = log_losses(LABELS, (2 * members[0] + members[1]) / 3)
    np.testing.assert_allclose(losses[1], [expected[FOLDS == 0].sum(), expected[FOLDS == 1].sum()])


def test_the_first_step_takes_the_best_member():
    assert select([[0.0, 0.0, 0.0, 0.0], [-2.0, 2.0, -2.0, 2.0]], n_steps=1) == (0, 1)


def test_members_that_mend_each_other_share_the_weight():
    assert select([[-3.0, 3.0, 1.0, -1.0], [1.0, -1.0, -3.0, 3.0]]) == (1, 1)


def test_equal_members_do_not_both_enter():
    member = [-2.0, 2.0, 1.0, 2.0]
    assert select([member, member, member]) == (1, 0, 0)


def test_the_walk_is_cut_at_its_first_best_step():
    assert select([[-2.0, 2.0, -2.0, 2.0]], n_steps=25) == (1,)


def test_blocks_without_weight_do_not_count():
    good_in_fold_0, good_in_fold_1 = [5.0, 5.0, 5.0, 5.0], [-5.0, -5.0, -5.0, -5.0]
    members = [good_in_fold_0, good_in_fold_1]
    assert select(members, block_weights=np.array([1.0, 0.0])) == (1, 0)
    assert select(members, block_weights=np.array([0.0, 1.0])) == (0, 1)


@pytest.mark.parametrize("n_steps", [1, 2, 7])
def test_no_more_members_are_added_than_steps(n_steps):
    random = np.random.default_rng(0)
    assert 1 <= sum(select(random.normal(size=(5, 4)), n_steps=n_steps)) <= n_steps
