"""A client of one repository of a registry."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from yule.versions.commits import CodeError
from yule.versions.credentials import DOCKER_HUB, HOLDER_OF_TOKEN, find_login

SECONDS = 30.0

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@contextmanager
def connect(repository: str, environment: Mapping[str, str] = os.environ) -> "Iterator[Registry]":
    """Open a connection to the registry of a repository.

    Parameters
    ----------
    repository
        An image without tag, with its registry.
    environment
        Environment variables; with ``YULE_REGISTRY_INSECURE`` the registry is spoken to without encryption, as those
        on this machine always are.

    Raises
    ------
    CodeError
        If the name is not one of a repository; what goes wrong inside is put in words.
    """
    host, name = split_repository(repository)
    base = f"{'http' if is_plain(host, environment) else 'https'}://{host}/v2/{name}/"
    transport = httpx.HTTPTransport(retries=2)  # of connections that cannot be made
    with httpx.Client(base_url=base, timeout=SECONDS, follow_redirects=True, transport=transport) as client:
        try:
            yield Registry(client, repository, environment)
        except httpx.HTTPError as error:
            raise CodeError(
                f"The registry {host} does not answer: {str(error) or type(error).__name__}. "
                "Look at `image:` in project.yaml and at the network."
            ) from error


class Registry:
    """What is read from one repository.

    Parameters
    ----------
    client
        A client with the repository's address.
    repository
        The image without tag.
    environment
        Where a login may be found.
    """

    def __init__(self, client: httpx.Client, repository: str, environment: Mapping[str, str]) -> None:
        self._client = client
        self._repository = repository
        self._environment = environment
        self._host, _ = split_repository(repository)

    def read_manifest(self, name: str) -> tuple[str, Mapping[str, Any]] | None:
        """Return the digest and the content of a manifest, named by tag or digest; None when there is none."""
        answer = self._get(f"manifests/{name}", {"Accept": ", ".join(_TYPES)})
        if answer is None:
            return None
        # Old registries do not name the digest. One that names another than the content has is not to be trusted.
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        expected = (answer.headers.get("Docker-Content-Digest", digest), name if ":" in name else digest)
        if expected != (digest, digest):
            raise CodeError(f"The registry {self._host} sent another manifest of {self._repository} than {expected}.")
        return digest, self._parse(answer)

    def read_blob(self, digest: str) -> Mapping[str, Any]:
        """Return the JSON of a blob that must be there, and be what its digest says."""
        answer = self._get(f"blobs/{check_digest(digest, self._repository)}", {})
        if answer is None:
            raise CodeError(f"{self._repository} has lost a part of an image. Build the image again.")
        if digest != f"sha256:{hashlib.sha256(answer.content).hexdigest()}":
            raise CodeError(f"The registry {self._host} sent another part of {self._repository} than {digest}.")
        return self._parse(answer)

    def list_tags(self) -> Iterator[str]:
        """Yield all tags, page by page."""
        page: str | None = "tags/list?n=1000"
        while page is not None:
            answer = self._get(page, {})
            if answer is None:
                return
            yield from self._parse(answer).get("tags") or ()
            following = answer.links.get("next", {}).get("url")
            page = str(answer.url.join(following)) if following else None

    def _get(self, path: str, headers: Mapping[str, str]) -> httpx.Response | None:
        """Return an answer of the registry; None when there is no such thing."""
        answer = self._client.get(path, headers=headers)
        if answer.status_code == 401:
            self._log_in(answer.headers.get("WWW-Authenticate", ""))
            answer = self._client.get(path, headers=headers)
        if answer.status_code == 404:
            return None
        if answer.status_code == 401:
            raise CodeError(
                f"The registry {self._host} does not let you in to {self._repository}. Log in: "
                f"docker login {self._host}, or set YULE_REGISTRY_USER and YULE_REGISTRY_PASSWORD."
            )
        if answer.status_code == 403:
            raise CodeError(
                f"The registry {self._host} knows you, but you may not read {self._repository}. "
                "Ask its owner for the right to read."
            )
        if answer.is_error:
            raise CodeError(f"The registry {self._host} answers {answer.status_code}: {answer.text[:200]}")
        return answer

    def _log_in(self, challenge: str) -> None:
        """Get what the registry asks for: a token, or a name and a password."""
        login = find_login(self._host, self._environment)
        asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        if challenge.lower().startswith("basic") and login:
            self._client.auth = httpx.BasicAuth(login.user, login.password)
        if not challenge.lower().startswith("bearer"):
            return
        realm = asked.pop("realm", "")
        # In a client of its own: what is meant for the registry is not sent to whoever gives the tokens.
        with httpx.Client(timeout=SECONDS) as client:
            if login and login.user == HOLDER_OF_TOKEN:
                form = {"grant_type": "refresh_token", "refresh_token": login.password, "client_id": "yule", **asked}
                answer = client.post(realm, data=form)
            else:
                auth = httpx.BasicAuth(login.user, login.password) if login else None
                answer = client.get(realm, params=asked, auth=auth)
        if answer.is_success:
            given = self._parse(answer)
            self._client.headers["Authorization"] = f"Bearer {given.get('token') or given.get('access_token')}"

    def _parse(self, answer: httpx.Response) -> Mapping[str, Any]:
        try:
            content = json.loads(answer.content)
        except ValueError as error:
            raise CodeError(
                f"{answer.url.copy_with(query=None)} does not answer as a registry does. "
                "Look at `image:` in project.yaml."
            ) from error
        return content if isinstance(content, dict) else {}


def check_digest(digest: object, repository: str) -> str:
    """Return a digest that a registry names, if it is one: it becomes a part of an address."""
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        return digest
    raise CodeError(
        f"{repository} has an image with a part called {str(digest)[:80]!r}, which is no digest. Build it again."
    )


def split_repository(repository: str) -> tuple[str, str]:
    """Split an image without tag into its registry and its name there.

    >>> split_repository("localhost:5000/acme/yule")
    ('localhost:5000', 'acme/yule')

    Raises
    ------
    CodeError
        If it has no registry, has a tag, or has letters that names cannot have.
    """
    host, _, name = repository.partition("/")
    if not name or not ("." in host or ":" in host or host == "localhost"):
        raise CodeError(
            f"`image: {repository}` in project.yaml must begin with a registry, such as localhost:5000/{repository}."
        )
    if ":" in name or "@" in name:
        without = f"{host}/{re.split('[:@]', name)[0]}"
        raise CodeError(f"`image: {repository}` in project.yaml has a tag or a digest. Write it without: {without}")
    if not re.fullmatch(r"[a-z0-9]+(([._/]|__|-+)[a-z0-9]+)*", name):
        raise CodeError(f"`image: {repository}` in project.yaml: names have small letters, digits, '.', '_', '-', '/'.")
    if host in ("docker.io", "index.docker.io"):
        return DOCKER_HUB, name
    return host, name


def is_plain(host: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether a registry is spoken to without encryption."""
    is_here = host.partition(":")[0] in ("localhost", "127.0.0.1")
    return is_here or environment.get("YULE_REGISTRY_INSECURE", "") not in ("", "0", "false")
