"""Build the image of a commit with whatever builder this machine has."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from yule.versions.commits import CodeError
from yule.versions.registry import REVISION

Commands = list[list[str]]


def build_image(root: Path, commit: str, repository: str, *, base_image: str | None = None) -> None:
    """Build and push the image of a commit: its tag is the full hash, its label says so.

    The files are those of the commit, whatever lies in the folder.

    Parameters
    ----------
    root
        Top folder of the repository; has a ``Dockerfile``.
    commit
        The full hash.
    repository
        The image without tag.
    base_image
        Value of the Dockerfile's argument ``BASE_IMAGE``; its own default if None.

    Raises
    ------
    CodeError
        If there is no builder, the commit has no Dockerfile, or the build fails.
    """
    describe = find_builder()
    with tempfile.TemporaryDirectory() as scratch:
        files = Path(scratch) / "files"
        files.mkdir()
        archive = subprocess.run(["git", "-C", str(root), "archive", commit], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(files)], input=archive.stdout, check=True)
        if not (files / "Dockerfile").exists():
            raise CodeError(f"The commit {commit} has no Dockerfile. `yule init` writes one; commit it.")
        arguments = {"BASE_IMAGE": base_image} if base_image else {}
        for command in describe(files, f"{repository}:{commit}", commit, arguments):
            if subprocess.run(command, check=False).returncode:
                raise CodeError(f"The build failed: {' '.join(command[:3])} …; its own words are above.")


def find_builder() -> Callable[[Path, str, str, Mapping[str, str]], Commands]:
    """Return what gives the commands of the first builder that is installed.

    Raises
    ------
    CodeError
        If there is none.
    """
    for program, describe in (("docker", _docker), ("buildah", _buildah), ("gcloud", _gcloud)):
        if shutil.which(program):
            return describe
    raise CodeError(
        "There is no docker, buildah or gcloud on this machine to build an image with. Install one, or let the "
        "workflow .github/workflows/image.yaml build it."
    )


def _docker(files: Path, image: str, commit: str, arguments: Mapping[str, str]) -> Commands:
    build = ["docker", "buildx", "build", "--push", "--tag", image, "--label", f"{REVISION}={commit}"]
    return [[*build, *_as_options(arguments), str(files)]]


def _buildah(files: Path, image: str, commit: str, arguments: Mapping[str, str]) -> Commands:
    build = ["buildah", "build", "--tag", image, "--label", f"{REVISION}={commit}", *_as_options(arguments), str(files)]
    return [build, ["buildah", "push", image]]


def _gcloud(files: Path, image: str, commit: str, arguments: Mapping[str, str]) -> Commands:
    build = ["build", "--tag", image, "--label", f"{REVISION}={commit}", *_as_options(arguments), "."]
    steps = [{"name": "gcr.io/cloud-builders/docker", "args": build}]
    (files.parent / "build.json").write_text(json.dumps({"steps": steps, "images": [image]}))
    return [["gcloud", "builds", "submit", "--config", str(files.parent / "build.json"), str(files)]]


def _as_options(arguments: Mapping[str, str]) -> list[str]:
    return [option for name, value in arguments.items() for option in ("--build-arg", f"{name}={value}")]
