"""Against Debian's docker-registry."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from versions_toys import (
    COMMIT,
    REVISION,
    push,
    push_index,
    serve_doorman,
    serve_registry,
)

from yule.versions.client import connect, split_repository
from yule.versions.commits import CodeError
from yule.versions.registry import find_image, list_built, resolve_image


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry on this machine: its host and port."""
    with serve_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


def test_a_commit_leads_to_a_digest(registry: str) -> None:
    digest = push(registry, "acme/yule", COMMIT, labels={REVISION: COMMIT})
    image = resolve_image(f"{registry}/acme/yule", COMMIT)
    assert (image.reference, image.revision) == (f"{registry}/acme/yule@{digest}", COMMIT)


def test_an_image_of_several_platforms_is_pinned_as_a_whole(registry: str) -> None:
    digest = push_index(registry, "yule-index", COMMIT, labels={REVISION: COMMIT})
    image = resolve_image(f"{registry}/yule-index", COMMIT)
    assert (image.digest, image.revision) == (digest, COMMIT)


def test_a_commit_without_image_is_an_error_that_says_how_to_build_it(registry: str) -> None:
    with pytest.raises(CodeError, match="yule image build --code 0000"):
        resolve_image(f"{registry}/yule-none", "0" * 40)


def test_an_image_of_another_commit_is_refused(registry: str) -> None:
    push(registry, "yule-other", COMMIT, labels={REVISION: "f" * 40})
    with pytest.raises(CodeError, match="built from another commit, ffff"):
        resolve_image(f"{registry}/yule-other", COMMIT)


@pytest.mark.parametrize("labels", [None, {}])
def test_an_image_without_labels_has_no_revision(registry: str, labels: dict[str, str] | None) -> None:
    push(registry, "yule-bare", COMMIT, labels=labels)
    assert resolve_image(f"{registry}/yule-bare", COMMIT).revision == ""


def test_the_commits_that_have_an_image_are_listed(registry: str) -> None:
    tags = [f"{number:040x}" for number in range(3)]
    for tag in (*tags, "latest"):
        push(registry, "yule-many", tag, labels={})
    assert list_built(f"{registry}/yule-many") == tags
    assert list_built(f"{registry}/yule-nothing") == []


def test_a_registry_that_is_not_there_is_an_error_in_words() -> None:
    with pytest.raises(CodeError, match=r"127\.0\.0\.1:1 does not answer: .*refused"):
        resolve_image("127.0.0.1:1/yule", COMMIT)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("yule", "must begin with a registry"),
        ("acme/yule", "must begin with a registry"),
        ("localhost:5000/yule:latest", "Write it without: localhost:5000/yule"),
        ("localhost:5000/Yule", "small letters"),
        ("localhost:5000/../yule", "small letters"),
    ],
)
def test_an_image_that_cannot_be_is_refused(image: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        resolve_image(image, COMMIT)


def test_images_of_docker_hub_are_read_from_its_registry() -> None:
    assert split_repository("docker.io/acme/yule") == ("registry-1.docker.io", "acme/yule")


def kept_login(folder: Path, host: str, entry: dict[str, str]) -> dict[str, str]:
    """Keep a login as docker does; return the variables that lead to it."""
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    return {"DOCKER_CONFIG": str(folder), "HOME": str(folder)}


ADA = {"auth": base64.b64encode(b"ada:secret").decode()}


@pytest.mark.parametrize("entry", [ADA, {"identitytoken": "identity"}])
def test_a_registry_that_asks_for_a_token_gets_the_login_of_docker(
    registry: str, tmp_path: Path, entry: dict[str, str]
) -> None:
    digest = push(registry, "yule-private", COMMIT, labels={})
    with serve_doorman(registry) as host:
        image = resolve_image(f"{host}/yule-private", COMMIT, kept_login(tmp_path, host, entry))
    assert image.digest == digest


@pytest.mark.parametrize("entry", [{}, {"auth": base64.b64encode(b"ada:wrong").decode()}])
def test_who_is_not_let_in_is_told_to_log_in(registry: str, tmp_path: Path, entry: dict[str, str]) -> None:
    with serve_doorman(registry) as host, pytest.raises(CodeError, match=f"does not let you in .*docker login {host}"):
        find_image(f"{host}/yule-private", COMMIT, kept_login(tmp_path, host, entry))


@pytest.mark.parametrize(
    ("status", "message"),
    [(403, "you may not read"), (500, "answers 500: <html>no"), (200, "does not answer as a registry does")],
)
def test_other_answers_are_put_in_words(registry: str, tmp_path: Path, status: int, message: str) -> None:
    with serve_doorman(registry, status_inside=status) as host, pytest.raises(CodeError, match=message):
        find_image(f"{host}/yule-private", COMMIT, kept_login(tmp_path, host, ADA))


def test_an_old_registry_need_not_name_the_digest(registry: str, tmp_path: Path) -> None:
    digest = push(registry, "yule-old", COMMIT, labels={})
    with serve_doorman(registry, is_forgetful=True) as host:
        image = resolve_image(f"{host}/yule-old", COMMIT, kept_login(tmp_path, host, ADA))
    assert image.digest == digest


HOSTILE = [
    {"config": {"digest": "../../../../other/blobs/x"}},
    {"config": {"digest": "sha256:" + "0" * 64 + "/../x"}},
    {"config": {"digest": ["sha256"]}},
    {"config": []},
    {"config": None},
    {"manifests": [{"digest": "../../tags/list"}]},
    {"manifests": [{"digest": 7, "platform": []}]},
    {"manifests": ["x", 7, None]},
    {"manifests": []},
    {"manifests": {"a": 1}},
    {},
]


@pytest.mark.parametrize("manifest", HOSTILE, ids=json.dumps)
def test_a_registry_s_answer_names_no_other_place(manifest: dict[str, object]) -> None:
    asked = []

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps(manifest).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(CodeError):
            resolve_image(f"127.0.0.1:{server.server_port}/acme/yule", COMMIT)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == [f"/v2/acme/yule/manifests/{COMMIT}"]


def test_a_part_of_an_image_is_named_by_a_digest(registry: str) -> None:
    push(registry, "yule-parts", COMMIT, labels={REVISION: COMMIT})
    with connect(f"{registry}/yule-parts") as client, pytest.raises(CodeError, match="which is no digest"):
        client.read_blob(f"../manifests/{COMMIT}")
