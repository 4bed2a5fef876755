"""Hosts that do not exist: a name that was mistyped is told at once, one that cannot be looked up is waited for."""

import socket
from urllib.request import getproxies

_ANSWERED: set[str] = set()
"""Hosts that have answered this process: whatever name servers say of them later, the name is right."""


def note_answer(host: str) -> None:
    """Remember that a host has answered."""
    _ANSWERED.add(host)


def is_mistyped(host: str) -> bool:
    """Say whether there is no host of a name, for sure: name servers know none, and none has ever answered.

    A name server that is away, or cannot tell now (``EAI_AGAIN``), leaves it open; so does a proxy, which looks names
    up itself.

    >>> is_mistyped("127.0.0.1"), is_mistyped("two..dots")
    (False, True)
    """
    if not host or host in _ANSWERED or {"http", "https", "all"} & getproxies().keys():
        return False
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NONAME
    except UnicodeError:  # no name of a host can be so
        return True
    return False


def explain_mistyped(host: str, where: str) -> str:
    """Say that there is no host of a name, and what to do.

    >>> explain_mistyped("db.acmee.com", "in project.yaml")
    "there is no host 'db.acmee.com': correct its name in project.yaml, or join the network that knows it"
    """
    return f"there is no host {host!r}: correct its name {where}, or join the network that knows it"
