"""The port between the walker and what runs tasks: processes of this machine, or pods of a cluster."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from yule.messages.message import Message
from yule.runtime.messages import TaskMessage, TaskReply


@dataclass(frozen=True, kw_only=True)
class WorkerGone:
    """A worker ended while it had a task.

    Parameters
    ----------
    unique_id
        The task it had.
    signal_number
        The signal that ended it; 0 when it ended by itself.
    """

    unique_id: str
    signal_number: int


@dataclass(frozen=True, kw_only=True)
class TaskAgain:
    """A task was interrupted, and its workers have seen to it that it runs again.

    Parameters
    ----------
    unique_id
        The task.
    why
        What happened.
    """

    unique_id: str
    why: Message


Reply: TypeAlias = TaskReply | WorkerGone | TaskAgain


class Workers(Protocol):
    """What runs tasks."""

    @property
    def n_free(self) -> int:
        """How many more tasks can be started now."""

    def start(self, message: TaskMessage) -> None:
        """Have a task run; ``n_free`` is at least one."""

    def wait(self, timeout_seconds: float) -> Iterable[Reply]:
        """Wait until something is to be told, at the most this long, and return it."""
