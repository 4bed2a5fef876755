"""The contract of members: what every estimator and its model must do."""

import itertools
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.losses import LOSSES, Loss
from yule.core.tracker import SilentTracker, Tracker
from yule.metrics.scores import roc_auc
from yule.models.protocol import Estimator, FitContext, Model

SAFE_SUFFIXES = {".json", ".txt", ".cbm", ".safetensors"}

Curves: TypeAlias = dict[str, list[tuple[int, float]]]
"""Steps and values by tag."""


class Users(NamedTuple):
    """Users to learn from, to stop by, and to judge on."""

    train: Labelled
    stop: Labelled
    test: Labelled


def make_features(n_users: int, *, seed: int) -> Features:
    """Return numbers on several scales, with gaps; a category that counts and one with many values."""
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


def make_users(n_users: int, loss: Loss = "log_loss", *, seed: int) -> Labelled:
    """Return users whose labels follow ``signal`` and ``plan``; amounts are mostly 0, some are below, a few large."""
    features = make_features(n_users, seed=seed)
    noise = np.random.default_rng(seed + 1000).normal(size=n_users)
    log_odds = 3 * features.numeric[:, 0] + 1.5 * (features.codes[:, 0] == 2) + 0.5 * noise
    if loss == "squared_error":
        amounts = np.where(log_odds > 0.5, 300 * np.maximum(log_odds, 0), np.where(noise > 2, -50.0, 0.0))
        return Labelled(features=features, labels=amounts, loss="squared_error")
    return Labelled(features=features, labels=(log_odds > 0.5).astype(np.float64))


USERS: dict[Loss, Users] = {
    loss: Users(*(make_users(n_users, loss, seed=seed) for n_users, seed in ((1200, 1), (400, 2), (1000, 3))))
    for loss in LOSSES
}
TEST = USERS["log_loss"].test  # its features are those of both


