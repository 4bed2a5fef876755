"""Facts about the ranked lists of classes."""

import csv

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.tables import read_table, write_table
from yule.prediction.classes import LISTS, rank_classes
from yule.prediction.ranking import read_scores
from yule.prediction.shards import SCHEMA

NAMES = ("beer", "BEERS/ALES", "none")
SCORES = st.lists(st.tuples(*[st.sampled_from([1e-12, 0.1, 0.3, 0.5, 1 - 1e-12])] * 3), min_size=1, max_size=20)


def rank(scores, folder, *, n_shards=1):
    """Rank users u00, u01, ... with one score for each class; return users and lists as rows."""
    files = []
    for number in range(len(NAMES)):
        files.append([])
        for shard in range(n_shards):
            rows = [
                {"user_id": f"u{user:02}", "score": row[number]}
                for user, row in enumerate(scores)
                if user * n_shards // len(scores) == shard
            ]
            files[-1].append(folder / f"{number}-{shard}.parquet")
            write_table(pa.Table.from_pylist(rows, schema=SCHEMA), files[-1][-1])
    rank_classes(read_scores(files, NAMES), folder)
    return [read_table(folder / name).to_pylist() for name in ("users.parquet", LISTS)]


@given(SCORES, st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_chances_sum_to_one_and_shards_change_nothing(tmp_path_factory, scores, n_shards):
    users, lists = rank(scores, tmp_path_factory.mktemp("whole"))
    assert rank(scores, tmp_path_factory.mktemp("shards"), n_shards=n_shards) == [users, lists]
    for row in users:
        chances = [row[f"score_{name}"] for name in NAMES]
        assert abs(sum(chances) - 1) < 1e-12
        assert row["score"] == max(chances)
        assert row["class"] == NAMES[int(np.argmax(chances))]
    assert [row["rank"] for row in users] == list(range(1, len(scores) + 1))
    assert users == sorted(users, key=lambda row: (-row["score"], row["user_id"]))


@given(SCORES)
@settings(deadline=None, max_examples=20)
def test_every_class_has_a_list_of_all_users_by_its_chance(tmp_path_factory, scores):
    users, lists = rank(scores, tmp_path_factory.mktemp("lists"))
    assert [row["class"] for row in lists] == [name for name in NAMES for _ in scores]
    for name in NAMES:
        one = [row for row in lists if row["class"] == name]
        expected = sorted((-row[f"score_{name}"], row["user_id"]) for row in users)
        assert [(-row["score"], row["user_id"]) for row in one] == expected
        assert [row["rank"] for row in one] == list(range(1, len(scores) + 1))


def test_the_csv_files_say_the_same(tmp_path):
    users, _ = rank([(0.5, 0.2, 0.1), (0.1, 0.2, 0.7)], tmp_path)
    with (tmp_path / "users.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["user_id", "rank", "score", "class", "score_beer", "score_BEERS/ALES", "score_none"]
    assert [row[3] for row in rows] == [user["class"] for user in users] == ["none", "beer"]
    assert rows[0][2] == "0.7"
