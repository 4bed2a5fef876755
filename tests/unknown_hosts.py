"""Name servers that know no host of a name, or cannot tell now."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

ANSWERS = {"there is none": socket.EAI_NONAME, "not now": socket.EAI_AGAIN}


@contextmanager
def unknown_host(answer: str) -> Iterator[str]:
    """Have name servers give an answer for a name that was never asked for; yield the name."""
    host, look_up = f"{uuid.uuid4().hex}.invalid", socket.getaddrinfo

    def refuse(name: object, *arguments: object, **options: object) -> object:
        if host in str(name):
            raise socket.gaierror(ANSWERS[answer], answer)
        return look_up(name, *arguments, **options)  # type: ignore[arg-type]

    with mock.patch.object(socket, "getaddrinfo", refuse), mock.patch("yule.core.hosts.getproxies", return_value={}):
        yield host
