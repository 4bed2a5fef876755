"""Repositories, registries and images for the tests of versions."""

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

COMMIT = "4f2c1ab07d" * 4
REVISION = "org.opencontainers.image.revision"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def git(folder: Path, *arguments: str) -> str:
    """Run git as Ada."""
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def make_repository(folder: Path, files: dict[str, str]) -> str:
    """Commit files to a new repository and return the commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--initial-branch", "main")
    return commit_files(folder, files)


def commit_files(folder: Path, files: dict[str, str]) -> str:
    """Commit files and return the commit."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--allow-empty", "--message", "A commit")
    return git(folder, "rev-parse", "HEAD")


def write_program(file: Path, text: str) -> None:
    """Write a program that can be run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@contextmanager
def serve_registry(folder: Path) -> Iterator[str]:
    """Run Debian's docker-registry on this machine; gives its host and port."""
    if shutil.which("docker-registry") is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("needs the program docker-registry: apt-get install docker-registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}}
    settings = {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": {"addr": host}}
    (folder / "config.yml").write_text(json.dumps(settings))
    server = subprocess.Popen(["docker-registry", "serve", str(folder / "config.yml")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://{host}/v2/")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield host
    finally:
        server.terminate()
        server.wait()


def push(host: str, name: str, tag: str, *, labels: dict[str, str] | None) -> str:
    """Push an image without layers and return its digest."""
    return put_manifest(host, name, tag, make_manifest(host, name, labels))


def push_index(host: str, name: str, tag: str, *, labels: dict[str, str]) -> str:
    """Push a list of platforms as builders do, led by a statement about the build, and return its digest."""
    entries = []
    for system, of_system in (("unknown", {"statement": "1"}), ("linux", labels)):
        manifest = make_manifest(host, name, of_system)
        content = json.dumps(manifest).encode()
        digest = put_manifest(host, name, f"sha256:{hashlib.sha256(content).hexdigest()}", manifest)
        platform = {"os": system, "architecture": "amd64"}
        entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(content), "platform": platform})
    return put_manifest(host, name, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})


def make_manifest(host: str, name: str, labels: dict[str, str] | None) -> dict[str, object]:
    """Push an image's settings and return the manifest that names them."""
    content = json.dumps({"architecture": "amd64", "config": {"Labels": labels}}).encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    place = httpx.post(f"http://{host}/v2/{name}/blobs/uploads/").headers["Location"]
    httpx.put(httpx.URL(place).copy_merge_params({"digest": digest}), content=content).raise_for_status()
    kind = "application/vnd.oci.image.config.v1+json"
    config = {"mediaType": kind, "digest": digest, "size": len(content)}
    return {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}


def put_manifest(host: str, name: str, tag: str, manifest: dict[str, object]) -> str:
    """Push a manifest and return its digest."""
    answer = httpx.put(
        f"http://{host}/v2/{name}/manifests/{tag}",
        content=json.dumps(manifest).encode(),
        headers={"Content-Type": str(manifest["mediaType"])},
    )
    answer.raise_for_status()
    return answer.headers["Docker-Content-Digest"]


class Doorman(BaseHTTPRequestHandler):
    """Stands before a registry: asks for a token, and gives one to Ada or for her identity token."""

    behind: str
    is_forgetful = False  # leaves the digest out, as old registries do
    status_inside = 0  # answers this to those who are let in, if not 0

    def do_GET(self) -> None:
        here = f"127.0.0.1:{self.server.server_address[1]}"
        if self.path.startswith("/token"):
            is_known = self.headers.get("Authorization") == f"Basic {base64.b64encode(b'ada:secret').decode()}"
            self._answer(200 if is_known else 401, json.dumps({"token": "let-me-in"}).encode(), {})
        elif self.headers.get("Authorization") != "Bearer let-me-in":
            self._answer(401, b"", {"WWW-Authenticate": f'Bearer realm="http://{here}/token",service="registry"'})
        elif self.status_inside:
            self._answer(self.status_inside, b"<html>no</html>", {})
        else:
            passed = {"Accept": self.headers.get("Accept", "")}
            answer = httpx.get(f"http://{self.behind}{self.path}", headers=passed)
            names = () if self.is_forgetful else ("Docker-Content-Digest",)
            kept = {name: answer.headers[name] for name in names if name in answer.headers}
            self._answer(answer.status_code, answer.content, kept)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        is_known = b"refresh_token=identity" in sent
        self._answer(200 if is_known else 401, json.dumps({"access_token": "let-me-in"}).encode(), {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_doorman(behind: str, *, is_forgetful: bool = False, status_inside: int = 0) -> Iterator[str]:
    """Put a doorman before a registry; gives his host and port."""
    kind = {"behind": behind, "is_forgetful": is_forgetful, "status_inside": status_inside}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("DoormanHere", (Doorman,), kind))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
