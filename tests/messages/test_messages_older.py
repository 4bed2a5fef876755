"""What earlier versions wrote as sentences is told as it stands."""

from yule.core.settings import Json, from_plain
from yule.messages.message import Message
from yule.messages.older import renew_event
from yule.messages.telling import tell_message


def tell(plain: Json) -> str:
    return tell_message(from_plain(Message, plain))


def test_the_reason_of_an_older_event_is_told_as_it_was() -> None:
    renewed = renew_event({"event": "retried", "why": "it ran out of memory"})
    assert isinstance(renewed, dict)
    assert tell(renewed["why"]) == "it ran out of memory"


def test_the_waits_of_an_older_event_are_told_as_they_were() -> None:
    renewed = renew_event({"event": "waiting", "texts": ["pods wait: no node", "pods wait: the queue"]})
    assert isinstance(renewed, dict)
    assert isinstance(renewed["whys"], list)
    assert [tell(why) for why in renewed["whys"]] == ["pods wait: no node", "pods wait: the queue"]


def test_an_event_of_today_stays_what_it_is() -> None:
    event: Json = {"event": "lost", "n_tasks": 1, "why": {"code": "inputs-renewed", "values": {}}}
    assert renew_event(event) == event
