"""Facts about how far a log goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.labels.observe import is_mature, read_labels, read_summary, write_labels
from yule.labels.reach import Reach, find_days, find_reach
from yule.labels.settings import EventRule, LabelSpec, Population
from yule.labels.summary import LabelSummary
from yule.messages.telling import tell

START = datetime(2024, 1, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
LOG = Method(
    name="log",
    source="s",
    table="t",
    user="u",
    time="t",
    columns=(
        Column(name="u", type="string"),
        Column(name="t", type="timestamp"),
        Column(name="what", type="string"),
    ),
)
DATES = replace(LOG, columns=(LOG.columns[0], Column(name="t", type="date"), LOG.columns[2]))
Row = tuple[str, datetime, str]
N_DAYS = 200
CUTOFFS = tuple(START + timedelta(days=days) for days in (100, 128, 156, 184))
RULE = EventRule(event="log", where="what = 'c'", within=timedelta(days=28), cutoffs=CUTOFFS)


def told(summary: LabelSummary) -> tuple[str, ...]:
    """Return what is to be known of labels, in words."""
    return tuple(tell(finding).text for finding in summary.findings)


def busy(seed: int = 0, *, n_days: int = N_DAYS, per_day: float = 12.5) -> list[Row]:
    random = Random(seed)
    rows = [(START + timedelta(seconds=random.randrange(n_days * 86_400))) for _ in range(int(n_days * per_day))]
    return [(f"{random.randrange(100):03}", at, random.choice("abc")) for at in rows]


def at_days(*days: float, user: str = "stray") -> list[Row]:
    return [(user, START + timedelta(days=day), "a") for day in days]


def write_rows(rows: list[Row], file: Path, kind: pa.DataType = INSTANT) -> Path:
    users, times, whats = (list(column) for column in zip(*rows, strict=True))
    write_table(pa.table({"u": users, "t": pa.array(times, INSTANT).cast(kind), "what": whats}), file)
    return file


def reach(rows: list[Row], method: Method = LOG) -> Reach:
    with TemporaryDirectory() as name, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        file = write_rows(rows, Path(name) / "log.parquet", pa.date32() if method.tells_days else INSTANT)
        return find_reach(connection, method, f"read_parquet('{file}')")


def observe(rows: list[Row], folder: Path, rule: EventRule = RULE) -> LabelSummary:
    folder.mkdir(exist_ok=True)
    table = write_rows(rows, folder / "log.parquet")
    spec = LabelSpec(
        settings=rule,
        table=TableSpec(method=LOG, data_version="1"),
        population=Population(download="log"),
        population_table=TableSpec(method=LOG, data_version="1"),
    )
    write_labels(spec, [table], [table], folder=folder, n_threads=1)
    return read_summary(folder)


def test_one_event_of_2099_closes_no_horizon_and_is_told(tmp_path: Path) -> None:
    rows = busy()
    without, with_one = observe(rows, tmp_path / "a"), observe([*rows, *at_days(27_394, user="001")], tmp_path / "b")
    assert with_one.immature == without.immature
    assert with_one.cutoffs == without.cutoffs
    assert without.immature is not None
    assert without.immature.cutoffs == CUTOFFS[3:]
    assert without.strays is None
    assert told(with_one)[1] == (
        "1 row of log is far from all others, which are of 2024-01-01 to 2024-07-18: 1 after them, for example "
        "2099-01-01 00:00:00. It tells nothing of how far the log goes. Is a clock or a date wrong? Correct it, or "
        "leave it out."
    )
    assert read_labels(tmp_path / "a").to_table().equals(read_labels(tmp_path / "b").to_table())


FAR = st.integers(N_DAYS + 12, 27_394) | st.integers(N_DAYS + 12, N_DAYS + 60)


@settings(deadline=None, max_examples=20)
@given(st.lists(FAR, min_size=1, max_size=25), st.integers(0, 5))
def test_a_few_events_of_the_far_future_change_no_label_no_cutoff_and_no_horizon(days: list[int], seed: int) -> None:
    rows = busy(seed)
    users = sorted({user for user, _, _ in rows})
    strays = [(users[day % len(users)], START + timedelta(days=day), "c") for day in days]
    with TemporaryDirectory() as name:
        without, with_some = observe(rows, Path(name) / "a"), observe([*rows, *strays], Path(name) / "b")
        assert (with_some.immature, with_some.cutoffs) == (without.immature, without.cutoffs)
        assert with_some.strays is not None
        assert with_some.strays.n_after == len(days)
        assert read_labels(Path(name) / "a").to_table().equals(read_labels(Path(name) / "b").to_table())


@pytest.mark.parametrize(
    "strays",
    [
        at_days(-19_723),  # 1970
        at_days(*[-19_723] * 300),
        at_days(-738_885),  # the first day of year 1
        at_days(*[2_913_000] * 400),  # a placeholder of year 9999
        at_days(*range(300, 30_300, 100)),  # bots with clocks of their own
        [*at_days(-19_723, -9_000), *at_days(400, 27_394)],
    ],
    ids=["epoch", "many-of-epoch", "year-one", "placeholder", "bots", "both-sides"],
)
def test_a_log_goes_as_far_as_its_days_whatever_the_clocks_of_some(strays: list[Row]) -> None:
    alone, together = reach(busy()), reach([*busy(), *strays])
    assert (together.since, together.until) == (alone.since, alone.until)
    assert together.strays is not None
    assert together.strays.n_before + together.strays.n_after == len(strays)


@pytest.mark.parametrize("method", [LOG, DATES], ids=["times", "dates"])
def test_the_last_day_of_a_log_of_days_is_over_whatever_strays(method: Method) -> None:
    days = at_days(*[day for day in range(100) for _ in range(5)])
    found = reach([*days, *at_days(27_394)], method)
    assert found.until == START + timedelta(days=100)
    assert found.strays is not None


@pytest.mark.parametrize(
    "days",
    [
        [*range(250), *range(430, 445)],  # closed for the winter, open again for two weeks
        [*range(250), *range(430, 680), *range(860, 863)],  # closed every winter, open for three days
        [day for day in range(700) if day % 7 < 5 and day % 90 > 12],  # no week-ends, a fortnight off every quarter
        [0, 90, 180, 270, 360],  # campaigns
        [0, 31, 60, 91, 400],
        [0],
        [0, 3_000],
        [0, 10, 200],
        list(np.cumsum(np.random.default_rng(0).exponential(9, 80).astype(int) + 1)),
    ],
    ids=["winter", "winters", "week-ends", "campaigns", "few-campaigns", "one", "two", "three", "rare"],
)
def test_a_log_that_pauses_goes_up_to_its_last_day(days: list[int]) -> None:
    counts = np.full(len(days), 8, np.int64)
    assert find_days(np.array(days, np.int64), counts) == (0, len(days) - 1)


def test_a_log_of_three_events_is_not_fooled_by_2099() -> None:
    assert find_days(np.array([0, 10, 27_394]), np.array([1, 1, 1])) == (0, 1)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=60, unique=True).map(sorted),
    st.integers(1, 3),
    st.integers(-10_000, 10_000),
)
def test_the_days_of_a_log_are_the_same_wherever_it_lies_and_turned_round(
    days: list[int], n_rows: int, shift: int
) -> None:
    there, counts = np.array(days, np.int64), np.full(len(days), n_rows, np.int64)
    first, last = find_days(there, counts)
    assert find_days(there + shift, counts) == (first, last)
    assert first <= last


def test_labels_at_a_cutoff_before_which_there_are_strays_alone_are_refused(tmp_path: Path) -> None:
    early = replace(RULE, cutoffs=(START - timedelta(days=300), *CUTOFFS[:2]))
    with pytest.raises(DataError, match=r"Nobody can be labelled at 2023-03-07: the events of log begin at 2024-01-01"):
        observe([*busy(), *at_days(-19_723)], tmp_path, early)


def test_what_came_of_the_scored_is_not_known_by_a_stray(tmp_path: Path) -> None:
    table = write_rows([*busy(), *at_days(27_394)], tmp_path / "log.parquet")
    spec = TableSpec(method=LOG, data_version="1")
    assert not is_mature(RULE, spec, START + timedelta(days=190), [table])
    assert is_mature(RULE, spec, START + timedelta(days=150), [table])


def test_a_log_without_rows_is_refused() -> None:
    with duckdb.connect() as connection, pytest.raises(DataError, match="log has no rows"):
        find_reach(connection, LOG, "(SELECT TIMESTAMPTZ '2024-01-01' AS t WHERE false)")


def test_a_log_beyond_the_last_year_of_python_is_told_and_no_crash() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        days = "SELECT TIMESTAMPTZ '12000-01-01' + i * INTERVAL 1 DAY AS t FROM range(9) r(i)"
        assert find_reach(connection, LOG, f"({days})").until.year == 9999
