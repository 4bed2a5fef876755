"""What a pod runs: ``python -m yule.runtime.kubernetes.pod``. The tasks of one index of a Job, on a local worker.

This process is light and stays in charge: it reads the manifest, hands the tasks to a worker process, ships logs and
TensorBoard events while they grow, and outlives a worker that runs out of memory, so that it can say so. What it has
to say it says by its exit code (see ``codes``) and by the pod's termination message.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from yule.core.errors import YuleError
from yule.core.limits import count_memory_kills, explain_limit
from yule.core.logs import Log
from yule.core.patience import Patience, Unanswered, find_patience, is_transient
from yule.core.streams import clean, write_output
from yule.runtime.kubernetes.codes import CRASHED, MISSED, MOVE, OUT_OF_MEMORY, REFUSED, TERMINATED, TRANSIENT
from yule.runtime.kubernetes.manifest import read_manifest
from yule.runtime.local import LocalWorkers
from yule.runtime.messages import TaskMessage, TaskReply
from yule.runtime.protocol import WorkerGone
from yule.storage.names import resolve_below
from yule.storage.objects.patient import expect_answers, give_up_waiting, wait_again
from yule.storage.opening import open_store
from yule.storage.shipping import ship_live_files
from yule.storage.store import Store

POLL_SECONDS = 0.3
MAX_MESSAGE = 3500  # characters; the kubelet keeps 4096 bytes


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How the pod ends.

    Parameters
    ----------
    code
        Exit code.
    message
        What is told to people and to the driver.
    """

    code: int
    message: str = ""


DONE = Verdict(code=0)


class Terminated(Exception):
    """The pod was asked to end."""


def run_index(environment: Mapping[str, str]) -> Verdict:
    """Run the tasks of an index that are not there yet.

    Parameters
    ----------
    environment
        ``YULE_WORKSPACE``, ``YULE_MANIFEST_SHA256``, ``JOB_COMPLETION_INDEX``, ``YULE_POD``,
        ``YULE_IGNORED_FAILURES`` and ``YULE_PREEMPTION_BUDGET``.
    """
    n_preempted = int(environment.get("YULE_IGNORED_FAILURES") or 0)
    if n_preempted >= int(environment.get("YULE_PREEMPTION_BUDGET") or sys.maxsize):
        return Verdict(code=MOVE, message=f"preempted {n_preempted} times")
    expect_answers(environment["YULE_WORKSPACE"])  # it has answered the driver
    store = open_store(environment["YULE_WORKSPACE"])
    manifest = read_manifest(store.objects, environment["YULE_MANIFEST_SHA256"])
    messages = manifest.batches[int(environment["JOB_COMPLETION_INDEX"])]
    done = store.find_published([output_key(message) for message in messages])
    to_run = [_own_log(message, environment["YULE_POD"]) for message in messages if output_key(message) not in done]
    workers = LocalWorkers(manifest.setup, n_workers=1)
    with _noticing_terminations() as check:
        try:
            with ship_live_files(store):
                return _run_tasks(to_run, workers, store, check)
        except Terminated:
            return Verdict(code=TERMINATED, message="asked to end")


def output_key(message: TaskMessage) -> str:
    """Return the key under which a task's output is published."""
    return f"cache/{message.family}/{message.unique_id}"


def judge_failure(error: Exception) -> Verdict | None:
    """Say how a process ends that an error has ended; None if the error is a bug."""
    if is_transient(error):
        return Verdict(code=TRANSIENT, message=str(error) or type(error).__name__)
    told = str(error) if isinstance(error, YuleError) else explain_limit(error)
    return Verdict(code=REFUSED, message=told) if told is not None else None


def _run_tasks(messages: Sequence[TaskMessage], workers: LocalWorkers, store: Store, check: "Check") -> Verdict:
    try:
        for message in messages:
            verdict = _persist(message, workers, store, check)
            if verdict != DONE:
                return verdict
    finally:
        workers.stop()
    return DONE


