"""Files of models that are not what they say are named, in one sentence, before anything is predicted."""

import re
import struct
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from yule.core.errors import CorruptedOutput
from yule.core.settings import to_json
from yule.models.categories import Categories
from yule.models.gbdt.tree_text import check_trees
from yule.models.members import load_model


@pytest.fixture(scope="module")
def text() -> str:
    random = np.random.default_rng(0)
    matrix = np.column_stack([random.normal(size=(500, 2)), random.integers(0, 8, 500)])
    labels = (matrix[:, 0] + (matrix[:, 2] > 3) + random.normal(size=500) > 0).astype(float)
    data = lightgbm.Dataset(matrix, labels, categorical_feature=[2])
    parameters = {"num_leaves": 7, "verbose": -1, "num_threads": 1, "objective": "binary"}
    return str(lightgbm.train(parameters, data, 5).model_to_string())


def test_trees_that_lightgbm_wrote_are_sound(text: str) -> None:
    check_trees(text)
    assert "num_cat=1" in text or "num_cat=2" in text  # or this tests nothing of categories


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"num_leaves=\d+", "num_leaves=2000000000"),
        (r"num_leaves=\d+", "num_leaves=-1"),
        (r"split_feature=\d+", "split_feature=999999999"),
        (r"left_child=\S+", "left_child=999999999"),
        (r"right_child=\S+", "right_child=-999999999"),
        (r"right_child=\S+", "right_child=0"),
        (r"leaf_value=\S+ ", "leaf_value="),
        (r"max_feature_idx=\d+", "max_feature_idx=0"),
        (r"cat_boundaries=0 \d+", "cat_boundaries=0 999999999"),
        (r"threshold=\S+", "threshold="),
        (r"num_tree_per_iteration=1", "num_tree_per_iteration=1000000000"),
        (r"num_class=1", "num_class=1000000000"),
        (r"tree_sizes=\d+", "tree_sizes=999999999"),
        (r"tree_sizes=.*\n", ""),
        (r"is_linear=0", "is_linear=1"),
        (r"num_leaves=7", "num_leaves=7\nnum_leaves=7"),
        (r"num_class=1", "num_class=1\nnum_class=1"),
        (r"\nend of trees\n", "\n"),
    ],
)
def test_trees_that_lead_nowhere_are_refused(text: str, pattern: str, written: str) -> None:
    changed = re.sub(pattern, written, text, count=1)
    assert changed != text
    with pytest.raises((ValueError, KeyError)):
        check_trees(changed)


KNOWN = Categories(names=(), values=())
CARD = (
    '{"categories":CATEGORIES,"head":{"center":0.0,"outcome":"yes_no","spread":1.0},'
    '"importance":{},"kind":"logistic","n_steps":1}'
).replace("CATEGORIES", to_json(KNOWN))


def _claims_terabytes() -> bytes:
    header = b'{"weights":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8000000000000]}}'
    return struct.pack("<Q", len(header)) + header


@pytest.mark.parametrize(
    "content",
    [b"", b"x" * 100, struct.pack("<Q", 1 << 62), struct.pack("<Q", 1 << 20) + b"{" * 100, _claims_terabytes()],
)
@pytest.mark.parametrize("card", ["{}", "[" * 100_000, CARD, CARD.replace("logistic", "beer"), '{"kind": 1e999}', ""])
def test_a_damaged_model_is_one_sentence(tmp_path: Path, card: str, content: bytes) -> None:
    (tmp_path / "model.json").write_text(card)
    (tmp_path / "weights.safetensors").write_bytes(content)
    with pytest.raises(CorruptedOutput, match="Delete this output from the workspace"):
        load_model(tmp_path)
