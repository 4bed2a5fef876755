"""What of a workspace can go: nothing that a run of late is made of, and nothing in the folder of any run."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.pipeline.runs.cleaning import delete, find_of_run, find_old
from yule.pipeline.runs.reading import read_run, read_runs
from yule.pipeline.runs.record import Run, write_run
from yule.storage.objects.opening import open_objects
from yule.storage.opening import open_store
from yule.storage.record import Record, digest_files, write_record
from yule.storage.store import LocalStore, Store
from yule.storage.uses import using_workspace

pytestmark = pytest.mark.usefixtures("importable")

N_TASKS = 8
LIMIT = datetime(2026, 6, 1, tzinfo=UTC)
OLD, NEW = LIMIT - timedelta(days=1), LIMIT + timedelta(days=1)


def name_task(number: int) -> str:
    return f"{number + 1:08x}{'0' * 24}"


def publish(store: Store, number: int, requires: Sequence[int]) -> str:
    key = f"cache/FitFold/{name_task(number)}"
    with store.staging() as folder:
        (folder / "out.txt").write_text("x" * 100)
        record = Record(
            family="FitFold",
            module="made_up",
            unique_id=name_task(number),
            parameters={},
            requires=tuple(name_task(other) for other in requires),
            seconds=0.0,
            versions={},
            files=digest_files(folder),
        )
        write_record(folder, record)
        store.publish(folder, key)
    return key


def put_run(store: Store, number: int, at: datetime) -> Run:
    """Write down a run whose report is a task, of a version of which nothing but that can be told."""
    run = Run(run_id=f"beer-{name_task(number)[:8]}", case="beer", status="done", started_at=at.isoformat())
    write_run(store, run)
    store.objects.write(f"runs/{run.run_id}/users.csv", b"user_id")
    return run


def make_old(store: Store, key: str) -> None:
    for file in (store.root / key).rglob("*"):
        os.utime(file, (OLD.timestamp(), OLD.timestamp()))


def follow(requires: Sequence[Sequence[int]], number: int) -> set[int]:
    return {number}.union(*(follow(requires, other) for other in requires[number]))


GRAPHS = st.tuples(
    *(st.lists(st.integers(0, number - 1), max_size=3) if number else st.just([]) for number in range(N_TASKS))
)
RUNS = st.dictionaries(st.integers(0, N_TASKS - 1), st.sampled_from([OLD, NEW]), max_size=4)


@given(requires=GRAPHS, runs=RUNS, old=st.sets(st.integers(0, N_TASKS - 1)))
@settings(max_examples=25, deadline=None)
def test_what_runs_of_late_need_stays_and_what_is_old_besides_goes(
    tmp_path_factory: pytest.TempPathFactory,
    requires: tuple[list[int], ...],
    runs: dict[int, datetime],
    old: set[int],
) -> None:
    store = open_store(str(tmp_path_factory.mktemp("workspace")))
    keys = [publish(store, number, requires[number]) for number in range(N_TASKS)]
    for number in old:
        make_old(store, keys[number])
    for number, at in runs.items():
        put_run(store, number, at)
    delete(store, find_old(store, read_runs(store), not_since=LIMIT))
    needed = set().union(*(follow(requires, number) for number, at in runs.items() if at == NEW))
    assert store.find_published(keys) == {keys[n] for n in range(N_TASKS) if n not in old or n in needed}
    assert len(read_runs(store)) == len(runs)
    assert len(store.objects.list("runs/")) == 2 * len(runs)


@given(requires=GRAPHS, runs=st.dictionaries(st.integers(0, N_TASKS - 1), st.just(NEW), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_of_a_run_just_what_no_other_needs_goes(
    tmp_path_factory: pytest.TempPathFactory, requires: tuple[list[int], ...], runs: dict[int, datetime]
) -> None:
    store = open_store(str(tmp_path_factory.mktemp("workspace")))
    keys = [publish(store, number, requires[number]) for number in range(N_TASKS)]
    first, *others = [put_run(store, number, at) for number, at in runs.items()]
    delete(store, find_of_run(store, first, [first, *others]))
    gone, *kept = [follow(requires, number) for number in runs]
    only = gone.difference(*kept)
    assert store.find_published(keys) == {keys[number] for number in range(N_TASKS) if number not in only}
    assert [run.run_id for run in read_runs(store)] == sorted(run.run_id for run in others)
    assert not store.objects.list(f"runs/{first.run_id}/")


def test_nothing_goes_while_a_process_is_at_work(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    key = publish(store, 0, [])
    make_old(store, key)
    old = find_old(store, [], not_since=LIMIT)
    with using_workspace(store.objects), pytest.raises(DataError, match="a process is at work"):
        delete(store, old)
    assert store.find_published([key])


def test_it_is_said_how_much_goes(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    key = publish(store, 0, [])
    make_old(store, key)
    (found,) = find_old(store, [], not_since=LIMIT)
    assert (found.what, found.place, found.written_at) == ("outputs", key, OLD)
    assert found.n_bytes == sum(file.stat().st_size for file in (tmp_path / key).rglob("*"))


def test_curves_of_runs_stay_and_what_belongs_to_no_run_goes(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    write_run(store, Run(run_id="a-00000001", case="a", status="done", started_at="", fits={"m/fold-0": name_task(3)}))
    kept = f"events/{name_task(3)}/curve"
    for name in (kept, f"events/{name_task(4)}/curve", "launches/0123456789/journal/1", "logs/FitFold/x.log"):
        store.objects.write(name, b"1")
    make_old(store, "")
    delete(store, find_old(store, read_runs(store), not_since=LIMIT))
    assert list(store.objects.list("events/")) == [kept]
    assert not store.objects.list("launches/") | store.objects.list("logs/")


def test_a_bucket_is_cleaned_as_a_folder_is(any_workspace: str) -> None:
    store = open_store(any_workspace)
    keys = [publish(store, number, [0]) for number in range(3)]
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    first, second = put_run(store, 1, tomorrow - timedelta(days=1)), put_run(store, 2, tomorrow)
    delete(store, find_old(store, [first, second], not_since=tomorrow))
    assert store.find_published(keys) == {keys[0], keys[2]}
    delete(store, find_of_run(store, second, [first, second]))
    assert not store.find_published([keys[2]])
    assert [run.run_id for run in read_runs(store)] == [first.run_id]
    assert not open_objects(any_workspace).list(f"runs/{second.run_id}/")


def test_what_another_process_has_deleted_meanwhile_is_no_fault(any_workspace: str) -> None:
    store = open_store(any_workspace)
    key = publish(store, 0, [])
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    old = find_old(store, [], not_since=tomorrow)
    delete(open_store(any_workspace), old)
    delete(store, old)
    assert not store.find_published([key])


def test_a_folder_that_goes_while_it_is_removed_is_no_fault(tmp_path: Path) -> None:
    class Slow(LocalStore):
        @contextmanager
        def staging(self) -> Iterator[Path]:
            shutil.rmtree(tmp_path / key)  # another cleaning, after this one has looked
            with super().staging() as folder:
                yield folder

    key = publish(open_store(str(tmp_path)), 0, [])
    Slow(tmp_path).remove(key)
    assert not (tmp_path / key).exists()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose beer and tea cases have been run."""
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    project = made_up.write_made_up_project(tmp_path_factory.mktemp("project"))
    yule(project, "run", "beer", "tea")
    return project


