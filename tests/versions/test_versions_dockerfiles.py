"""Facts about the Dockerfiles: that of Yule itself and the one that ``yule init`` writes."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from versions_toys import write_program

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "src/yule/config/templates/image"
FILES = {"own": ROOT / "Dockerfile", "of a project": TEMPLATE / "Dockerfile"}


def read_steps(file: Path) -> list[str]:
    """Return the instructions of a Dockerfile, each in one line."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    return [step for step in "\n".join(lines).replace("\\\n", " ").splitlines() if step.strip()]


def read_extras(file: Path) -> set[str]:
    """Return the extras of Yule that an image has unless it is told otherwise."""
    if file.parent == ROOT:
        (found,) = re.findall(r"^ARG EXTRAS=(.*)$", file.read_text(), flags=re.MULTILINE)
    else:
        (found,) = re.findall(r"^yule\[(.*)\]$", (TEMPLATE / "requirements.txt").read_text(), flags=re.MULTILINE)
    return set(found.split(","))


def find_libraries(needed: list[str]) -> set[str]:
    """Return the names of all that some requirements bring along on Linux, as far as it is installed here."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(text) for text in needed]
    while waiting:
        requirement = waiting.pop()
        for extra in (*requirement.extras, ""):
            key = (canonicalize_name(requirement.name), extra)
            if key in found:
                continue
            found.add(key)
            try:
                below = [Requirement(text) for text in requires(key[0]) or ()]
            except PackageNotFoundError:
                continue
            waiting += [one for one in below if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


@pytest.mark.parametrize("kind", FILES)
def test_an_image_is_built_without_torch_and_what_it_brings_along(kind: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = read_extras(FILES[kind])
    assert extras <= project["optional-dependencies"].keys()
    needed = [*project["dependencies"], *(text for name in extras for text in project["optional-dependencies"][name])]
    libraries = find_libraries(needed)
    assert {"lightgbm", "kubernetes", "boto3"} <= libraries
    assert not [name for name in libraries if re.match(r"torch|nvidia|cuda|triton", name)]


@pytest.mark.parametrize("kind", FILES)
def test_the_layer_of_libraries_changes_only_with_what_names_them(kind: str) -> None:
    steps = read_steps(FILES[kind])
    libraries = next(number for number, step in enumerate(steps) if "pip install" in step)
    copied = {name for step in steps[:libraries] if step.startswith("COPY") for name in step.split()[1:-1]}
    assert copied == ({"pyproject.toml", "constraints.txt"} if kind == "own" else {"requirements.txt"})
    code = [step for step in steps[libraries + 1 :] if step.startswith(("COPY", "RUN"))]
    assert code
    assert all("--no-deps" in step for step in code if "pip install" in step)


@pytest.mark.parametrize("kind", FILES)
def test_an_image_has_what_lightgbm_needs_of_the_system_and_runs_as_nobody(kind: str) -> None:
    steps = read_steps(FILES[kind])
    assert any("libgomp1" in step for step in steps)
    assert [step for step in steps if step.startswith("USER")][-1] == "USER 10001:10001"
    assert "ENTRYPOINT []" in steps


@pytest.mark.slow
def test_what_is_installed_last_is_the_code_and_nothing_that_asked_for_the_libraries(tmp_path: Path) -> None:
    """By the Dockerfile's own steps, with a pip that makes wheels of what it is to install."""
    wheels, app = tmp_path / "wheels", tmp_path / "app"
    make = f'{sys.executable} -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir {wheels} "$last"'
    write_program(tmp_path / "bin" / "pip", f"#!/bin/sh\nfor last; do :; done\n[ $1 = uninstall ] || {make}\n")
    app.mkdir()
    for step in read_steps(ROOT / "Dockerfile"):
        kind, _, text = step.partition(" ")
        for name in text.split()[:-1] if kind == "COPY" else ():
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2  # files are older than what pip makes
            copy(ROOT / name, app / name)
        if kind == "RUN" and "pip" in text:
            environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "EXTRAS": "s3"}
            subprocess.run(["sh", "-ec", text], cwd=app, env=environment, check=True)
    (wheel,) = wheels.glob("yule-*.whl")
    with zipfile.ZipFile(wheel) as content:
        assert content.read("yule/__init__.py") == (ROOT / "src/yule/__init__.py").read_bytes()
        assert "yule/py.typed" in content.namelist()
    assert sorted(file.name for file in app.iterdir()) == ["README.md", "constraints.txt", "pyproject.toml", "src"]