class ModelContract:
    """What every kind of member must do, by each loss that it can be fitted by.

    A subclass whose name begins with ``Test`` has the fixture ``member``, the settings, of the scope ``class``; if it
    is not fitted by log loss, the fixture ``loss``; and the method ``load``.
    """

    def load(self, folder: Path) -> Model:
        """Return a model that was saved; for the subclass to say."""
        raise NotImplementedError("a subclass of ModelContract has a method `load` of its own")

    @pytest.fixture(scope="class")
    @classmethod
    def member(cls) -> Estimator:
        """Return the settings; for the subclass to say."""
        raise NotImplementedError("a subclass of ModelContract has a fixture `member` of its own")

    @pytest.fixture(scope="class")
    @classmethod
    def loss(cls) -> Loss:
        """Return what it is fitted by."""
        return "log_loss"

    @pytest.fixture(scope="class")
    @classmethod
    def users(cls, loss: Loss) -> Users:
        """Return users with labels of the loss."""
        return USERS[loss]

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, member: Estimator, users: Users) -> tuple[Model, Curves]:
        """Return a model and its learning curves."""
        tracker = ListTracker()
        return member.fit(users.train, users.stop, context=context(tracker=tracker)), tracker.curves

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, fitted: tuple[Model, Curves]) -> Model:
        """Return the model."""
        return fitted[0]

    def test_a_loaded_model_predicts_the_same_bits(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path)
        loaded = self.load(tmp_path)
        assert (
            loaded.predict(TEST.features, n_threads=1).tobytes() == model.predict(TEST.features, n_threads=1).tobytes()
        )
        assert (loaded.n_steps, loaded.importance) == (model.n_steps, model.importance)

    def test_a_loaded_model_saves_the_same_bytes(self, model: Model, tmp_path: Path) -> None:
        first = saved_bytes(model, tmp_path / "first")
        assert saved_bytes(self.load(tmp_path / "first"), tmp_path / "second") == first

    def test_only_safe_formats_are_written(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path)
        assert {path.suffix for path in tmp_path.iterdir()} <= SAFE_SUFFIXES

    def test_equal_fits_give_equal_bytes(self, member: Estimator, users: Users, model: Model, tmp_path: Path) -> None:
        again = member.fit(users.train, users.stop, context=context())
        assert saved_bytes(again, tmp_path / "again") == saved_bytes(model, tmp_path / "first")

    @pytest.mark.slow
    def test_threads_do_not_change_the_bytes_of_a_model(self, member: Estimator, users: Users, tmp_path: Path) -> None:
        one, two, four = (
            saved_bytes(
                member.fit(users.train, users.stop, context=context(n_threads=n_threads)), tmp_path / str(n_threads)
            )
            for n_threads in (1, 2, 4)
        )
        assert one == two == four

    @pytest.mark.parametrize("n_threads", [2, 4])
    def test_threads_do_not_change_predictions(self, model: Model, n_threads: int) -> None:
        one = model.predict(TEST.features, n_threads=1)
        assert model.predict(TEST.features, n_threads=n_threads).tobytes() == one.tobytes()

    def test_a_fit_writes_no_file_of_its_own(
        self,
        member: Estimator,
        users: Users,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        member.fit(users.train, users.stop, context=context()).predict(TEST.features, n_threads=1)
        assert list(tmp_path.iterdir()) == []
        assert capfd.readouterr() == ("", "")

    def test_slices_that_start_at_multiples_of_256_change_nothing(self, model: Model) -> None:
        whole = model.predict(TEST.features, n_threads=1)
        edges = [0, 256, 768, 1000]
        slices = [TEST.features.take(slice(*ends)) for ends in itertools.pairwise(edges)]
        assert np.concatenate([model.predict(part, n_threads=1) for part in slices]).tobytes() == whole.tobytes()

    def test_the_order_of_blocks_changes_nothing(self, model: Model) -> None:
        order = np.concatenate([np.arange(512, 768), np.arange(0, 256), np.arange(256, 512)])
        whole = model.predict(TEST.features, n_threads=1)
        assert model.predict(TEST.features.take(order), n_threads=1).tobytes() == whole[order].tobytes()

    def test_a_score_does_not_depend_on_the_other_users(self, model: Model) -> None:
        numeric, codes = TEST.features.numeric.copy(), TEST.features.codes.copy()
        numeric[1::2], codes[1::2] = 1e30, -1
        others = replace(TEST.features, numeric=numeric, codes=codes)
        whole, changed = model.predict(TEST.features, n_threads=1), model.predict(others, n_threads=1)
        assert changed[::2].tobytes() == whole[::2].tobytes()

    def test_no_users_get_no_scores(self, model: Model) -> None:
        assert model.predict(TEST.features.take(slice(0, 0)), n_threads=1).shape == (0,)

    def test_an_obvious_signal_is_learned(self, model: Model, users: Users) -> None:
        test = users.test
        predictions = model.predict(test.features, n_threads=1)
        assert found(test.labels, predictions) > 0.93
        assert abs(predictions.mean() - test.labels.mean()) < 0.1 * test.labels.std()

    def test_shuffled_labels_teach_nothing(self, member: Estimator, users: Users) -> None:
        rng = np.random.default_rng(5)
        train, stop = (replace(part, labels=rng.permutation(part.labels)) for part in (users.train, users.stop))
        scores = member.fit(train, stop, context=context()).predict(TEST.features, n_threads=1)
        assert abs(found(rng.permutation(users.test.labels), scores) - 0.5) < 0.08

    def test_importance_is_shares_of_the_features(self, model: Model) -> None:
        assert set(model.importance) == set(TEST.features.names)
        assert sum(model.importance.values()) == pytest.approx(1)
        assert min(model.importance.values()) >= 0
        assert max(model.importance, key=model.importance.__getitem__) == "signal"

    def test_the_steps_kept_are_those_with_the_lowest_loss(
        self, fitted: tuple[Model, Curves], users: Users, loss: Loss
    ) -> None:
        model, curves = fitted
        losses = [value for _, value in curves["valid/log_loss" if loss == "log_loss" else "valid/rmse"]]
        if loss == "squared_error":
            losses = (np.array(losses) / users.train.labels.std()) ** 2
        assert model.n_steps == np.argmin(np.round(losses, 9)) + 1

    def test_so_many_steps_are_those_of_a_fit_that_was_stopped(self, member: Estimator, users: Users) -> None:
        model = member.fit(users.train, users.stop, context=context())
        tracker = ListTracker()
        told = member.fit(users.train, model.n_steps, context=context(tracker=tracker))
        assert told.n_steps == model.n_steps
        assert told.predict(TEST.features, n_threads=1).tobytes() == model.predict(TEST.features, n_threads=1).tobytes()
        assert not [tag for tag in tracker.curves if tag.startswith("valid/")]

    def test_values_count_and_not_their_codes(self, model: Model) -> None:
        known, _ = TEST.features.vocabularies
        turned = tuple(reversed(known))
        codes = TEST.features.codes.copy()
        codes[:, 0] = np.where(codes[:, 0] < 0, -1, len(known) - 1 - codes[:, 0])
        other = replace(TEST.features, codes=codes, vocabularies=(turned, TEST.features.vocabularies[1]))
        whole = model.predict(TEST.features, n_threads=1)
        assert model.predict(other, n_threads=1).tobytes() == whole.tobytes()

    def test_an_unknown_category_is_as_good_as_a_missing_one(self, model: Model) -> None:
        unknown = replace(
            TEST.features, codes=np.zeros_like(TEST.features.codes), vocabularies=(("platinum",), ("Atlantis",))
        )
        missing = replace(TEST.features, codes=np.full_like(TEST.features.codes, -1))
        expected = model.predict(missing, n_threads=1)
        assert model.predict(unknown, n_threads=1).tobytes() == expected.tobytes()

    def test_nasty_columns_are_coped_with(self, member: Estimator, users: Users, loss: Loss, tmp_path: Path) -> None:
        def spoil(users: Labelled) -> Labelled:
            numeric = users.features.numeric.copy()
            numeric[:, 2], numeric[:, 3] = 5, np.nan
            numeric[::50, 4], numeric[1::50, 4] = 1e30, -1e30
            return replace(
                users, features=replace(users.features, numeric=numeric, codes=np.full_like(users.features.codes, -1))
            )

        model = member.fit(spoil(users.train), spoil(users.stop), context=context())
        model.save(tmp_path)
        test = spoil(users.test)
        numeric = test.features.numeric.copy()
        numeric[::3], numeric[1::3] = np.nan, 3e38  # missing and huge where training had neither
        for features in (test.features, replace(test.features, numeric=numeric)):
            predictions = self.load(tmp_path).predict(features, n_threads=1)
            assert np.isfinite(predictions).all()
            assert loss == "squared_error" or (predictions.min() > 0 and predictions.max() < 1)
        assert found(users.test.labels, model.predict(test.features, n_threads=1)) > 0.9

    def test_features_without_numbers_are_coped_with(self, member: Estimator, users: Users) -> None:
        def strip(users: Labelled) -> Labelled:
            return replace(
                users,
                features=replace(
                    users.features, numeric=np.zeros((len(users.labels), 0), np.float32), numeric_names=()
                ),
            )

        model = member.fit(strip(users.train), strip(users.stop), context=context())
        scores = model.predict(strip(users.test).features, n_threads=1)
        assert found(users.test.labels, scores) > 0.55

    def test_features_without_categories_are_coped_with(self, member: Estimator, users: Users) -> None:
        def strip(users: Labelled) -> Labelled:
            codes = np.zeros((len(users.labels), 0), np.int32)
            return replace(users, features=replace(users.features, codes=codes, categorical_names=(), vocabularies=()))

        model = member.fit(strip(users.train), strip(users.stop), context=context())
        scores = model.predict(strip(users.test).features, n_threads=1)
        assert found(users.test.labels, scores) > 0.9

    def test_a_stop_slice_of_one_kind_is_coped_with(self, member: Estimator, users: Users) -> None:
        stop = replace(users.stop, labels=np.zeros(len(users.stop.labels)))
        model = member.fit(users.train, stop, context=context())
        assert model.n_steps >= 1

    def test_curves_are_logged_from_step_1_on(self, fitted: tuple[Model, Curves]) -> None:
        _, curves = fitted
        for points in curves.values():
            steps, values = zip(*points, strict=True)
            assert steps[0] == 1
            assert list(steps) == sorted(set(steps))
            assert np.isfinite(values).all()


class ListTracker:
    """A tracker that keeps every curve."""

    def __init__(self) -> None:
        self.curves: Curves = defaultdict(list)

    def log(self, tag: str, value: float, *, step: int) -> None:
        """Keep a point."""
        self.curves[tag].append((step, value))


def context(*, seed: int = 7, n_threads: int = 1, tracker: Tracker | None = None) -> FitContext:
    """Return what a fit is given besides data."""
    return FitContext(seed=seed, n_threads=n_threads, tracker=tracker or SilentTracker())


def saved_bytes(model: Model, folder: Path) -> dict[str, bytes]:
    """Return the files of a model."""
    folder.mkdir()
    model.save(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def found(labels: NDArray[np.float64], predictions: NDArray[np.float64]) -> float:
    """Return how well predictions tell apart whose label is above 0."""
    return roc_auc((labels > 0).astype(float), predictions)
