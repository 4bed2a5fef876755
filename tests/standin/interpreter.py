"""A Python that starts at once: what it runs is forked from a process that has imported Yule already.

To whoever starts it, it is a program like any other: ``PROGRAM -m yule.runtime.worker``. The process that was started
hands its files, arguments and environment over, passes signals on, and leaves with the exit code; when it is killed,
so is the fork. All that is not ``-m MODULE`` is run by the usual interpreter.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yule

PROGRAM = """\
#!{python} -IS
import json, os, signal, socket, sys
arguments = sys.argv[1:]
module = [part for part in arguments if part != "-P"]
if module[:1] != ["-m"]:
    os.execv({python!r}, [{python!r}, *arguments])
forker = socket.socket(socket.AF_UNIX)
forker.connect({address!r})
request = {{"program": sys.argv[0], "arguments": module[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
content = json.dumps(request).encode()
socket.send_fds(forker, [len(content).to_bytes(4, "big")], [0, 1, 2])
forker.sendall(content)
answers = forker.makefile("rb")
fork = int(answers.readline())
for descriptor in (0, 1, 2):
    os.close(descriptor)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(fork, number))
code = int(answers.readline() or -signal.SIGKILL)
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if code != -signal.SIGKILL else None
    os.kill(os.getpid(), -code)
os._exit(code)
"""
LIBRARIES = (
    "boto3", "duckdb", "jinja2", "kubernetes.client", "kubernetes.config", "pyarrow.compute",
    "pyarrow.dataset", "pyarrow.parquet", "ruamel.yaml", "scipy.stats", "sklearn.isotonic", "sklearn.linear_model",
    "sklearn.pipeline", "sklearn.preprocessing", "typer",
)  # fmt: skip


@contextmanager
def keep_warm(folder: Path) -> Iterator[str]:
    """Keep an interpreter warm; yield the path of its program."""
    folder.mkdir(parents=True, exist_ok=True)
    address, program = folder / "forker", folder / "python"
    program.write_text(PROGRAM.format(python=sys.executable, address=str(address)))
    program.chmod(0o755)
    paths = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(yule.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "standin.interpreter", str(address)]
    forker = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert forker.stdout is not None
    assert forker.stdout.readline() == b"ready\n"
    try:
        yield str(program)
    finally:
        forker.communicate()


def serve(address: str) -> None:
    """Fork whenever asked, until the input ends; a fork returns from here and runs what was asked for."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(128)
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    print("ready", flush=True)
    forks: dict[int, socket.socket] = {}
    selector = selectors.DefaultSelector()
    for source in (listener, woken, sys.stdin):
        selector.register(source, selectors.EVENT_READ)
    while True:
        found = [key.fileobj for key, _ in selector.select()]
        if sys.stdin in found:
            os._exit(0)
        if woken in found:
            woken.recv(4096)
            _reap(forks)
        if listener in found:
            asking, _ = listener.accept()
            fork = os.fork()
            if fork == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for other in (listener, woken, waker, selector, *forks.values()):
                    other.close()
                _become(asking)
                return
            forks[fork] = asking
            with suppress(OSError):
                asking.sendall(b"%d\n" % fork)


def _reap(forks: dict[int, socket.socket]) -> None:
    """Tell of the forks that have ended."""
    while forks:
        fork, status = os.waitpid(-1, os.WNOHANG)
        if fork == 0:
            return
        with suppress(OSError), forks.pop(fork) as asking:
            asking.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(asking: socket.socket) -> None:
    """Take over the files, the arguments and the environment of the process that asks."""
    os.setsid()
    length, files, _, _ = socket.recv_fds(asking, 4, 3)
    for place, descriptor in enumerate(files):
        os.dup2(descriptor, place)
        os.close(descriptor)
    with asking.makefile("rb") as content:
        request = json.loads(content.read(int.from_bytes(length, "big")))
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.executable = request["program"]
    sys.argv = request["arguments"]
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 - the process's own
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    threading.Thread(target=_die_with, args=(asking,), daemon=True).start()


def _die_with(asking: socket.socket) -> None:
    with suppress(OSError):
        asking.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _run(name: str) -> int:
    """Run a module as the interpreter does. What it does at its own end, clearing all modules, would take a second."""
    sys.modules.pop(name, None)
    code: object = None
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


def _import_all() -> None:
    """Import what pods and commands import, but for what takes long and small cases do not need."""
    for module in pkgutil.walk_packages(yule.__path__, "yule."):
        if "neural" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for library in LIBRARIES:
        importlib.import_module(library)


if __name__ == "__main__":
    _import_all()
    gc.freeze()
    serve(sys.argv[1])
    os._exit(_run(sys.argv[0]))
