"""Encodings of text files: found, named, or brought into UTF-8. Nothing that cannot be decoded is replaced."""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from yule.core.errors import DataError
from yule.downloads.sources.files.suffixes import find_packing

CHUNK = 1 << 22

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_CYRILLIC = "[\u0400-\u04ff]"
_KANA, _KANJI, _HANGUL = "[\u3041-\u30ff]", "[\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e]", "[\uac00-\ud7a3]"


@contextmanager
def open_bytes(file: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked if its name says that it is packed."""
    with pa.input_stream(str(file), compression=find_packing(file)) as stream:
        yield stream


def find_encoding(file: Path, declared: str) -> str:
    """Return what a text file is to be decoded by: the mark at its beginning, else what is declared, else UTF-8."""
    with open_bytes(file) as stream:
        head = stream.read(4)
    return next((name for mark, name in _MARKS if head.startswith(mark)), declared or "utf-8")


def refuse_utf8(file: Path, encoding: str, *, shown: str) -> None:
    """Refuse a file of UTF-8 that is to be read as something else: nearly any bytes are text of an old encoding.

    Raises
    ------
    DataError
        If it is one: it has three characters beyond ASCII at least, and all are UTF-8.
    """
    if is_utf8(encoding) or codecs.lookup(encoding).name.startswith("utf"):
        return
    with open_bytes(file) as stream:
        content = stream.read(CHUNK)
    if _decodes(content, "utf-8") and sum(character > "\x7f" for character in _cut(content, "utf-8")) > 2:
        raise DataError(
            f"{shown} is UTF-8, and {encoding} is what it would be read by. Save all files of a table in one "
            "encoding; a file of UTF-8 with a mark (utf-8-sig) is read as what it is"
        )


def is_utf8(encoding: str) -> bool:
    """Say whether an encoding is UTF-8, with a mark or without.

    >>> is_utf8("UTF8"), is_utf8("latin-1")
    (True, False)
    """
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def decode(file: Path, encoding: str, *, shown: str, remedy: str) -> Iterator[str]:
    """Yield the text of a file in pieces.

    Parameters
    ----------
    file
        The file.
    encoding
        What it is decoded by.
    shown
        What people call the file.
    remedy
        How people declare an encoding, with ``{}`` in its place.

    Raises
    ------
    DataError
        At the first bytes that are none of the encoding: with their line, and what the file may be instead.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    n_lines, done = 1, False
    with open_bytes(file) as stream:
        while not done:
            try:
                chunk = stream.read(CHUNK)
                while chunk.endswith(b"\r") and (more := stream.read(1)):  # its line feed may be in the next chunk
                    chunk += more
                done = not chunk
                text = decoder.decode(chunk, final=done)
            except UnicodeDecodeError as error:
                raise DataError(_explain(file, encoding, error, n_lines, shown=shown, remedy=remedy)) from error
            except OSError as error:
                raise DataError(f"{shown} is damaged: {error}. Fetch it again") from error
            if "\x1b$" in text and is_utf8(encoding):
                raise DataError(
                    f"{shown} has the signs by which ISO-2022-JP changes between scripts. "
                    f"Write {remedy.format('iso2022_jp')}, or save it as UTF-8"
                )
            if "\0" in text:
                line = n_lines + text.count("\n", 0, text.index("\0"))
                advice = _advise(file, encoding, remedy)
                raise DataError(f"{shown} has a NUL byte in line {line}, so it is damaged or not {encoding}. {advice}")
            n_lines += text.count("\n")
            yield text


def write_utf8(pieces: Iterable[str], out: Path) -> None:
    """Write a text anew in UTF-8, unpacked."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as written:
        written.writelines(pieces)


def guess_encoding(content: bytes) -> str | None:
    r"""Return what bytes that are not UTF-8 may be encoded by; None when nothing fits.

    >>> guess_encoding("名前,東京\n".encode("cp932")), guess_encoding("André,Zürich\n".encode("latin-1"))
    ('cp932', 'cp1252')
    """
    nulls = content[::2].count(0), content[1::2].count(0)
    if max(nulls) > len(content) / 8:
        return "utf-16-be" if nulls[0] > nulls[1] else "utf-16-le"
    if 0 in content:
        return None
    runs = re.findall(rb"[\x80-\xff]+", content)
    # "öß" would be a Russian or a Chinese word, too, but for the Latin letters on both its sides.
    n_within = len(re.findall(rb"(?<=[A-Za-z])[\x80-\xff]+(?=[A-Za-z])", content))
    n_single = sum(len(run) == 1 for run in runs)
    if max(n_within, n_single) <= len(runs) / 2 or _share(content, "cp932", _KANA) > 0.1:
        asian = next(_guess_asian(content, b"".join(runs)), None)
        if asian is not None:
            return asian
    return next((name for name in ("cp1252", "latin-1") if _decodes(content, name)), None)


def _guess_asian(content: bytes, high: bytes) -> Iterator[str]:
    """Yield encodings of scripts whose bytes come in runs, the likeliest first; ``high`` are those beyond ASCII."""
    if len(high) > 1 and _share(content, "cp1251", _CYRILLIC) > 0.95:
        yield "cp1251"
    if _share(content, "euc_jp", _KANA) > 0.1:
        yield "euc_jp"
    if _share(content, "euc_kr", _HANGUL) > 0.9:
        yield "euc_kr"
    if min(high) >= 0xA1 and _share(content, "gb18030", _KANJI) > 0.8:
        yield "gb18030"
    for encoding in ("cp932", "euc_jp", "gb18030"):
        if _share(content, encoding, _KANJI) > 0.5:
            yield encoding


def _share(content: bytes, encoding: str, script: str) -> float:
    """Return what share of the characters beyond ASCII are of a script; 0 if the bytes are not of the encoding."""
    if not _decodes(content, encoding):
        return 0
    others = "".join(character for character in _cut(content, encoding) if character > "\x7f")
    return len(re.findall(script, others)) / max(1, len(others))


def _cut(content: bytes, encoding: str) -> str:
    """Decode the beginning of a file, which may end within a character."""
    return codecs.getincrementaldecoder(encoding)("strict").decode(content)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        _cut(content, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _explain(file: Path, encoding: str, error: UnicodeDecodeError, n_lines: int, *, shown: str, remedy: str) -> str:
    line = n_lines + error.object[: error.start].count(b"\n")
    at_fault = error.object[error.start : error.start + 4].hex(" ")
    name = "UTF-8" if is_utf8(encoding) else encoding
    return f"{shown} is not {name}: line {line} has the bytes {at_fault}. {_advise(file, encoding, remedy)}"


def _advise(file: Path, encoding: str, remedy: str) -> str:
    with open_bytes(file) as stream:
        content = stream.read(CHUNK)
    guess = guess_encoding(content)
    if guess is None or guess == encoding:
        return f"Save it as UTF-8, or write {remedy.format('NAME')} with the name of its encoding"
    words = re.findall(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*", _cut(content, guess))
    sample = f". By {guess} it has the words {', '.join(map(repr, dict.fromkeys(words[:3])))}" if words else ""
    return f"It looks like {guess}: write {remedy.format(guess)}, or save it as UTF-8{sample}"
