import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from buckets import new_prefix

from yule.storage.objects.opening import open_objects

pytestmark = pytest.mark.usefixtures("importable")

Project = Callable[[], Path]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose beer case has been run with one core."""
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    project = made_up.write_made_up_project(tmp_path_factory.mktemp("project"))
    _run(project, "beer", "--cores", "1")
    return project


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project to do things to."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


@pytest.fixture
def fresh(finished: Path, tmp_path: Path) -> Path:
    """A copy of the project without its workspace."""
    return Path(shutil.copytree(finished, tmp_path / "fresh", ignore=shutil.ignore_patterns("workspace")))


def _yule(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)


def _run(project: Path, *arguments: str) -> list[dict[str, object]]:
    done = _yule(project, "run", "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _texts(events: list[dict[str, object]]) -> set[str]:
    return {str(event["text"]) for event in events if event["event"] == "finished"}


def _digests(project: Path) -> dict[str, str]:
    """Digest all outputs; records and runs tell when and how long, which differs."""
    files = [
        path for path in (project / "workspace" / "cache").rglob("*") if path.is_file() and path.name != "task.json"
    ]
    return {str(f.relative_to(project)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_a_run_leaves_the_list_the_report_and_the_model(finished: Path) -> None:
    (folder,) = (finished / "workspace" / "runs").iterdir()
    names = {path.name for path in folder.iterdir()}
    assert {"run.json", "users.csv", "users.parquet", "report.html", "report.json", "model"} <= names
    lines = (folder / "users.csv").read_text().splitlines()
    assert len(lines) == 241
    assert json.loads((folder / "run.json").read_text())["status"] == "done"


def test_a_second_run_starts_no_task(copy: Path) -> None:
    events = _run(copy, "beer")
    assert [event["event"] for event in events] == ["planned", "case", "ended"]


def test_a_changed_member_runs_again_alone(copy: Path) -> None:
    case = copy / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("max_trees: 30", "max_trees: 20"))
    assert _texts(_run(copy, "beer")) == {
        "whether to fit lightgbm",
        *(f"fit lightgbm fold {fold}" for fold in range(3)),
        "fit lightgbm to all labelled users",
        "blend the members",
        "model bundle",
        *(f"predict shard {shard}" for shard in range(3)),
        "rank the users",
        "report",
    }


def test_a_second_case_computes_no_feature_twice(copy: Path) -> None:
    families = {str(event["family"]) for event in _run(copy, "tea") if event["event"] == "finished"}
    assert not families & {"DownloadTable", "ComputeFeatures", "LearnVocabulary", "FindPopulation"}
    assert "FitFold" in families


def test_the_question_s_words_change_only_the_report(copy: Path) -> None:
    case = copy / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("Who will buy", "Which users buy"))
    assert _texts(_run(copy, "beer")) == {"report"}


def test_workers_and_threads_change_no_byte(finished: Path, fresh: Path) -> None:
    _run(fresh, "beer", "--cores", "7")
    assert _digests(fresh) == _digests(finished)


def test_the_number_of_shards_changes_no_score(finished: Path, copy: Path) -> None:
    case = copy / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("shards: 3", "shards: 1"))
    _run(copy, "beer")
    lists = {run.name: (run / "users.csv").read_bytes() for run in (copy / "workspace" / "runs").iterdir()}
    assert len(lists) == 2
    assert len(set(lists.values())) == 1


def test_features_are_prepared_once_for_all_members_of_a_fold(copy: Path) -> None:
    case = copy / "cases" / "beer.yaml"
    prepared = "select: {kind: gain, keep: 8}, derive: {targets: 2, arithmetic: 3}"
    case.write_text(case.read_text().replace("shopping]}", f"shopping], {prepared}}}"))
    texts = _texts(_run(copy, "beer"))
    assert {text for text in texts if text.startswith("prepare")} == {
        *(f"prepare fold {fold}" for fold in range(3)),
        "prepare all labelled users",
    }
    case.write_text(case.read_text().replace("shards: 3", "shards: 1"))
    assert not {text for text in _texts(_run(copy, "beer")) if text.startswith(("prepare", "fit"))}
    runs = [run for run in (copy / "workspace" / "runs").iterdir() if "arithmetic: 3" in (run / "run.json").read_text()]
    assert len({(run / "users.csv").read_bytes() for run in runs}) == 1
    (part,) = json.loads((runs[0] / "report.json").read_text())["head"]["parts"]
    assert {verdict["n_folds"] for verdict in part["selection"]["features"]} == {3}


def test_two_runs_at_once_do_each_other_no_harm(finished: Path, fresh: Path) -> None:
    command = [sys.executable, "-m", "yule", "run", "beer", "--json", "--cores", "1"]
    both = [subprocess.Popen(command, cwd=fresh, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for one in both:
        _, errors = one.communicate(timeout=280)
        assert one.returncode == 0, errors
    assert _digests(fresh) == _digests(finished)


@pytest.mark.parametrize("seed", range(int(os.environ.get("YULE_TEST_KILLS", "2"))))
def test_killing_anything_at_any_time_loses_only_the_work_in_flight(finished: Path, fresh: Path, seed: int) -> None:
    chance = random.Random(seed)
    done: set[str] = set()
    for _ in range(6):
        command = [sys.executable, "-m", "yule", "run", "beer", "--json"]
        run = subprocess.Popen(command, cwd=fresh, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(chance.uniform(0.5, 6.0))
        workers = _children(run.pid)
        os.kill(chance.choice([run.pid, *workers]), signal.SIGKILL)
        time.sleep(chance.uniform(0.0, 0.5))
        run.kill()
        printed, _ = run.communicate()
        events = [json.loads(line) for line in printed.splitlines() if line.endswith("}")]
        started = {str(event["unique_id"]) for event in events if event["event"] == "started"}
        assert not started & done, "a task whose output was there was run again"
        done |= {str(event["unique_id"]) for event in events if event["event"] == "finished"}
    _run(fresh, "beer")
    assert _digests(fresh) == _digests(finished)
    assert not list((fresh / "workspace" / ".partial").glob("*/"))


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(fresh: Path) -> None:
    command = [sys.executable, "-m", "yule", "run", "beer"]
    run = subprocess.Popen(command, cwd=fresh, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not _children(run.pid):
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "Run the same command again to go on" in errors


def test_a_finished_run_stays_so_when_its_repetition_is_killed(copy: Path) -> None:
    with subprocess.Popen([sys.executable, "-m", "yule", "run", "beer"], cwd=copy, stdout=-1, stderr=-1) as run:
        while run.poll() is None and not list((copy / "workspace" / "leases" / "uses").glob("*/*")):
            time.sleep(0.001)
        time.sleep(0.3)
        run.kill()
    assert _find_status(copy) == "done"


def test_a_run_goes_on_until_it_is_killed_and_is_interrupted_then(fresh: Path) -> None:
    with subprocess.Popen([sys.executable, "-m", "yule", "run", "beer"], cwd=fresh, stdout=-1, stderr=-1) as run:
        while not _children(run.pid):
            time.sleep(0.05)
        run.send_signal(signal.SIGSTOP)  # or it may come to its end first
        assert json.loads(_yule(fresh, "runs", "--json").stdout)[0]["status"] == "running"
        run.kill()
    assert _find_status(fresh) == "running"
    assert json.loads(_yule(fresh, "runs", "--json").stdout)[0]["status"] == "interrupted"
    told = _yule(fresh, "rerun", "beer")
    assert told.returncode == 4
    assert "is interrupted: there is no answer to compare with. `yule run beer` goes on." in told.stderr


def _find_status(project: Path) -> str:
    """Return how the record of the only run says that it stands."""
    (record,) = (project / "workspace" / "runs").glob("*/run.json")
    return str(json.loads(record.read_text())["status"])


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


@pytest.mark.parametrize("kind", ["s3", "cloud_storage"])
def test_a_run_in_a_bucket_gives_the_same_files_and_another_machine_goes_on_with_it(
    kind: str,
    finished: Path,
    fresh: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    workspace = new_prefix(request.getfixturevalue(kind))
    text = (fresh / "project.yaml").read_text()
    (fresh / "project.yaml").write_text(text.replace("workspace: workspace", f"workspace: {workspace}"))
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "one-machine"))
    assert _texts(_run(fresh, "beer"))
    (here,) = (finished / "workspace" / "runs").iterdir()
    objects = open_objects(workspace)
    for name in ("users.csv", "report.html", "report.json", "model/ensemble.json"):
        if (here / name).exists():
            assert objects.read(f"runs/{here.name}/{name}") == (here / name).read_bytes(), name
    assert any(name.endswith(".log") for name in objects.list("logs/"))
    assert any("tfevents" in name for name in objects.list("events/"))
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "another-machine"))
    assert [event["event"] for event in _run(fresh, "beer")] == ["planned", "case", "ended"]
    shown = _yule(fresh, "show", "beer")
    assert "report:" in shown.stdout, shown.stderr
