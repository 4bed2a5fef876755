"""Facts about kept days that nobody asks for any more."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.settings import to_json
from yule.downloads.keeping.days.kept import find_place, list_kept_days
from yule.downloads.keeping.days.marks import read_editions, read_marks
from yule.downloads.keeping.days.pruning import KEPT, find_leftovers, list_folders, prune_superseded, remove_folders
from yule.downloads.keeping.days.refresh import refresh_days
from yule.downloads.keeping.fetch import fetch_table, select, specify, table_files
from yule.downloads.settings import Column, Days, FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import Fetching, TableSpec
from yule.storage.lease import Lease, hold_lease, is_held
from yule.storage.opening import open_store
from yule.storage.owners import describe_process
from yule.storage.store import Store
from yule.storage.uses import find_oldest_use, use_until_exit, using_workspace

VIEWS = Method(
    name="views",
    source="web",
    table="views.parquet",
    user="user",
    time="at",
    days=Days(since=date(2024, 1, 1), late_days=2),
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="page", type="string"),
        Column(name="email", type="string"),
    ),
)
LATER = datetime.now(UTC) + timedelta(days=1)


def write_views(folder: Path, page: str = "x") -> Fetching:
    """Put a view on each of eight days into the source."""
    folder.mkdir(exist_ok=True)
    times = [datetime(2024, 1, number, 9, tzinfo=UTC) for number in range(1, 9)]
    table = {"user": ["a"] * 8, "at": times, "page": [page] * 8, "email": ["e"] * 8}
    pq.write_table(pa.table(table), folder / "views.parquet")
    return Fetching(sources={"web": FilesSource(path=str(folder))})


def fetch(store: Store, fetching: Fetching, as_of: int, columns: tuple[str, ...] = ("page",)) -> list[Path]:
    """Fetch the table as it is on some day of January; return its files."""
    spec = select(specify(VIEWS, fetching, store), columns)
    spec = replace(spec, data_version=f"2024-01-0{as_of}", until=datetime(2024, 1, as_of, tzinfo=UTC))
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        return table_files(folder, store)


def spec_of(store: Store, fetching: Fetching) -> TableSpec:
    """Return the table with all its columns."""
    return specify(VIEWS, fetching, store)


def states(store: Store) -> list[str]:
    """Return the days that are kept, with what they carry."""
    return [folder.key.rsplit("/", 1)[1] for folder in list_folders(store)]


def age(store: Store, spec: TableSpec) -> None:
    """Let all that was fetched until now have been fetched long ago."""
    place = find_place(spec)
    long_ago = (datetime.now(UTC) - KEPT - timedelta(days=1)).strftime("%Y%m%dT%H%M%S.%fZ")
    for kind in ("fetched", "compared"):
        for name in list(store.objects.list(f"{place}/{kind}/")):
            store.objects.delete([name])
            store.objects.write(f"{name.rsplit('--', 1)[0]}--{long_ago}", b"")


OLD = ["2024-01-02--2024-01-04", "2024-01-03--2024-01-04"]
NEW = [
    "2024-01-01--final",
    "2024-01-02--final",
    "2024-01-03--final",
    "2024-01-04--2024-01-06",
    "2024-01-05--2024-01-06",
]


def test_days_that_were_not_final_go_long_after_newer_ones_stand_in_for_them(
    any_workspace: str, tmp_path: Path
) -> None:
    store, fetching = open_store(any_workspace), write_views(tmp_path / "web")
    fetch(store, fetching, 4)
    fetch(store, fetching, 6)
    spec = spec_of(store, fetching)
    assert prune_superseded(store, spec) == 0
    assert set(states(store)) == {*NEW, *OLD}
    age(store, spec)
    assert prune_superseded(store, spec) == 2
    assert states(store) == NEW


def test_a_later_fetch_deletes_them(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web")
    for as_of in (4, 6):
        fetch(store, fetching, as_of)
    age(store, spec_of(store, fetching))
    fetch(store, fetching, 8)
    assert not {*OLD} & set(states(store))


def test_nothing_is_deleted_that_a_process_may_read_which_began_before(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web")
    fetch(store, fetching, 4)
    fetch(store, fetching, 6)
    age(store, spec_of(store, fetching))
    name = f"uses/{(LATER - KEPT - timedelta(days=4)).strftime('%Y%m%dT%H%M%S.%fZ')}-00000000"
    with hold_lease(store.objects, name):
        assert prune_superseded(store, spec_of(store, fetching)) == 0
    assert prune_superseded(store, spec_of(store, fetching)) == 2


def test_what_is_left_over_is_told_by_its_reason(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web")
    fetch(store, fetching, 4)
    fetch(store, fetching, 6)
    fetch(store, fetching, 6, ("email",))
    write_views(tmp_path / "web", "changed")
    source = open_source(fetching.sources["web"], cache_folder=None)
    day = datetime(2024, 1, 2, tzinfo=UTC)
    refresh_days(store, source, spec_of(store, fetching).before(day), fetching, n_threads=1)
    personal = replace(VIEWS, columns=(*VIEWS.columns[:3], Column(name="email", type="string", pii="hash")))
    spec = replace(spec_of(store, fetching), method=personal)
    found = find_leftovers(store, list_folders(store), [spec], not_since=LATER)
    assert {one.reason: len(one.folders) for one in found} == {"columns": 6, "edition": 1, "provisional": 2}
    gone = find_leftovers(store, list_folders(store), [], not_since=LATER)
    assert [(one.reason, len(one.folders)) for one in gone] == [("declaration", len(list_folders(store)))]
    assert find_leftovers(store, list_folders(store), [], not_since=LATER - timedelta(days=2)) == []
    remove_folders(store, gone[0].folders)
    assert states(store) == []


def test_days_in_use_are_as_old_as_what_was_noted_last(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "w")), write_views(tmp_path / "web")
    fetch(store, fetching, 4)
    (mark,) = read_marks(store, spec_of(store, fetching))
    assert {folder.noted_at for folder in list_folders(store)} == {mark.at}
    for name in list(store.objects.list(f"{find_place(spec_of(store, fetching))}/fetched/")):
        store.objects.delete([name])
    assert [folder.noted_at.day for folder in list_folders(store)] == [1, 4, 4]


def _use(workspace: str) -> None:
    use_until_exit(workspace)
    use_until_exit(workspace)
    time.sleep(60)


def test_uses_end_with_their_process(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path / "w")).objects
    assert find_oldest_use(objects) is None
    process = multiprocessing.get_context("spawn").Process(target=_use, args=(str(tmp_path / "w"),))
    process.start()
    while not (first := find_oldest_use(objects)):
        time.sleep(0.05)
    with using_workspace(objects):
        assert len(objects.list("leases/uses/")) == 2
        assert find_oldest_use(objects) == first
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        second = find_oldest_use(objects)
        assert second is not None
        assert second > first
    assert find_oldest_use(objects) is None
    assert not objects.list("leases/uses/")


def test_a_lease_that_was_not_renewed_for_long_or_is_damaged_is_not_held(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path / "w")).objects
    lease = Lease(holder=describe_process(), renewed_at=time.time())
    long_ago, to_come = (replace(lease, renewed_at=time.time() + seconds) for seconds in (-7200, 7200))
    contents = {to_json(lease).encode(): True, to_json(long_ago).encode(): False, to_json(to_come).encode(): False}
    for content, expected in {**contents, b"\xff": False, b"{}": False}.items():
        objects.write("leases/queries/x/000000000", content)
        assert is_held(objects, "queries/x") == expected


def test_names_with_days_that_no_calendar_has_are_passed_over(tmp_path: Path) -> None:
    store, fetching = open_store(str(tmp_path / "workspace")), write_views(tmp_path / "data")
    fetch(store, fetching, 4)
    spec, before = spec_of(store, fetching), states(store)
    place, marks = find_place(spec), read_marks(store, spec)
    (columns,) = {folder.columns for folder in list_folders(store)}
    for name in (
        f"{columns}/2024-02-30--final/table.parquet",
        f"{columns}/2024-02-01--2024-13-01/table.parquet",
        "fetched/2024-02-30--2024-03-01--20240301T000000.000000Z",
        "compared/2024-02-01--2024-03-01--20241301T000000.000000Z",
        f"editions/000001--2024-02-30--2024-03-01--{'0' * 16}",
    ):
        store.objects.write(f"{place}/{name}", b"")
    assert states(store) == before
    assert read_marks(store, spec) == marks
    assert read_editions(store, spec) == ()
    assert {day.day for day in list_kept_days(store, spec)} <= {1, 2, 3}
