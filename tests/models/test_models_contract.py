"""What every kind of member must do. A new kind joins by one line in ``MEMBERS``."""

import itertools
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from yule.core.dataset import Features, Labelled
from yule.core.losses import LOSSES, Loss
from yule.core.settings import from_json, to_json
from yule.core.tracker import SilentTracker
from yule.metrics.amounts import r2, spearman
from yule.metrics.scores import roc_auc
from yule.models.gbdt.cat_boost import CatBoost
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.ridge import RidgeRegression
from yule.models.members import MemberSettings, find_kinds, load_model
from yule.models.neural.mlp import Mlp
from yule.models.protocol import FitContext, Model
from yule.tracking.layout import CHARTS

MEMBERS: tuple[tuple[MemberSettings, Loss], ...] = (
    (LightGBM(), "log_loss"),
    (LightGBM(name="lightgbm_extra_trees", extra_trees=True), "log_loss"),
    (CatBoost(), "log_loss"),
    (LogisticRegression(), "log_loss"),
    (Mlp(), "log_loss"),
    (LightGBM(), "squared_error"),
    (CatBoost(), "squared_error"),
    (RidgeRegression(), "squared_error"),
    (Mlp(), "squared_error"),
)


def test_every_kind_is_here_with_every_loss_it_can_be_fitted_by():
    offered = {(kind, loss) for loss in LOSSES for kind in find_kinds(loss)}
    assert {(member.kind, loss) for member, loss in MEMBERS} == offered


SAFE_SUFFIXES = {".json", ".txt", ".cbm", ".safetensors"}


class ListTracker:
    """A tracker that keeps every curve."""

    def __init__(self):
        self.curves = defaultdict(list)

    def log(self, tag, value, *, step):
        self.curves[tag].append((step, value))


def make_features(n_users, *, seed):
    """Numbers on several scales, with gaps; a category that counts and one with many values."""
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(n_users, 6))
    numeric[:, 1] = np.where(rng.random(n_users) < 0.8, 0, rng.lognormal(6, 2, n_users))
    numeric[:, 2] *= 1e-3
    numeric[rng.random(n_users) < 0.2, 3] = np.nan
    cities = [f"city{place:02}" for place in range(40)]
    return Features(
        numeric=numeric.astype(np.float32),
        codes=np.stack([rng.integers(-1, 3, n_users), rng.integers(0, 40, n_users)], axis=1).astype(np.int32),
        numeric_names=("signal", "spend", "tiny", "gaps", "noise", "noise2"),
        categorical_names=("plan", "city"),
        vocabularies=(("basic", "free", "gold"), tuple(cities)),
    )


def make_users(n_users, loss="log_loss", *, seed):
    """Users whose labels follow ``signal`` and ``plan``; amounts are mostly 0, some are below, a few are large."""
    features = make_features(n_users, seed=seed)
    noise = np.random.default_rng(seed + 1000).normal(size=n_users)
    log_odds = 3 * features.numeric[:, 0] + 1.5 * (features.codes[:, 0] == 2) + 0.5 * noise
    if loss == "squared_error":
        amounts = np.where(log_odds > 0.5, 300 * np.maximum(log_odds, 0), np.where(noise > 2, -50.0, 0.0))
        return Labelled(features=features, labels=amounts, loss="squared_error")
    return Labelled(features=features, labels=(log_odds > 0.5).astype(np.float64))


class Users(NamedTuple):
    """Users to learn from, to stop by, and to judge on."""

    train: Labelled
    stop: Labelled
    test: Labelled


USERS = {
    loss: Users(*(make_users(n_users, loss, seed=seed) for n_users, seed in ((1200, 1), (400, 2), (1000, 3))))
    for loss in ("log_loss", "squared_error")
}
TEST = USERS["log_loss"].test  # its features are those of both


def context(*, seed=7, n_threads=1, tracker=None):
    return FitContext(seed=seed, n_threads=n_threads, tracker=tracker or SilentTracker())


def with_features(users, **changes):
    return replace(users, features=replace(users.features, **changes))


