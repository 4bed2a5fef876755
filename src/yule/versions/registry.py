"""Registries: from a tag to the digest that runs are pinned to.

References
----------
OCI Distribution Specification 1.1; the token protocol of the Docker registry.
"""

import base64
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from yule.versions.commits import CodeError

REVISION = "org.opencontainers.image.revision"
"""Label of an image that holds the commit it was built from."""

SECONDS = 30.0

_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of a registry.

    Parameters
    ----------
    reference
        ``REPOSITORY@sha256:…``.
    revision
        The commit its label names; empty when it has no such label.
    """

    reference: str
    revision: str


def resolve_image(repository: str, commit: str) -> Image:
    """Find the image of a commit: the one whose tag is the full hash.

    Parameters
    ----------
    repository
        The image without tag: ``LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME``.
    commit
        The full hash.

    Raises
    ------
    CodeError
        If there is none, it is of another commit, or the registry does not let us in or does not answer.
    """
    host, name = _split(repository)
    with _Registry(host, name) as registry:
        found = registry.read(f"manifests/{commit}")
        if found is None:
            raise CodeError(
                f"{repository} has no image of the commit {commit}. Build it: yule image build --code {commit[:12]}"
            )
        manifest = found.json()
        reference = f"{repository}@{found.headers['Docker-Content-Digest']}"
        for item in manifest.get("manifests", ())[:1]:  # one for each platform, built from the same files
            manifest = registry.need(f"manifests/{item['digest']}")
        config = registry.need(f"blobs/{manifest['config']['digest']}")
    revision = (config.get("config", {}).get("Labels") or {}).get(REVISION, "")
    if revision not in ("", commit):
        raise CodeError(f"The image {repository}:{commit} was built from another commit, {revision}. Build it again.")
    return Image(reference=reference, revision=revision)


class _Registry:
    def __init__(self, host: str, name: str) -> None:
        is_here = host.split(":", maxsplit=1)[0] in ("localhost", "127.0.0.1")
        self._host = host
        base = f"{'http' if is_here else 'https'}://{host}/v2/{name}/"
        self._client = httpx.Client(base_url=base, timeout=SECONDS, follow_redirects=True)
        self._client.headers["Accept"] = ", ".join(_TYPES)

    def __enter__(self) -> "_Registry":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def need(self, path: str) -> Any:
        """Return the JSON of something that must be there."""
        found = self.read(path)
        if found is None:
            raise CodeError(f"The registry {self._host} has lost {path}. Build the image again.")
        return found.json()

    def read(self, path: str) -> httpx.Response | None:
        """Return an answer of the registry; None when there is no such thing."""
        try:
            answer = self._client.get(path)
            if answer.status_code == 401:
                self._log_in(answer.headers.get("WWW-Authenticate", ""))
                answer = self._client.get(path)
        except httpx.HTTPError as error:
            raise CodeError(f"The registry {self._host} does not answer: {error}") from error
        if answer.status_code == 404:
            return None
        if answer.status_code in (401, 403):
            raise CodeError(f"The registry {self._host} does not let you in. Log in: docker login {self._host}")
        if answer.is_error:
            raise CodeError(f"The registry {self._host} answers {answer.status_code}: {answer.text[:200]}")
        return answer

    def _log_in(self, challenge: str) -> None:
        """Get what the registry asks for: a token, or a name and a password."""
        login = find_login(self._host)
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "bearer":
            asked = dict(re.findall(r'(\w+)="([^"]*)"', rest))
            realm = asked.pop("realm", "")
            answer = httpx.get(realm, params=asked, auth=login, timeout=SECONDS)
            if answer.is_success:
                token = answer.json().get("token") or answer.json().get("access_token")
                self._client.headers["Authorization"] = f"Bearer {token}"
        elif login:
            self._client.auth = httpx.BasicAuth(*login)


def find_login(host: str, file: Path | None = None) -> tuple[str, str] | None:
    """Return name and password that ``docker login`` has kept for a registry; None when there are none.

    Parameters
    ----------
    host
        The registry.
    file
        Docker's settings; ``~/.docker/config.json`` by default.
    """
    try:
        settings: Mapping[str, Any] = json.loads((file or Path.home() / ".docker/config.json").read_text())
    except (OSError, ValueError):
        return None
    helper = settings.get("credHelpers", {}).get(host) or settings.get("credsStore")
    if helper:
        command = [f"docker-credential-{helper}", "get"]
        try:
            done = subprocess.run(command, input=host, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        login = json.loads(done.stdout)
        return login["Username"], login["Secret"]
    kept = settings.get("auths", {}).get(host, {}).get("auth")
    if not kept:
        return None
    user, _, password = base64.b64decode(kept).decode().partition(":")
    return user, password


def _split(repository: str) -> tuple[str, str]:
    host, _, name = repository.partition("/")
    if not name or not ("." in host or ":" in host or host == "localhost"):
        raise CodeError(
            f"`image: {repository}` in project.yaml must begin with a registry, such as localhost:5000/{repository}."
        )
    return host, name
