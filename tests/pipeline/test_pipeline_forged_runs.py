"""What someone who may write the workspace writes into run.json leads nowhere, and stops only who asks for that run."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yule.core.errors import DataError, WorkspaceError
from yule.pipeline.runs.reading import bring_run, find_run, read_runs
from yule.pipeline.runs.trust import check_run
from yule.storage.names import ForgedName
from yule.storage.opening import open_store

Record = dict[str, object]
Forge = Callable[[Record], object]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose two cases have been run."""
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    project = made_up.write_made_up_project(tmp_path_factory.mktemp("project"), lightgbm="max_trees: 3")
    done = _yule(project, "run", "beer", "tea")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project to do things to."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def _yule(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)


def _record(project: Path, case: str = "beer") -> Path:
    (file,) = (project / "workspace" / "runs").glob(f"{case}-*/run.json")
    return file


def _forge(file: Path, change: Forge) -> None:
    record = json.loads(file.read_text())
    change(record)
    file.write_text(json.dumps(record))


def _labels(record: Record) -> Record:
    return record["answer"]["model"]["dataset"]["labels"]  # type: ignore[index, no-any-return]


FORGERIES: dict[str, Forge] = {
    "an absolute run_id": lambda run: run.update(run_id="/tmp/victim"),
    "a run_id that goes up": lambda run: run.update(run_id="../../victim"),
    "the run_id of another folder": lambda run: run.update(run_id="beer-00000000"),
    "another case": lambda run: run.update(case="tea"),
    "a case that goes up": lambda run: run.update(case="../x"),
    "a fit in an absolute folder": lambda run: run.update(fits={"/usr/lib/python3": "0" * 32}),
    "a fit that goes up": lambda run: run.update(fits={"lightgbm/../../../x/fold-0": "0" * 32}),
    "a fit of no fold": lambda run: run.update(fits={"lightgbm": "0" * 32}),
    "a fit of no id": lambda run: run.update(fits={"lightgbm/fold-0": "deadbeef"}),
    "a fit of an id that goes up": lambda run: run.update(fits={"lightgbm/fold-0": "../" * 10 + "xx"}),
    "an option of git as code": lambda run: run.update(code="--output=/tmp/x"),
    "a launch that selects others": lambda run: run.update(launch="x,app=y"),
    "an image that is an option": lambda run: run.update(image="--privileged"),
    "a time with an escape": lambda run: run.update(started_at="\x1b]0;pwned\x07"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_record_is_left_out_and_told_when_asked_for(
    copy: Path, forge: Forge, capsys: pytest.CaptureFixture[str]
) -> None:
    file, store = _record(copy), open_store(str(copy / "workspace"))
    _forge(file, forge)
    assert [run.case for run in read_runs(store)] == ["tea"]
    assert "run.json is forged" in capsys.readouterr().err
    with pytest.raises(WorkspaceError, match=r"run\.json is forged.*delete the folder") as told:
        find_run(store, file.parent.name)
    assert str(told.value).isprintable()


@pytest.mark.parametrize("content", ["", "[]", "1", "null", '"x"', "[" * 100_000, '{"answer": {"model": []}}', "\x00"])
def test_a_damaged_record_stops_no_other_run(copy: Path, content: str) -> None:
    file, store = _record(copy), open_store(str(copy / "workspace"))
    file.write_text(content)
    assert [run.case for run in read_runs(store)] == ["tea"]
    with pytest.raises(WorkspaceError, match=r"run\.json of the run .* is damaged"):
        find_run(store, file.parent.name)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a\nb", "", "..", "x" * 5000])
def test_a_run_is_not_looked_for_outside(finished: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="There is no run"):
        find_run(open_store(str(finished / "workspace")), name)


def test_tensorboard_of_a_forged_run_removes_and_writes_nothing(copy: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("mine")
    file = _record(copy)
    _forge(file, lambda run: run.update(run_id=str(victim), fits={str(victim): "deadbeef"}))
    (copy / "workspace" / "events" / "deadbeef").mkdir()
    (copy / "workspace" / "events" / "deadbeef" / "a.events.out.tfevents.b.pth").write_text("import os")
    done = _yule(copy, "tensorboard", file.parent.name)
    assert done.returncode == 4
    assert "is forged" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in victim.iterdir()] == ["file"]
    assert _yule(copy, "show", "tea").returncode == 0


READ_A_FILE = "(SELECT content FROM read_text('/etc/hostname')) LIKE '%'"

CONDITIONS: dict[str, Forge] = {
    "of labels": lambda run: _labels(run)["settings"].update(where=READ_A_FILE),  # type: ignore[attr-defined]
    "of who is labelled": lambda run: _labels(run)["population"].update(where=READ_A_FILE),  # type: ignore[attr-defined]
    "of who is scored": lambda run: run["answer"]["population"]["population"].update(where=READ_A_FILE),  # type: ignore[index]
    "of features": lambda run: run["answer"]["features"][1]["settings"].update(where=READ_A_FILE),  # type: ignore[index]
    "of the model's features": lambda run: run["answer"]["model"]["dataset"]["features"][1]["settings"].update(  # type: ignore[index]
        where="true) UNION ALL (SELECT 1"
    ),
    "of a column that is not there": lambda run: _labels(run)["settings"].update(where="nothing = 1"),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("forge", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_in_a_record_is_checked_again(copy: Path, forge: Forge) -> None:
    file = _record(copy)
    _forge(file, forge)
    run = find_run(open_store(str(copy / "workspace")), file.parent.name)
    with pytest.raises(WorkspaceError, match=r"not one that Yule writes: .*the condition"):
        check_run(run)


NAMES: dict[str, Forge] = {
    "a member": lambda run: run["answer"]["model"]["members"][0].update(name="../../x"),  # type: ignore[index]
    "a download": lambda run: _labels(run)["table"]["method"].update(name="../x"),  # type: ignore[index]
    "shards": lambda run: run["answer"].update(shards=10**12),  # type: ignore[attr-defined]
    "folds": lambda run: run["answer"]["model"]["dataset"]["folds"].update(n_folds=10**9),  # type: ignore[index]
    "no time zone": lambda run: run["outcome"]["method"].update(time_zone="x'; COPY"),  # type: ignore[index]
    "time zone": lambda run: _labels(run)["table"]["method"].update(time_zone="../x"),  # type: ignore[index]
}


@pytest.mark.parametrize(("what", "forge"), NAMES.items())
def test_a_name_in_a_record_is_one_that_a_case_can_have(copy: Path, what: str, forge: Forge) -> None:
    file = _record(copy)
    _forge(file, forge)
    with pytest.raises(WorkspaceError, match=f"not one that Yule writes: .*{what}"):
        check_run(find_run(open_store(str(copy / "workspace")), file.parent.name))


@pytest.mark.parametrize("command", [["predict", "--cutoff", "2024-07-02"], ["rerun"]])
def test_commands_refuse_a_forged_condition(copy: Path, command: list[str]) -> None:
    file = _record(copy)
    _forge(file, CONDITIONS["of who is scored"])
    done = _yule(copy, command[0], file.parent.name, *command[1:])
    assert done.returncode == 4
    assert "not one that Yule writes" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_download_comes_from_the_project_and_not_from_a_record(copy: Path, tmp_path: Path) -> None:
    file, stolen = _record(copy), tmp_path / "stolen.csv"

    def forge(run: Record) -> None:
        method = _labels(run)["table"]["method"]  # type: ignore[index]
        method.update(table="", sql={"duckdb": f"SELECT 1; COPY (SELECT 42) TO '{stolen}'"})  # type: ignore[attr-defined]

    _forge(file, forge)
    run = json.loads(file.read_text())
    _rename(file, run)
    done = _yule(copy, "rerun", _record(copy).parent.name)
    assert done.returncode == 1
    assert "The download purchases is to be fetched with another table, sql than the project has" in done.stderr
    assert "check out the project as it was" in done.stderr
    assert not stolen.exists()


def _rename(file: Path, record: Record) -> None:
    """Give a forged record the name that its content has, as a careful forger does."""
    from yule.core.settings import from_plain
    from yule.pipeline.graph import name_run
    from yule.pipeline.runs.publishing import report_task
    from yule.pipeline.runs.record import Run
    from yule.storage.setup import configure

    configure(str(file.parents[2]), n_threads=1, fetching="{}")
    run = from_plain(Run, record)
    record["run_id"] = name_run(run.case, report_task(run))
    file.write_text(json.dumps(record))
    file.parent.rename(file.parent.with_name(str(record["run_id"])))


def test_a_run_of_a_download_that_has_changed_is_not_fetched_for(copy: Path) -> None:
    declared = copy / "downloads" / "purchases.yaml"
    declared.write_text(declared.read_text() + "time_zone: Asia/Tokyo\n")
    shutil.rmtree(copy / "workspace" / "cache" / "DownloadTable")
    done = _yule(copy, "rerun", _record(copy).parent.name)
    assert done.returncode == 1
    assert "The download purchases is to be fetched with another time_zone than the project has" in done.stderr


def test_a_link_in_a_run_s_folder_is_not_shown(copy: Path) -> None:
    file = _record(copy)
    (file.parent / "report.json").unlink()
    (file.parent / "report.json").symlink_to("/etc/hostname")
    with pytest.raises(ForgedName, match="link"):
        bring_run(open_store(str(copy / "workspace")), file.parent.name)
    done = _yule(copy, "show", file.parent.name, "--json")
    assert done.returncode == 4
    assert "link" in done.stderr


def test_a_file_that_no_record_names_is_not_published(copy: Path) -> None:
    for ranking in (copy / "workspace" / "cache" / "RankUsers").iterdir():
        (ranking / "hosts.csv").symlink_to("/etc/hosts")
    shutil.rmtree(_record(copy).parent)
    assert _yule(copy, "run", "beer").returncode == 0
    assert (_record(copy).parent / "users.csv").exists()
    assert not list((copy / "workspace" / "runs").rglob("hosts.csv"))


def test_the_name_of_a_class_leads_nowhere() -> None:
    from yule.storage.names import name_fault, name_part

    for text in ("..", ".", "", "/", "../../x", "a\\..", "\x1b[2J", "x" * 5000, "東" * 300, "tea/coffee"):
        assert not name_fault(f"lightgbm/{name_part(text)}/fold-0")
    assert name_part("tea") == "tea"


def test_a_condition_is_refused_where_it_becomes_sql() -> None:
    from yule.sql.conditions import condition_sql

    for condition in (
        READ_A_FILE,
        "true) UNION ALL (SELECT 1",
        "1 = 1; COPY t TO 'x'",
        "",
        "x IN (SELECT 1)",
        "getenv('HOME') = ''",
    ):
        with pytest.raises(DataError, match="cannot be used"):
            condition_sql(condition, [])


def test_a_driver_runs_only_what_was_submitted(copy: Path) -> None:
    from yule.core.errors import TaskFailed
    from yule.pipeline.runs.publishing import report_task
    from yule.remote.driver import read_launched
    from yule.remote.launch import Launch
    from yule.runtime.kubernetes.settings import ClusterSettings, Pool
    from yule.storage.setup import configure

    workspace, file = str(copy / "workspace"), _record(copy)
    configure(workspace, n_threads=1, fetching="{}")
    store = open_store(workspace)
    run = find_run(store, file.parent.name)
    launch = Launch(
        name="0123456789",
        project="made-up",
        workspace=workspace,
        image="",
        commit="",
        fetching="{}",
        runs=(run.run_id,),
        reports=(report_task(run).unique_id,),
        settings=ClusterSettings(pools={"any": Pool(name="any")}, steps={}, driver_pool="any"),
    )
    assert read_launched(launch, store) == [run]
    _forge(file, lambda record: _labels(record)["table"]["method"].update(time_zone="Asia/Tokyo"))  # type: ignore[index]
    with pytest.raises(TaskFailed, match=rf"What is recorded of {run.run_id} is not what was submitted"):
        read_launched(launch, store)


def test_stopping_a_run_stops_no_launch_of_others(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from standin.cluster import start_cluster

    from yule.remote.launch import Launch
    from yule.remote.standing import stop
    from yule.runtime.kubernetes.api.client import connect_cluster
    from yule.runtime.kubernetes.jobs import driver_job
    from yule.runtime.kubernetes.settings import ClusterSettings, Pool

    workspace, mine, theirs = str(copy / "workspace"), _record(copy), _record(copy, "tea")
    launch = Launch(
        name="0123456789",
        project="made-up",
        workspace=workspace,
        image="",
        commit="",
        fetching="{}",
        runs=(theirs.parent.name,),
        settings=ClusterSettings(pools={"any": Pool(name="any")}, steps={}, driver_pool="any"),
    )
    for file in (mine, theirs):
        _forge(file, lambda run: run.update(launch=launch.name, status="running"))
    store = open_store(workspace)
    with start_cluster(tmp_path / "cluster") as standin:
        monkeypatch.setenv("KUBECONFIG", str(standin.kubeconfig))
        cluster = connect_cluster(context=None, namespace="yule")
        cluster.create("jobs", driver_job(launch.frame, launch.runs))
        with pytest.raises(WorkspaceError, match=r"is of tea-.*Nothing was stopped"):
            stop(cluster, store, find_run(store, mine.parent.name))
        assert cluster.get("jobs", launch.frame.anchor) is not None
        stop(cluster, store, find_run(store, theirs.parent.name))
        assert cluster.get("jobs", launch.frame.anchor) is None
