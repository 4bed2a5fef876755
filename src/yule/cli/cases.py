"""Find the project and the cases that a command names."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.config.projects import Project
    from yule.core.errors import Problem


def load_project(profile: str | None) -> "Project":
    """Read the project that the current folder lies in."""
    from yule.config.projects import find_project, read_project

    return read_project(find_project(find_current_folder()), profile, os.environ)


def load_cases(names: Sequence[str], profile: str | None) -> "tuple[Project, list[Case]]":
    """Read the project and the named cases; the problems of all files are reported together.

    Parameters
    ----------
    names
        Case files, or names of cases. Files that begin with ``_`` are bases of others and are passed over.
    profile
        Profile of the project, or None.
    """
    from yule.config.cases import build_case, check_case
    from yule.config.projects import find_project, raise_problems, survey_project

    problems: list[Problem] = []
    root = find_project(find_current_folder())
    project, known = survey_project(root, profile, os.environ, problems)
    paths = [path for name in names if not (path := find_case(name, root)).name.startswith("_")]
    forms = [(path.stem, check_case(path, root, known, os.environ, problems)) for path in paths]
    raise_problems(problems)
    assert project is not None
    return project, [build_case(name, form, project) for name, form in forms if form is not None]


def find_current_folder() -> Path:
    """Return the current folder.

    Raises
    ------
    ConfigError
        If it was deleted.
    """
    from yule.core.errors import ConfigError, Problem

    try:
        return Path.cwd()
    except FileNotFoundError as error:
        message = "the current folder is gone; go to another one"
        raise ConfigError((Problem(file=".", message=message),)) from error


def find_case(name: str, root: Path) -> Path:
    """Return the file of a case that is named by its path or by its name."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    return root / "cases" / f"{name}.yaml"


def find_all_cases() -> list[str]:
    """Return all case files of the project that the current folder lies in."""
    from yule.config.projects import find_project
    from yule.core.errors import DataError

    folder = find_project(find_current_folder()) / "cases"
    files = sorted(str(file) for file in folder.glob("*.yaml") if not file.name.startswith("_"))
    if not files:
        raise DataError(f"There is no case in {folder}. Write one: docs/configuration.md shows how.")
    return files
