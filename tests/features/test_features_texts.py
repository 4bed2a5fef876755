"""Facts about features of texts."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factors_toys import CUTOFF, EVENTS, WEEK, Row, before, compare_by_hand, embed_by_hand, spec, write_log
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method
from yule.features.columns import FEATURES
from yule.features.embeddings.factors import Factors, read_factors, write_factors
from yule.features.embeddings.texts import learn_terms, write_text_features
from yule.features.settings import TextFeatures

TEXTS = TextFeatures(name="said", download="events", columns=("item",), windows=(WEEK, None), dimensions=8, min_users=1)
LATEST = replace(TEXTS, windows=())
KNOWN = {
    "item": Factors(names=("beer", "tea"), weights=np.array([2.0, 1.0]), vectors=np.array([[1.0, -2.0], [0.5, 0.25]]))
}
USERS = Method(
    name="users",
    source="s",
    table="t",
    user="user",
    columns=tuple(Column(name=name, type="string") for name in ("user", "title", "body")),
)

PAST = st.tuples(
    st.sampled_from(["a", "B", "é"]),
    st.sampled_from([1e-6, 3.0, 7.0, 7.000001, 30.0]).map(before),
    st.sampled_from(["beer", "Beer, beer and TEA", "tea", "it's!", "", None]),
    st.just(1.0),
    st.just(1),
)
LOGS = st.lists(PAST, min_size=1, max_size=10).filter(lambda rows: any("ee" in (row[2] or "") for row in rows))
FEW = settings(deadline=None, max_examples=6)


def learn(rows: list[Row], folder: Path, *, texts: TextFeatures = TEXTS, n_threads: int = 1) -> dict[str, Factors]:
    write_factors(learn_terms(spec(texts), [write_log(rows, folder)], scratch=folder, n_threads=n_threads), folder)
    return read_factors(folder)


def compute(
    rows: list[Row],
    folder: Path,
    *,
    factors: dict[str, Factors] = KNOWN,
    texts: TextFeatures = TEXTS,
    cutoff: datetime = CUTOFF,
    n_threads: int = 1,
) -> Path:
    log = write_log(rows, folder)
    write_text_features(spec(texts), [log], factors=factors, cutoff=cutoff, folder=folder, n_threads=n_threads)
    return folder / FEATURES


def written(rows: list[Row], texts: TextFeatures, n_threads: int = 1) -> list[bytes]:
    """Learn and compute; return the bytes of all files."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            factors = learn(rows, folder, texts=texts, n_threads=n_threads)
        except DataError as error:  # the last texts of all users may say nothing
            return [str(error).encode()]
        file = compute(rows, folder, texts=texts, factors=factors, n_threads=n_threads)
        return [path.read_bytes() for path in (file, folder / "factors.json", folder / "factors.safetensors")]


def said(rows: list[Row], user: str, since: datetime | None) -> Counter[str]:
    texts = [row[2] or "" for row in rows if row[0] == user and (since is None or row[1] >= since)]
    words = " ".join(texts).lower().replace(",", " ").replace("'", " ").replace("!", " ").split()
    return Counter(word for word in words if len(word) > 1)


@FEW
@given(LOGS)
def test_a_users_vector_is_what_adding_up_by_hand_gives(rows: list[Row]) -> None:
    with TemporaryDirectory() as name:
        found = {row.pop("user_id"): list(row.values()) for row in pq.read_table(compute(rows, Path(name))).to_pylist()}
    for user in {row[0] for row in rows}:
        vectors = [embed_by_hand(said(rows, user, since), KNOWN["item"]) for since in (CUTOFF - WEEK, None)]
        expected = [value for vector in vectors for value in vector or [None, None]]
        assert found[user] == [value and pytest.approx(value, rel=1e-6) for value in expected]


@FEW
@given(LOGS)
def test_users_are_as_alike_as_the_words_they_use(rows: list[Row]) -> None:
    counts = {user: said(rows, user, None) for user in sorted({row[0] for row in rows})}
    talking = sorted(user for user in counts if any(row[0] == user and row[2] is not None for row in rows))
    counts = {user: counts[user] for user in talking}
    with TemporaryDirectory() as name:
        folder = Path(name)
        table = pq.read_table(compute(rows, folder, factors=learn(rows, folder), texts=replace(TEXTS, windows=(None,))))
    rows_of = {row.pop("user_id"): list(row.values()) for row in table.to_pylist()}
    using = [user for user in talking if counts[user]]
    vectors = np.array([rows_of[user] for user in using], dtype=float)
    weigh = {user: counts[user] for user in using}
    expected = compare_by_hand(weigh, lambda _, n_touching: np.log1p(len(talking) / n_touching))
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-6)


@pytest.mark.parametrize("texts", [TEXTS, LATEST], ids=["windows", "latest"])
@FEW
@given(rows=LOGS, random=st.randoms(use_true_random=False), n_threads=st.integers(2, 4))
def test_threads_and_the_order_of_rows_change_no_byte(
    texts: TextFeatures, rows: list[Row], random: Random, n_threads: int
) -> None:
    assert written(rows, texts) == written(random.sample(rows, len(rows)), texts, n_threads)


def test_without_windows_the_last_text_before_the_cutoff_counts(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(days), text, 1.0, 1) for days, text in ((9, "tea"), (1, "beer"), (0, "tea"))]
    assert pq.read_table(compute(rows, tmp_path, texts=LATEST)).to_pylist() == [
        {"user_id": "a", "said__text__item__01": 0.5, "said__text__item__02": -1.0}
    ]


