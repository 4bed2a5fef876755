"""What LightGBM does not check when it reads its own text: that the numbers of its trees lead somewhere.

It allocates as many leaves as a tree says, and follows its children and features without looking.
"""

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MAX_LEAVES = 1 << 17  # LightGBM's own limit


def check_trees(text: str) -> None:
    """Raise a ValueError if a tree of a model in LightGBM's text leads outside itself or its features.

    LightGBM finds the trees by their sizes and believes how many there are for each class: both are those of the text.
    """
    body, end, _ = text.partition("\nend of trees\n")
    head, *trees = re.split(r"^Tree=\d+$", body, flags=re.MULTILINE)
    fields = _read_fields(head)
    if (_number(fields, "num_class"), _number(fields, "num_tree_per_iteration")) != (1, 1):
        raise ValueError("trees of several classes")
    if not end or _find_sizes(body + "\n") != fields.get("tree_sizes", "").split():
        raise ValueError("trees of other sizes than it says")
    n_features = _number(fields, "max_feature_idx") + 1
    for number, tree in enumerate(trees):
        fields = _read_fields(tree)
        fault = _find_fault(fields, _number(fields, "num_leaves"), n_features)
        if fault:
            raise ValueError(f"tree {number}: {fault}")


def _find_sizes(body: str) -> list[str]:
    """Return the sizes in bytes of the trees, one after the other to the end, as they are written."""
    starts = [match.start() for match in re.finditer(r"^Tree=\d+$", body, flags=re.MULTILINE)]
    return [str(len(body[start:stop].encode())) for start, stop in pairwise([*starts, len(body)])]


def _find_fault(fields: dict[str, str], n_leaves: int, n_features: int) -> str:
    if not 1 <= n_leaves <= MAX_LEAVES:
        return f"{n_leaves} leaves"
    if fields.get("is_linear", "0") != "0" or len(_numbers(fields, "leaf_value")) != n_leaves:
        return "leaves without values"
    n_splits = n_leaves - 1
    features, left, right = (_numbers(fields, name) for name in ("split_feature", "left_child", "right_child"))
    thresholds, kinds = _numbers(fields, "threshold"), _numbers(fields, "decision_type")
    if {len(column) for column in (features, left, right, thresholds, kinds)} != {n_splits}:
        return "splits that are not whole"
    if not ((features >= 0) & (features < n_features)).all():
        return "features that the model has not"
    nodes = np.arange(n_splits)
    for children in (left, right):  # a split comes after the one that it is below
        is_leaf = children < 0
        if not np.where(is_leaf, children >= -n_leaves, (children > nodes) & (children < n_splits)).all():
            return "splits that lead nowhere"
    is_categorical = kinds.astype(np.int64) % 2 == 1
    return _find_categorical_fault(fields, thresholds[is_categorical])


def _find_categorical_fault(fields: dict[str, str], places: NDArray[np.float64]) -> str:
    if not len(places):
        return ""
    bounds, n_words = _numbers(fields, "cat_boundaries"), len(_numbers(fields, "cat_threshold"))
    is_sound = (
        len(bounds) == _number(fields, "num_cat") + 1
        and ((places >= 0) & (places < len(bounds) - 1)).all()
        and bounds[0] == 0
        and bounds[-1] == n_words
        and (np.diff(bounds) >= 0).all()
    )
    return "" if is_sound else "categories that are not there"


def _read_fields(text: str) -> dict[str, str]:
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line]
    fields = dict(pairs)
    if len(fields) != len(pairs):  # who knows which of two LightGBM takes
        raise ValueError("fields that are there twice")
    return fields


def _number(fields: dict[str, str], name: str) -> int:
    return int(fields[name])


def _numbers(fields: dict[str, str], name: str) -> NDArray[np.float64]:
    return np.array(fields.get(name, "").split(), dtype=np.float64)
