"""The events of a run: what terminals, scripts and files are told. One union, one JSON form."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from yule.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class RunPlanned:
    """The run begins."""

    event: Literal["planned"] = "planned"
    n_tasks: int
    n_cached: int
    n_workers: int
    n_threads: int


@dataclass(frozen=True, kw_only=True)
class TaskStarted:
    """A task was handed to a worker."""

    event: Literal["started"] = "started"
    unique_id: str
    family: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TaskFinished:
    """A task's output is there. ``elsewhere``: another process made it."""

    event: Literal["finished"] = "finished"
    unique_id: str
    family: str
    text: str
    seconds: float
    elsewhere: bool = False


@dataclass(frozen=True, kw_only=True)
class TaskRetried:
    """A task's worker was ended; the task runs again."""

    event: Literal["retried"] = "retried"
    unique_id: str
    family: str
    text: str
    why: Message


@dataclass(frozen=True, kw_only=True)
class OutputsLost:
    """Outputs that were thought to be there are not: ``n_tasks`` more tasks run. ``why``: what was found."""

    event: Literal["lost"] = "lost"
    n_tasks: int
    why: Message


@dataclass(frozen=True, kw_only=True)
class TaskBroken:
    """A task failed. ``message``: what its error says; ``is_bug``: not of the user's making; ``log`` tells more."""

    event: Literal["failed"] = "failed"
    unique_id: str
    family: str
    text: str
    message: str
    is_bug: bool
    log: str


@dataclass(frozen=True, kw_only=True)
class PodsWait:
    """Something is not at work. ``who``: what; ``whys``: why, each once; empty when nothing waits any more."""

    event: Literal["waiting"] = "waiting"
    who: Literal["pods", "driver", "command"]
    whys: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PodEnded:
    """A pod ended, after so many seconds of work. ``tier``: which of its pool's memory sizes it had."""

    event: Literal["pod"] = "pod"
    pod: str
    step: str
    pool: str
    tier: int
    seconds: float
    cause: str


@dataclass(frozen=True, kw_only=True)
class CaseEnded:
    """A case of the run is over. ``seconds``: since the run began; ``message``: why it has no answer; else empty."""

    event: Literal["case"] = "case"
    case: str
    run_id: str
    is_done: bool
    seconds: float
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RunEnded:
    """All is over. ``text``: what it took."""

    event: Literal["ended"] = "ended"
    is_done: bool
    text: str


RunEvent: TypeAlias = (
    RunPlanned
    | TaskStarted
    | TaskFinished
    | TaskRetried
    | OutputsLost
    | TaskBroken
    | PodsWait
    | PodEnded
    | CaseEnded
    | RunEnded
)