def test_columns_of_windows_are_named_by_them(tmp_path: Path) -> None:
    names = pq.read_schema(compute([("a", before(1), "beer", 1.0, 1)], tmp_path)).names
    ends = ("01__7d", "02__7d", "01__all", "02__all")
    assert names == ["user_id", *(f"said__text__item__{end}" for end in ends)]


@pytest.mark.parametrize("text", ["red wine;Beer", '["beer", "Red wine"]', "beer、red wine", "[red wine | beer]"])
def test_the_values_of_a_list_are_its_terms_however_they_are_parted(tmp_path: Path, text: str) -> None:
    rows: list[Row] = [(user, before(1), text, 1.0, 1) for user in "abc"]
    lists = replace(TEXTS, terms="values", windows=(None,), min_users=2)
    assert learn(rows, tmp_path, texts=lists)["item"].names == ("beer", "red wine")


def test_a_user_who_says_nothing_known_has_missing_values(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "unheard-of", 1.0, 1), ("b", before(1), None, 1.0, 1)]
    table = pq.read_table(compute(rows, tmp_path))
    assert [list(row.values())[1:] for row in table.to_pylist()] == [[None] * 4] * 2


def test_a_table_without_a_time_has_one_text_per_user_and_column(tmp_path: Path) -> None:
    profiles = {"user": ["b", "a", "c"], "title": ["beer", "tea", None], "body": ["red wine", "white wine", "wine"]}
    both = replace(LATEST, download="users", columns=("title", "body"))
    files = []
    for order in ([0, 1, 2], [2, 0, 1]):
        pq.write_table(pa.table(profiles).take(order), tmp_path / "users.parquet")
        users = [tmp_path / "users.parquet"]
        factors = learn_terms(spec(both, USERS), users, scratch=tmp_path, n_threads=2)
        write_text_features(spec(both, USERS), users, factors=factors, cutoff=CUTOFF, folder=tmp_path, n_threads=2)
        files.append((tmp_path / FEATURES).read_bytes())
    assert files[0] == files[1]
    assert factors["body"].names == ("wine", "red", "white")
    table = pq.read_table(tmp_path / FEATURES)
    assert table["user_id"].to_pylist() == ["a", "b", "c"]
    assert table["said__text__title__01"].to_pylist()[2] is None


def test_characters_suit_languages_without_spaces(tmp_path: Path) -> None:
    rows: list[Row] = [
        (user, before(1), text, 1.0, 1)
        for user, text in (("a", "日本酒が好き"), ("b", "日本酒を飲む"), ("c", "ﾋﾞｰﾙを飲む"), ("d", "ビールが好き"))
    ]
    runs = replace(TEXTS, terms="characters", windows=(None,), min_users=2)
    factors = learn(rows, tmp_path, texts=runs)
    assert {"日本酒", "ビール", "飲む"} <= set(factors["item"].names)
    assert not {"日本酒", "ビール"} & set(learn(rows, tmp_path, texts=replace(TEXTS, min_users=1))["item"].names)


def test_the_terms_that_most_users_use_are_known_and_ties_go_by_term(tmp_path: Path) -> None:
    texts = {"a": "tea rum ale gin gin gin", "b": "tea rum", "c": "tea ale"}
    rows: list[Row] = [(user, before(1), text, 1.0, 1) for user, text in texts.items()]
    late: list[Row] = [(user, CUTOFF, "late", 1.0, 1) for user in "abcdef"]
    assert learn([*rows, *late], tmp_path, texts=replace(TEXTS, min_users=2))["item"].names == ("tea", "ale", "rum")
    assert learn(rows, tmp_path, texts=replace(LATEST, top=2))["item"].names == ("tea", "ale")


def test_terms_are_learned_from_the_rows_of_the_set(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "tea", 1.0, 1), ("b", before(1), "rum", 9.0, 1)]
    assert learn(rows, tmp_path, texts=replace(TEXTS, where="amount > 5"))["item"].names == ("rum",)
    assert learn(rows, tmp_path, texts=replace(LATEST, where="amount > 5"))["item"].names == ("rum",)


def test_no_term_with_enough_users_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"features/said.yaml: no term of item is used by 2 users or more before 2024"):
        learn([("a", before(1), "beer", 1.0, 1)], tmp_path, texts=replace(TEXTS, min_users=2))


def test_a_cutoff_before_all_events_is_refused(tmp_path: Path) -> None:
    for texts in (TEXTS, LATEST):
        with pytest.raises(DataError, match="events has no row before the cut-off 2024-02-01"):
            compute([("a", CUTOFF, "beer", 1.0, 1)], tmp_path, texts=texts)


def test_a_column_may_be_named_as_the_queries_name_theirs(tmp_path: Path) -> None:
    columns = (*EVENTS.columns[:2], Column(name="text_0_0", type="string"))
    log = pq.read_table(write_log([("a", before(1), "beer", 1.0, 1)], tmp_path)).rename_columns(
        ["user", "time", "text_0_0", "amount", "code"]
    )
    pq.write_table(log, tmp_path / "log.parquet")
    strange = spec(replace(TEXTS, columns=("text_0_0",)), replace(EVENTS, columns=columns))
    factors = learn_terms(strange, [tmp_path / "log.parquet"], scratch=tmp_path, n_threads=1)
    assert factors["text_0_0"].names == ("beer",)
