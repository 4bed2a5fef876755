"""Facts about the Dockerfiles: that of Yule itself and the one that ``yule init`` writes."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
