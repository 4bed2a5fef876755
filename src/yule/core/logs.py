"""What drivers and pods print: lines for people, or with ``YULE_LOG=json`` one JSON object in each for machines."""

import atexit
import codecs
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from yule.core.streams import clean, filter_output, write_output

Level: TypeAlias = Literal["info", "warning", "error"]

MAX_LINE = 16_384
"""Characters after which a line that does not end is told; those who keep logs of pods cut lines there, too."""


class Log:
    """The log of a driver or a pod.

    Parameters
    ----------
    environment
        ``YULE_LOG``: ``json`` for JSON; ``YULE_LAUNCH_NAME`` and ``YULE_POD``, which every line of JSON names.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._is_json = environment.get("YULE_LOG") == "json"
        origin = {"launch": environment.get("YULE_LAUNCH_NAME", ""), "pod": environment.get("YULE_POD", "")}
        self._origin = {key: value for key, value in origin.items() if value}

    def filter_output(self) -> None:
        """Have all that this process prints be lines of the log; its standard error output gives warnings."""
        if self._is_json:
            filter_output(self._form("info", ""), self._form("warning", ""))
            atexit.register(_end_lines)
        else:
            filter_output(clean)

    def format(self, text: str, *, level: Level = "info", task: str = "") -> str:
        """Return a text as lines of the log; ``task``: whose it is."""
        return self._form(level, task)(f"{text}\n") if self._is_json else clean(f"{text}\n")

    @contextmanager
    def echoing(self, file: Path, *, task: str) -> Iterator[Callable[[], None]]:
        """Give a function that prints what a task's log has gained; at the end that is done once more.

        A last line that has no end gets one.
        """
        form = self.form_bytes(task)
        place = 0
        is_open = False

        def echo() -> None:
            nonlocal place, is_open
            grown = _read_from(file, place)
            if grown:
                place += len(grown)
                is_open = not grown.endswith(b"\n")
                write_output(form(grown))

        try:
            yield echo
        finally:
            echo()
            if is_open:
                write_output(form(b"\n"))

    def form_bytes(self, task: str) -> Callable[[bytes], bytes]:
        """Return what makes lines of the log out of what a task prints, which comes in pieces of any length."""
        if not self._is_json:
            return lambda content: content
        decode, form = codecs.getincrementaldecoder("utf-8")("replace").decode, self._form("info", task)
        return lambda content: form(decode(content)).encode()

    def _form(self, level: Level, task: str) -> Callable[[str], str]:
        origin = self._origin | ({"task": task} if task else {})
        rest = ""

        def form(text: str) -> str:
            nonlocal rest
            *lines, rest = (rest + text).split("\n")
            if len(rest) > MAX_LINE:  # as of a bar of progress, which is one line for hours
                lines, rest = [*lines, rest], ""
            return "".join(_format_line(line, level, origin) for line in lines if line.strip())

        return form


def _end_lines() -> None:
    """Have the last lines told that nobody has ended."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            print(file=stream, flush=True)


def _read_from(file: Path, place: int) -> bytes:
    if not file.exists():
        return b""
    with file.open("rb") as opened:
        opened.seek(place)
        return opened.read()


def _format_line(message: str, level: Level, origin: Mapping[str, str]) -> str:
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    fields = {"time": time, "level": level, **origin, "message": clean(message.rstrip("\r"))}
    return json.dumps(fields, ensure_ascii=False) + "\n"
