"""Runs: the folder ``runs/RUN`` of the workspace, where a person finds what came of a case."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Literal, TypeAlias

from yule.core.errors import WorkspaceError
from yule.core.settings import from_json, to_json
from yule.pipeline.graph import CaseGraph
from yule.pipeline.specs import AnswerSpec

RUN = "run.json"

Ending: TypeAlias = Literal["done", "failed", "interrupted"]

_DISTRIBUTIONS = (
    "yule",
    "catboost",
    "duckdb",
    "gokart",
    "lightgbm",
    "luigi",
    "numpy",
    "pyarrow",
    "scikit-learn",
    "torch",
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known of a run; the content of ``run.json``.

    Parameters
    ----------
    run_id
        Its name.
    case, question
        The case's name and question.
    status
        ``running``: also of a run that was killed; ``done``; ``failed``; ``interrupted``.
    started_at, ended_at
        Instants, ISO 8601, UTC; ``ended_at`` is empty until it ends.
    code
        Commit of the project's folder, with ``-dirty`` when files differ from it; empty outside git.
    versions
        Versions of Python and the libraries.
    seed
        The case's seed.
    resolved
        The case with all defaults filled in, as YAML.
    answer
        What keys its tasks; ``yule predict`` starts from it.
    fits
        Unique ids of its fits, by member and fold (``lightgbm/fold-2``).
    """

    run_id: str
    case: str
    question: str
    status: Literal["running", "done", "failed", "interrupted"]
    started_at: str
    ended_at: str = ""
    code: str
    versions: dict[str, str]
    seed: int
    resolved: str
    answer: AnswerSpec
    fits: dict[str, str]


@contextmanager
def recording_runs(workspace: Path, graphs: Sequence[CaseGraph], *, code_folder: Path) -> Iterator[None]:
    """Write down that cases are being run, and at the end how each ended; publish those that are finished.

    Parameters
    ----------
    workspace
        The workspace's folder.
    graphs
        The cases' graphs.
    code_folder
        Folder of the project, whose commit is recorded.
    """
    code = _find_commit(code_folder)
    runs = [_describe_run(graph, code) for graph in graphs]
    for run in runs:
        _write_run(workspace, run)
    ending: Ending = "failed"
    try:
        yield
    except KeyboardInterrupt:
        ending = "interrupted"
        raise
    finally:
        for graph, run in zip(graphs, runs, strict=True):
            is_done = graph.report.complete()
            if is_done:
                publish_run(workspace, graph)
            _write_run(workspace, replace(run, status="done" if is_done else ending, ended_at=_now()))


def publish_run(workspace: Path, graph: CaseGraph) -> Path:
    """Put the list, the report and the model of a finished case into its run's folder; return the folder."""
    folder = run_folder(workspace, graph.run_id)
    for task in (graph.ranking, graph.report):
        for file in task.output().load().iterdir():
            if file.suffix != ".json" or file.name == "report.json":
                _place(file, folder / file.name)
    model = graph.bundle.output().load()
    for file in model.rglob("*"):
        if file.is_file():
            _place(file, folder / "model" / file.relative_to(model))
    return folder


def run_folder(workspace: Path, run_id: str) -> Path:
    """Return the folder of a run."""
    return workspace / "runs" / run_id


def read_runs(workspace: Path) -> list[Run]:
    """Return all runs of a workspace, the newest last."""
    files = (workspace / "runs").glob(f"*/{RUN}")
    return sorted((from_json(Run, file.read_text()) for file in files), key=lambda run: (run.started_at, run.run_id))


def find_run(workspace: Path, name: str) -> Run:
    """Return the run of a name, or the newest run of a case of this name.

    Raises
    ------
    WorkspaceError
        If there is none; says what comes close.
    """
    runs = read_runs(workspace)
    found = [run for run in runs if name in (run.run_id, run.case)]
    if found:
        return found[-1]
    names = [run.run_id for run in runs] + [run.case for run in runs]
    close = get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise WorkspaceError(f"There is no run {name!r} in {workspace}.{hint} `yule runs` lists them.")


def _describe_run(graph: CaseGraph, code: str) -> Run:
    return Run(
        run_id=graph.run_id,
        case=graph.case.name,
        question=graph.case.question,
        status="running",
        started_at=_now(),
        code=code,
        versions={"python": platform.python_version()} | {name: version(name) for name in _DISTRIBUTIONS},
        seed=graph.case.seed,
        resolved=graph.case.resolved,
        answer=graph.answer,
        fits=graph.find_fits(),
    )


def _find_commit(folder: Path) -> str:
    try:
        commit = _ask_git(folder, "rev-parse", "HEAD")
        return f"{commit}-dirty" if _ask_git(folder, "status", "--porcelain", "--", ".") else commit
    except (OSError, subprocess.CalledProcessError):
        return ""


def _ask_git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _write_run(workspace: Path, run: Run) -> None:
    folder = run_folder(workspace, run.run_id)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{RUN}-{os.getpid()}"
    partial.write_text(to_json(run) + "\n")
    partial.replace(folder / RUN)


def _place(file: Path, place: Path) -> None:
    """Put a copy of a file in a place at one instant."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f".{place.name}-{os.getpid()}")
    shutil.copyfile(file, partial)
    partial.replace(place)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
