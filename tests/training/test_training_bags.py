"""Facts about the bags that fits learn from when only positives are known."""

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.examples import Examples
from yule.training.bags import Draw, draw_bag, thin_validation
from yule.training.folds import Folds, assign_folds, split_fold
from yule.training.settings import FoldSettings

START = np.datetime64("2024-01-01", "us")


def divide(n_known: int, n_unlabelled: int, per_positive: int, *, n_cutoffs: int = 1) -> tuple[Examples, Folds]:
    """Return examples of as many users at each cut-off, and folds with a thinned validation."""
    n_users = n_known + n_unlabelled
    examples = Examples(
        user_ids=np.tile(np.array([f"u{number:04}" for number in range(n_users)], dtype=object), n_cutoffs),
        cutoffs=np.repeat(START + np.arange(n_cutoffs) * np.timedelta64(timedelta(days=7)), n_users),
        labels=np.tile(np.repeat([1.0, 0.0], [n_known, n_unlabelled]), n_cutoffs),
    )
    folds = assign_folds(examples, FoldSettings(), horizon=timedelta(0))
    return examples, thin_validation(folds, examples.labels, Draw(per_positive=per_positive, seed=0))


CASES = given(st.integers(50, 80), st.integers(50, 900), st.integers(1, 6), st.integers(1, 2), st.integers(0, 99))


@CASES
@settings(deadline=None, max_examples=40)
def test_a_bag_has_all_positives_outside_the_fold_and_a_draw_of_the_others(
    n_known: int, n_unlabelled: int, per_positive: int, n_cutoffs: int, seed: int
) -> None:
    examples, folds = divide(n_known, n_unlabelled, per_positive, n_cutoffs=n_cutoffs)
    for fold in range(5):
        rows = split_fold(examples, folds, fold)
        bag = draw_bag(rows, examples.labels, Draw(per_positive=per_positive, seed=seed))
        for whole, drawn in ((rows.train, bag.train), (rows.stop, bag.stop)):
            assert set(drawn) <= set(whole)
            assert (np.diff(drawn) > 0).all()
            n_positives = int(examples.labels[whole].sum())
            assert examples.labels[drawn].sum() == n_positives
            assert len(drawn) - n_positives == min(per_positive * n_positives, len(whole) - n_positives)
        assert not set(examples.user_ids[bag.train]) & set(examples.user_ids[rows.held_out])


@CASES
@settings(deadline=None, max_examples=40)
def test_every_known_positive_is_held_out_once_and_the_others_in_proportion(
    n_known: int, n_unlabelled: int, per_positive: int, n_cutoffs: int, seed: int
) -> None:
    del seed
    examples, folds = divide(n_known, n_unlabelled, per_positive, n_cutoffs=n_cutoffs)
    held_out = [split_fold(examples, folds, fold).held_out for fold in range(5)]
    rows = np.concatenate(held_out)
    assert len(rows) == len(set(rows))
    assert examples.labels[rows].sum() == n_known
    wanted = min(per_positive * n_known, n_unlabelled)
    assert wanted <= (examples.labels[rows] == 0).sum() < wanted + len(held_out)


def test_two_fits_draw_different_users_and_one_draws_the_same_again() -> None:
    examples, folds = divide(60, 900, 2)
    rows = split_fold(examples, folds, 0)
    first, again, other = (draw_bag(rows, examples.labels, Draw(per_positive=2, seed=s)).train for s in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
