import base64
import json
from pathlib import Path

import pytest
from versions_toys import write_program

from yule.versions.commits import CodeError
from yule.versions.credentials import Login, find_login

ADA = Login(user="ada", password="secret")
AUTH = {"auth": base64.b64encode(b"ada:secret").decode()}


def keep(folder: Path, settings: dict[str, object]) -> dict[str, str]:
    """Keep settings as docker does; return the variables that lead to them."""
    (folder / "config.json").write_text(json.dumps(settings))
    return {"DOCKER_CONFIG": str(folder), "HOME": str(folder)}


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(ADA)


def test_variables_come_before_files(tmp_path: Path) -> None:
    variables = {"YULE_REGISTRY_USER": "bob", "YULE_REGISTRY_PASSWORD": "word"}
    environment = {**keep(tmp_path, {"auths": {"registry.example": AUTH}}), **variables}
    assert find_login("registry.example", environment) == Login(user="bob", password="word")


@pytest.mark.parametrize("name", ["registry.example", "https://registry.example", "https://registry.example/v2/"])
def test_a_login_is_found_however_its_host_is_written(tmp_path: Path, name: str) -> None:
    environment = keep(tmp_path, {"auths": {name: AUTH}})
    assert find_login("registry.example", environment) == ADA
    assert find_login("other.example", environment) is None


def test_the_login_of_docker_hub_is_kept_under_its_old_address(tmp_path: Path) -> None:
    environment = keep(tmp_path, {"auths": {"https://index.docker.io/v1/": AUTH}})
    assert find_login("registry-1.docker.io", environment) == ADA


def test_a_login_of_buildah_or_podman_is_found(tmp_path: Path) -> None:
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers/auth.json").write_text(json.dumps({"auths": {"registry.example": AUTH}}))
    assert find_login("registry.example", {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}) == ADA


@pytest.mark.parametrize("settings", [{"credHelpers": {"registry.example": "keys"}}, {"credsStore": "keys"}])
def test_a_login_may_come_from_a_helper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    known = 'read host; test "$host" = registry.example || exit 1\n'
    answer = 'echo \'{"Username": "ada", "Secret": "secret"}\'\n'
    write_program(tmp_path / "docker-credential-keys", f"#!/bin/sh\n{known}{answer}")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    environment = keep(tmp_path, settings)
    assert find_login("registry.example", environment) == ADA
    assert find_login("other.example", environment) is None


def test_a_helper_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="docker-credential-nowhere, which is not installed"):
        find_login("registry.example", keep(tmp_path, {"credsStore": "nowhere"}))


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": {"registry.example": {"auth": "%"}}}'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(CodeError, match=r"config\.json cannot be read"):
        find_login("registry.example", {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)})


def test_gcloud_opens_the_registries_of_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "gcloud", '#!/bin/sh\ntest "$*" = "auth print-access-token" && echo a-token\n')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    login = Login(user="oauth2accesstoken", password="a-token")
    assert find_login("europe-docker.pkg.dev", {"HOME": str(tmp_path)}) == login
    assert find_login("registry.example", {"HOME": str(tmp_path)}) is None