def _persist(message: TaskMessage, workers: LocalWorkers, store: Store, check: "Check") -> Verdict:
    """Run a task; one that a service does not answer is run again for a while.

    Raises
    ------
    Unanswered
        If that has been going on for too long.
    """
    patience = Patience(find_patience())
    while True:
        verdict = _run_task(message, workers, store, check)
        if verdict.code != TRANSIENT:
            return verdict
        wait_seconds = patience.next_wait()
        if wait_seconds is None:
            raise Unanswered(verdict.message)
        print(f"{clean(verdict.message)} It is tried again.", file=sys.stderr, flush=True)
        _rest(wait_seconds, check)


def _rest(seconds: float, check: "Check") -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(POLL_SECONDS, left))


def _run_task(message: TaskMessage, workers: LocalWorkers, store: Store, check: "Check") -> Verdict:
    _write_last_words(_name(message))  # a pod that is killed whole, as for memory, can say nothing any more
    group = Path(os.environ.get("YULE_CGROUP", "/sys/fs/cgroup"))
    n_kills = count_memory_kills(group)
    name, log = _name(message), Log(os.environ)
    write_output(log.format(f"{name} begins", task=name).encode())
    with log.echoing(resolve_below(store.root, message.log), task=name) as echo:
        workers.start(message)
        while not (replies := list(workers.wait(POLL_SECONDS))):
            echo()
            check()
    verdict = _judge(message, replies[0], is_memory=count_memory_kills(group) > n_kills)
    if verdict == DONE:
        write_output(log.format(f"{name} is done", task=name).encode())
    return verdict


def _judge(message: TaskMessage, reply: TaskReply | WorkerGone, *, is_memory: bool) -> Verdict:
    name = _name(message)
    if isinstance(reply, WorkerGone):
        if is_memory:
            return Verdict(code=OUT_OF_MEMORY, message=f"{name}: its process was killed, memory had run out")
        return Verdict(code=CRASHED, message=f"{name}: its process was ended by signal {reply.signal_number}")
    match reply.status:
        case "done":
            return DONE
        case "refused":
            return Verdict(code=MISSED if reply.has_missed else REFUSED, message=f"{name}: {reply.text}")
        case "crashed" | "transient":
            # Some libraries turn the death of a process of their own into an error.
            code = OUT_OF_MEMORY if is_memory else CRASHED if reply.status == "crashed" else TRANSIENT
            return Verdict(code=code, message=f"{name}: {reply.text[-MAX_MESSAGE:]}")


def _name(message: TaskMessage) -> str:
    return f"{message.family}[{message.unique_id}]"


def _write_last_words(words: str) -> None:
    """Write the pod's termination message, which begins with the task that is at work."""
    file = Path(os.environ.get("YULE_TERMINATION_LOG", "/dev/termination-log"))
    with suppress(OSError):  # then the last lines of the log are taken
        file.write_text(words, encoding="utf-8")


def _own_log(message: TaskMessage, pod: str) -> TaskMessage:
    """Give each pod a log of its own: two must not write into one object."""
    return replace(message, log=f"{message.log.removesuffix('.log')}-{pod}.log")


class Check:
    """Raises Terminated once the process was asked to end."""

    def __init__(self) -> None:
        self.asked = False

    def notice(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of the signal."""
        self.asked = True
        give_up_waiting()

    def __call__(self) -> None:
        """Raise Terminated if the signal came."""
        if self.asked:
            raise Terminated


@contextmanager
def _noticing_terminations() -> Iterator[Check]:
    check = Check()
    before = signal.signal(signal.SIGTERM, check.notice)
    try:
        yield check
    finally:
        signal.signal(signal.SIGTERM, before)
        wait_again()


def leave(verdict: Verdict) -> None:
    """Write the termination message and exit."""
    message = clean(verdict.message)
    if message:
        print(message, file=sys.stderr, flush=True)
    _write_last_words(message[:MAX_MESSAGE])  # also when there are none: no task is at work any more
    sys.exit(verdict.code)


def main() -> None:
    """Run the pod's index and leave with its exit code."""
    try:
        verdict = run_index(os.environ)
    except Exception as error:
        judged = judge_failure(error)
        if judged is None:
            raise
        verdict = judged
    leave(verdict)


if __name__ == "__main__":
    Log(os.environ).filter_output()
    main()
