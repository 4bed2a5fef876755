"""What XGBoost does not check when it reads its own JSON: that the numbers of its trees lead somewhere."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Json: TypeAlias = "str | float | bool | None | Sequence[Json] | Mapping[str, Json]"

OBJECTIVES = ("binary:logistic", "reg:squarederror")
MAX_CATEGORY = 1 << 16
_WHOLE = ("left_children", "right_children", "parents", "split_indices", "split_type", "default_left")
_NUMBERS = ("split_conditions", "base_weights", "loss_changes", "sum_hessian")
_ROOT = 2**31 - 1
"""What XGBoost writes as the parent of a root."""


def check_trees(text: bytes) -> None:
    """Raise a ValueError or KeyError if a tree of a model in XGBoost's JSON leads outside itself or its features.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is no such model, or not one of a single output.
    """
    learner = _find(json.loads(text), "learner")
    parameters, booster = _find(learner, "learner_model_param"), _find(learner, "gradient_booster")
    _refuse(_find(learner, "objective")["name"] not in OBJECTIVES, "another objective")
    _refuse(booster["name"] != "gbtree", "another kind of model")
    n_features = int(str(parameters["num_feature"]))
    outputs = (str(parameters["num_class"]), str(parameters["num_target"]))
    _refuse(outputs != ("0", "1"), "several outputs")
    model = _find(booster, "model")
    trees = _list(model["trees"])
    n_trees = len(trees)
    _refuse(int(str(_find(model, "gbtree_model_param")["num_trees"])) != n_trees, "another number of trees")
    _refuse(not np.array_equal(_whole(model["tree_info"]), np.zeros(n_trees)), "trees of other outputs")
    rounds = _whole(model["iteration_indptr"])
    _refuse(not np.array_equal(rounds, np.arange(n_trees + 1)), "several trees a round")
    numbers = _whole([_mapping(tree)["id"] for tree in trees])
    _refuse(not np.array_equal(numbers, np.arange(n_trees)), "trees that are numbered otherwise")
    for tree in trees:
        _check_nodes(_mapping(tree), n_features)
        _check_categories(_mapping(tree))


def _check_nodes(tree: Mapping[str, Json], n_features: int) -> None:
    """Check the nodes of a tree: children come after their parents, so no walk goes round in circles."""
    parameters = _find(tree, "tree_param")
    n_nodes = int(str(parameters["num_nodes"]))
    expected = {"num_deleted": "0", "num_feature": str(n_features), "num_nodes": str(n_nodes), "size_leaf_vector": "1"}
    _refuse(parameters != expected, "a tree of other sizes")
    fields = [_list(tree[name]) for name in (*_WHOLE, *_NUMBERS)]
    _refuse(n_nodes < 1 or any(len(field) != n_nodes for field in fields), "fields of other lengths than a tree")
    numbers = (number for name in _NUMBERS for number in _list(tree[name]))
    _refuse(any(type(number) is not float for number in numbers), "a value that is no such number")
    left, right, parents, splits, *flags = (_whole(tree[name]) for name in _WHOLE)
    _refuse(not np.isin(flags, (0, 1)).all(), "a split of another kind")
    inner = np.flatnonzero(left != -1)
    _refuse((right[left == -1] != -1).any(), "a leaf with a child")
    children, above = np.concatenate([left[inner], right[inner]]), np.tile(inner, 2)
    _refuse(not np.array_equal(np.sort(children), np.arange(1, n_nodes)), "a child outside its tree")
    _refuse((children <= above).any(), "a child before its parent")
    _refuse(parents[0] != _ROOT or (parents[children] != above).any(), "a node whose parent is another")
    _refuse(((splits[inner] < 0) | (splits[inner] >= n_features)).any(), "a feature that there is not")


def _check_categories(tree: Mapping[str, Json]) -> None:
    inner, kinds = np.flatnonzero(_whole(tree["left_children"]) != -1), _whole(tree["split_type"])
    nodes, values = _whole(tree["categories_nodes"]), _whole(tree["categories"])
    starts, sizes = _whole(tree["categories_segments"]), _whole(tree["categories_sizes"])
    _refuse(not np.array_equal(nodes, inner[kinds[inner] == 1]), "categories of another node")
    _refuse(not len(nodes) == len(starts) == len(sizes) or (sizes < 1).any(), "categories of another number of nodes")
    _refuse(not np.array_equal(starts, np.cumsum(sizes) - sizes) or sizes.sum() != len(values), "other categories")
    _refuse(((values < 0) | (values >= MAX_CATEGORY)).any(), "a category that there is not")


def _refuse(is_wrong: bool | np.bool_, fault: str) -> None:
    if is_wrong:
        raise ValueError(fault)


def _whole(value: Json) -> NDArray[np.int64]:
    """Return whole numbers that are written as such; XGBoost would read others as it likes."""
    numbers = _list(value)
    if not all(type(number) is int and abs(number) <= _ROOT for number in numbers):
        raise ValueError("something else than whole numbers")
    return np.array(numbers, np.int64)


def _find(value: Json, name: str) -> Mapping[str, Json]:
    return _mapping(_mapping(value)[name])


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise ValueError("something else than it should be")
    return value


def _list(value: Json) -> Sequence[Json]:
    if not isinstance(value, list):
        raise ValueError("something else than a list")
    return value