def saved_bytes(model: Model, folder: Path):
    folder.mkdir()
    model.save(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def name_pair(pair):
    return f"{pair[0].name}-{pair[1]}"


AMOUNTS = [pair for pair in MEMBERS if pair[1] == "squared_error"]
of_amounts = pytest.mark.parametrize("pair", AMOUNTS, ids=name_pair, indirect=True)


@pytest.fixture(params=MEMBERS, ids=name_pair, scope="module")
def pair(request):
    return request.param


@pytest.fixture(scope="module")
def member(pair):
    return pair[0]


@pytest.fixture(scope="module")
def loss(pair):
    return pair[1]


@pytest.fixture(scope="module")
def users(loss):
    return USERS[loss]


@pytest.fixture(scope="module")
def fitted(member, users):
    """A model and its learning curves."""
    tracker = ListTracker()
    return member.fit(users.train, users.stop, context=context(tracker=tracker)), tracker.curves


def found(labels, predictions):
    """How well predictions tell apart whose label is above 0."""
    return roc_auc((labels > 0).astype(float), predictions)


@pytest.fixture(scope="module")
def model(fitted):
    return fitted[0]


def test_settings_survive_json(member):
    assert from_json(MemberSettings, to_json(member)) == member


def test_a_loaded_model_predicts_the_same_bits(model, tmp_path):
    model.save(tmp_path)
    loaded = load_model(tmp_path)
    assert loaded.predict(TEST.features, n_threads=1).tobytes() == model.predict(TEST.features, n_threads=1).tobytes()
    assert (loaded.n_steps, loaded.importance) == (model.n_steps, model.importance)


def test_a_loaded_model_saves_the_same_bytes(model, tmp_path):
    first = saved_bytes(model, tmp_path / "first")
    assert saved_bytes(load_model(tmp_path / "first"), tmp_path / "second") == first


def test_only_safe_formats_are_written(model, tmp_path):
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} <= SAFE_SUFFIXES


def test_equal_fits_give_equal_bytes(member, users, model, tmp_path):
    again = member.fit(users.train, users.stop, context=context())
    assert saved_bytes(again, tmp_path / "again") == saved_bytes(model, tmp_path / "first")


@pytest.mark.slow
def test_threads_do_not_change_the_bytes_of_a_model(member, users, tmp_path):
    one, two, four = (
        saved_bytes(
            member.fit(users.train, users.stop, context=context(n_threads=n_threads)), tmp_path / str(n_threads)
        )
        for n_threads in (1, 2, 4)
    )
    assert one == two == four


@pytest.mark.parametrize("n_threads", [2, 4])
def test_threads_do_not_change_predictions(model, n_threads):
    one = model.predict(TEST.features, n_threads=1)
    assert model.predict(TEST.features, n_threads=n_threads).tobytes() == one.tobytes()


