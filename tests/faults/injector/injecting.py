"""Has the system refuse the n-th thing that a Python process writes.

``YULE_FAULT`` says which: ``WHO:NUMBER:CODE:HOW``, e.g. ``command:7:ENOSPC:on`` for the seventh of the command and all
after it, or ``worker:1:EIO:once``. Only what lies below ``YULE_FAULT_ROOT`` counts. Each call that counts is written
down as a line of ``YULE_FAULT_LOG``.
"""

import builtins
import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Any

WRITES = ("w", "a", "x", "+")


class Injector:
    """Counts what is written, and refuses what it is told to."""

    def __init__(self, number: int, code: int, *, is_lasting: bool, root: str, log: str) -> None:
        self.number = number
        self.code = code
        self.is_lasting = is_lasting
        self.root = os.path.realpath(root)
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.n_calls = 0
        self.write = os.write

    def meet(self, name: str, place: object) -> None:
        """Count a call that writes to a place, a path or a descriptor; raise if it is to be refused."""
        path = self.find(place)
        if path is None:
            return
        self.n_calls += 1
        is_refused = self.n_calls >= self.number if self.is_lasting else self.n_calls == self.number
        self.write(self.log, f"{self.n_calls} {name} {path}{' REFUSED' * is_refused}\n".encode())
        if is_refused:
            raise OSError(self.code, os.strerror(self.code), path)

    def find(self, place: object) -> str | None:
        """Return the path of what is written to, if it counts."""
        if isinstance(place, int):
            try:
                path = os.readlink(f"/proc/self/fd/{place}")
            except OSError:
                return None
        else:
            path = os.path.abspath(os.fsdecode(place))  # type: ignore[arg-type]
        return path if path.startswith(self.root) else None


def install(injector: Injector) -> None:
    """Put the injector between this process and the system."""

    def guard(name: str, *, at: int = 0) -> None:
        inner: Callable[..., Any] = getattr(os, name)

        def guarded(*arguments: Any, **options: Any) -> Any:
            injector.meet(name, arguments[at])
            return inner(*arguments, **options)

        setattr(os, name, guarded)

    for name in ("write", "fsync", "rename", "replace", "mkdir", "sendfile"):
        guard(name)
    guard("link", at=1)
    plain_open, inner_open = os.open, io.open

    def open_descriptor(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            injector.meet("open", path)
        return plain_open(path, flags, *arguments, **options)

    class File(io.FileIO):
        def write(self, content: Any) -> int:
            injector.meet("write", self.fileno())
            return super().write(content) or 0

    def open_file(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if isinstance(file, int) or not any(sign in mode for sign in WRITES) or injector.find(file) is None:
            return inner_open(file, mode, *arguments, **options)
        injector.meet("open", file)
        if "+" in mode or "a" in mode:
            return inner_open(file, mode, *arguments, **options)
        raw = io.BufferedWriter(File(file, mode.replace("b", "").replace("t", "")))
        if "b" in mode:
            return raw
        encoding = options.get("encoding") or (arguments[1] if len(arguments) > 1 else None)
        return io.TextIOWrapper(raw, encoding=encoding, errors=options.get("errors"), newline=options.get("newline"))

    os.open = open_descriptor
    io.open = builtins.open = open_file  # type: ignore[assignment]


def main() -> None:
    """Install what the environment asks for in the processes that it is about."""
    asked = os.environ.get("YULE_FAULT")
    if asked:
        who, number, code, how = asked.split(":")
        kind = "worker" if "yule.runtime.worker" in sys.orig_argv else "command" if "yule" in sys.orig_argv else ""
        if who == kind:
            install(
                Injector(
                    int(number),
                    getattr(errno, code),
                    is_lasting=how == "on",
                    root=os.environ["YULE_FAULT_ROOT"],
                    log=os.environ["YULE_FAULT_LOG"],
                )
            )
