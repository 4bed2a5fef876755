"""An outage of a service is told once, and its end is."""

import pytest

from yule.core.outages import Outage
from yule.core.patience import Unanswered, name_cause


def test_an_outage_is_told_once_and_its_end_once(capsys: pytest.CaptureFixture[str]) -> None:
    outage = Outage("The cluster at http://a", seconds=60)
    outage.end()
    for _ in range(3):
        outage.begin(Unanswered("Connection refused"))
    outage.end()
    outage.end()
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("The cluster at http://a does not answer (Connection refused). Trying again until ")
    assert last == "The cluster at http://a answers again."


def test_an_outage_that_was_given_up_is_told_anew(capsys: pytest.CaptureFixture[str]) -> None:
    outage = Outage("The workspace", seconds=60)
    outage.begin(Unanswered("away"))
    outage.forget()
    outage.begin(Unanswered("away"))
    assert capsys.readouterr().err.count("does not answer") == 2


def test_the_cause_of_a_fault_is_told_without_what_libraries_wrap_around_it() -> None:
    wrapped = RuntimeError("HTTPConnection(host='a', port=1): Max retries exceeded with url: /apis?limit=500")
    wrapped.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert name_cause(wrapped) == "Connection refused"
    aborted = RuntimeError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    assert name_cause(aborted) == "Connection reset by peer"
    assert name_cause(TimeoutError()) == "TimeoutError"
