"""What members see is computed once, and every fit reads the same."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from yule.core.dataset import Features
from yule.core.errors import CorruptedOutput
from yule.core.examples import Examples
from yule.core.schema import FeatureSchema, describe_features
from yule.preparation.preparation import Preparation, fit_preparation, prepare, prepare_training
from yule.preparation.settings import Derivation, KeepAll, PreparationSettings
from yule.training.folds import FoldRows
from yule.training.prepared import read_prepared, see_as_they_are, write_prepared

N_USERS = 120
ROWS = FoldRows(train=np.arange(20, 100), stop=np.arange(20), held_out=np.arange(101, 120))


def make_case() -> tuple[Examples, Features]:
    random = np.random.default_rng(0)
    town = random.integers(0, 3, N_USERS)
    examples = Examples(
        user_ids=np.array([f"u{number:03}" for number in range(N_USERS)], dtype=object),
        cutoffs=np.full(N_USERS, np.datetime64("2024-01-01", "us")),
        labels=(town + random.integers(0, 2, N_USERS) > 1).astype(np.float64),
    )
    features = Features(
        numeric=random.normal(size=(N_USERS, 3)).astype(np.float32),
        codes=town.astype(np.int32)[:, None],
        numeric_names=("a", "b", "c"),
        categorical_names=("town",),
        vocabularies=(("bath", "hull", "york"),),
    )
    return examples, features


def assert_equal(found: Features, expected: Features) -> None:
    assert (found.names, found.vocabularies) == (expected.names, expected.vocabularies)
    np.testing.assert_array_equal(found.numeric, expected.numeric)
    np.testing.assert_array_equal(found.codes, expected.codes)


def test_members_see_what_the_preparation_makes_of_the_rows_of_their_fold(tmp_path: Path) -> None:
    examples, features = make_case()
    preparation, _ = fit_preparation(
        PreparationSettings(select=KeepAll(), derive=Derivation(targets=1, components=2)),
        examples,
        features,
        train=ROWS.train,
        stop=ROWS.stop,
        horizon=timedelta(days=7),
        seed=0,
        n_threads=1,
    )
    write_prepared(preparation, examples, features, ROWS, folder=tmp_path)
    prepared = read_prepared(tmp_path)
    assert prepared is not None
    for part in (ROWS.train, ROWS.stop):
        seen = prepare_training(preparation, features.take(part), examples.user_ids[part])
        assert len(seen.names) > len(features.names)
        assert_equal(prepared.take(part), seen)
        assert_equal(prepared.take(part[::-3]), seen.take(np.arange(len(part))[::-3]))
    assert_equal(prepared.take(ROWS.held_out), prepare(preparation, features.take(ROWS.held_out)))


def test_features_that_stay_as_they_are_are_not_written_again(tmp_path: Path) -> None:
    examples, features = make_case()
    preparation = Preparation(kept=describe_features(features))
    write_prepared(preparation, examples, features, ROWS, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    assert read_prepared(tmp_path) is None
    assert_equal(see_as_they_are(features).take(ROWS.stop), prepare(preparation, features.take(ROWS.stop)))


def test_features_that_are_left_out_are_not_written(tmp_path: Path) -> None:
    examples, features = make_case()
    kept = FeatureSchema(numeric_names=("b",), categorical_names=())
    write_prepared(Preparation(kept=kept), examples, features, ROWS, folder=tmp_path)
    prepared = read_prepared(tmp_path)
    assert prepared is not None
    assert describe_features(prepared.features) == kept


def test_features_of_other_users_are_refused() -> None:
    _, features = make_case()
    with pytest.raises(CorruptedOutput, match="not those of its labelled users"):
        see_as_they_are(features).take(np.array([3, N_USERS]))
