"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from bigquery_emulator import Emulator, serve_bigquery
from buckets import new_prefix, serve_cloud_storage, serve_s3
from postgres import serve_postgres
from snowflake_standin import serve_snowflake

from yule.storage.setup import configure

hypothesis.settings.register_profile("yule", deadline=None)
hypothesis.settings.load_profile("yule")  # a busy machine is no fault of an example

WHOLE = ("cli", "conformance", "examples", "faults", "library", "pipeline", "trust")
"""Folders of tests that run whole commands."""

SERVERS = frozenset(("s3", "cloud_storage", "bigquery", "postgres", "snowflake"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs whole commands, needs a server, or tries many examples: `make test-fast` leaves it out."""
    for item in items:
        if item.path.parent.name in WHOLE or (isinstance(item, pytest.Function) and _takes_long(item)):
            item.add_marker(pytest.mark.slow)


def _takes_long(item: pytest.Function) -> bool:
    return bool(SERVERS & _list_needs(item)) or hypothesis.is_hypothesis_test(item.obj)


def _list_needs(item: pytest.Function) -> set[str]:
    """Return the fixtures of a test, and those that its parameters ask for by their names."""
    callspec = vars(item).get("callspec")  # of those that have parameters
    parameters = callspec.params.values() if callspec else ()
    return {*item.fixturenames, *(value for value in parameters if isinstance(value, str))}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A new workspace that the tasks of this process write to."""
    folder = tmp_path / "workspace"
    configure(str(folder), n_threads=1, fetching="{}")
    return folder


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let this process and the workers it starts import the modules beside the test."""
    folder = str(request.path.parent)
    monkeypatch.syspath_prepend(folder)
    # An empty part would stand for the current folder.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")])))


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A bucket of a server that speaks S3."""
    with serve_s3() as bucket:
        yield bucket


@pytest.fixture(scope="session")
def cloud_storage() -> Iterator[str]:
    """A bucket of a Cloud Storage server."""
    with serve_cloud_storage() as bucket:
        yield bucket


@pytest.fixture(scope="session")
def bigquery() -> Iterator[Emulator]:
    """A server that speaks BigQuery's language."""
    with serve_bigquery() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a database of a PostgreSQL server."""
    with serve_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def snowflake() -> Iterator[str]:
    """The address of a server that speaks Snowflake's protocol."""
    with serve_snowflake() as address:
        yield address


@pytest.fixture(params=["folder", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("s3", "gs"))])
def any_workspace(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new workspace: in a folder, in S3 and in Cloud Storage."""
    if request.param == "folder":
        return str(tmp_path / "workspace")
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    bucket: str = request.getfixturevalue("s3" if request.param == "s3" else "cloud_storage")
    return new_prefix(bucket)
