"""Warm worker processes on this machine."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from yule.core.settings import from_json, to_json
from yule.runtime.messages import TaskMessage, TaskReply
from yule.runtime.protocol import WorkerGone
from yule.storage.setup import Setup

STOP_SECONDS = 5.0


class LocalWorkers:
    """Processes that each run one task at a time and stay warm between tasks.

    Started fresh rather than forked: LightGBM, PyTorch and polars deadlock in forked processes.

    Parameters
    ----------
    setup
        What each worker is told at its start.
    n_workers
        How many run at once.
    """

    def __init__(self, setup: Setup, *, n_workers: int) -> None:
        self.setup = setup
        self.n_workers = n_workers
        self._busy: dict[str, subprocess.Popen[str]] = {}
        self._idle: list[subprocess.Popen[str]] = []
        self._selector = selectors.DefaultSelector()

    @property
    def n_free(self) -> int:
        """How many more tasks can be started now."""
        return self.n_workers - len(self._busy)

    def start(self, message: TaskMessage) -> None:
        """Hand a task to a worker; there must be a free one."""
        worker = self._idle.pop() if self._idle else self._spawn()
        self._busy[message.unique_id] = worker
        self._selector.register(_output(worker), selectors.EVENT_READ, message.unique_id)
        try:
            _input(worker).write(to_json(message) + "\n")
            _input(worker).flush()
        except BrokenPipeError:
            pass  # it is gone; ``wait`` will find its output ended

    def wait(self, timeout_seconds: float) -> Iterable[TaskReply | WorkerGone]:
        """Wait until a worker answers or ends, at the most this long, and return what came."""
        for key, _ in self._selector.select(timeout_seconds):
            yield self._receive(key.data)

    def _receive(self, unique_id: str) -> TaskReply | WorkerGone:
        worker = self._busy.pop(unique_id)
        self._selector.unregister(_output(worker))
        line = _output(worker).readline()
        if line.endswith("\n"):
            self._idle.append(worker)
            return from_json(TaskReply, line)
        return WorkerGone(unique_id=unique_id, signal_number=max(0, -worker.wait()))

    def stop(self) -> None:
        """End all workers; what they were at is lost, nothing else."""
        workers = [*self._busy.values(), *self._idle]
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        for worker in workers:
            _output(worker).close()
            with suppress(BrokenPipeError):
                _input(worker).close()
        self._selector.close()
        self._busy.clear()
        self._idle.clear()

    def _spawn(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "yule.runtime.worker"],  # what lies in the current folder is no code
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _thread_limits(self.setup.n_threads),
            encoding="utf-8",
            errors="surrogatepass",  # names of files may be any bytes
            start_new_session=True,  # Ctrl-C is for the command alone; it ends its workers itself
        )
        _input(worker).write(to_json(self.setup) + "\n")
        return worker


def _thread_limits(n_threads: int) -> dict[str, str]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return dict.fromkeys(names, str(n_threads))


def _input(worker: subprocess.Popen[str]) -> IO[str]:
    assert worker.stdin is not None
    return worker.stdin


def _output(worker: subprocess.Popen[str]) -> IO[str]:
    assert worker.stdout is not None
    return worker.stdout
