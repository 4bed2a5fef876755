import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from versions_toys import make_repository, serve_registry, write_program

from yule.versions.builders import BUILDERS, Order, build_image, find_builder
from yule.versions.commits import CodeError

DOCKERFILE = "ARG BASE_IMAGE=scratch\nFROM ${BASE_IMAGE}\nCOPY answer.txt /\n"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, but for git and tar."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "tar", "env", "sh", "cat"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_buildah_builds_and_pushes_the_files_of_the_commit(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("buildah") is None or os.geteuid() != 0:
        pytest.skip("needs buildah and the rights to make containers: apt-get install buildah")
    storage = tmp_path / "storage.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/images"\nrunroot = "{tmp_path}/run"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    commit = make_repository(tmp_path / "repository", {"Dockerfile": DOCKERFILE, "answer.txt": "42"})
    (tmp_path / "repository" / "answer.txt").write_text("43, not committed")
    image = build_image(tmp_path / "repository", commit, f"{registry}/acme/yule", builder=find_builder("buildah"))
    assert image.revision == commit
    assert image.reference.startswith(f"{registry}/acme/yule@sha256:")
    copied = tmp_path / "copied"
    subprocess.run(
        ["buildah", "pull", "--tls-verify=false", image.reference], check=True, capture_output=True, text=True
    )
    script = f"cp $(buildah mount $(buildah from --pull-never {image.reference}))/answer.txt {copied}"
    subprocess.run(["sh", "-c", script], check=True, capture_output=True)
    assert copied.read_text() == "42"


def test_a_commit_without_dockerfile_is_an_error(tmp_path: Path) -> None:
    commit = make_repository(tmp_path / "repository", {"answer.txt": "42"})
    with pytest.raises(CodeError, match=r"has no Dockerfile .* `yule init` writes one"):
        build_image(tmp_path / "repository", commit, "localhost:5000/acme/yule", builder=BUILDERS[0])


def test_the_project_s_own_dockerfile_comes_before_the_repository_s(programs: Path, tmp_path: Path) -> None:
    write_program(programs / "docker", "#!/bin/sh\nfor last; do :; done\ncat $last/Dockerfile >&2\nexit 1\n")
    files = {"Dockerfile": "FROM a", "audience/Dockerfile": "FROM b"}
    commit = make_repository(tmp_path / "repository", files)
    with pytest.raises(CodeError, match="The build failed: docker buildx build"):
        build_image(tmp_path / "repository" / "audience", commit, "localhost:5000/acme/yule", builder=BUILDERS[0])


def test_the_first_builder_that_works_is_taken(programs: Path) -> None:
    write_program(programs / "docker", "#!/bin/sh\nexit 1\n")
    write_program(programs / "gcloud", "#!/bin/sh\nexit 0\n")
    assert find_builder().name == "gcloud"


def test_without_a_builder_one_is_told_what_each_lacks(programs: Path) -> None:
    write_program(programs / "docker", "#!/bin/sh\nexit 1\n")
    with pytest.raises(CodeError, match="`docker buildx version` fails; buildah is not installed; gcloud is not"):
        find_builder()
    with pytest.raises(CodeError, match="There is no builder 'kaniko'; there are docker, buildah, gcloud"):
        find_builder("kaniko")


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.name)
def test_every_builder_is_told_tag_label_platform_and_arguments(builder: object, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    commit = "4f2c1ab07d" * 4
    order = Order(files=files, repository="localhost:5000/acme/yule", commit=commit, arguments={"BASE_IMAGE": "a$b"})
    commands = [argument for command in builder.describe(order) for argument in command]  # type: ignore[attr-defined]
    if "--config" in commands:  # Cloud Build reads them from a file, where a dollar is written twice
        (step,) = json.loads(Path(commands[commands.index("--config") + 1]).read_text())["steps"]
        commands = [argument.replace("$$", "$") for argument in step["args"]]
    assert f"localhost:5000/acme/yule:{commit}" in commands
    assert f"org.opencontainers.image.revision={commit}" in commands
    assert commands[commands.index("--platform") + 1] == "linux/amd64"
    assert "BASE_IMAGE=a$b" in commands
