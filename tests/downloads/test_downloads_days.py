"""Facts about tables that grow by the day: what is fetched, what is kept, and who shares it."""

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import CorruptedOutput, DataError
from yule.core.settings import to_json
from yule.downloads.costs.ledger import Entry, booking, read_entries
from yule.downloads.keeping.days.kept import find_days, find_missing_ranges, find_place, list_days
from yule.downloads.keeping.days.origins import find_origin
from yule.downloads.keeping.fetch import (
    DAYS,
    fetch_table,
    list_day_keys,
    measure_output,
    narrow,
    select,
    specify,
    table_files,
    unite,
)
from yule.downloads.settings import Column, Days, FilesSource, Method
from yule.downloads.sources.engines import describe_origin
from yule.downloads.specs import FINAL, Budget, Fetching, Payer, TableSpec
from yule.storage.opening import open_store
from yule.storage.record import digest_files
from yule.storage.store import Store

FIRST = date(2024, 1, 1)
VIEWS = Method(
    name="views",
    source="web",
    table="views.parquet",
    user="user",
    time="at",
    days=Days(since=FIRST, late_days=2),
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="page", type="string"),
        Column(name="seconds", type="number"),
        Column(name="email", type="string", pii="hash"),
    ),
)


def day(number: float) -> datetime:
    """Return an instant some days after the first."""
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)


def write_views(folder: Path, rows: Sequence[tuple[str, datetime, str]]) -> Fetching:
    """Put rows into the source; return what fetching from it needs."""
    folder.mkdir(exist_ok=True)
    users, times, pages = (list(column) for column in zip(*rows, strict=True))
    table = {"user": users, "at": pa.array(times, pa.timestamp("us", tz="UTC")), "page": pages}
    table |= {"seconds": [float(len(page)) for page in pages], "email": [f"{user}@example.com" for user in users]}
    pq.write_table(pa.table(table), folder / "views.parquet")
    return Fetching(sources={"web": FilesSource(path=str(folder))})


def spec_as_of(fetching: Fetching, store: Store, as_of: date, columns: Sequence[str] | None = None) -> TableSpec:
    """Return the table as it is planned on some date."""
    spec = narrow(specify(VIEWS, fetching, store), columns)
    until = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    return replace(spec, data_version=as_of.isoformat(), until=until)


def fetch_files(store: Store, spec: TableSpec, fetching: Fetching) -> list[Path]:
    """Fetch a table that is kept by the day; return its files."""
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        return table_files(folder, store)


def fetch(store: Store, spec: TableSpec, fetching: Fetching) -> pa.Table:
    """Fetch a table and read it."""
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        files = table_files(folder, store)
        return pa.concat_tables([pq.read_table(file) for file in files])


