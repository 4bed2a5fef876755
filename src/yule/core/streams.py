"""The standard output and error output of a process: what is written there is looked through first."""

import codecs
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO

from yule.core.characters import escape, show_controls
from yule.core.secrets import redact


def clean(text: str) -> str:
    r"""Return what a terminal may be given of a text: secrets blotted out, control characters shown.

    >>> clean("postgresql://me:hunter2@host\x07")
    'postgresql://**********@host\\u0007'
    """
    return show_controls(redact(text))


class FilteredStream(io.TextIOBase):
    """A stream of text that passes everything through a function.

    It has no ``buffer``, so that nothing gets past the function.

    Parameters
    ----------
    stream
        Where the text goes.
    filter_text
        What becomes of it.
    """

    def __init__(self, stream: TextIO, filter_text: Callable[[str], str]) -> None:
        self._stream = stream
        self._filter = filter_text

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What becomes of characters that the encoding has not."""
        return self._stream.errors

    def write(self, text: str) -> int:
        """Write what the function makes of a text; return the length of the text."""
        self._stream.write(self._filter(text))
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def fileno(self) -> int:
        """Return the stream's file descriptor."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Say whether the stream is a terminal."""
        return self._stream.isatty()


def filter_output(filter_text: Callable[[str], str], filter_errors: Callable[[str], str] | None = None) -> None:
    """Pass all that this process prints through a function; characters that a locale has not are written as JSON does.

    A stream that was closed before the process began is a way into nothing.

    Parameters
    ----------
    filter_text
        Takes a text and returns what to print.
    filter_errors
        The same for the standard error output, if that is another.
    """
    codecs.register_error("as_json", _escape_unknown)
    sys.stdout = FilteredStream(_open_again(sys.stdout), filter_text)
    sys.stderr = FilteredStream(_open_again(sys.stderr), filter_errors or filter_text)


def write_output(content: bytes) -> None:
    """Write all of what is looked through already to the standard output."""
    while content:
        content = content[os.write(1, content) :]


def _open_again(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        is_poor = codecs.lookup(stream.encoding).name == "ascii"  # a locale that says nothing of the terminal
        stream.reconfigure(encoding="utf-8" if is_poor else None, errors="as_json")
    return stream


def _escape_unknown(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return escape(error.object[error.start : error.end]), error.end
