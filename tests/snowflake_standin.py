"""fakesnow, a server that speaks Snowflake's protocol, in an environment of its own: its libraries do not fit ours."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

PROGRAM = Path(__file__).parents[1] / ".venv-fakesnow/bin/python"
SECONDS_TO_START = 60

LAUNCHER = """
import os, sys, threading
import uvicorn
from fakesnow.server import app
# It ends when whoever started it does.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@contextmanager
def serve_snowflake() -> Iterator[str]:
    """Run the server; yield HOST:PORT. This process's environment names it. Skipped where it is not installed."""
    if not PROGRAM.exists():
        message = f"fakesnow is not installed in {PROGRAM.parents[1]}: make .venv-fakesnow/.installed"
        if os.environ.get("CI"):
            raise RuntimeError(message)
        pytest.skip(message)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(PROGRAM), "-c", LAUNCHER, str(port)]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=null, stderr=null) as process:
        _wait(process, port)
        login = {"SNOWFLAKE_USER": "tests", "SNOWFLAKE_PASSWORD": "x"}
        with mock.patch.dict(os.environ, {"SNOWFLAKE_EMULATOR_HOST": f"127.0.0.1:{port}", **login}):
            yield f"127.0.0.1:{port}"
        process.kill()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("fakesnow did not start")
