import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.dataset import Features
from yule.core.errors import DataError, YuleError
from yule.core.schema import FeatureSchema, describe_features
from yule.ensemble.calibration import Calibrator
from yule.ensemble.log_odds import log_odds
from yule.prediction.bundle import FittedPart, Part, conform_features, open_bundle, parts_of_folds, write_bundle
from yule.preparation.preparation import Preparation, write_preparation
from yule.training.fitting import FoldFit, write_fold_fit

NUMERIC = ("visits__count", "visits__recency", "age")
CATEGORICAL = ("city", "plan")
CALIBRATOR = Calibrator(slope=0.8, intercept=-1.0)


@dataclass(frozen=True)
class LinearModel:
    """Adds up the numbers and the length of the categorical values; knows its features by name."""

    slope: float
    n_steps: int = 1

    @property
    def importance(self) -> Mapping[str, float]:
        return {}

    def predict(self, features, *, n_threads):
        assert n_threads == 1
        assert (features.numeric_names, features.categorical_names) == (NUMERIC, CATEGORICAL)
        total = np.nan_to_num(features.numeric.astype(np.float64)) @ np.array([1.0, -2.0, 3.0])
        for column, vocabulary in enumerate(features.vocabularies):
            lengths = np.array([*map(len, vocabulary), 0])  # code -1, missing, is the last one
            total += lengths[features.codes[:, column]] / 10
        return 1 / (1 + np.exp(-self.slope * total))

    def save(self, folder):
        (folder / "slope.json").write_text(json.dumps(self.slope))


def load(folder):
    return LinearModel(json.loads((folder / "slope.json").read_text()))


def make_features(n_users=50):
    random = np.random.default_rng(0)
    return Features(
        numeric=random.normal(size=(n_users, 3)).astype(np.float32),
        codes=random.integers(-1, 2, (n_users, 2)).astype(np.int32),
        numeric_names=NUMERIC,
        categorical_names=CATEGORICAL,
        vocabularies=(("Osaka", "Rio"), ("basic", "premium")),
    )


def make_fit(model):
    return FoldFit(model=model, rows=np.arange(3), scores=np.full(3, 0.5))


def make_bundle(tmp_path, weights=(0.75, 0.0, 0.25)):
    preparations = [tmp_path / "preparations" / str(fold) for fold in range(2)]
    for folder in preparations:
        folder.mkdir(parents=True)
        write_preparation(Preparation(kept=describe_features(make_features())), folder)
    members = {}
    for index, name in enumerate(("one", "two", "three")):
        members[name] = [tmp_path / "fits" / f"{name}-{fold}" for fold in range(2)]
        for fold, folder in enumerate(members[name]):
            folder.mkdir(parents=True)
            write_fold_fit(make_fit(LinearModel(0.25 + index + fold / 2)), folder)
    (tmp_path / "bundle").mkdir()
    parts = parts_of_folds(preparations, members, dict(zip(members, weights, strict=True)))
    write_bundle(tmp_path / "bundle", parts, calibrator=CALIBRATOR)
    return tmp_path / "bundle"


def test_a_bundle_predicts_the_calibrated_blend_of_all_its_members_models(tmp_path):
    bundle = open_bundle(make_bundle(tmp_path), load=load)
    features = make_features()
    slopes = ((0.25, 0.75), (2.25, 2.75))
    one, three = (
        sum(log_odds(LinearModel(slope).predict(features, n_threads=1)) for slope in pair) / 2 for pair in slopes
    )
    expected = CALIBRATOR.apply(0.75 * one + 0.25 * three)
    np.testing.assert_allclose(bundle.predict(features, n_threads=1), expected, rtol=1e-12)


def test_members_without_weight_are_not_in_the_bundle(tmp_path):
    folder = make_bundle(tmp_path)
    assert sorted(member.name for member in (folder / "members").iterdir()) == ["one", "three"]
    assert {part.model for part in open_bundle(folder, load=load).content.parts} == {
        "one/0",
        "one/1",
        "three/0",
        "three/1",
    }


def test_a_bundle_may_have_a_part_beside_those_of_the_folds(tmp_path):
    make_bundle(tmp_path)
    fit = tmp_path / "fits" / "three-1"
    parts = [
        FittedPart(
            preparation=tmp_path / "preparations" / "0",
            fit=fit,
            part=Part(preparation=preparation, model=model, weight=weight),
        )
        for preparation, model, weight in (("all", "refit", 0.5), ("all", "borrowed/once", 0.3), ("0", "three/0", 0.2))
    ]
    (tmp_path / "mixed").mkdir()
    write_bundle(tmp_path / "mixed", parts, calibrator=CALIBRATOR)
    features = make_features()
    alone = CALIBRATOR.apply(log_odds(LinearModel(2.75).predict(features, n_threads=1)))
    np.testing.assert_allclose(open_bundle(tmp_path / "mixed", load=load).predict(features, n_threads=1), alone)


