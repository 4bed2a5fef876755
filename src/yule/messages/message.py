"""Messages: facts that are told in one sentence, or in a part of one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from yule.core.settings import to_json
from yule.messages.values import Said, Value


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something to tell; :func:`~yule.messages.telling.tell_message` puts it into words.

    Parameters
    ----------
    code
        What is told; stable, and the name of its words in every catalogue.
    values
        What is told of it, by name.
    """

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)


def quote(text: str) -> Message:
    """Return what another program or an error says as a message that is told as it stands."""
    return Message(code="said", values={"text": Said(text)})


def unite_messages(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return each of some messages once, in an order that is always the same."""
    known = {to_json(message): message for message in messages}
    return tuple(known[key] for key in sorted(known))


def sort_messages(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return each of some messages once, the most frequent first, in an order that is always the same."""
    told = [(to_json(message), message) for message in messages]
    known, times = dict(told), Counter(key for key, _ in told)
    return tuple(known[key] for key in sorted(known, key=lambda key: (-times[key], key)))
