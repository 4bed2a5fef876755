"""What people are told of events, in words."""

from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.messages.values import Said
from yule.runtime.events import PodsWait, TaskRetried


def describe_retry(event: TaskRetried) -> str:
    """Say that a task runs again, and why."""
    return f"{event.text}: {tell_message(event.why)}; it runs again"


def describe_waits(event: PodsWait) -> tuple[str, ...]:
    """Say why something is not at work; nothing when none waits any more."""
    whys = tuple(map(tell_message, event.whys))
    match event.who:
        case "pods":
            return tuple(tell_message(Message(code="waiting-pods", values={"why": Said(why)})) for why in whys)
        case "driver":
            return tuple(tell_message(Message(code="waiting-driver", values={"why": Said(why)})) for why in whys)
        case "command":
            return whys