def test_weights_of_the_parts_sum_to_one(tmp_path):
    assert sum(part.weight for part in open_bundle(make_bundle(tmp_path), load=load).content.parts) == pytest.approx(1)


def test_a_bundle_of_revision_3_predicts_the_same(tmp_path):
    folder = make_bundle(tmp_path)
    expected = open_bundle(folder, load=load).predict(make_features(), n_threads=1)
    content = json.loads((folder / "bundle.json").read_text())
    del content["parts"]
    old = {"revision": 3, "n_folds": 2, "members": [{"name": "one", "weight": 0.75}, {"name": "three", "weight": 0.25}]}
    (folder / "bundle.json").write_text(json.dumps(content | old))
    np.testing.assert_array_equal(open_bundle(folder, load=load).predict(make_features(), n_threads=1), expected)


def test_a_part_that_lies_outside_the_folder_is_refused(tmp_path):
    folder = make_bundle(tmp_path)
    file = folder / "bundle.json"
    file.write_text(file.read_text().replace('"model":"one/0"', '"model":"../../fits/one-0/model"'))
    with pytest.raises(YuleError):
        open_bundle(folder, load=load)


def test_a_bundle_needs_nothing_outside_its_folder(tmp_path):
    moved = make_bundle(tmp_path).rename(tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "fits")
    shutil.rmtree(tmp_path / "preparations")
    assert len(open_bundle(moved, load=load).predict(make_features(), n_threads=1)) == 50


def test_equal_models_give_equal_bundles(tmp_path):
    first, second = ((tmp_path / name) for name in ("first", "second"))
    contents = []
    for place in (first, second):
        folder = make_bundle(place)
        contents.append({str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()})
    assert contents[0] == contents[1]
    assert "bundle.json" in contents[0]


@given(st.permutations(range(3)), st.permutations(range(2)), st.booleans())
@settings(deadline=None, max_examples=20)
def test_features_are_found_by_name_whatever_their_order(tmp_path_factory, numeric, categorical, has_extra):
    bundle = open_bundle(make_bundle(tmp_path_factory.mktemp("bundle")), load=load)
    features = make_features()
    extra = np.full((features.n_users, int(has_extra)), 9.0, np.float32)
    reordered = Features(
        numeric=np.column_stack([extra, features.numeric[:, numeric]]),
        codes=features.codes[:, categorical],
        numeric_names=("new",) * has_extra + tuple(NUMERIC[i] for i in numeric),
        categorical_names=tuple(CATEGORICAL[i] for i in categorical),
        vocabularies=tuple(features.vocabularies[i] for i in categorical),
    )
    np.testing.assert_array_equal(bundle.predict(reordered, n_threads=1), bundle.predict(features, n_threads=1))


def test_all_that_is_wrong_with_the_features_is_said_at_once(tmp_path):
    bundle = open_bundle(make_bundle(tmp_path), load=load)
    offered = Features(
        numeric=np.zeros((1, 2), np.float32),
        codes=np.zeros((1, 1), np.int32),
        numeric_names=("visits__count", "city"),
        categorical_names=("age",),
        vocabularies=(("old",),),
    )
    with pytest.raises(DataError) as error:
        bundle.predict(offered, n_threads=1)
    assert str(error.value) == (
        "The features are not those the model was fitted on: visits__recency is missing; plan is missing; "
        "city is now numeric, but the model knows it as categorical; "
        "age is now categorical, but the model knows it as numeric. "
        "Use the feature sets and the downloads the model was fitted with, or run the case again to fit a new one."
    )


def test_features_in_the_right_form_are_not_copied():
    features = make_features()
    assert conform_features(features, describe_features(features)) is features


def test_a_schema_without_features_leaves_the_users():
    conformed = conform_features(make_features(7), FeatureSchema(numeric_names=(), categorical_names=()))
    assert conformed.n_users == 7
    assert conformed.names == ()


def test_a_bundle_of_another_revision_is_an_error(tmp_path):
    folder = make_bundle(tmp_path)
    file = folder / "bundle.json"
    file.write_text(file.read_text().replace('"revision":4', '"revision":99'))
    with pytest.raises(DataError, match="is of revision 99, but this version of Yule reads revisions 3 and 4"):
        open_bundle(folder, load=load)
