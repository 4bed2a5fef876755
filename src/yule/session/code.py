"""``code:`` of cases in a process that cannot change its own code, and the code that runs."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from yule.config.cases import Case
from yule.config.projects import Project
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.record import Run
from yule.session.show import Show
from yule.versions.commits import CodeError, describe_code, has_code_of, resolve_commit


def require_code(project: Project, cases: Sequence[Case]) -> list[Case]:
    """Return cases with the full hash of their code, which is the code that is running.

    Raises
    ------
    CodeError
        If this process has other code than some ask for. All are listed.
    """
    asked = {case.name: resolve_commit(project.root, case.code) for case in cases if case.code is not None}
    others = [
        f"{name} is to run with the code of {commit[:12]}"
        for name, commit in asked.items()
        if not _has_code(project, commit)
    ]
    if others:
        raise CodeError(
            f"This process has other code: {'; '.join(others)}. `yule run` fetches it and runs the case with it."
        )
    return [replace(case, code=asked.get(case.name, case.code)) for case in cases]


def require_code_of(project: Project, run: Run, show: Show) -> None:
    """Refuse to repeat a run with other code than it had; where nobody knows that, say so.

    Raises
    ------
    CodeError
        If this process has other code.
    """
    commit = run.code.removesuffix("-dirty")
    if run.code != commit or not commit:
        told = f"{commit} and changes that were not committed" if commit else "not recorded"
        show.note(f"The code of {run.run_id} is {told}: it is repeated with the code that is here.")
    elif not _has_code(project, commit):
        raise CodeError(
            f"This process has other code than {run.run_id} had, which is {commit[:12]}. `yule rerun` fetches it."
        )


def _has_code(project: Project, commit: str) -> bool:
    return os.environ.get("YULE_COMMIT") == commit or has_code_of(project.root, commit)


def describe_running_code(project: Project, graphs: Sequence[CaseGraph]) -> str:
    """Return the commit of the code that runs, with ``-dirty`` when files differ from it; empty outside git."""
    known = os.environ.get("YULE_COMMIT") or graphs[0].case.code
    return known or describe_code(project.root, apart_from=own_folders(project))


def own_folders(project: Project) -> list[Path]:
    """Return the folders below the project that are no code: the workspace."""
    return [Path(project.workspace)] if "://" not in project.workspace else []
