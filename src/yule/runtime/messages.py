"""A task travels by name: family, module, parameters as strings and the unique id it must have. Never as a pickle."""

import importlib
import re
from dataclasses import dataclass, field
from typing import Literal

import luigi

from yule.core.errors import TaskFailed
from yule.core.settings import ADDED
from yule.core.steps import Step
from yule.storage.record import FAMILY, UNIQUE_ID
from yule.storage.task import Task


@dataclass(frozen=True, kw_only=True)
class TaskMessage:
    """One task to run.

    Parameters
    ----------
    module, family
        Where the task's class is found.
    parameters
        Its significant parameters, as strings.
    unique_id
        The unique id the rebuilt task must have.
    text
        What the task does, in a few words.
    step, memory_key
        See :class:`~yule.storage.task.Task`.
    log
        Name of the file that receives all the task prints, below the store's folder on this machine.
    reads
        Keys of the outputs that it reads.
    n_threads
        Threads it may use; None for as many as whoever runs it was told.
    """

    module: str
    family: str
    parameters: dict[str, str]
    unique_id: str
    text: str
    step: Step
    memory_key: str
    log: str
    reads: tuple[str, ...] = ()
    n_threads: int | None = field(default=None, metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class TaskReply:
    """What came of a task.

    Parameters
    ----------
    unique_id
        The task.
    status
        ``done``; ``refused``: a person can fix it, ``text`` is the message; ``transient``: a service did not answer,
        as ``text`` says; ``crashed``: a bug, ``text`` is the traceback.
    text
        See ``status``.
    seconds
        How long it took where it ran; None when that is not known.
    has_missed
        Whether it was refused because what it reads was gone or damaged; by now it may be there again.
    """

    unique_id: str
    status: Literal["done", "refused", "transient", "crashed"]
    text: str = ""
    seconds: float | None = None
    has_missed: bool = False


def describe_task(task: Task, *, n_threads: int | None = None) -> TaskMessage:
    """Write down a task by name; see :class:`TaskMessage`."""
    return TaskMessage(
        module=type(task).__module__,
        family=task.task_family,
        parameters=task.key_parameters,
        unique_id=task.unique_id,
        text=task.describe(),
        step=task.step,
        memory_key=task.memory_key,
        log=_log_name(task.task_family, task.unique_id),
        reads=tuple(f"cache/{needed.task_family}/{needed.unique_id}" for needed in luigi.task.flatten(task.requires())),
        n_threads=n_threads,
    )


def is_ours(message: TaskMessage) -> bool:
    """Say whether a message that comes from outside may be rebuilt: to import another module would run its code."""
    return (
        re.fullmatch(r"yule(\.[a-z][a-z0-9_]*)+", message.module) is not None
        and FAMILY.fullmatch(message.family) is not None
        and UNIQUE_ID.fullmatch(message.unique_id) is not None
        and message.log == _log_name(message.family, message.unique_id)
    )


def rebuild_task(message: TaskMessage) -> Task:
    """Build the task a message names.

    Raises
    ------
    TaskFailed
        If there is no such task here, or the one built here has another unique id: this process runs other code than
        the one that sent it.
    """
    family = vars(importlib.import_module(message.module)).get(message.family)
    if not (isinstance(family, type) and issubclass(family, Task)):
        raise TaskFailed(f"{message.module} has no task {message.family!r}. Start the run again.")
    task: Task = family.from_str_params(message.parameters)  # type: ignore[no-untyped-call]
    if task.unique_id != message.unique_id:
        raise TaskFailed(
            f"{message.family} was planned as {message.unique_id} but is {task.unique_id} here: "
            "the code differs between the two processes. Start the run again."
        )
    return task


def _log_name(family: str, unique_id: str) -> str:
    return f"logs/{family}/{unique_id}.log"
