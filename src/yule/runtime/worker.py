"""The process that runs tasks: ``python -m yule.runtime.worker``.

It reads JSON lines from its standard input: first a :class:`~yule.runtime.messages.Setup`, then one
:class:`~yule.runtime.messages.TaskMessage` a line; it answers each with one line, a
:class:`~yule.runtime.messages.TaskReply`. It ends when its input ends, at once, also in the midst of a task: so no
worker outlives the process that started it.
"""

import logging
import os
import queue
import sys
import threading
import traceback
from dataclasses import replace
from pathlib import Path

import gokart
import luigi
from gokart.build import GokartBuildError

from yule.core.errors import CorruptedOutput, YuleError
from yule.core.limits import explain_limit
from yule.core.patience import is_transient, name_fault
from yule.core.secrets import redact
from yule.core.settings import from_json, to_json
from yule.core.streams import filter_output
from yule.runtime.damage import remove_damaged
from yule.runtime.messages import TaskMessage, TaskReply, rebuild_task
from yule.runtime.plan import find_complete
from yule.storage.names import resolve_below
from yule.storage.objects.patient import expect_answers
from yule.storage.opening import open_store
from yule.storage.permissions import find_folder_mode
from yule.storage.setup import Setup, configure, using_setup
from yule.storage.task import Task


def run_task(message: TaskMessage, *, log: Path | None = None) -> TaskReply:
    """Rebuild a task, run it through gokart and say what came of it.

    Parameters
    ----------
    message
        The task.
    log
        Where all goes that this process prints from here on; None for where it goes already.
    """
    try:
        if log is not None:
            _print_into(log)
        _run(rebuild_task(message))
    except Exception as error:  # the one place where a bug becomes a report to the process that watches
        return _judge(error, message.unique_id)
    return TaskReply(unique_id=message.unique_id, status="done")


def _judge(error: Exception, unique_id: str) -> TaskReply:
    if isinstance(error, CorruptedOutput):
        return TaskReply(unique_id=unique_id, status="refused", text=redact(str(error)), has_missed=True)
    if is_transient(error):
        text = str(error) if isinstance(error, YuleError) else name_fault(error)
        return TaskReply(unique_id=unique_id, status="transient", text=redact(text))
    told = str(error) if isinstance(error, YuleError) else explain_limit(error)
    if told is not None:
        return TaskReply(unique_id=unique_id, status="refused", text=redact(told))
    return TaskReply(unique_id=unique_id, status="crashed", text=redact("".join(traceback.format_exception(error))))


def _run(task: Task) -> None:
    try:
        _build(task)
    except CorruptedOutput as error:  # what else it reads may be damaged, too: better all at once than one by one
        faults = [str(error), *remove_damaged(luigi.task.flatten(task.requires()))]
        raise CorruptedOutput("\n".join(faults)) from error


def _build(task: Task) -> None:
    required = luigi.task.flatten(task.requires())
    complete = find_complete(required)
    missing = [needed for needed in required if needed.unique_id not in complete]
    if missing:
        raise CorruptedOutput(f"{missing[0].describe()} is not in the workspace any more.")
    try:
        gokart.build(task, return_value=False, reset_register=False, log_level=logging.ERROR)
    except GokartBuildError as error:
        for exceptions in error.raised_exceptions.values():
            raise exceptions[0] from exceptions[0].__cause__  # not from gokart's
        task.complete()  # what luigi could not ask, which it does not tell
        raise


def main() -> None:
    """Serve tasks until the input ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="surrogatepass")
    filter_output(redact)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    setup = from_json(Setup, lines.get())
    configure(setup.workspace, n_threads=setup.n_threads, fetching=setup.fetching)
    _forget_configuration()
    expect_answers(setup.workspace)  # it has answered whoever started this process
    root = open_store(setup.workspace).root
    os.umask(0o777 & ~find_folder_mode(root))  # for logs, learning curves and what libraries write
    while True:
        message = from_json(TaskMessage, lines.get())
        with using_setup(replace(setup, n_threads=message.n_threads or setup.n_threads)):
            reply = run_task(message, log=resolve_below(root, message.log))
        replies.write(to_json(reply) + "\n")
        replies.flush()


def _listen(lines: "queue.SimpleQueue[str]") -> None:
    for line in open(0, encoding="utf-8", errors="surrogatepass", closefd=False):  # noqa: SIM115 - never closed
        lines.put(line)
    os._exit(0)  # whoever started this process is gone: nobody waits for the task at hand


def _forget_configuration() -> None:
    """Forget what a ``luigi.cfg`` in the current folder says of luigi's own workers and scheduler."""
    settings = luigi.configuration.get_config()
    for section in settings.sections():
        settings.remove_section(section)
    settings.defaults().clear()


def _print_into(log: Path) -> None:
    """Send all that is printed from here on, by C libraries too, to the end of a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    main()
