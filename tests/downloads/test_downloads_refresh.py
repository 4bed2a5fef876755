"""Facts about days that are fetched anew."""

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.costs.ledger import read_entries
from yule.downloads.keeping.days.marks import read_marks
from yule.downloads.keeping.days.refresh import KeptDay, find_rewritten, refresh_days
from yule.downloads.keeping.fetch import fetch_table, select, specify, table_files, unite
from yule.downloads.keeping.rows.expectations import Checks, ColumnChecks
from yule.downloads.settings import Column, Days, FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.files.writing import find_written
from yule.downloads.specs import Budget, Fetching, TableSpec
from yule.storage.opening import open_store
from yule.storage.store import LocalStore, Store

VIEWS = Method(
    name="views",
    source="web",
    table="views.parquet",
    user="user",
    time="at",
    days=Days(since=date(2024, 1, 1), late_days=1),
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="page", type="string"),
        Column(name="seconds", type="number"),
        Column(name="email", type="string", pii="deny"),
    ),
)
N_DAYS = 6


def day(number: int) -> datetime:
    """Return a midnight some days after the first."""
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)


def write_views(folder: Path, pages: Sequence[str]) -> Fetching:
    """Put a view of each page into the source, one a day; it was last written to when all days were over."""
    folder.mkdir(exist_ok=True)
    times = [day(number) + timedelta(hours=9) for number in range(len(pages))]
    table = {"user": ["a"] * len(pages), "at": times, "page": list(pages), "seconds": [1.0] * len(pages)}
    pq.write_table(pa.table(table | {"email": ["a@example.com"] * len(pages)}), folder / "views.parquet")
    os.utime(folder / "views.parquet", (day(N_DAYS + 3).timestamp(),) * 2)
    return Fetching(sources={"web": FilesSource(path=str(folder))})


def write_views_of_one_day(folder: Path, pages: Sequence[str]) -> Fetching:
    """Put a view of each page into the source, all at one instant of the first day."""
    fetching = write_views(folder, pages)
    file = folder / "views.parquet"
    written_at, table = file.stat().st_mtime, pq.read_table(file)
    at = pa.array([day(0) + timedelta(hours=9)] * len(pages), table.schema.field("at").type)
    pq.write_table(table.set_column(table.schema.get_field_index("at"), "at", at), file)
    os.utime(file, (written_at, written_at))
    return fetching


def plan(store: Store, fetching: Fetching, columns: Sequence[str], until: int = N_DAYS) -> TableSpec:
    """Return the table as it is planned now."""
    return select(specify(VIEWS, fetching, store), columns).before(day(until))


def fetch(store: Store, spec: TableSpec, fetching: Fetching) -> pa.Table:
    """Fetch a table and read it."""
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        return pa.concat_tables([pq.read_table(file) for file in table_files(folder, store)])


def refresh(store: Store, fetching: Fetching, since: int = 0, until: int = N_DAYS) -> list[KeptDay]:
    """Fetch days anew."""
    spec = specify(VIEWS, fetching, store).before(day(until)).since_day_of(day(since))
    source = open_source(fetching.sources["web"], cache_folder=None)
    return refresh_days(store, source, spec, fetching, n_threads=1)


def test_a_day_that_has_changed_is_another_from_then_on(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    write_views(tmp_path / "web", "abXdef")
    (changed,) = [found for found in refresh(store, fetching) if found.is_changed]
    assert changed == KeptDay(day=date(2024, 1, 3), n_rows_before=1, n_rows_after=1, is_changed=True)
    assert fetch(store, plan(store, fetching, ["page"]), fetching)["page"].to_pylist() == list("abXdef")


@pytest.mark.parametrize(("before", "after"), [("x", "xx"), ("xxy", "xyy"), ("xy", "x")])
def test_a_day_to_which_rows_came_or_of_which_they_went_has_changed(tmp_path: Path, before: str, after: str) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views_of_one_day(tmp_path / "web", before)
    fetch(store, plan(store, fetching, ["page"], 1), fetching)
    write_views_of_one_day(tmp_path / "web", after)
    expected = KeptDay(day=day(0).date(), n_rows_before=len(before), n_rows_after=len(after), is_changed=True)
    assert refresh(store, fetching, until=1) == [expected]
    assert sorted(fetch(store, plan(store, fetching, ["page"], 1), fetching)["page"].to_pylist()) == list(after)


class FullDisk(LocalStore):
    """A store on a disk that has no room for what is published."""

    def publish(self, folder: Path, key: str) -> bool:
        """See :class:`~yule.storage.store.Store`."""
        del folder
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), key)


