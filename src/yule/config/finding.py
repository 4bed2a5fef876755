"""Find the project and the cases that somebody names: the one way for commands, sessions and the download library."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.config.forms.case import CaseForm
    from yule.config.projects import Project
    from yule.core.errors import ConfigError, Problem

PROFILE = "YULE_PROFILE"
"""The variable that names the profile where none is given."""


def load_project(
    profile: str | None, folder: str | Path | None = None, environment: Mapping[str, str] = os.environ
) -> "Project":
    """Read the project that a folder lies in.

    Parameters
    ----------
    profile
        Profile of the project; None for that of the variable ``YULE_PROFILE``, or none.
    folder
        A folder of the project or below it, or a file there; None for the current folder.
    environment
        The variables.

    Raises
    ------
    ConfigError
        With all problems of all its files, or if there is no project.
    """
    from yule.config.projects import find_project, read_project

    return read_project(find_project(_find_start(folder)), choose_profile(profile, environment), environment)


def place_new_case(root: Path, name: str) -> Path:
    """Return where the file of a case that is yet to be written goes.

    Parameters
    ----------
    root
        Folder of the project.
    name
        Name of the case.

    Raises
    ------
    ConfigError
        If there is such a case, or the name is none for one.
    """
    import re

    from yule.config.forms.checks import NAME
    from yule.config.projects import raise_problems
    from yule.core.errors import Problem

    file, problems = f"cases/{name}.yaml", list[Problem]()
    if not re.fullmatch(NAME, name):
        message = f"{name!r} cannot be a name; use letters, digits, '-' and single '_'"
        problems.append(Problem(file="cases", message=message))
    elif (root / file).exists():
        problems.append(Problem(file=file, message="there is such a case already; choose another name"))
    raise_problems(problems)
    return root / file


def load_cases(
    names: Sequence[str],
    profile: str | None,
    folder: str | Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> "tuple[Project, list[Case]]":
    """Read the project and the named cases; the problems of all files are reported together.

    Parameters
    ----------
    names
        Case files, or names of cases. Files that begin with ``_`` are bases of others and are passed over.
    profile, folder, environment
        See :func:`load_project`.

    Raises
    ------
    ConfigError
        With all problems of all files.
    DataError
        If no case is named.
    """
    from yule.config.projects import raise_problems

    project, cases, faults = load_each(names, profile, folder, environment)
    raise_problems([problem for error in faults.values() for problem in error.problems])
    return project, [cases[path.stem] for path in list_case_files(names, project.root)]


def load_each(
    names: Sequence[str],
    profile: str | None,
    folder: str | Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> "tuple[Project, dict[str, Case], dict[str, ConfigError]]":
    """Read the project, those of the named cases that can be read, and the problems of the others; by their names.

    Parameters
    ----------
    names, profile, folder, environment
        See :func:`load_cases`.

    Raises
    ------
    ConfigError
        With all problems of all files, if the project has any.
    """
    from yule.config.cases import build_case, check_case
    from yule.config.projects import find_project, raise_problems, survey_project
    from yule.core.errors import ConfigError, DataError, Problem

    problems: list[Problem] = []
    root = find_project(_find_start(folder))
    project, known = survey_project(root, choose_profile(profile, environment), environment, problems)
    found: dict[str, list[Problem]] = {}
    forms: dict[str, CaseForm] = {}
    for path in {os.path.abspath(path): path for path in list_case_files(names, root)}.values():
        stranger, others = _find_stranger(path, root), found.setdefault(path.stem, [])
        if stranger:
            others.append(stranger)
        elif path.stem in forms:
            message = f"another case of this run is called {path.stem}, too; run one after the other"
            others.append(Problem(file=str(path), message=message))
        elif form := check_case(path, root, known, environment, others):
            forms[path.stem] = form
    if problems:
        raise_problems([*problems, *(problem for others in found.values() for problem in others)])
    if not found:
        raise DataError(
            f"No case is named{': files that begin with _ are bases of others' if names else ''}. Name one or more."
        )
    assert project is not None
    faults = {name: ConfigError(tuple(others)) for name, others in found.items() if others}
    return project, {name: build_case(name, forms[name], project) for name in forms if name not in faults}, faults


def list_case_files(names: Sequence[str], root: Path) -> list[Path]:
    """Return the files of the named cases, but for those that are bases of others: their names begin with ``_``."""
    return [path for name in names if not (path := find_case(name, root)).name.startswith("_")]


def choose_profile(given: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the profile that is given, else that of the environment; None for none."""
    return given if given is not None else environment.get(PROFILE) or None


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
    """Return the file of a case that is named by its path, from here or from the project, or by its name."""
    path = Path(name)
    if path.is_file():
        return path
    if path.suffix in (".yaml", ".yml"):
        return root / path if (root / path).is_file() else path
    return root / "cases" / f"{name}.yaml"


def _find_stranger(path: Path, root: Path) -> "Problem | None":
    """Say whose a case is that lies in another project; it may lie in none."""
    from yule.config.projects import PROJECT
    from yule.core.errors import Problem

    homes = (folder for folder in Path(os.path.abspath(path)).parents if (folder / PROJECT).is_file())
    home = next(homes, root).resolve()
    if home == root:
        return None
    return Problem(file=str(path), message=f"this case is of the project {home}, and not of {root}: go there to use it")


def find_all_cases(folder: str | Path | None = None) -> list[str]:
    """Return all case files of the project that a folder lies in; see :func:`load_project`."""
    from yule.config.projects import find_project
    from yule.core.errors import DataError

    cases = find_project(_find_start(folder)) / "cases"
    files = sorted(str(file) for file in cases.glob("*.yaml") if not file.name.startswith("_"))
    if not files:
        raise DataError(f"There is no case in {cases}. Write one: docs/configuration.md shows how.")
    return files


def _find_start(folder: str | Path | None) -> Path:
    return find_current_folder() if folder is None else Path(folder)
