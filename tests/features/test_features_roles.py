"""Roles: what a user's history says of a question, in columns that mean the same for every question."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from features_toys import CUTOFF, EVENTS, Row, before, write_log

from yule.downloads.specs import TableSpec
from yule.features.columns import FEATURES
from yule.features.roles.activity import write_activity
from yule.features.roles.column import learn_column, read_column
from yule.features.roles.roles import name_roles
from yule.features.roles.write import Asking, read_roles, write_role_features
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.messages.features import describe_feature

WEEK = timedelta(days=7)
BEER = RoleFeatures(name="r", download="events", where="value = 'beer'", within=WEEK, items=("value",), min_users=1)


def spec(settings: RoleFeatures = BEER) -> FeatureSpec:
    return FeatureSpec(settings=settings, table=TableSpec(method=EVENTS, data_version="1"), learn_before=CUTOFF)


def compute(rows: list[Row], folder: Path, settings: RoleFeatures = BEER) -> dict[str, dict[str, float]]:
    """Return the roles of each user by name."""
    tables = [[write_log(rows, folder)]]
    write_roles(tables, folder, settings, item="value")
    table = pq.read_table(folder / FEATURES).to_pylist()
    return {row.pop("user_id"): row for row in table}


def count(tables: list[list[Path]], folder: Path, settings: RoleFeatures = BEER, *, item: str | None) -> Path:
    """Count what users do at all; return where."""
    activity = folder / "activity"
    activity.mkdir(exist_ok=True)
    write_activity(spec(settings), tables, item=item, cutoff=CUTOFF, folder=activity, n_threads=1)
    return activity


def write_roles(tables: list[list[Path]], folder: Path, settings: RoleFeatures = BEER, *, item: str | None) -> None:
    activity = count(tables, folder, settings, item=item)
    write_role_features(spec(settings), tables, item=item, activity=activity, cutoff=CUTOFF, folder=folder, n_threads=1)


def buy(user: str, value: str, days: float) -> Row:
    return (user, before(days), value, 1.0, 1)


LOG = [
    buy("ann", "beer", 1),
    buy("ann", "beer", 3),
    buy("ann", "tea", 3.1),
    buy("ann", "beer", 9.5),
    buy("ann", "tea", 30),
    buy("bob", "tea", 2),
    buy("bob", "milk", 20),
    buy("cid", "milk", 5),
]


@pytest.mark.parametrize(
    ("name", "ann"),
    [
        ("own_days__7d", np.log1p(2)),
        ("own_days__21d", np.log1p(3)),
        ("own_days__all", np.log1p(3)),
        ("own_recency", 1 / 7),
        ("own_tenure", 9.5 / 7),
        ("own_gap", 4.5 / 7),
        ("own_gap_deviation", 2.5 / 7),
        ("own_overdue", 1 / 4.5),
        ("own_periods", 2 / 2),
        ("own_periods__28d", 2),
        ("own_share__7d", 2 / 3),
        ("own_share__all", 3 / 5),
        ("days__7d", np.log1p(3)),
        ("days__all", np.log1p(5)),
        ("recency", 1 / 7),
        ("tenure", 30 / 7),
        ("items__21d", np.log1p(2)),
    ],
)
def test_roles_are_what_they_are_by_hand(name: str, ann: float, tmp_path: Path) -> None:
    assert compute(LOG, tmp_path)["ann"][f"r__{name}"] == pytest.approx(ann, rel=1e-5)


def test_who_has_never_done_it_has_no_days_of_it_and_no_recency(tmp_path: Path) -> None:
    bob = compute(LOG, tmp_path)["bob"]
    assert bob["r__own_days__all"] == bob["r__own_share__all"] == 0
    assert bob["r__own_recency"] is None


def test_rates_tell_how_many_of_those_who_were_there_did_it(tmp_path: Path) -> None:
    roles = compute(LOG, tmp_path)
    assert [row["r__rate__7d"] for row in roles.values()] == pytest.approx([np.log(1.5 / 2.5)] * 3, rel=1e-5)
    assert [row["r__rate_season"] for row in roles.values()] == [None] * 3


def test_another_horizon_changes_the_windows_alone(tmp_path: Path) -> None:
    assert list(name_roles("r", "events", timedelta(days=1)))[:3] == [
        "r__own_days__1d",
        "r__own_days__3d",
        "r__own_days__all",
    ]


def test_affinity_is_high_for_who_does_what_those_do_who_do_what_is_asked_for(tmp_path: Path) -> None:
    rows = [buy(f"b{number}", value, days) for number in range(9) for value, days in (("beer", 3), ("crisps", 4))]
    rows += [buy(f"t{number}", value, days) for number in range(9) for value, days in (("tea", 3), ("cake", 4))]
    roles = compute([*rows, buy("x", "crisps", 2), buy("y", "cake", 2)], tmp_path)
    assert roles["x"]["r__affinity__all"] > roles["y"]["r__affinity__all"]
    assert roles["b1"]["r__affinity__all"] == roles["x"]["r__affinity__all"], "what is asked for itself does not count"


def test_an_item_that_is_asked_for_in_part_tells_by_its_other_events(tmp_path: Path) -> None:
    def shop(*, other: str) -> list[Row]:
        rows = [(f"u{n}", before(1 + n % 9), "beer", 1.0, 1) for n in range(30)]
        rows += [(f"u{n}", before(2 + n % 5), other, 1.0, 2) for n in range(0, 45, 3)]
        return [*rows, *(buy(f"u{n}", ("milk", "tea")[n % 2], 4) for n in range(10, 60))]

    in_part = compute(shop(other="beer"), tmp_path, replace(BEER, where="value = 'beer' AND user_id = 1"))
    apart = compute(shop(other="ale"), tmp_path)
    for user, roles in in_part.items():
        for window in ("21d", "all"):
            assert roles[f"r__affinity__{window}"] == pytest.approx(apart[user][f"r__affinity__{window}"], abs=1e-6)


def test_an_event_of_which_it_is_not_known_whether_it_is_asked_for_tells_as_the_rest_does(tmp_path: Path) -> None:
    def shop(*, number: int | None) -> list[Row]:
        rows = [buy(f"u{n}", "beer", 1 + n % 9) for n in range(30)]
        return [*rows, *((f"u{n}", before(3), ("tea", "milk")[n % 2], 1.0, number) for n in range(50))]

    where = replace(BEER, where="user_id = 1")
    assert compute(shop(number=None), tmp_path, where) == compute(shop(number=2), tmp_path, where)


def test_a_question_has_the_same_roles_alone_and_among_others(tmp_path: Path) -> None:
    rows = [
        buy(f"u{number}", value, 1 + number % 13)
        for number in range(40)
        for value in ("beer", "tea", "milk")[: number % 4]
    ]
    alone = compute(rows, tmp_path)
    tables = [[write_log(rows, tmp_path)]]
    asked = read_roles(
        spec(),
        tables,
        Asking(column="value", values=("tea", "beer"), n_users=1000),
        activity=count(tables, tmp_path, item="value"),
        cutoff=CUTOFF,
        scratch=tmp_path,
        n_threads=1,
    )
    _, beer = asked.roles
    expected = [[np.nan if value is None else value for value in alone[user].values()] for user in asked.user_ids]
    np.testing.assert_allclose(beer, np.array(expected, dtype=np.float32), rtol=1e-5, atol=1e-6)


def test_some_users_have_the_same_roles_as_among_all(tmp_path: Path) -> None:
    rows = [buy(f"u{number}", ("beer", "tea", "milk")[number % 3], 1 + number % 13) for number in range(60)]
    tables = [[write_log(rows, tmp_path)]]

    activity = count(tables, tmp_path, item="value")

    def ask(n_users: int) -> dict[str, list[float]]:
        asking = Asking(column="value", values=("beer",), n_users=n_users)
        asked = read_roles(spec(), tables, asking, activity=activity, cutoff=CUTOFF, scratch=tmp_path, n_threads=1)
        (roles,) = asked.roles
        return {user: [float(value) for value in row] for user, row in zip(asked.user_ids, roles, strict=True)}

    everybody, some = ask(60), ask(7)
    assert len(some) == 7
    for user, row in some.items():
        np.testing.assert_array_equal(row, everybody[user])


def test_without_items_nothing_is_said_of_the_rest(tmp_path: Path) -> None:
    write_roles([[write_log(LOG, tmp_path)]], tmp_path, item=None)
    table = pq.read_table(tmp_path / FEATURES)
    assert table["r__affinity__all"].null_count == len(table)


def test_the_column_with_the_most_common_values_is_learned(tmp_path: Path) -> None:
    settings = RoleFeatures(name="r", download="events", within=WEEK, items=("user_id", "value"), min_users=2)
    learn_column(spec(settings), [[write_log(LOG, tmp_path)]], folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert read_column(tmp_path) == "value"


def test_a_column_whose_values_can_be_asked_for_goes_before_one_with_more_that_are_rare_by_the_week(
    tmp_path: Path,
) -> None:
    log: list[Row] = [
        (f"u{user}", before(7 * week + 1), f"v{(user + week) % 15}", 1.0, user % 3)
        for user in range(180)
        for week in range(10)
    ]
    settings = RoleFeatures(name="r", download="events", within=WEEK, items=("value", "user_id"), min_users=20)
    learn_column(spec(settings), [[write_log(log, tmp_path)]], folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert read_column(tmp_path) == "user_id"


def test_a_log_in_which_nothing_is_common_has_no_column(tmp_path: Path) -> None:
    settings = RoleFeatures(name="r", download="events", within=WEEK, items=("value",), min_users=20)
    learn_column(spec(settings), [[write_log(LOG, tmp_path)]], folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert read_column(tmp_path) is None


def test_every_role_has_words_of_its_own() -> None:
    meanings = name_roles("r", "events", WEEK, has_amounts=True).values()
    told = {describe_feature(meaning) for meaning in meanings}
    assert len(told) == len(meanings)
    assert not [words for words in told if "_" in words]