def test_an_edition_counts_only_once_its_days_are_there(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    before = plan(store, fetching, ["page"])
    table = fetch(store, before, fetching)
    write_views(tmp_path / "web", "abXdef")
    with pytest.raises(OSError, match="No space left on device"):
        refresh(FullDisk(tmp_path / "w"), fetching)
    assert plan(store, fetching, ["page"]) == before
    assert fetch(store, before, fetching) == table


def test_tables_of_a_changed_day_have_another_key_and_those_before_it_the_same(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    before = [plan(store, fetching, ["page"], until) for until in range(1, N_DAYS + 1)]
    fetch(store, before[-1], fetching)
    write_views(tmp_path / "web", "abXdef")
    refresh(store, fetching)
    after = [plan(store, fetching, ["page"], until) for until in range(1, N_DAYS + 1)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True] + [False] * 4
    assert plan(store, fetching, ["page"]).since_day_of(day(3)) == before[-1].since_day_of(day(3))


def test_who_reads_the_days_as_they_were_still_does(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    before = plan(store, fetching, ["page"])
    table = fetch(store, before, fetching)
    write_views(tmp_path / "web", "XXXXXX")
    refresh(store, fetching)
    assert fetch(store, before, fetching) == table


def test_a_refresh_that_waited_for_another_finds_nothing_left_to_do(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    planned_before = specify(VIEWS, fetching, store)
    write_views(tmp_path / "web", "abXdef")
    refresh(store, fetching)
    source = open_source(fetching.sources["web"], cache_folder=None)
    again = refresh_days(store, source, planned_before, fetching, n_threads=1)
    assert not any(found.is_changed for found in again)
    assert len(specify(VIEWS, fetching, store).editions) == 1


def test_nothing_is_replaced_where_nothing_has_changed(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    before = plan(store, fetching, ["page"])
    fetch(store, before, fetching)
    assert not any(found.is_changed for found in refresh(store, fetching))
    assert plan(store, fetching, ["page"]) == before


def test_only_kept_days_of_the_period_are_asked_for_with_all_columns_that_were_ever_fetched(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"], 4), fetching)
    fetch(store, plan(store, fetching, ["email"], 2), fetching)
    refresh(store, fetching, since=1)
    last = list(read_entries(store.objects))[-1]
    assert (last.since[:10], last.until[:10], last.columns) == ("2024-01-02", "2024-01-05", 4)


def test_a_day_that_changed_in_columns_of_one_reader_is_another_for_all(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    for columns in (["page"], ["seconds"]):
        fetch(store, plan(store, fetching, columns), fetching)
    write_views(tmp_path / "web", "abXdef")
    refresh(store, fetching)
    n_queries = len(list(read_entries(store.objects)))
    for columns, expected in ((["page"], list("abXdef")), (["seconds"], [1.0] * 6)):
        assert fetch(store, plan(store, fetching, columns), fetching)[columns[0]].to_pylist() == expected
    assert len(list(read_entries(store.objects))) == n_queries


def test_days_that_do_not_pass_their_checks_replace_none(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    before = plan(store, fetching, ["page"])
    fetch(store, before, fetching)
    write_views(tmp_path / "web", "abXdef")
    checks = {"views": Checks(columns={"page": ColumnChecks(accepted_values=tuple("abcdef"))})}
    with pytest.raises(DataError, match="page: accepted_values a, b, c, d, e, f: 1 row of 2024-01-03"):
        refresh(store, replace(fetching, checks=checks))
    with pytest.raises(DataError, match="on 1 day, so all that are kept stay as they are:"):
        refresh(store, replace(fetching, checks=checks))
    assert plan(store, fetching, ["page"]) == before


def test_a_refresh_is_paid_for_like_any_fetch(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    with pytest.raises(DataError, match="refused, nothing was read"):
        refresh(store, replace(fetching, budget=Budget(download=10)))


def test_the_readers_of_a_run_share_what_was_fetched_anew(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    write_views(tmp_path / "web", "XbcdeX")
    refresh(store, fetching)
    specs = [plan(store, fetching, ["page"], 3), plan(store, fetching, ["seconds"], 6)]
    wanted = unite(specs, {"views": VIEWS})
    assert fetch(store, specs[0], replace(fetching, wanted=wanted))["page"].to_pylist() == list("Xbc")
    fetch(store, specs[1], replace(fetching, wanted=wanted))
    assert [entry.columns for entry in read_entries(store.objects)][2:] == [4]


def find(store: Store, fetching: Fetching) -> list[int]:
    """Return the numbers of the days that were rewritten."""
    source = open_source(fetching.sources["web"], cache_folder=None)
    spec, changed_at = specify(VIEWS, fetching, store), source.changed_at(VIEWS)
    found = find_rewritten(store, source, spec, changed_at=changed_at, n_threads=1)
    return [(found_day - date(2024, 1, 1)).days for found_day in found]


def touch(file: Path, minutes: int = 1) -> None:
    """Let a file be written to later than all that was fetched."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    os.utime(file, (at.timestamp(), at.timestamp()))


def test_days_that_were_written_to_after_they_were_final_are_found_until_they_are_fetched_anew(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    assert find(store, fetching) == []
    write_views(tmp_path / "web", "abXdeX")
    touch(tmp_path / "web" / "views.parquet", minutes=-60)
    assert find(store, fetching) == []
    touch(tmp_path / "web" / "views.parquet")
    assert find(store, fetching) == [2, 5]
    refresh(store, fetching)
    assert find(store, fetching) == []


def test_a_file_that_was_only_touched_is_read_once_and_then_known_to_be_the_same(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    file = tmp_path / "web" / "views.parquet"
    touch(file)
    assert find(store, fetching) == []
    marks = read_marks(store, specify(VIEWS, fetching, store))
    assert [(mark.kind, mark.since.day, mark.until.day) for mark in marks] == [("fetched", 1, 7), ("compared", 1, 7)]


def test_days_that_earlier_versions_fetched_are_not_taken_for_rewritten(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", "abcdef")
    fetch(store, plan(store, fetching, ["page"]), fetching)
    for file in (tmp_path / "w").glob("days/*/fetched/*"):
        file.unlink()
    write_views(tmp_path / "web", "XXXXXX")
    touch(tmp_path / "web" / "views.parquet")
    assert find(store, fetching) == []


def test_a_file_of_one_day_says_nothing_of_others(tmp_path: Path) -> None:
    table = pa.table({"at": [day(3) + timedelta(hours=9)]})
    for number in (3, 9):
        pq.write_table(table.set_column(0, "at", [[day(number)]]), tmp_path / f"{number}.parquet")
    touch(tmp_path / "9.parquet", minutes=60)
    days = [day(number).date() for number in range(12)]
    written = find_written(sorted(tmp_path.glob("*")), "at", days)
    assert [found.day - 1 for found in written] == [2, 3, 4, 8, 9, 10]
    assert written[days[9]] > written[days[3]]
    assert len(find_written([tmp_path / "9.parquet"], "other", days)) == len(days)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of a property."""
    return tmp_path_factory.mktemp("refresh")


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.text("ab", min_size=N_DAYS, max_size=N_DAYS), st.sampled_from([["page"], ["page", "seconds"]])),
        min_size=2,
        max_size=4,
    )
)
def test_after_a_refresh_a_table_is_what_the_source_has_and_equal_keys_mean_equal_tables(
    folder: Path, steps: list[tuple[str, list[str]]]
) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    store = open_store(str(folder / "w"))
    seen: dict[str, list[str]] = {}
    for pages, columns in steps:
        fetching = write_views(folder / "web", pages)
        refresh(store, fetching)
        spec = plan(store, fetching, columns)
        table = fetch(store, spec, fetching)
        assert table["page"].to_pylist() == list(pages)
        assert seen.setdefault(repr(spec), table["page"].to_pylist()) == list(pages)
