import csv

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.tables import read_table, write_table
from yule.prediction.ranking import rank_users, read_scores
from yule.prediction.shards import SCHEMA

user_ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
scores = st.sampled_from([1e-12, 0.1, 0.1 + 1e-17, 0.1 + 2e-17, 0.10000000001, 0.5, 1 - 1e-12])


def rank(parts, folder):
    """Write parts of (user_id, score) as shards, rank them, and return users.parquet as rows."""
    files = []
    for number, rows in enumerate(parts):
        files.append(folder / f"{number}.parquet")
        write_table(pa.Table.from_pylist([{"user_id": u, "score": s} for u, s in rows], schema=SCHEMA), files[-1])
    rank_users(read_scores([files], [""]), folder)
    return read_table(folder / "users.parquet").to_pylist()


@given(st.dictionaries(user_ids, scores, max_size=30), st.integers(1, 4))
@settings(deadline=None, max_examples=50)
def test_users_are_ranked_by_score_then_user_id(tmp_path_factory, score_of, n_shards):
    folder = tmp_path_factory.mktemp("ranking")
    rows = sorted(score_of.items())
    ranked = rank([rows[part::n_shards] for part in range(n_shards)], folder)
    assert [(row["user_id"], row["score"]) for row in ranked] == sorted(rows, key=lambda row: (-row[1], row[0]))
    assert [row["rank"] for row in ranked] == list(range(1, len(rows) + 1))


@given(st.dictionaries(user_ids, scores, max_size=20))
@settings(deadline=None, max_examples=30)
def test_the_csv_file_reads_back_as_the_same_list(tmp_path_factory, score_of):
    folder = tmp_path_factory.mktemp("ranking")
    ranked = rank([sorted(score_of.items())], folder)
    with (folder / "users.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["user_id", "rank", "score"]
    assert [(user_id, int(number)) for user_id, number, _ in rows] == [(r["user_id"], r["rank"]) for r in ranked]
    assert all(abs(float(text) - r["score"]) <= 1e-6 * r["score"] for (_, _, text), r in zip(rows, ranked, strict=True))


def test_scores_that_print_alike_are_still_told_apart(tmp_path):
    rows = [("a", 0.1), ("b", 0.1 + 1e-12)]
    assert [row["user_id"] for row in rank([rows], tmp_path)] == ["b", "a"]
    assert (tmp_path / "users.csv").read_text() == '"user_id","rank","score"\n"b",1,0.1\n"a",2,0.1\n'


def test_the_order_of_shards_does_not_matter(tmp_path):
    rows = [(f"user-{i:03}", (i * 7 % 10 + 1) / 12) for i in range(100)]
    written = []
    for name, parts in (("there", [rows[:50], rows[50:]]), ("back", [rows[50:], rows[:50]])):
        folder = tmp_path / name
        folder.mkdir()
        rank(parts, folder)
        written.append([(folder / file).read_bytes() for file in ("users.parquet", "users.csv")])
    assert written[0] == written[1]


def test_nobody_to_rank_gives_an_empty_list(tmp_path):
    assert rank([[]], tmp_path) == []
    assert (tmp_path / "users.csv").read_text() == '"user_id","rank","score"\n'
