"""Build the image of a commit with whatever builder this machine has."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from yule.versions.client import is_plain, split_repository
from yule.versions.commits import CodeError, find_root, run_git
from yule.versions.registry import REVISION, Image, resolve_image

PLATFORM = "linux/amd64"
"""What the nodes of a cluster are, unlike some laptops."""

BUILD_SECONDS = 3600
"""After which Cloud Build gives up; its own default can be too short for large libraries."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """An image to be built and pushed.

    Parameters
    ----------
    files
        Folder with the files of the commit and a ``Dockerfile``.
    repository
        The image without tag.
    commit
        The full hash: tag and label of the image.
    arguments
        Values of the Dockerfile's arguments, by name.
    platform
        Operating system and processor, as ``linux/amd64``.
    """

    files: Path
    repository: str
    commit: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    platform: str = PLATFORM

    @property
    def image(self) -> str:
        """The image with its tag."""
        return f"{self.repository}:{self.commit}"

    @property
    def options(self) -> list[str]:
        """The options that all builders know."""
        build_args = [part for name, value in self.arguments.items() for part in ("--build-arg", f"{name}={value}")]
        return ["--tag", self.image, "--label", f"{REVISION}={self.commit}", *build_args]


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A program that builds images.

    Parameters
    ----------
    name
        The program.
    probe
        A command that fails where it cannot build.
    describe
        Returns the commands that build and push.
    """

    name: str
    probe: tuple[str, ...]
    describe: Callable[[Order], list[list[str]]]


def build_image(
    folder: Path,
    commit: str,
    repository: str,
    *,
    arguments: Mapping[str, str] = MappingProxyType({}),
    builder: Builder | None = None,
    platform: str = PLATFORM,
) -> Image:
    """Build and push the image of a commit: its tag is the full hash, its label says so.

    The files are those of the commit, whatever lies in the folder. The builder's words go to the terminal.

    Parameters
    ----------
    folder
        Folder of the project in its repository. Its ``Dockerfile`` is used, or else that at the repository's top.
    commit
        The full hash.
    repository
        The image without tag.
    arguments
        Values of the Dockerfile's arguments, by name; the others have their own defaults.
    builder
        What builds; the first that is installed if None.
    platform
        Operating system and processor, as ``linux/amd64``.

    Returns
    -------
    Image
        The image as the registry has it now.

    Raises
    ------
    CodeError
        If there is no builder, the commit has no Dockerfile, or the build fails.
    """
    split_repository(repository)
    builder = builder or find_builder()
    with tempfile.TemporaryDirectory(prefix="yule-build-") as scratch:
        order = Order(
            files=_export(folder, commit, Path(scratch)),
            repository=repository,
            commit=commit,
            arguments=arguments,
            platform=platform,
        )
        for command in builder.describe(order):
            if subprocess.run(command, check=False).returncode:
                raise CodeError(f"The build failed: {' '.join(command[:3])} …; its own words are above.")
    return resolve_image(repository, commit)


def find_builder(name: str | None = None) -> Builder:
    """Return a builder.

    Parameters
    ----------
    name
        ``docker``, ``buildah`` or ``gcloud``; the first of them that works here if None.

    Raises
    ------
    CodeError
        If there is none, or not the one that is asked for; says what each lacks.
    """
    wanted = [builder for builder in BUILDERS if name in (None, builder.name)]
    if not wanted:
        raise CodeError(f"There is no builder {name!r}; there are {', '.join(known.name for known in BUILDERS)}.")
    lacks = []
    for builder in wanted:
        if shutil.which(builder.name) is None:
            lacks.append(f"{builder.name} is not installed")
        elif subprocess.run(builder.probe, capture_output=True, check=False).returncode:
            lacks.append(f"`{' '.join(builder.probe)}` fails")
        else:
            return builder
    raise CodeError(
        f"Nothing on this machine can build an image: {'; '.join(lacks)}. Install docker with its plugin buildx, "
        "buildah or gcloud, or have it built in your CI: `yule init` writes a workflow for it."
    )


def _export(folder: Path, commit: str, scratch: Path) -> Path:
    """Write the files of a commit to a folder; return the part of it that has the Dockerfile."""
    root = find_root(folder)
    archive, files = scratch / "files.tar", scratch / "files"
    run_git(root, "archive", "--format=tar", f"--output={archive}", commit)
    files.mkdir()
    subprocess.run(["tar", "-x", "-f", str(archive), "-C", str(files)], check=True)
    archive.unlink()
    project = files / folder.resolve().relative_to(root.resolve())
    for context in (project, files):
        if (context / "Dockerfile").is_file():
            return context
    raise CodeError(f"The commit {commit} has no Dockerfile in {folder}. `yule init` writes one; commit it.")


def _docker(order: Order) -> list[list[str]]:
    build = ["docker", "buildx", "build", "--push", "--platform", order.platform]
    return [[*build, *order.options, str(order.files)]]


def _buildah(order: Order) -> list[list[str]]:
    host, _ = split_repository(order.repository)
    build = ["buildah", "build", "--platform", order.platform, *order.options, str(order.files)]
    # buildah, unlike docker, asks even registries on this machine for encryption.
    return [build, ["buildah", "push", *(["--tls-verify=false"] if is_plain(host) else []), order.image]]


def _gcloud(order: Order) -> list[list[str]]:
    # A dollar would begin one of Cloud Build's own variables.
    options = [option.replace("$", "$$") for option in ("--platform", order.platform, *order.options)]
    steps = [{"name": "gcr.io/cloud-builders/docker", "args": ["build", *options, "."]}]
    settings = order.files.parent / f"{order.commit}.json"  # JSON is YAML, too
    written = {"steps": steps, "images": [order.image], "timeout": f"{BUILD_SECONDS}s"}
    settings.write_text(json.dumps(written), encoding="utf-8")
    submit = ["gcloud", "builds", "submit", "--config", str(settings)]
    if not (order.files / ".gcloudignore").exists():
        # gcloud would go by .gitignore, but what is committed belongs to the commit.
        submit = ["env", "CLOUDSDK_GCLOUDIGNORE_ENABLED=false", *submit]
    return [[*submit, str(order.files)]]


BUILDERS = (
    Builder(name="docker", probe=("docker", "buildx", "version"), describe=_docker),
    Builder(name="buildah", probe=("buildah", "--version"), describe=_buildah),
    Builder(name="gcloud", probe=("gcloud", "--version"), describe=_gcloud),
)
"""In the order in which they are tried."""
