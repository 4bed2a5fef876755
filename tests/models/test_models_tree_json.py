"""Trees in XGBoost's JSON that lead nowhere are refused before XGBoost reads them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xgboost

from yule.models.gbdt.tree_json import check_trees


@pytest.fixture(scope="module")
def text() -> bytes:
    random = np.random.default_rng(0)
    matrix = np.column_stack([random.normal(size=(500, 2)), random.integers(0, 8, 500)])
    labels = (matrix[:, 0] + (matrix[:, 2] % 3 == 0) + random.normal(size=500) > 0).astype(float)
    data = xgboost.DMatrix(matrix, labels, feature_types=["q", "q", "c"], enable_categorical=True)
    parameters = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "max_cat_to_onehot": 1}
    return bytes(xgboost.train(parameters, data, 5).save_raw("json"))


def test_trees_that_xgboost_wrote_are_sound(text: bytes) -> None:
    check_trees(text)
    assert any(tree["categories"] for tree in _trees(json.loads(text)))  # or this tests nothing of categories


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another booster": lambda model: model["learner"]["gradient_booster"].update(name="gblinear"),
    "another objective": lambda model: model["learner"]["objective"].update(name="rank:map"),
    "several classes": lambda model: model["learner"]["learner_model_param"].update(num_class="1000000000"),
    "several outputs": lambda model: model["learner"]["learner_model_param"].update(num_target="2"),
    "fewer features": lambda model: model["learner"]["learner_model_param"].update(num_feature="0"),
    "more trees than there are": lambda model: _model(model)["gbtree_model_param"].update(num_trees="1000000000"),
    "trees of another class": lambda model: _model(model).update(tree_info=[7, 0, 0, 0, 0]),
    "other rounds": lambda model: _model(model).update(iteration_indptr=[0, 1, 2, 3, 4, 500]),
    "a list in place of a tree": lambda model: _trees(model).__setitem__(0, []),
    "more nodes": lambda model: _trees(model)[0]["tree_param"].update(num_nodes="1000000000"),
    "a child far away": lambda model: _trees(model)[0]["left_children"].__setitem__(0, 999_999_999),
    "a circle": lambda model: _trees(model)[0]["right_children"].__setitem__(1, 0),
    "a child that is no number": lambda model: _trees(model)[0]["left_children"].__setitem__(0, 1.5),
    "a parent elsewhere": lambda model: _trees(model)[0]["parents"].__setitem__(1, 2),
    "a feature far away": lambda model: _trees(model)[0]["split_indices"].__setitem__(0, 999_999_999),
    "no values of leaves": lambda model: _trees(model)[0].update(split_conditions=[]),
    "leaves of several values": lambda model: _trees(model)[0]["tree_param"].update(size_leaf_vector="7"),
    "a whole number among others": lambda model: _trees(model)[0]["sum_hessian"].__setitem__(0, 7),
    "a class that is no whole number": lambda model: _model(model)["tree_info"].__setitem__(0, 0.0),
    "two trees of one number": lambda model: _trees(model)[1].update(id=0),
    "a value that is no number": lambda model: _trees(model)[0]["split_conditions"].__setitem__(0, "one"),
    "another kind of split": lambda model: _trees(model)[0]["split_type"].__setitem__(0, 2),
    "categories far away": lambda model: _categorical(model).update(categories_segments=[999_999_999]),
    "more categories": lambda model: _categorical(model)["categories_sizes"].__setitem__(0, 999_999_999),
    "a category far away": lambda model: _categorical(model)["categories"].__setitem__(0, 999_999_999),
    "categories of another node": lambda model: _categorical(model).update(categories_nodes=[]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_trees_that_lead_nowhere_are_refused(text: bytes, change: Callable[[dict[str, Any]], object]) -> None:
    model = json.loads(text)
    change(model)
    with pytest.raises((ValueError, KeyError)):
        check_trees(json.dumps(model).encode())


def _model(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = model["learner"]["gradient_booster"]["model"]
    return found


def _trees(model: dict[str, Any]) -> list[dict[str, Any]]:
    trees: list[dict[str, Any]] = _model(model)["trees"]
    return trees


def _categorical(model: dict[str, Any]) -> dict[str, Any]:
    return next(tree for tree in _trees(model) if tree["categories"])
