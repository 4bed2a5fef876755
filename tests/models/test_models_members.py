"""Facts about members that are not the same for every kind."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from yule.models.early_stopping import best_step, is_over
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.members import take_up
from yule.models.neural.network import one_thread
from yule.models.pooled import Pooled
from yule.testing.models import ListTracker, context, make_users
from yule.training.portfolios import portfolio

HEAVY = ("torch", "lightgbm", "catboost", "sklearn", "pandas", "scipy", "safetensors")


@pytest.mark.parametrize("name", ["quick", "standard", "best"])
def test_members_of_a_portfolio_have_names_of_their_own(name):
    names = [member.name for member in portfolio(name)]
    assert len(set(names)) == len(names)


def test_each_portfolio_begins_with_the_one_before():
    quick, standard, best = (portfolio(name) for name in ("quick", "standard", "best"))
    assert standard[: len(quick)] == quick
    assert best[: len(standard)] == standard


def test_settings_of_members_load_no_heavy_library():
    code = f"import sys, yule.training.portfolios; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_amounts_of_other_questions_become_as_large_as_the_labels_of_a_case():
    users = make_users(1200, "squared_error", seed=1)
    names = tuple(f"roles__{name}" for name in users.features.numeric_names)
    users = replace(users, features=replace(users.features.take_columns(range(6), []), numeric_names=names))
    model = Pooled(min_data_in_leaf=20).fit(users, users, context=context())
    moved = take_up(model, replace(users, labels=3 * users.labels), names=names)
    before, after = (one.predict(users.features, n_threads=1) for one in (model, moved))
    np.testing.assert_allclose(after, before * 3 * users.labels.sum() / before.sum())


def test_from_the_tenth_tree_on_the_auc_is_looked_at_every_tenth_tree_and_of_users_kept_aside():
    tracker, users = ListTracker(), make_users(200, seed=1)
    LightGBM(max_trees=25).fit(users, users, context=context(tracker=tracker))
    steps = {tag: [step for step, _ in curve] for tag, curve in tracker.curves.items()}
    each = list(range(1, 26))
    some = [*range(1, 11), 11, 21]
    assert steps == {"train/log_loss": some, "valid/log_loss": each, "valid/auc": some}


def test_the_wait_grows_with_the_best_step():
    losses = np.concatenate([np.linspace(1, 0, 1000), np.ones(320)]).tolist()
    assert not is_over(losses, n_users=100_000)
    assert is_over([*losses, 1.0], n_users=100_000)


def test_differences_in_the_last_digits_do_not_move_the_best_step():
    assert best_step([0.5, 0.3, 0.3 - 1e-12]) == 2


def test_torch_gets_its_threads_back():
    import torch

    n_threads = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == n_threads
