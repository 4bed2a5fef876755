"""``code:`` of cases: which commit runs them, and a process that has its code."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from yule.config.cases import Case
    from yule.config.projects import Project


def settle_code(names: "Sequence[str]", project: "Project", cases: "Sequence[Case]") -> "Sequence[Case]":
    """See to it that the code which cases ask for is the code that runs.

    The full hash is written into the files. When this process has other code, the command is run by one that has it,
    and this one leaves with its exit code.

    Parameters
    ----------
    names
        The cases as the command names them, in the order of ``cases``.
    project, cases
        What was read.

    Returns
    -------
    sequence of Case
        The cases with the full hash.

    Raises
    ------
    CodeError
        If a name is no commit, the cases ask for several, or the commit's libraries cannot be installed.
    """
    from dataclasses import replace

    from yule.config.cases import write_code
    from yule.config.finding import find_case
    from yule.versions.commits import CodeError, resolve_commit

    asked = {case.code: resolve_commit(project.root, case.code) for case in cases if case.code is not None}
    if not asked:
        return cases
    if len(set(asked.values())) > 1 or any(case.code is None for case in cases):
        told = ", ".join(f"{case.name}: {case.code or 'none'}" for case in cases)
        raise CodeError(f"The cases name different commits ({told}). Run them one by one.")
    commit = next(iter(asked.values()))
    for name in names:
        written = write_code(find_case(name, project.root), project.root, commit)
        if written:
            typer.echo(f"{written}: code: {commit}", err=True)
    switch_code(project.root, commit)
    return [replace(case, code=commit) for case in cases]


def switch_code(folder: "Path", commit: str) -> None:
    """Leave this process for one with the code of a commit, unless this one has it.

    Raises
    ------
    CodeError
        If the commit's libraries cannot be installed.
    """
    from yule.versions.commits import has_code_of
    from yule.versions.environments import prepare_environment, run_in, sweep

    if os.environ.get("YULE_COMMIT") == commit or has_code_of(folder, commit):
        return
    typer.echo(f"With the code of {commit[:12]}, in an environment of its own.", err=True)
    environment = prepare_environment(folder, commit)
    sweep()
    raise typer.Exit(run_in(environment, sys.argv[1:]))
