"""What a driver prints of the events of a run."""

import sys

from yule.core.logs import Level, Log
from yule.messages.telling import tell_message
from yule.runtime.events import (
    CaseEnded,
    OutputsLost,
    PodEnded,
    PodsWait,
    RunEnded,
    RunEvent,
    RunPlanned,
    TaskBroken,
    TaskFinished,
    TaskRetried,
    TaskStarted,
)
from yule.runtime.telling import describe_case, describe_retry, describe_waits


def print_event(log: Log, event: RunEvent) -> None:
    """Print an event as a line of the driver's log."""
    assert sys.__stdout__ is not None
    text = log.format(describe_event(event), level=_judge_event(event), task=_name_task(event))
    print(text, end="", file=sys.__stdout__, flush=True)


def describe_event(event: RunEvent) -> str:
    """Say what happened."""
    match event:
        case RunPlanned():
            text = f"{event.n_tasks} tasks to run, {event.n_cached} cached"
        case TaskStarted():
            text = f"{event.text}: begun"
        case TaskFinished():
            text = f"{event.text}: {'done by another run' if event.elsewhere else f'done in {event.seconds:.1f} s'}"
        case TaskRetried():
            text = describe_retry(event)
        case TaskBroken():
            text = f"{event.text}: {event.message.strip()}"
        case OutputsLost():
            text = tell_message(event.why)
        case PodsWait():
            text = "\n".join(describe_waits(event)) or "no pod waits any more"
        case PodEnded():
            text = f"{event.pod}: {event.cause} after {event.seconds:.0f} s"
        case CaseEnded():
            text = describe_case(event)
        case RunEnded():
            text = f"{'done' if event.is_done else 'failed'}\n{event.text}"
    return text


def _judge_event(event: RunEvent) -> Level:
    match event:
        case TaskBroken() | CaseEnded(is_done=False) | RunEnded(is_done=False):
            return "error"
        case TaskRetried() | OutputsLost() | PodsWait():
            return "warning"
        case _:
            return "info"


def _name_task(event: RunEvent) -> str:
    match event:
        case TaskStarted() | TaskFinished() | TaskRetried() | TaskBroken():
            return f"{event.family}[{event.unique_id}]"
        case _:
            return ""
