"""The projects whose outputs are on record: the golden one and the example."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from golden_data import write_data, write_example_data

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.pipeline.graph import Tables, build_graph
from yule.runtime.plan import list_tasks
from yule.storage.setup import configure

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "complete-journey"

RE_RECORD = (
    "If that is meant, raise the task's `revision` where its meaning changed, run `make golden`, and commit both."
)


def write_golden_project(folder: Path) -> Path:
    """Write the golden project with its data."""
    shutil.copytree(HERE / "project", folder)
    write_data(folder / "data")
    return folder


def write_example(folder: Path) -> Path:
    """Write the example project with tables that have no rows: nothing is run of it."""
    for name in ("downloads", "features", "cases"):
        shutil.copytree(EXAMPLE / name, folder / name)
    shutil.copy(EXAMPLE / "project.yaml", folder)
    write_example_data(folder / "data")
    return folder


def list_cases(project: Path) -> list[str]:
    """Return the names of a project's cases."""
    return sorted(path.stem for path in (project / "cases").glob("[!_]*.yaml"))


def plan_ids(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return the ids of the tasks of every case, by case and family; families stand after those that they read."""
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=1, fetching="{}")
    tables = Tables(project)
    ids: dict[str, dict[str, list[str]]] = {}
    for name in list_cases(folder):
        graph = build_graph(read_case(folder / "cases" / f"{name}.yaml", project, {}), tables)
        found = ids.setdefault(name, {})
        for task in list_tasks(graph.whole):
            found.setdefault(task.task_family, []).append(task.unique_id)
    return {name: {family: sorted(of) for family, of in found.items()} for name, found in ids.items()}


def find_cases(project: Path) -> dict[str, str]:
    """Return of which case each task with an id on record is (``FitFold/ID``); of several the first."""
    cases: dict[str, str] = {}
    for case, families in plan_ids(project).items():
        for family, ids in families.items():
            for unique_id in ids:
                cases.setdefault(f"{family}/{unique_id}", case)
    return cases


def run_cases(project: Path, *, n_cores: int, n_threads: int) -> None:
    """Run every case of a project."""
    run_yule(project, "run", *list_cases(project), "--json", "--cores", str(n_cores), n_threads=n_threads)


def run_yule(project: Path, *arguments: str, n_threads: int = 1) -> str:
    """Run a command in a project and return what it printed."""
    command = [sys.executable, "-m", "yule", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": str(n_threads)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