def yule(project: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "yule", *arguments]
    done = subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False, timeout=280, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, all of it a year old, but for the tea run."""
    project = Path(shutil.copytree(finished, tmp_path / "copy"))
    a_year_ago = time.time() - 365 * 86400
    for file in (project / "workspace").rglob("*"):
        os.utime(file, (a_year_ago, a_year_ago))
    for record in (project / "workspace" / "runs").glob("beer-*/run.json"):
        told = json.loads(record.read_text()) | {"started_at": "2024-01-01T00:00:00+00:00", "ended_at": ""}
        record.write_text(json.dumps(told))
    return project


@pytest.mark.slow
def test_an_old_run_is_shown_and_scores_and_a_new_one_is_whole(copy: Path) -> None:
    printed = yule(copy, "clean", "--yes")
    assert "outputs of tasks that no run of late needs" in printed
    yule(copy, "show", "beer")
    yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    events = [json.loads(line) for line in yule(copy, "run", "tea", "--json").splitlines()]
    assert not [event for event in events if event["event"] == "finished" and event.get("family")]
    yule(copy, "run", "beer")


@pytest.mark.slow
def test_nothing_is_deleted_by_a_look(copy: Path) -> None:
    before = sorted((copy / "workspace").rglob("*"))
    told = json.loads(yule(copy, "clean", "--dry-run", "--json", "--older-than", "0 days"))
    assert {one["what"] for one in told} >= {"outputs"}
    assert sorted(path for path in (copy / "workspace").rglob("*")) == before


@pytest.mark.slow
def test_a_run_is_deleted_by_its_id(copy: Path) -> None:
    (run,) = (copy / "workspace" / "runs").glob("beer-*")
    assert "the run's folder" in yule(copy, "clean", "--run", run.name, "--yes")
    assert not run.exists()
    (tea,) = (copy / "workspace" / "runs").iterdir()
    assert read_run(open_store(str(copy / "workspace")), tea.name).status == "done"
    events = [json.loads(line) for line in yule(copy, "run", "tea", "--json").splitlines()]
    assert not [event for event in events if event["event"] == "finished" and event.get("family")]


@pytest.mark.slow
def test_who_names_a_case_is_told_its_runs(copy: Path) -> None:
    (run,) = (copy / "workspace" / "runs").glob("beer-*")
    with pytest.raises(AssertionError, match=f"beer is a case: name which of its runs is to go, of {run.name}"):
        yule(copy, "clean", "--run", "beer", "--yes")


@pytest.mark.slow
def test_where_nobody_can_be_asked_nothing_is_deleted(copy: Path) -> None:
    with pytest.raises(AssertionError, match="Nobody can be asked here"):
        yule(copy, "clean", "--older-than", "0 days")


def test_an_age_is_not_passed_over_where_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="leave out --older-than"):
        yule(tmp_path, "clean", "--run", "beer-0a1b2c3d", "--older-than", "1 week", "--yes")


@pytest.mark.slow
def test_what_a_killed_cleaning_has_left_goes_with_the_next(copy: Path) -> None:
    left = copy / "workspace" / ".partial" / "yule-0123456789abcdef"
    left.mkdir(parents=True)
    (left / "owner").write_text("")
    for _ in range(2):  # the second has nothing else to delete
        os.utime(left / "owner", (0, 0))
        os.utime(left, (0, 0))
        yule(copy, "clean", "--yes")
        assert not left.exists()
        left.mkdir()
        (left / "owner").write_text("")