def fetched(store: Store) -> list[tuple[str, str, int]]:
    """Return what was asked of the source: first day, day after the last, columns."""
    return [(entry.since[:10], entry.until[:10], entry.columns) for entry in read_entries(store.objects)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of a property."""
    return tmp_path_factory.mktemp("days")


ENTRY = Entry(
    query_id="20240101T000000.0Z-1",
    at="2024-01-01T00:00:00+00:00",
    method="views",
    source="web",
    columns=3,
    n_bytes=600,
)
ROWS = [("b", day(0.5), "tea"), ("a", day(0.5), "beer"), ("a", day(2.9999), "tea"), ("c", day(4), "rum")]


def test_every_day_is_there_sorted_also_one_without_rows(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", ROWS)
    table = fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("page",)), fetching)
    assert table["user"].to_pylist() == ["a", "b", "a", "c"]
    assert table.schema.names == ["user", "at", "page"]
    assert fetched(store) == [("2024-01-01", "2024-01-06", 3)]


def test_a_table_is_as_large_as_all_of_its_days_and_no_others(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", ROWS)
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 10), ("page",)), fetching)
    spec = spec_as_of(fetching, store, date(2024, 1, 6), ("page",))
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        (keys, listed), own = (list_day_keys(folder), (folder / DAYS).stat().st_size), "cache/DownloadTable/0a"
        store.publish(folder, own)
    of_days = sum(sum(store.measure_files(key).values()) for key in keys)
    assert measure_output(store, own) == listed + of_days > 5 * 100


def test_a_table_that_lists_what_is_gone_or_forged_counts_without_it(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    for name, keys in (("gone", [f"days/views-{'0' * 16}/{'0' * 16}/2024-01-01--final"]), ("forged", ["../secret"])):
        with store.staging() as folder:
            (folder / DAYS).write_text(json.dumps(keys))
            store.publish(folder, f"cache/DownloadTable/{name}")
        assert measure_output(store, f"cache/DownloadTable/{name}") == len(json.dumps(keys))


def test_a_later_run_fetches_the_new_days_and_the_late_ones_again(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", ROWS)
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("page",)), fetching)
    late = [*ROWS, ("z", day(3.5), "late"), ("z", day(5.5), "new"), ("z", day(0.1), "too late")]
    write_views(tmp_path / "web", late)
    table = fetch(store, spec_as_of(fetching, store, date(2024, 1, 8), ("page",)), fetching)
    # On the 6th, the 4th and the 5th were not yet final; the 1st was, so what came to it later is not seen.
    assert fetched(store)[1:] == [("2024-01-04", "2024-01-08", 3)]
    assert sorted(table["page"].to_pylist()) == ["beer", "late", "new", "rum", "tea", "tea"]


def test_days_that_are_final_are_never_fetched_again(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", ROWS)
    spec = spec_as_of(fetching, store, date(2024, 2, 1), ("page",)).before(day(5))
    assert spec.data_version == FINAL
    assert spec_as_of(fetching, store, date(2024, 3, 1), ("page",)).before(day(5)) == spec
    before = fetch(store, spec, fetching)
    (tmp_path / "web" / "views.parquet").unlink()
    assert fetch(store, spec, fetching) == before


def test_days_with_more_columns_serve_those_who_need_fewer(any_workspace: str, tmp_path: Path) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web", ROWS)
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("page", "seconds")), fetching)
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("seconds",)), fetching)
    assert len(fetched(store)) == 1


def test_damaged_days_with_more_columns_are_fetched_again_for_those_who_need_fewer(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    wide = spec_as_of(fetching, store, date(2024, 1, 6), ("page", "seconds"))
    fetch(store, wide, fetching)
    few = spec_as_of(fetching, store, date(2024, 1, 6), ("seconds",))
    alone = fetch(open_store(str(tmp_path / "alone")), few, fetching)
    for key in list(find_days(store, wide).values())[1:3]:
        (tmp_path / "w" / key / "table.parquet").write_bytes(b"broken")
    assert fetch(store, few, fetching) == alone


COLUMN_NAMES = ["page", "seconds", "email"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    readers=st.lists(
        st.tuples(st.lists(st.sampled_from(COLUMN_NAMES), unique=True), st.integers(0, 3), st.integers(4, 6)),
        min_size=2,
        max_size=4,
    ),
    key=st.sampled_from(["one", "two"]),
)
def test_every_reader_gets_the_bytes_that_it_would_get_alone(
    folder: Path, readers: list[tuple[list[str], int, int]], key: str
) -> None:
    """Whoever fetched which columns before, of the same days or of some of them."""
    shutil.rmtree(folder)
    folder.mkdir()
    tied = [("a", day(0.5), page) for page in ("x", "zzz", "yy")]
    fetching = write_views(folder / "web", [*ROWS, *tied])
    shared = open_store(str(folder / "shared"))
    with pytest.MonkeyPatch.context() as patch:
        for number, (columns, since, until) in enumerate(readers):
            patch.setenv("YULE_PII_KEY", key if number % 2 else "three")
            whole = select(specify(VIEWS, fetching, shared), columns)
            spec = replace(whole, data_version="2024-01-07", since=day(since), until=day(until))
            together = fetch_files(shared, spec, fetching)
            assert pq.read_schema(together[0]).names == ["user", "at", *columns]
            alone = fetch_files(open_store(str(folder / f"alone-{number}")), spec, fetching)
            assert [file.read_bytes() for file in together] == [file.read_bytes() for file in alone]


def test_the_first_reader_of_a_run_fetches_what_all_need(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    first = spec_as_of(fetching, store, date(2024, 1, 4), ("page",)).before(day(2))
    second = spec_as_of(fetching, store, date(2024, 1, 6), ("seconds",))
    wanted = unite([first, second], {"views": VIEWS})
    for spec in (first, second):
        fetch(store, spec, replace(fetching, wanted=wanted))
    assert fetched(store) == [("2024-01-01", "2024-01-06", 4)]


def test_gaps_are_filled_and_joined_to_ranges(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    whole = spec_as_of(fetching, store, date(2024, 2, 1), ("page",))
    for since, until in ((0, 2), (4, 6)):
        part = replace(whole, since=day(since), until=day(until))
        fetch(store, part, fetching)
    ranges = find_missing_ranges(store, replace(whole, until=day(10)))
    assert [(query.since, query.until) for query in ranges] == [(day(2), day(4)), (day(6), day(10))]


def test_another_source_of_the_same_method_is_not_mixed_up(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    other = write_views(tmp_path / "other", [("x", day(0), "x")])
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("page",)), fetching)
    table = fetch(store, spec_as_of(other, store, date(2024, 1, 6), ("page",)), other)
    assert table["user"].to_pylist() == ["x"]


def test_columns_that_say_who_a_person_is_are_fetched_only_by_name_and_as_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    assert "email" not in [column.name for column in spec_as_of(fetching, store, FIRST).method.columns]
    with pytest.raises(DataError, match="set the environment variable YULE_PII_KEY"):
        spec_as_of(fetching, store, FIRST, ("email",))
    digests = []
    for key in ("one", "two"):
        monkeypatch.setenv("YULE_PII_KEY", key)
        table = fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("email",)), fetching)
        digests.append(dict(zip(table["user"].to_pylist(), table["email"].to_pylist(), strict=True)))
    assert len(digests[0]["a"]) == 64
    assert not set(digests[0].values()) & set(digests[1].values())
    assert b"example.com" not in b"".join(file.read_bytes() for file in (tmp_path / "w").rglob("*") if file.is_file())


def test_more_than_the_budget_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    spec = spec_as_of(fetching, store, date(2024, 1, 6), ("page",))
    for budget in (Budget(download=10), Budget(run=10), Budget(month=10)):
        with pytest.raises(DataError, match=r"views: refused, nothing was read.*more than the 10 B"):
            fetch(store, spec, replace(fetching, budget=budget, payers={"views": (Payer(run="r"),)}))
    assert not fetched(store)


def test_what_a_run_has_spent_counts(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    spec = spec_as_of(fetching, store, date(2024, 1, 6), ("page",))
    fetch(store, spec.before(day(2)), replace(fetching, payers={"views": (Payer(run="r"),)}))
    (entry,) = read_entries(store.objects)
    assert entry.n_bytes
    with pytest.raises(DataError, match=r"left of .* for this run"):
        fetch(store, spec, replace(fetching, budget=Budget(run=entry.n_bytes + 1), payers={"views": (Payer(run="r"),)}))
    fetch(
        store, spec, replace(fetching, budget=Budget(run=entry.n_bytes + 1), payers={"views": (Payer(run="another"),)})
    )


def test_a_query_that_fails_does_not_eat_the_budget(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", [("", day(0), "no user")])
    spec = spec_as_of(fetching, store, date(2024, 1, 6), ("page",))
    limited = replace(fetching, budget=Budget(run=700, month=700), payers={"views": (Payer(run="r"),)})
    for _ in range(5):
        with pytest.raises(DataError, match="1 rows have no user in user"):
            fetch(store, spec, limited)
    entries = list(read_entries(store.objects))
    assert {(entry.state, entry.n_bytes) for entry in entries} == {("failed", 0)}
    assert not store.objects.list("leases/queries/")
    write_views(tmp_path / "web", ROWS)
    fetch(store, spec, limited)
    assert list(read_entries(store.objects))[-1].state == "answered"


@pytest.mark.parametrize(("n_rows", "n_bytes"), [(1, 600), (0, 0)])
def test_a_query_that_is_given_up_is_billed_if_rows_had_come(tmp_path: Path, n_rows: int, n_bytes: int) -> None:
    objects = open_store(str(tmp_path / "w")).objects
    with booking(objects, ENTRY) as line:
        line.reserve()
        line.note_rows(pa.table({"user": ["a"] * n_rows}).to_reader()).read_all()
    assert [(entry.state, entry.n_bytes) for entry in read_entries(objects)] == [("failed", n_bytes)]


def _reserve_and_be_killed(workspace: str) -> None:
    objects = open_store(workspace).objects
    with booking(objects, ENTRY) as line:
        line.reserve()
        assert [entry.n_bytes for entry in read_entries(objects)] == [600]
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_process_had_reserved_is_free_again(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_reserve_and_be_killed, args=(str(tmp_path / "w"),))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    (entry,) = read_entries(open_store(str(tmp_path / "w")).objects)
    assert (entry.state, entry.n_bytes) == ("failed", 0)


def test_what_is_being_asked_is_reserved(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path / "w")).objects
    with booking(objects, ENTRY) as line:
        line.reserve()
        assert [(entry.state, entry.n_bytes) for entry in read_entries(objects)] == [("asked", 600)]
        line.close(3, 5)
    assert [(entry.state, entry.n_rows) for entry in read_entries(objects)] == [("answered", 3)]


def test_lines_of_ledgers_without_a_state_count(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path / "w")).objects
    line = json.loads(to_json(ENTRY))
    del line["state"]
    objects.write("ledger/2024-01/20240101T000000.0Z-1.json", json.dumps(line).encode())
    (entry,) = read_entries(objects)
    assert (entry.state, entry.n_bytes) == ("answered", 600)


def test_a_damaged_day_is_deleted_and_fetched_again(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    spec = spec_as_of(fetching, store, date(2024, 1, 6), ("page",))
    whole = fetch(store, spec, fetching)
    keys = list(find_days(store, spec).values())
    (tmp_path / "w" / keys[2] / "table.parquet").write_bytes(b"broken")
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        with pytest.raises(CorruptedOutput, match="has 6 bytes instead of"):
            table_files(folder, store)
    assert fetch(store, spec, fetching) == whole
    assert fetched(store)[-1] == ("2024-01-03", "2024-01-04", 3)


def _fetch_in_another_process(workspace: str, web: str, number: int) -> None:
    store, fetching = open_store(workspace), Fetching(sources={"web": FilesSource(path=web)})
    spec = spec_as_of(fetching, store, date(2024, 3, 1), ("page",)).before(day(10 + number))
    fetch(store, spec, fetching)


@pytest.mark.slow
def test_processes_that_fetch_at_once_ask_for_no_day_twice(tmp_path: Path) -> None:
    write_views(tmp_path / "web", ROWS)
    context = multiprocessing.get_context("spawn")
    arguments = [(str(tmp_path / "w"), str(tmp_path / "web"), number) for number in range(4)]
    processes = [context.Process(target=_fetch_in_another_process, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    periods = sorted((since, until) for since, until, _ in fetched(open_store(str(tmp_path / "w"))))
    assert all(before[1] <= after[0] for before, after in pairwise(periods))
    assert (periods[0][0], periods[-1][1]) == ("2024-01-01", "2024-01-14")


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    looks=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 20)), min_size=1, max_size=5),
    rows=st.lists(st.tuples(st.integers(0, 19 * 24), st.integers(0, 4 * 24)), min_size=1, max_size=30),
)
def test_however_it_was_fetched_before_a_table_is_what_the_source_has(
    folder: Path, looks: list[tuple[int, int]], rows: list[tuple[int, int]]
) -> None:
    """Rows come at an hour and arrive some hours later; within the late days, all of them are seen."""
    shutil.rmtree(folder)
    folder.mkdir()
    store = open_store(str(folder / "w"))
    for as_of, until in sorted(looks):
        arrived = [hour for hour, late in rows if hour + min(late, 2 * 24 - 1) < as_of * 24]
        views = [(f"u{index}", day(hour / 24), "x") for index, hour in enumerate(sorted(arrived))]
        fetching = write_views(folder / "web", views or [("nobody", day(-1), "x")])
        spec = spec_as_of(fetching, store, (day(as_of)).date(), ("page",)).before(day(until))
        expected = sorted(at for _, at, _ in views if at < day(min(until, as_of)))
        if list_days(spec):
            assert sorted(fetch(store, spec, fetching)["at"].to_pylist()) == expected


def test_a_period_before_the_first_day_is_refused(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    with pytest.raises(DataError, match="nothing to fetch of views before 2023-12-01: its first day is 2024-01-01"):
        fetch(store, spec_as_of(fetching, store, date(2023, 12, 1)), fetching)


def _fetch_and_be_killed(workspace: str, web: str) -> None:
    from yule.downloads.keeping.days import kept

    published = []

    def digest_and_die(folder: Path) -> object:
        published.append(folder)
        if len(published) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return digest_files(folder)

    kept.digest_files = digest_and_die  # type: ignore[assignment]
    kept.N_UPLOADS = 1
    store, fetching = open_store(workspace), Fetching(sources={"web": FilesSource(path=web)})
    fetch(store, spec_as_of(fetching, store, date(2024, 1, 20), ("page",)), fetching)


def test_a_killed_fetch_loses_only_what_it_had_not_published(tmp_path: Path) -> None:
    fetching = write_views(tmp_path / "web", ROWS)
    arguments = (str(tmp_path / "w"), str(tmp_path / "web"))
    process = multiprocessing.get_context("spawn").Process(target=_fetch_and_be_killed, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    store = open_store(str(tmp_path / "w"))
    spec = spec_as_of(fetching, store, date(2024, 1, 20), ("page",))
    assert list(find_days(store, spec)) == [date(2024, 1, day) for day in (1, 2, 3)]
    assert fetch(store, spec, fetching)["user"].to_pylist() == ["a", "b", "a", "c"]
    assert fetched(store)[-1] == ("2024-01-04", "2024-01-20", 3)


def _spend_in_another_process(workspace: str, web: str, number: int) -> None:
    store = open_store(workspace)
    fetching = Fetching(sources={"web": FilesSource(path=web)}, budget=Budget(month=700))
    spec = replace(spec_as_of(fetching, store, date(2024, 1, 20), ("page",)), users=(str(number),))
    try:
        fetch(store, spec, fetching)
    except DataError:
        return


@pytest.mark.slow
def test_processes_at_once_do_not_each_take_what_is_left_of_a_budget(tmp_path: Path) -> None:
    write_views(tmp_path / "web", ROWS)
    context = multiprocessing.get_context("spawn")
    arguments = [(str(tmp_path / "w"), str(tmp_path / "web"), number) for number in range(5)]
    processes = [context.Process(target=_spend_in_another_process, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    entries = list(read_entries(open_store(str(tmp_path / "w")).objects))
    spent = [entry.n_bytes or 0 for entry in entries]
    assert 0 < sum(spent) <= 700 < sum(spent) + min(spent)


def test_readers_with_and_without_digests_are_served_by_one_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YULE_PII_KEY", "one")
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    specs = [spec_as_of(fetching, store, date(2024, 1, 6), (name,)) for name in ("page", "email")]
    wanted = unite(specs, {"views": VIEWS})
    tables = [fetch(store, spec, replace(fetching, wanted=wanted)) for spec in specs]
    assert len(fetched(store)) == 1
    monkeypatch.setenv("YULE_PII_KEY", "two")
    again = fetch(store, spec_as_of(fetching, store, date(2024, 1, 6), ("email",)), fetching)
    assert again["email"].to_pylist() != tables[1]["email"].to_pylist()


def test_days_after_the_source_was_last_written_to_are_not_taken_for_empty_ones(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web", ROWS)
    written_at = day(6.3).timestamp()
    os.utime(tmp_path / "web" / "views.parquet", (written_at, written_at))
    spec = narrow(specify(VIEWS, fetching, store), ("page",))
    assert (spec.until, spec.data_version) == (day(6), "2024-01-07")
    assert spec.before(day(4)).data_version == FINAL
    assert spec.before(day(30)) == spec


def test_days_lie_where_earlier_versions_put_them() -> None:
    spec = TableSpec(method=VIEWS.without_notes(), data_version=FINAL, origin="web")
    other = replace(VIEWS, table="", sql={"bigquery": "SELECT 1"}, time_zone="Asia/Tokyo", encoding="cp932")
    assert find_place(spec) == "days/views-e415ffc90a61b2e8"
    assert find_place(replace(spec, method=other.without_notes())) == "days/views-5b47f54bec7c79c7"


def test_what_does_not_decide_the_rows_of_a_day_moves_no_day() -> None:
    spec = TableSpec(method=VIEWS, data_version=FINAL, origin="web")
    noted = replace(
        VIEWS,
        columns=VIEWS.columns[:2],
        max_bytes=1,
        description="What was looked at",
        owner="web team",
        warn_after=timedelta(days=1),
        days=replace(VIEWS.days, since=FIRST - timedelta(days=9), rewritten="refresh", column="at"),
    )
    assert find_place(replace(spec, method=noted)) == find_place(spec)
    assert find_place(replace(spec, method=replace(VIEWS, time_zone="Asia/Tokyo"))) != find_place(spec)


def test_days_of_files_are_found_where_a_project_is_moved_to(tmp_path: Path) -> None:
    origins = []
    for place in ("here", "there"):
        store = open_store(str(tmp_path / place / "workspace"))
        origins.append(find_origin(FilesSource(path=str(tmp_path / place / "data")), VIEWS, store))
    assert origins[0] == origins[1]


def test_sources_in_other_folders_share_no_days(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "workspace"))
    found = {find_origin(FilesSource(path=str(tmp_path / folder / "data")), VIEWS, store) for folder in ("a", "b")}
    assert len(found) == 2


def test_days_that_an_earlier_version_kept_are_still_found(tmp_path: Path) -> None:
    store, source = open_store(str(tmp_path / "workspace")), FilesSource(path=str(tmp_path / "data"))
    kept = TableSpec(method=VIEWS.without_notes(), data_version=FINAL, origin=describe_origin(source))
    (store.root / find_place(kept)).mkdir(parents=True)
    assert find_origin(source, VIEWS, store) == kept.origin
