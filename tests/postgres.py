"""A PostgreSQL server for all tests of a process."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from unittest import mock

import pytest

USER = "tests"


@contextmanager
def serve_postgres() -> Iterator[str]:
    """Run a server; yield the address of its database. This process's environment holds the name to log in with."""
    programs = _find_programs()
    if programs is None:
        message = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("CI"):
            raise RuntimeError(message)
        pytest.skip(message)
    folder = Path(mkdtemp(prefix="yule-postgres-"))
    # The server refuses to run as root; Debian's packages bring a user for it.
    as_user = {"user": "postgres"} if os.getuid() == 0 else {}
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        _run([programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-N"], as_user, folder)
        options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
        start = [programs / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start"]
        _run(start, as_user, folder)
        with mock.patch.dict(os.environ, {"PGUSER": USER}):
            yield f"postgresql://127.0.0.1:{port}/postgres"
        _run([programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"], as_user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_programs() -> Path | None:
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


def _run(command: list[object], as_user: dict[str, str], folder: Path) -> None:
    arguments = [str(part) for part in command]
    with (folder / "output").open("w+") as output:
        subprocess.run(arguments, check=True, stdout=output, stderr=output, cwd=folder, **as_user)  # type: ignore[call-overload]
