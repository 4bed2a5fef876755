"""A name that no name server knows is mistyped, unless its host has answered before."""

import socket
import uuid

import pytest

from yule.core.hosts import is_mistyped, note_answer


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def answer(monkeypatch: pytest.MonkeyPatch, code: int) -> str:
    """Have name servers answer so; return a name that was never asked for."""

    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "told")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return f"{uuid.uuid4().hex}.invalid"


@pytest.mark.parametrize(("code", "is_so"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_only_a_name_that_name_servers_say_is_none_is_mistyped(
    monkeypatch: pytest.MonkeyPatch, code: int, is_so: bool
) -> None:
    assert is_mistyped(answer(monkeypatch, code)) is is_so


def test_a_host_that_has_answered_is_not_mistyped_whatever_name_servers_say_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = answer(monkeypatch, socket.EAI_NONAME)
    note_answer(host)
    assert not is_mistyped(host)


def test_behind_a_proxy_no_name_is_mistyped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    assert not is_mistyped(answer(monkeypatch, socket.EAI_NONAME))
