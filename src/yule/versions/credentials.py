"""Logins of registries: from the environment, from what docker, podman and buildah keep, from gcloud."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yule.versions.commits import CodeError

HOLDER_OF_TOKEN = "<token>"
"""The user's name that goes with an identity token in place of a password, as docker's helpers write it."""

DOCKER_HUB = "registry-1.docker.io"


@dataclass(frozen=True, kw_only=True)
class Login:
    """A name and a password.

    Parameters
    ----------
    user
        The name; ``<token>`` when the password is an identity token.
    password
        The password; never shown.
    """

    user: str
    password: str = field(repr=False)


def find_login(host: str, environment: Mapping[str, str] = os.environ) -> Login | None:
    """Return the login for a registry: the first that is found in these places.

    1. The variables ``YULE_REGISTRY_USER`` and ``YULE_REGISTRY_PASSWORD``.
    2. What ``docker login``, ``podman login`` and ``buildah login`` have kept, and the helpers named there.
    3. For Google's registries: ``gcloud auth print-access-token``.

    Parameters
    ----------
    host
        The registry, with its port if it has one.
    environment
        Environment variables.

    Returns
    -------
    Login or None
        None when there is none: the registry may let anyone read.

    Raises
    ------
    CodeError
        If a file cannot be read, or the helper it names is not installed.
    """
    if environment.get("YULE_REGISTRY_PASSWORD"):
        return Login(user=environment.get("YULE_REGISTRY_USER", ""), password=environment["YULE_REGISTRY_PASSWORD"])
    for file in _find_files(environment):
        login = _read_login(file, host)
        if login is not None:
            return login
    if re.search(r"(^|[.-])(gcr\.io|docker\.pkg\.dev)$", host) and shutil.which("gcloud"):
        command = ["gcloud", "auth", "print-access-token"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode == 0:
            return Login(user="oauth2accesstoken", password=done.stdout.strip())
    return None


def _find_files(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or os.path.expanduser("~"))
    named = [environment.get("REGISTRY_AUTH_FILE")]
    if environment.get("XDG_RUNTIME_DIR"):
        named.append(f"{environment['XDG_RUNTIME_DIR']}/containers/auth.json")
    files = [Path(name) for name in named if name]
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    for file in (*files, home / ".config/containers/auth.json", docker):
        if file.is_file():
            yield file


def _read_login(file: Path, host: str) -> Login | None:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        kept = {_host_of(name): entry for name, entry in settings.get("auths", {}).items()}.get(host, {})
        helper = settings.get("credHelpers", {}).get(host) or settings.get("credsStore")
        if kept.get("identitytoken"):
            return Login(user=HOLDER_OF_TOKEN, password=kept["identitytoken"])
        if kept.get("auth"):
            user, _, password = base64.b64decode(kept["auth"], validate=True).decode().partition(":")
            return Login(user=user, password=password)
        # Docker Hub's login is kept under the address of its first API.
        name = "https://index.docker.io/v1/" if host == DOCKER_HUB else host
        return _ask_helper(helper, name, file) if helper else None
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CodeError(f"{file} cannot be read: {error}. Log in again: docker login {host}") from error


def _ask_helper(helper: str, name: str, file: Path) -> Login | None:
    program = f"docker-credential-{helper}"
    try:
        done = subprocess.run([program, "get"], input=name, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError as error:
        raise CodeError(f"{file} names {program}, which is not installed. Install it, or take it out.") from error
    if done.returncode:  # it knows none
        return None
    found = json.loads(done.stdout)
    return Login(user=found.get("Username", ""), password=found.get("Secret", ""))


def _host_of(name: str) -> str:
    """Return the registry a login is kept for; some were kept with ``https://`` and a path.

    >>> _host_of("https://index.docker.io/v1/"), _host_of("localhost:5000")
    ('registry-1.docker.io', 'localhost:5000')
    """
    host = re.sub(r"^https?://", "", name).partition("/")[0]
    return DOCKER_HUB if host in ("docker.io", "index.docker.io") else host
