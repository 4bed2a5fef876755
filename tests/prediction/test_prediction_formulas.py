"""Ids that a spreadsheet would compute are written exactly and announced."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from yule.prediction.formulas import describe_formulas
from yule.prediction.ranking import write_list


def _write(folder: Path, *ids: str) -> Path:
    n = len(ids)
    users = pa.table({"user_id": list(ids), "rank": list(range(1, n + 1)), "score": [-0.5] * n})
    write_list(users, folder / "users.parquet")
    return folder / "users.parquet"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+49 30", "-2+3", "@cmd", "\t=1", "\r=1", "=1+1", "＝1", "-"])
def test_an_id_that_begins_like_a_formula_is_exact_and_announced(tmp_path: Path, name: str) -> None:
    file = _write(tmp_path, "7", name, "x=1")
    assert describe_formulas(file).startswith("1 rows of users.csv have a text that begins with =, +, -, @ or a tab")
    with (tmp_path / "users.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[0] for row in csv.reader(stream)] == ["user_id", "7", name, "x=1"]


def test_numbers_and_plain_ids_are_not_announced(tmp_path: Path) -> None:
    assert describe_formulas(_write(tmp_path, "-5", "-5.25", "7", "a-b", "x@y", "")) == ""
