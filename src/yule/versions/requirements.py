"""What a commit asks to be installed, and how it gets into a virtual environment."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yule.versions.commits import CodeError

_INCLUDED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]\s*(\S+)", re.MULTILINE)
# Lines that install files of the commit itself; in uv.lock all but the project, which is not installed.
_LOCAL = {
    ".txt": re.compile(r"^\s*(-e\b|--editable\b|\.|/|file:)|@\s*file:", re.MULTILINE),
    ".lock": re.compile(r'source = \{ (editable|directory|path) = "(?!\.")'),
    ".toml": re.compile(r"@\s*file:"),
}


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """What is to be installed.

    Parameters
    ----------
    folder
        The folder with the files.
    files
        Names of the files that say it; the first decides how it is installed.
    key
        Digest of all that decides what gets installed: 32 hexadecimal digits.
    """

    folder: Path
    files: tuple[str, ...]
    key: str


def find_requirements(project: Path, root: Path, commit: str) -> Requirements:
    """Find what a commit asks for: ``uv.lock``, ``requirements.txt`` or ``pyproject.toml``, in this order.

    The project's folder is looked at first, then the top of the repository. ``constraints.txt`` beside them counts.

    Parameters
    ----------
    project
        The project's folder in the worktree.
    root
        The worktree.
    commit
        The full hash. Where the commit itself gets installed, another commit needs another environment.

    Raises
    ------
    CodeError
        If there is none of these files.
    """
    for folder in dict.fromkeys((project, root)):
        files = _list_files(folder)
        if files:
            contents = {name: (folder / name).read_bytes() for name in files}
            digest = hashlib.sha256(f"{platform.python_version()} {sysconfig.get_platform()}".encode())
            for name, content in contents.items():
                digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
            if any(_is_local(name, content) for name, content in contents.items()):
                digest.update(commit.encode())
            return Requirements(folder=folder, files=files, key=digest.hexdigest()[:32])
    raise CodeError(
        f"The commit {commit} does not say what to install. Write a requirements.txt, a pyproject.toml or a uv.lock, "
        "and commit it."
    )


def install(requirements: Requirements, python: Path) -> None:
    """Make a virtual environment and install into it, with uv if it is there, else with pip.

    Parameters
    ----------
    requirements
        What to install.
    python
        Folder of the virtual environment, which does not exist yet.

    Raises
    ------
    CodeError
        If uv is needed and not there, or the installation fails; its own words are on the terminal.
    """
    uv = shutil.which("uv")
    folder, first = requirements.folder, requirements.files[0]
    if first == "uv.lock":
        if uv is None:
            raise CodeError(f"{folder / first} needs uv. Install it: pip install uv")
        command = [uv, "sync", "--frozen", "--no-dev", "--no-install-project", "--python", sys.executable]
        _run(command, folder, {"UV_PROJECT_ENVIRONMENT": str(python)})
        return
    make = [uv, "venv", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    _run([*make, str(python)], folder, {})
    add = (
        [uv, "pip", "install", "--python", str(python / "bin" / "python")]
        if uv
        else [str(python / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    )
    constraints = ["--constraint", "constraints.txt"] if "constraints.txt" in requirements.files else []
    _run([*add, *constraints, *_what(folder, first)], folder, {})


def _list_files(folder: Path) -> tuple[str, ...]:
    beside = ["constraints.txt"] if (folder / "constraints.txt").is_file() else []
    if (folder / "uv.lock").is_file() and (folder / "pyproject.toml").is_file():
        return ("uv.lock", "pyproject.toml")
    if (folder / "requirements.txt").is_file():
        return tuple(dict.fromkeys([*_follow(folder, "requirements.txt"), *beside]))
    if (folder / "pyproject.toml").is_file():
        return ("pyproject.toml", *beside)
    return ()


def _is_local(name: str, content: bytes) -> bool:
    pattern = _LOCAL.get(Path(name).suffix)
    return pattern is not None and pattern.search(content.decode(errors="replace")) is not None


def _follow(folder: Path, name: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a file of requirements and those it takes in."""
    if name in above:
        return
    yield name
    for included in _INCLUDED.findall((folder / name).read_text(encoding="utf-8", errors="replace")):
        path = os.path.normpath(Path(name).parent / included)
        if (folder / path).is_file():  # else an address, or pip will say what is missing
            yield from _follow(folder, path, (*above, name))


def _what(folder: Path, first: str) -> list[str]:
    if first == "requirements.txt":
        return ["--requirement", first]
    # Only what the project needs. Its own code is taken from the worktree, so that commits can share an environment.
    project = tomllib.loads((folder / first).read_text(encoding="utf-8")).get("project", {})
    needed = list(project.get("dependencies", ()))
    if not needed:
        raise CodeError(f"{folder / first} has no project.dependencies. Name yule there: dependencies = ['yule']")
    return needed


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> None:
    # PYTHONPATH would lead pip to take what lies there for installed.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    # All that installers say goes to the standard error: the standard output is the run's.
    done = subprocess.run(command, cwd=folder, env={**environment, **variables}, stdout=2, check=False)
    if done.returncode:
        raise CodeError(f"{' '.join(command[:4])} … failed in {folder}; its own words are above.")
