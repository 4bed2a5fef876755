"""What is transient, and how long it is tried again."""

import errno
import os
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core import patience
from yule.core.errors import ConfigError, DataError
from yule.core.patience import (
    LONGEST_WAIT_SECONDS,
    Patience,
    Unanswered,
    asks_to_come_back,
    find_patience,
    is_transient,
    telling_silence,
)


def behind(cause: BaseException) -> DataError:
    error = DataError("the source cannot be reached")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        Unanswered("S3: Service Unavailable"),
        ConnectionRefusedError(),
        TimeoutError(),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH)),
        OSError(errno.ESTALE, os.strerror(errno.ESTALE)),
        behind(Unanswered("503")),
        ExceptionGroup("tasks", [ValueError(), behind(ConnectionResetError())]),
    ],
)
def test_what_a_service_did_not_answer_is_transient(error: BaseException) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        OSError("S3: AccessDenied"),
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.ENOSPC, "No space left on device"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        BrokenPipeError(),
        behind(ValueError()),
    ],
)
def test_what_was_refused_is_not_transient(error: BaseException) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize(("status", "is_later"), [(408, True), (429, True), (500, True), (503, True), (501, False)])
def test_a_server_that_is_busy_or_failing_asks_to_come_back(status: int, is_later: bool) -> None:
    assert asks_to_come_back(status) is is_later
    assert not any(asks_to_come_back(other) for other in (200, 400, 401, 403, 404, 409, 412))


def test_the_waits_become_longer_and_end_with_the_time() -> None:
    trying = Patience(0.6)
    first = trying.next_wait()
    assert first is not None
    assert 0.25 <= first <= 0.5
    time.sleep(first)
    second = trying.next_wait()
    assert second is None or second <= 0.35
    time.sleep(0.36)
    assert trying.next_wait() is None


@given(n_faults=st.integers(1, 40))
@settings(max_examples=10)
def test_no_wait_is_longer_than_the_longest(n_faults: int) -> None:
    trying = Patience(1e6)
    waits = [trying.next_wait() or 0.0 for _ in range(n_faults)]
    assert all(0 < wait <= LONGEST_WAIT_SECONDS for wait in waits)


def test_the_time_can_be_set_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YULE_PATIENCE_SECONDS", raising=False)
    assert find_patience() == 600
    monkeypatch.setenv("YULE_PATIENCE_SECONDS", "7")
    assert find_patience() == 7


@pytest.mark.parametrize("text", ["soon", "-1", "1e3", "nan"])
def test_a_time_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("YULE_PATIENCE_SECONDS", text)
    with pytest.raises(ConfigError, match=r"YULE_PATIENCE_SECONDS: '.*' is no number of seconds; write e\.g\. 600"):
        find_patience()


def test_what_takes_longer_than_answers_do_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.05)
    told: list[str] = []
    with telling_silence(told.append):
        time.sleep(0.2)
    assert len(told) == 1
    with telling_silence(told.append):
        pass
    time.sleep(0.1)
    assert len(told) == 1


def test_the_first_word_comes_within_a_quarter_of_a_minute() -> None:
    assert patience.SILENCE_SECONDS <= 15
