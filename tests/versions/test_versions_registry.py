"""Against Debian's docker-registry."""

import base64
import hashlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from yule.versions.commits import CodeError
from yule.versions.registry import find_login, resolve_image

COMMIT = "4f2c1ab07d" * 4


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry on this machine: its host and port."""
    if shutil.which("docker-registry") is None:
        pytest.skip("needs Debian's package docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}}
    settings = {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": {"addr": host}}
    (folder / "config.yml").write_text(json.dumps(settings))
    server = subprocess.Popen(["docker-registry", "serve", str(folder / "config.yml")], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            httpx.get(f"http://{host}/v2/")
            break
        except httpx.TransportError:
            time.sleep(0.05)
    yield host
    server.terminate()
    server.wait()


def push(host: str, name: str, tag: str, *, labels: dict[str, str], in_index: bool = False) -> str:
    """Push an image without layers and return its digest."""
    config = push_blob(host, name, json.dumps({"architecture": "amd64", "config": {"Labels": labels}}).encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
        "layers": [],
    }
    if not in_index:
        return put_manifest(host, name, tag, manifest)
    content = json.dumps(manifest).encode()
    digest = put_manifest(host, name, f"sha256:{hashlib.sha256(content).hexdigest()}", manifest)
    kind = "application/vnd.oci.image.index.v1+json"
    entry = {"mediaType": manifest["mediaType"], "digest": digest, "size": len(content)}
    return put_manifest(host, name, tag, {"schemaVersion": 2, "mediaType": kind, "manifests": [entry]})


def push_blob(host: str, name: str, content: bytes) -> dict[str, object]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    place = httpx.post(f"http://{host}/v2/{name}/blobs/uploads/").headers["Location"]
    httpx.put(httpx.URL(place).copy_merge_params({"digest": digest}), content=content).raise_for_status()
    return {"digest": digest, "size": len(content)}


def put_manifest(host: str, name: str, tag: str, manifest: dict[str, object]) -> str:
    answer = httpx.put(
        f"http://{host}/v2/{name}/manifests/{tag}",
        content=json.dumps(manifest).encode(),
        headers={"Content-Type": str(manifest["mediaType"])},
    )
    answer.raise_for_status()
    return answer.headers["Docker-Content-Digest"]


@pytest.mark.parametrize("in_index", [False, True])
def test_a_commit_leads_to_a_digest(registry: str, in_index: bool) -> None:
    name = f"yule-{in_index}".lower()
    digest = push(registry, name, COMMIT, labels={"org.opencontainers.image.revision": COMMIT}, in_index=in_index)
    image = resolve_image(f"{registry}/{name}", COMMIT)
    assert (image.reference, image.revision) == (f"{registry}/{name}@{digest}", COMMIT)


def test_a_commit_without_image_is_an_error_that_says_how_to_build_it(registry: str) -> None:
    with pytest.raises(CodeError, match="yule image build --code 0000"):
        resolve_image(f"{registry}/yule-none", "0" * 40)


def test_an_image_of_another_commit_is_refused(registry: str) -> None:
    push(registry, "yule-other", COMMIT, labels={"org.opencontainers.image.revision": "f" * 40})
    with pytest.raises(CodeError, match="built from another commit, ffff"):
        resolve_image(f"{registry}/yule-other", COMMIT)


def test_a_registry_that_is_not_there_is_an_error_in_words() -> None:
    with pytest.raises(CodeError, match="does not answer"):
        resolve_image("127.0.0.1:1/yule", COMMIT)


def test_an_image_needs_a_registry() -> None:
    with pytest.raises(CodeError, match="must begin with a registry"):
        resolve_image("yule", COMMIT)


class Doorman(BaseHTTPRequestHandler):
    """Asks for a token, gives one for the right password, and passes what comes with it on to the registry."""

    behind: str

    def do_GET(self) -> None:
        here = f"127.0.0.1:{self.server.server_address[1]}"
        if self.path.startswith("/token"):
            is_known = self.headers.get("Authorization") == f"Basic {base64.b64encode(b'ada:secret').decode()}"
            self._answer(200 if is_known else 401, json.dumps({"token": "let-me-in"}).encode(), {})
        elif self.headers.get("Authorization") != "Bearer let-me-in":
            self._answer(401, b"", {"WWW-Authenticate": f'Bearer realm="http://{here}/token",service="registry"'})
        else:
            answer = httpx.get(f"http://{self.behind}{self.path}", headers={"Accept": self.headers["Accept"]})
            kept = {name: answer.headers[name] for name in ("Docker-Content-Digest",) if name in answer.headers}
            self._answer(answer.status_code, answer.content, kept)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_registry_that_asks_for_a_token_gets_the_login_of_docker(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(registry, "yule-private", COMMIT, labels={})
    handler = type("DoormanHere", (Doorman,), {"behind": registry})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CodeError, match="docker login"):
        resolve_image(f"{host}/yule-private", COMMIT)
    (tmp_path / ".docker").mkdir()
    login = {"auths": {host: {"auth": base64.b64encode(b"ada:secret").decode()}}}
    (tmp_path / ".docker/config.json").write_text(json.dumps(login))
    assert resolve_image(f"{host}/yule-private", COMMIT).reference.startswith(f"{host}/yule-private@sha256:")
    server.shutdown()


def test_a_login_may_come_from_a_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-keys"
    helper.write_text('#!/bin/sh\necho \'{"Username": "ada", "Secret": "secret"}\'\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {"registry.example": "keys"}}))
    assert find_login("registry.example", tmp_path / "config.json") == ("ada", "secret")
    assert find_login("other.example", tmp_path / "config.json") is None
