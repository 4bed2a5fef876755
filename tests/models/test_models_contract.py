"""What every kind of member must do. A new kind joins by one line in ``MEMBERS``."""

from dataclasses import replace

import numpy as np
import pytest

from yule.core.losses import LOSSES, Loss
from yule.core.settings import from_json, to_json
from yule.kinds.curves import AMOUNTS, CHANCES
from yule.metrics.amounts import r2, spearman
from yule.models.gbdt.cat_boost import CatBoost
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.gbdt.xg_boost import XGBoost
from yule.models.linear.embedded import Embedded
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.refined import Refined
from yule.models.linear.ridge import RidgeRegression
from yule.models.members import MemberSettings, find_kinds, load_model
from yule.models.neural.mlp import Mlp
from yule.models.neural.multitask import Multitask
from yule.models.pooled import Pooled
from yule.testing import ModelContract
from yule.testing.models import TEST, context

MEMBERS: tuple[tuple[MemberSettings, Loss], ...] = (
    (LightGBM(), "log_loss"),
    (LightGBM(name="lightgbm_extra_trees", extra_trees=True), "log_loss"),
    (CatBoost(), "log_loss"),
    (XGBoost(), "log_loss"),
    (LogisticRegression(), "log_loss"),
    (Mlp(), "log_loss"),
    (Pooled(min_data_in_leaf=20), "log_loss"),
    (Refined(penalty=10), "log_loss"),
    (Multitask(batch_size=64), "log_loss"),
    (Embedded(), "log_loss"),
    (LightGBM(), "squared_error"),
    (CatBoost(), "squared_error"),
    (XGBoost(), "squared_error"),
    (RidgeRegression(), "squared_error"),
    (Mlp(), "squared_error"),
    (Pooled(min_data_in_leaf=20), "squared_error"),
)


def test_every_kind_is_here_with_every_loss_it_can_be_fitted_by():
    offered = {(kind, loss) for loss in LOSSES for kind in find_kinds(loss)}
    assert {(member.kind, loss) for member, loss in MEMBERS} == offered


def name_pair(pair):
    return f"{pair[0].name}-{pair[1]}"


def mark(pair):
    """Networks take seconds each."""
    marks = [pytest.mark.slow] if isinstance(pair[0], Mlp) else []
    return pytest.param(pair, id=name_pair(pair), marks=marks)


of_amounts = pytest.mark.parametrize(
    "pair", [pair for pair in MEMBERS if pair[1] == "squared_error"], ids=name_pair, indirect=True
)


class TestMembers(ModelContract):
    """All tests of the contract, for every member and loss."""

    @pytest.fixture(params=[mark(pair) for pair in MEMBERS], scope="class")
    @classmethod
    def pair(cls, request):
        return request.param

    @pytest.fixture(scope="class")
    @classmethod
    def member(cls, pair):
        return pair[0]

    @pytest.fixture(scope="class")
    @classmethod
    def loss(cls, pair):
        return pair[1]

    def load(self, folder):
        return load_model(folder)

    def test_settings_survive_json(self, member):
        assert from_json(MemberSettings, to_json(member)) == member

    @of_amounts
    def test_most_of_the_variance_of_amounts_is_explained(self, model, users):
        assert r2(users.test.labels, model.predict(users.test.features, n_threads=1)) > 0.7

    @of_amounts
    def test_amounts_in_another_unit_are_predicted_in_that_unit(self, member, model, users):
        train, stop = (replace(part, labels=1000 * part.labels + 7) for part in (users.train, users.stop))
        other = member.fit(train, stop, context=context()).predict(TEST.features, n_threads=1)
        expected = 1000 * model.predict(TEST.features, n_threads=1) + 7
        assert spearman(expected, other) > 0.99
        assert abs(other - expected).mean() < 0.02 * expected.std()

    def test_every_curve_that_is_charted_is_logged_from_step_1_on(self, fitted, loss):
        _, curves = fitted
        charts = CHANCES if loss == "log_loss" else AMOUNTS
        charted = [chart.tag.split("/") for chart in charts]
        assert set(curves) == {f"{split}/{metric}" for metric, split in charted}
        for points in curves.values():
            steps, values = zip(*points, strict=True)
            assert steps[0] == 1
            assert list(steps) == sorted(set(steps))
            assert np.isfinite(values).all()

    def test_another_seed_gives_another_model_unless_nothing_is_random(self, member, users, model):
        other = member.fit(users.train, users.stop, context=context(seed=8)).predict(TEST.features, n_threads=1)
        is_same = other.tobytes() == model.predict(TEST.features, n_threads=1).tobytes()
        assert is_same == isinstance(member, Embedded | LogisticRegression | Refined | RidgeRegression)
