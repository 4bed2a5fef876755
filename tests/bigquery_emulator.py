"""bqemulator, a server that speaks BigQuery's language, in an environment of its own: its libraries do not fit ours."""

import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import httpx
import pytest

PROGRAM = Path(__file__).parents[1] / ".venv-bqemulator/bin/python"
SECONDS_TO_START = 60

LAUNCHER = """
import os, sys, threading
import bqemulator.cli
from bqemulator.storage.engine import DuckDBEngine
# Both would download extensions of DuckDB; without them there are no GEOGRAPHY and no Avro.
DuckDBEngine._load_spatial = lambda self: None
DuckDBEngine._load_format_extensions = lambda self: None
# It ends when whoever started it does.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
bqemulator.cli.main()
"""


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A running emulator.

    Parameters
    ----------
    address
        Of its REST interface, for ``BIGQUERY_EMULATOR_HOST``.
    storage_host
        HOST:PORT of its Storage Read API, for ``BIGQUERY_STORAGE_EMULATOR_HOST``.
    buckets
        Folder in which a folder stands for each bucket of Cloud Storage.
    """

    address: str
    storage_host: str
    buckets: Path


@contextmanager
def serve_bigquery() -> Iterator[Emulator]:
    """Run the emulator; this process's environment names it. The test is skipped where it is not installed."""
    if not PROGRAM.exists():
        message = f"bqemulator is not installed in {PROGRAM.parents[1]}: make .venv-bqemulator/.installed"
        if os.environ.get("CI"):
            raise RuntimeError(message)
        pytest.skip(message)
    rest, grpc = _free_port(), _free_port()
    with TemporaryDirectory() as folder:
        buckets = Path(folder) / "buckets"
        buckets.mkdir()
        emulator = Emulator(address=f"http://127.0.0.1:{rest}", storage_host=f"127.0.0.1:{grpc}", buckets=buckets)
        command = [str(PROGRAM), "-c", LAUNCHER, "start", "--rest-port", str(rest), "--grpc-port", str(grpc)]
        with (Path(folder) / "log").open("w+") as log:
            server = subprocess.Popen(
                [*command, "--log-level", "warning"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=os.environ | {"BQEMU_GCS_LOCAL_ROOT": str(buckets)},
            )
            try:
                _wait(emulator, server, Path(log.name))
                names = {
                    "BIGQUERY_EMULATOR_HOST": emulator.address,
                    "BIGQUERY_STORAGE_EMULATOR_HOST": emulator.storage_host,
                }
                with mock.patch.dict(os.environ, names):
                    yield emulator
            finally:
                server.terminate()
                server.wait()


@dataclass(kw_only=True)
class Bills:
    """What the queries to an emulator read, each of them, and the labels of those that were run."""

    n_bytes: int = 0
    labels: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def billing(emulator: Emulator) -> Iterator[Bills]:
    """Stand between clients and the emulator, which knows no bills."""
    bills = Bills()

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command == "POST" and self.path.split("?")[0].endswith("/jobs"):
                config = json.loads(content)["configuration"]
                bills.labels.extend([config.get("labels", {})] * (not config.get("dryRun")))
            headers = {"Content-Type": self.headers.get("Content-Type", "application/json")}
            answer = httpx.request(
                self.command, f"{emulator.address}{self.path}", content=content, headers=headers, timeout=60
            )
            told = re.sub(rb'("totalBytesProcessed": ?)"\d+"', rb'\1"%d"' % bills.n_bytes, answer.content)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with mock.patch.dict(os.environ, {"BIGQUERY_EMULATOR_HOST": f"http://127.0.0.1:{server.server_port}"}):
            yield bills
    finally:
        server.shutdown()


def _wait(emulator: Emulator, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{emulator.address}/bigquery/v2/projects/p/datasets", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"bqemulator does not start:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
