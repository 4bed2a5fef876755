"""What another writer of a bucket can do to whoever runs a command on it: nothing beside the bucket."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from buckets import new_prefix


class Bucket:
    """The workspace's bucket, as its enemies see it."""

    def __init__(self, address: str) -> None:
        import boto3

        parts = urlsplit(address)
        self._client = boto3.client("s3")
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/") + "/"

    def list(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        return [item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", ())]

    def read(self, name: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"].read()

    def write(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, s3: str) -> Path:
    """A project whose beer case has been run by someone else."""
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    folder = made_up.write_made_up_project(tmp_path_factory.mktemp("project"), lightgbm="max_trees: 3")
    text = (folder / "project.yaml").read_text()
    (folder / "project.yaml").write_text(text.replace("workspace: workspace", f"workspace: {new_prefix(s3)}"))
    done = _yule(folder, tmp_path_factory.mktemp("someone"), "run", "beer")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def bucket(project: Path) -> Iterator[Bucket]:
    """The bucket; what is written over in it comes back."""
    (address,) = [line.split()[1] for line in (project / "project.yaml").read_text().splitlines() if "s3://" in line]
    bucket = Bucket(address)
    before = {name: bucket.read(name) for folder in ("published/", "runs/") for name in bucket.list(folder)}
    yield bucket
    for name, content in before.items():
        bucket.write(name, content)


def _yule(project: Path, cache: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "yule", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env=os.environ | {"YULE_CACHE": str(cache)},
    )


def _forge_markers(bucket: Bucket, tmp_path: Path) -> None:
    """Have every marker name two files outside, and lay them where they would be fetched from."""
    for name in bucket.list("published/"):
        marker = json.loads(bucket.read(name))
        for target in (str(tmp_path / "evil.py"), "../" * 8 + "evil.py"):
            marker["files"][target] = 8
            bucket.write(f"{marker['place']}/{target}", b"evil = 1")
        bucket.write(name, json.dumps(marker).encode())


@pytest.mark.parametrize("command", [["show", "beer"], ["predict", "beer", "--cutoff", "2024-07-02"], ["run", "beer"]])
def test_forged_markers_write_no_file_on_a_machine_without_copies(
    project: Path, bucket: Bucket, tmp_path: Path, command: list[str]
) -> None:
    _forge_markers(bucket, tmp_path)
    done = _yule(project, tmp_path / "victim", *command)
    assert not list(tmp_path.rglob("*evil*"))
    assert "Traceback" not in done.stderr


def test_a_key_that_goes_up_is_not_brought_to_this_machine(project: Path, bucket: Bucket, tmp_path: Path) -> None:
    (run,) = {name.split("/")[1] for name in bucket.list("runs/beer-")}
    bucket.write(f"runs/{run}/../../evil.py", b"evil = 1")
    done = _yule(project, tmp_path / "victim", "show", run)
    assert done.returncode == 0, done.stderr
    assert f"'runs/{run}/../../evil.py'" in done.stderr
    assert not list(tmp_path.rglob("*evil*"))
