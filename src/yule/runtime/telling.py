"""What people are told of events, in words."""

from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.messages.values import Said
from yule.runtime.events import CaseEnded, PodsWait, TaskRetried


def describe_case(event: CaseEnded) -> str:
    """Say that a case is over, and its run or why there is no answer."""
    if event.is_done:
        return f"{event.case}: done after {event.seconds:.1f} s, {event.run_id}"
    first, _, _ = event.message.strip().partition("\n")
    return f"{event.case}: no answer: {first or 'see above'}"


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
