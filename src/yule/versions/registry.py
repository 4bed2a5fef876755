"""Registries: from the commit of an image to the digest that runs are pinned to.

References
----------
OCI Distribution Specification 1.1; the token protocol of the Docker registry.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yule.versions.client import Registry, check_digest, connect
from yule.versions.commits import HASH, CodeError

REVISION = "org.opencontainers.image.revision"
"""Label of an image that holds the commit it was built from."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of a registry.

    Parameters
    ----------
    repository
        The image without tag.
    digest
        ``sha256:…``; of the list of platforms when it has several.
    revision
        The commit its label names; empty when it has no such label.
    """

    repository: str
    digest: str
    revision: str

    @property
    def reference(self) -> str:
        """``REPOSITORY@sha256:…``, which is the same image for ever."""
        return f"{self.repository}@{self.digest}"


def resolve_image(repository: str, commit: str, environment: Mapping[str, str] = os.environ) -> Image:
    """Find the image of a commit: the one whose tag is the full hash.

    Parameters
    ----------
    repository
        The image without tag: ``LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME``.
    commit
        The full hash.
    environment
        Environment variables; see :func:`~yule.versions.credentials.find_login`.

    Raises
    ------
    CodeError
        If there is none, it is of another commit, or the registry does not let us in or does not answer.
    """
    image = find_image(repository, commit, environment)
    if image is None:
        raise CodeError(
            f"{repository} has no image of the commit {commit}. Build it: yule image build --code {commit[:12]}"
        )
    if image.revision not in ("", commit):
        raise CodeError(
            f"The image {repository}:{commit} was built from another commit, {image.revision}. "
            f"Build it again: yule image build --code {commit[:12]}"
        )
    return image


def find_image(repository: str, tag: str, environment: Mapping[str, str] = os.environ) -> Image | None:
    """Return the image with a tag, whatever commit it is of; None when there is none.

    Raises
    ------
    CodeError
        If the registry does not let us in or does not answer.
    """
    with connect(repository, environment) as registry:
        answer = registry.read_manifest(tag)
        if answer is None:
            return None
        digest, manifest = answer
        return Image(repository=repository, digest=digest, revision=_read_revision(registry, repository, manifest))


def list_built(repository: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the commits that have an image, by their tags, sorted.

    Raises
    ------
    CodeError
        If the registry does not let us in or does not answer.
    """
    with connect(repository, environment) as registry:
        return sorted(tag for tag in registry.list_tags() if HASH.fullmatch(tag))


def _read_revision(registry: Registry, repository: str, manifest: Mapping[str, Any]) -> str:
    """Return the label of an image; of the first platform when it has several, which are built from the same files."""
    platforms = manifest.get("manifests")
    if isinstance(platforms, list):
        # Builders put statements about the build into the same list, as of the platform "unknown".
        real = [item for item in platforms if _inside(item, "platform").get("os") != "unknown"]
        digest = check_digest(_inside(real[0]).get("digest"), repository) if real else ""
        answer = registry.read_manifest(digest) if digest else None
        if answer is None:
            raise CodeError(f"{repository} has lost a part of an image. Build the image again.")
        _, manifest = answer
    if "config" not in manifest:
        raise CodeError(f"{repository} holds something that is no container image. Build the image again.")
    config = registry.read_blob(check_digest(_inside(manifest, "config").get("digest"), repository))
    return str(_inside(config, "config", "Labels").get(REVISION, ""))


def _inside(content: object, *keys: str) -> Mapping[str, Any]:
    """Return a mapping inside an answer; empty when what is there is none: a registry may answer anything."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}
