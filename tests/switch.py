"""A switch before a server: what goes through it can be cut off and restored, as when a network is down."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from unittest import mock
from urllib.parse import urlsplit

PIECE_BYTES = 1 << 16


class Switch:
    """A port of this machine behind which a server is; it is open until it is cut.

    While it is cut, connections are refused and those that were open are reset.

    Parameters
    ----------
    server
        Address of the server, ``http://host:port``.
    """

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "", parts.port or 80)
        self._scheme = parts.scheme
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_cut = True
        self._loses_next = False
        self.n_lost = 0
        self._door = _bind(0)
        self._port = self._door.getsockname()[1]
        self.restore()

    @property
    def address(self) -> str:
        """The address to use instead of the server's."""
        return f"{self._scheme}://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        with self._lock:
            self._is_cut = True
            _shut(self._door)
            self._door = _bind(self._port)  # the port is kept, and refuses as long as nobody listens
            for connection in self._open:
                _shut(connection)
            self._open.clear()

    def restore(self) -> None:
        """Let everything through again."""
        with self._lock:
            if self._is_cut:
                self._is_cut = False
                self._door.listen(128)
                threading.Thread(target=self._serve, args=(self._door,), daemon=True).start()

    @contextmanager
    def cut_for(self, seconds: float) -> Iterator[None]:
        """Cut now and restore after some time, whatever is done meanwhile; it is restored at the end in any case."""
        timer = threading.Timer(seconds, self.restore)
        self.cut()
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.restore()

    def lose_answer(self) -> None:
        """Let the next request through, but not the server's answer: the connection is reset instead."""
        self._loses_next = True

    def close(self) -> None:
        """Cut for good."""
        self.cut()
        self._door.close()

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:  # there may be another switch behind this one
                _shut(client)
                continue
            with self._lock:
                if self._is_cut or door is not self._door:
                    _shut(client)
                    _shut(server)
                    return
                self._open |= {client, server}
            for source, sink, is_server in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pass_on, args=(source, sink, is_server), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_server: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if is_server and self._is_to_be_lost(piece):
                    break
                sink.sendall(piece)
        with self._lock:
            for end in (source, sink):
                _shut(end)
                self._open.discard(end)

    def _is_to_be_lost(self, piece: bytes) -> bool:
        with self._lock:
            # A server that asks for the rest of a request has yet to hear it.
            is_lost = self._loses_next and not piece.startswith(b"HTTP/1.1 100")
            self._loses_next = self._loses_next and not is_lost
            self.n_lost += is_lost
            return is_lost


@contextmanager
def switch_before(variable: str) -> Iterator[Switch]:
    """Put a switch before the server that a variable of the environment names, also for the processes started by this.

    ``AWS_ENDPOINT_URL`` names the S3 server and ``STORAGE_EMULATOR_HOST`` that of Cloud Storage.
    """
    switch = Switch(os.environ[variable])
    try:
        with mock.patch.dict(os.environ, {variable: switch.address}):
            yield switch
    finally:
        switch.close()


def _bind(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    return door


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes who waits for it
    end.close()
