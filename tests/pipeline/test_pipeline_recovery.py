"""Whatever is deleted or damaged in a workspace, the next command that needs it has it computed again."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yule.storage.record import RECORD

pytestmark = pytest.mark.usefixtures("importable")

FAMILIES = (
    "AssignFolds",
    "BlendMembers",
    "BuildBundle",
    "CheckData",
    "CollectLabels",
    "ComputeFeatures",
    "DecideMembers",
    "DownloadTable",
    "FindPopulation",
    "FitFold",
    "LearnVocabulary",
    "ObserveOutcome",
    "PredictShard",
    "PrepareFold",
    "PrepareWhole",
    "RankUsers",
    "RefitMember",
    "StackFeatures",
    "WriteReport",
)
CRITICAL = ("BuildBundle", "LearnVocabulary", "RankUsers", "WriteReport")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose beer case has been run."""
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    project = made_up.write_made_up_project(tmp_path_factory.mktemp("project"))
    case = project / "cases" / "beer.yaml"
    case.write_text(f"{case.read_text()}\nrefit: all\n")  # so that there is something to damage of refits, too
    run(project)
    return project


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project to do things to."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def yule(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)


def run(project: Path, *options: str) -> list[dict[str, object]]:
    done = yule(project, "run", "beer", "--json", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def digest(project: Path, *, of: str = "cache") -> dict[str, str]:
    """Digest all files but records and what is known of runs, which tell when and how long."""
    files = [
        path
        for path in (project / "workspace" / of).rglob("*")
        if path.is_file() and path.name not in (RECORD, "run.json") and ".aside-" not in str(path)
    ]
    return {str(file.relative_to(project)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def outputs(project: Path) -> list[Path]:
    return sorted((project / "workspace" / "cache").glob("*/*/"))


def largest(folder: Path) -> Path:
    return max((file for file in folder.rglob("*") if file.name != RECORD), key=lambda file: file.stat().st_size)


def cut(folder: Path) -> None:
    file = largest(folder)
    file.write_bytes(file.read_bytes()[:-1])


def flip(folder: Path) -> None:
    file = largest(folder)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def lose_a_file(folder: Path) -> None:
    largest(folder).unlink()


def lose_the_record(folder: Path) -> None:
    (folder / RECORD).unlink()


def spoil_the_record(folder: Path) -> None:
    (folder / RECORD).write_bytes(b"\xff\x00[")


def take_the_record_of_another(folder: Path) -> None:
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps(record | {"unique_id": "0" * 32}))


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def put_a_file_there(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


DAMAGES = (
    cut,
    flip,
    lose_a_file,
    lose_the_record,
    spoil_the_record,
    take_the_record_of_another,
    empty,
    put_a_file_there,
)


def test_all_families_of_outputs_are_tried_here(finished: Path) -> None:
    assert {folder.name for folder in (finished / "workspace" / "cache").iterdir()} == set(FAMILIES)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_run_mends_outputs_that_are_all_damaged_alike(
    finished: Path, copy: Path, damage: Callable[[Path], None]
) -> None:
    for folder in outputs(copy):
        damage(folder)
    run(copy)
    assert digest(copy) == digest(finished)
    assert digest(copy, of="runs") == digest(finished, of="runs")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_is_whole_again_when_outputs_of_a_family_were_deleted(finished: Path, copy: Path, family: str) -> None:
    shutil.rmtree(copy / "workspace" / "cache" / family)
    shutil.rmtree(copy / "workspace" / "runs")
    finished_texts = {event["family"] for event in run(copy) if event["event"] == "finished"}
    assert finished_texts == ({family} if family in CRITICAL else set())  # nothing is computed that nothing needs
    assert digest(copy, of="runs") == digest(finished, of="runs")


@pytest.mark.parametrize("family", CRITICAL)
def test_what_makes_up_a_run_is_planned_when_it_is_gone(copy: Path, family: str) -> None:
    shutil.rmtree(copy / "workspace" / "cache" / family)
    assert "1 tasks to run." in yule(copy, "plan", "beer").stdout


def test_a_run_with_damage_says_so_in_a_line(copy: Path) -> None:
    (ranked,) = (copy / "workspace" / "cache" / "RankUsers").iterdir()
    cut(ranked)
    done = yule(copy, "run", "beer")
    assert done.returncode == 0
    assert f"{ranked.relative_to(copy)}/" in done.stderr
    assert "bytes instead of" in done.stderr
    assert "Traceback" not in done.stderr


def test_repair_mends_what_no_task_would_read(finished: Path, copy: Path) -> None:
    for folder in outputs(copy):
        if folder.parent.name == "ComputeFeatures":
            cut(folder)
    done = yule(copy, "run", "beer", "--repair")
    assert done.returncode == 0
    assert done.stderr.count("A cached output is damaged") == len(
        list((finished / "workspace/cache/ComputeFeatures").iterdir())
    )
    assert not list((copy / "workspace/cache/ComputeFeatures").iterdir())  # and nothing needs them now


def model_of(project: Path) -> Path:
    (model,) = (project / "workspace" / "runs").glob("*/model")
    return model


def test_scoring_needs_the_model_of_the_run_alone(copy: Path) -> None:
    cache = copy / "workspace" / "cache"
    shutil.rmtree(cache)
    done = yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    assert done.returncode == 0, done.stderr
    assert {"RankScored", "ScoreShard", "TakeModel"} <= {folder.name for folder in cache.iterdir()}
    assert not {"BuildBundle", "CollectLabels", "FitFold"} & {folder.name for folder in cache.iterdir()}


def test_scoring_gives_the_scores_of_the_run(copy: Path) -> None:
    shutil.rmtree(copy / "workspace" / "cache")
    run_folder = model_of(copy).parent
    cutoff = json.loads((run_folder / "run.json").read_text())["answer"]["population"]["cutoff"]
    done = yule(copy, "predict", "beer", "--cutoff", cutoff, "--out", "list.csv")
    assert done.returncode == 0, done.stderr
    assert (copy / "list.csv").read_bytes() == (run_folder / "users.csv").read_bytes()


@pytest.mark.parametrize("damage", [cut, flip, empty, shutil.rmtree])
def test_scoring_takes_a_lost_model_from_the_cache(copy: Path, finished: Path, damage: Callable[[Path], None]) -> None:
    damage(model_of(copy))
    done = yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    assert done.returncode == 0, done.stderr
    assert "computed again" not in done.stderr
    for name, content in digest(finished, of="runs").items():
        assert digest(copy, of="runs")[name] == content


@pytest.mark.parametrize("damage", [cut, empty, shutil.rmtree])
def test_scoring_computes_a_lost_model_again(finished: Path, copy: Path, damage: Callable[[Path], None]) -> None:
    (bundle,) = (copy / "workspace" / "cache" / "BuildBundle").iterdir()
    damage(bundle)
    shutil.rmtree(model_of(copy))
    done = yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    assert done.returncode == 0, done.stderr
    assert "it is computed again" in done.stderr
    assert digest(copy, of="cache/BuildBundle") == digest(finished, of="cache/BuildBundle")


def test_scoring_with_a_lost_model_whose_data_changed_says_so(copy: Path) -> None:
    for family in ("BuildBundle", "FitFold", "PrepareFold", "StackFeatures", "ComputeFeatures", "DownloadTable"):
        shutil.rmtree(copy / "workspace" / "cache" / family)
    shutil.rmtree(model_of(copy))
    profiles = copy / "data" / "profiles.csv"
    profiles.write_text(profiles.read_text().replace("south", "north"))
    done = yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    assert done.returncode == 4
    assert "The table of profiles is not cached any more, and its source has other data now" in done.stderr


def test_scoring_with_a_model_of_another_revision_names_the_version_that_reads_it(copy: Path) -> None:
    bundle, record = model_of(copy) / "bundle.json", model_of(copy).with_name("run.json")
    bundle.write_text(json.dumps(json.loads(bundle.read_text()) | {"revision": 99}))
    told = json.loads(record.read_text())
    told["model"], told["versions"]["yule"] = {}, "7.8.9"
    record.write_text(json.dumps(told))
    done = yule(copy, "predict", "beer", "--cutoff", "2024-08-01")
    assert done.returncode == 4
    assert "is of revision 99" in done.stderr
    assert "predict with Yule 7.8.9, which wrote it" in done.stderr


@pytest.mark.parametrize("damage", [cut, empty])
def test_a_repetition_does_not_take_over_damaged_tables(copy: Path, damage: Callable[[Path], None]) -> None:
    for folder in outputs(copy):
        if folder.parent.name == "DownloadTable":
            damage(folder)
    done = yule(copy, "rerun", "beer")
    assert done.returncode == 0, done.stderr
    assert "is repeated: its list, figures and model are identical" in done.stdout


def test_commands_that_only_look_pass_over_damage(copy: Path) -> None:
    for folder in outputs(copy):
        spoil_the_record(folder)
    for command in (("plan", "beer"), ("explain", "beer"), ("features", "beer"), ("show", "beer"), ("downloads",)):
        done = yule(copy, *command)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (command, done.stderr)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": 1}'])
def test_a_damaged_report_is_told_of_and_written_anew(finished: Path, copy: Path, content: str) -> None:
    (report,) = (copy / "workspace" / "runs").glob("*/report.json")
    report.write_text(content)
    done = yule(copy, "show", "beer")
    assert done.returncode == 1
    assert "Run the case again: it is written anew" in done.stderr
    run(copy)
    assert digest(copy, of="runs") == digest(finished, of="runs")