def test_a_fit_writes_no_file_of_its_own(member, users, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    member.fit(users.train, users.stop, context=context()).predict(TEST.features, n_threads=1)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_slices_that_start_at_multiples_of_256_change_nothing(model):
    whole = model.predict(TEST.features, n_threads=1)
    edges = [0, 256, 768, 1000]
    slices = [TEST.features.take(slice(*ends)) for ends in itertools.pairwise(edges)]
    assert np.concatenate([model.predict(part, n_threads=1) for part in slices]).tobytes() == whole.tobytes()


def test_the_order_of_blocks_changes_nothing(model):
    order = np.concatenate([np.arange(512, 768), np.arange(0, 256), np.arange(256, 512)])
    whole = model.predict(TEST.features, n_threads=1)
    assert model.predict(TEST.features.take(order), n_threads=1).tobytes() == whole[order].tobytes()


def test_a_score_does_not_depend_on_the_other_users(model):
    numeric, codes = TEST.features.numeric.copy(), TEST.features.codes.copy()
    numeric[1::2], codes[1::2] = 1e30, -1
    others = replace(TEST.features, numeric=numeric, codes=codes)
    whole, changed = model.predict(TEST.features, n_threads=1), model.predict(others, n_threads=1)
    assert changed[::2].tobytes() == whole[::2].tobytes()


def test_no_users_get_no_scores(model):
    assert model.predict(TEST.features.take(slice(0, 0)), n_threads=1).shape == (0,)


def test_an_obvious_signal_is_learnt(model, users):
    test = users.test
    predictions = model.predict(test.features, n_threads=1)
    assert found(test.labels, predictions) > 0.93
    assert abs(predictions.mean() - test.labels.mean()) < 0.1 * test.labels.std()


@of_amounts
def test_most_of_the_variance_of_amounts_is_explained(model, users):
    assert r2(users.test.labels, model.predict(users.test.features, n_threads=1)) > 0.7


@of_amounts
def test_amounts_in_another_unit_are_predicted_in_that_unit(member, model, users):
    train, stop = (replace(part, labels=1000 * part.labels + 7) for part in (users.train, users.stop))
    other = member.fit(train, stop, context=context()).predict(TEST.features, n_threads=1)
    expected = 1000 * model.predict(TEST.features, n_threads=1) + 7
    assert spearman(expected, other) > 0.99
    assert abs(other - expected).mean() < 0.02 * expected.std()


def test_shuffled_labels_teach_nothing(member, users):
    rng = np.random.default_rng(5)
    train, stop = (replace(part, labels=rng.permutation(part.labels)) for part in (users.train, users.stop))
    scores = member.fit(train, stop, context=context()).predict(TEST.features, n_threads=1)
    assert abs(found(rng.permutation(users.test.labels), scores) - 0.5) < 0.08


def test_importance_is_shares_of_the_features(model):
    assert set(model.importance) == set(TEST.features.names)
    assert sum(model.importance.values()) == pytest.approx(1)
    assert min(model.importance.values()) >= 0
    assert max(model.importance, key=model.importance.__getitem__) == "signal"


def test_every_curve_that_is_charted_is_logged_from_step_1_on(fitted, loss):
    _, curves = fitted
    charted = [tag.split("/") for _, tag in CHARTS[loss]]
    assert set(curves) == {f"{split}/{metric}" for metric, split in charted}
    for points in curves.values():
        steps, values = zip(*points, strict=True)
        assert steps == tuple(range(1, len(points) + 1))
        assert np.isfinite(values).all()


def test_the_steps_kept_are_those_with_the_lowest_loss(fitted, users, loss):
    model, curves = fitted
    losses = [value for _, value in curves["valid/log_loss" if loss == "log_loss" else "valid/rmse"]]
    if loss == "squared_error":
        losses = (np.array(losses) / users.train.labels.std()) ** 2
    assert model.n_steps == np.argmin(np.round(losses, 9)) + 1


def test_another_seed_gives_another_model_unless_nothing_is_random(member, users, model):
    other = member.fit(users.train, users.stop, context=context(seed=8)).predict(TEST.features, n_threads=1)
    is_same = other.tobytes() == model.predict(TEST.features, n_threads=1).tobytes()
    assert is_same == isinstance(member, LogisticRegression | RidgeRegression)


def test_values_count_and_not_their_codes(model):
    known, _ = TEST.features.vocabularies
    turned = tuple(reversed(known))
    codes = TEST.features.codes.copy()
    codes[:, 0] = np.where(codes[:, 0] < 0, -1, len(known) - 1 - codes[:, 0])
    other = replace(TEST.features, codes=codes, vocabularies=(turned, TEST.features.vocabularies[1]))
    whole = model.predict(TEST.features, n_threads=1)
    assert model.predict(other, n_threads=1).tobytes() == whole.tobytes()


def test_an_unknown_category_is_as_good_as_a_missing_one(model):
    unknown = replace(
        TEST.features, codes=np.zeros_like(TEST.features.codes), vocabularies=(("platinum",), ("Atlantis",))
    )
    missing = replace(TEST.features, codes=np.full_like(TEST.features.codes, -1))
    expected = model.predict(missing, n_threads=1)
    assert model.predict(unknown, n_threads=1).tobytes() == expected.tobytes()


def test_nasty_columns_are_coped_with(member, users, loss, tmp_path):
    def spoil(users):
        numeric = users.features.numeric.copy()
        numeric[:, 2], numeric[:, 3] = 5, np.nan
        numeric[::50, 4], numeric[1::50, 4] = 1e30, -1e30
        return with_features(users, numeric=numeric, codes=np.full_like(users.features.codes, -1))

    model = member.fit(spoil(users.train), spoil(users.stop), context=context())
    model.save(tmp_path)
    test = spoil(users.test)
    numeric = test.features.numeric.copy()
    numeric[::3], numeric[1::3] = np.nan, 3e38  # missing and huge where training had neither
    for features in (test.features, replace(test.features, numeric=numeric)):
        predictions = load_model(tmp_path).predict(features, n_threads=1)
        assert np.isfinite(predictions).all()
        assert loss == "squared_error" or (predictions.min() > 0 and predictions.max() < 1)
    assert found(users.test.labels, model.predict(test.features, n_threads=1)) > 0.9


def test_features_without_numbers_are_coped_with(member, users):
    def strip(users):
        return with_features(users, numeric=np.zeros((len(users.labels), 0), np.float32), numeric_names=())

    model = member.fit(strip(users.train), strip(users.stop), context=context())
    scores = model.predict(strip(users.test).features, n_threads=1)
    assert found(users.test.labels, scores) > 0.55


def test_features_without_categories_are_coped_with(member, users):
    def strip(users):
        codes = np.zeros((len(users.labels), 0), np.int32)
        return with_features(users, codes=codes, categorical_names=(), vocabularies=())

    model = member.fit(strip(users.train), strip(users.stop), context=context())
    scores = model.predict(strip(users.test).features, n_threads=1)
    assert found(users.test.labels, scores) > 0.9


def test_a_stop_slice_of_one_kind_is_coped_with(member, users):
    stop = replace(users.stop, labels=np.zeros(len(users.stop.labels)))
    model = member.fit(users.train, stop, context=context())
    assert model.n_steps >= 1
