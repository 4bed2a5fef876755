"""How a CSV file is written: what its columns are called and what parts them. All of it is read, or it is refused."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from yule.core.errors import DataError
from yule.downloads.sources.files.encodings import CHUNK, decode

csv.field_size_limit(2**31 - 1)  # of a value; 131,072 characters are fewer than a page of a shop may have

DELIMITERS = (",", ";", "\t", "|")
HEAD = 1 << 16
"""Characters that are looked at to find out how a file is written."""

N_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class TextForm:
    """How a CSV file is written.

    Parameters
    ----------
    names
        Of its columns, in their order; empty for one without.
    delimiter, quote
        What parts values, and what is around those that hold it.
    n_skipped
        Records before the first row: the header, and empty lines above it.
    n_header_lines
        Lines that they take where names hold ends of lines, of which there are several kinds; else 0.
    """

    names: tuple[str, ...]
    delimiter: str
    quote: str
    n_skipped: int
    n_header_lines: int = 0


def read_form(file: Path, encoding: str, *, shown: str, remedy: str) -> TextForm:
    """Find out how a file is written from its first lines.

    Raises
    ------
    DataError
        If its first line does not name its columns, each once.
    """
    text = ""
    for piece in decode(file, encoding, shown=shown, remedy=remedy):
        text += piece if text else piece.lstrip("\ufeff")
        if len(text) >= HEAD:
            break
    head = text if len(text) < HEAD or text.count("\n", 0, HEAD) < 2 else text[:HEAD]
    if not head.strip():
        raise DataError(f"{shown} is empty: there is no line with the names of its columns")
    is_whole = len(head) == len(text) < CHUNK
    told = re.match("sep=(.)\r?[\n\r]", head)  # Excel writes so, and reads by it
    if told and told[1] in DELIMITERS:
        form = _find_form(head[told.end() :], shown, is_whole=is_whole, marks=told[1])
        form = replace(form, n_skipped=form.n_skipped + 1)
    else:
        form = _find_form(head, shown, is_whole=is_whole)
    return replace(form, n_header_lines=_count_header_lines(head, form) if "\r" in head else 0)


def flatten_header(pieces: Iterator[str], form: TextForm) -> Iterator[str]:
    """Yield a text with one line for each record before the rows.

    DuckDB takes the end of a line within a name for that of all lines.
    """
    if not form.n_header_lines:
        yield from pieces
        return
    lines = _split_lines(pieces)
    for _ in range(form.n_header_lines):
        last = next(lines)
    yield ("-" + last[len(last.rstrip("\r\n")) :]) * form.n_skipped
    yield from lines


def check_text(file: Path, quote: str, encoding: str, *, shown: str, remedy: str) -> None:
    """Refuse what is no text, and lines that end in several ways: no two readers take them the same way.

    Raises
    ------
    DataError
        If it is.
    """
    is_quoted, ends, n_lines, last = False, Counter[str](), 0, ""
    for text in decode(file, encoding, shown=shown, remedy=remedy):
        marked = re.search("[\n\r]\ufeff", last + text) if "\ufeff" in text else None
        if marked:
            n_before = n_lines + text.count("\n", 0, marked.end() - len(last))
            raise DataError(
                f"line {n_before + 1} of {shown} begins with the mark of a file's beginning: two files were put "
                "together. Put them into two files, or remove the mark and the line of names behind it"
            )
        n_lines, last = n_lines + text.count("\n"), text[-1:]
        ends += _count_ends(text, quote, is_quoted=is_quoted)
        is_quoted ^= text.count(quote) % 2 == 1
        if len(ends) > 1:
            raise DataError(
                f"{shown} ends its lines in several ways ({_name_ends(ends)}). "
                "Save it again with one kind of line end; `dos2unix FILE` does that"
            )


def explain_rows(file: Path, form: TextForm, encoding: str, *, shown: str, is_shown: bool) -> str | None:
    """Say which line of a file cannot be read, and why; None when none is found."""
    pieces = decode(file, encoding, shown=shown, remedy="{}")
    lines = _split_lines(pieces)
    reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, strict=True)
    n_columns, names, line = len(form.names), set(form.names), 1
    try:
        for number, row in enumerate(reader):
            if number >= form.n_skipped and row and len(row) != n_columns:
                if sum(value.strip() in names for value in row) > len(row) / 2:
                    return tell_second_header(shown, line)
                begin = f": {_cut(','.join(row))!r}" if is_shown else ""
                hint = " If that line is a title, remove it." if number == form.n_skipped and n_columns == 1 else ""
                return (
                    f"line {line} of {shown} has {len(row)} values where the first line names {n_columns} columns"
                    f"{begin}.{hint} Put quotes around a value that holds the separator, or correct the line"
                )
            line = reader.line_num + 1
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "end of data" in str(error) else str(error)
        return (
            f"{shown} cannot be read from line {line} on: {reason}. A quote within a value is written twice, and such "
            "a value has quotes around it"
        )
    return None


def tell_second_header(shown: str, line: int) -> str:
    """Say that names of columns stand where a row should be."""
    return (
        f"line {line} of {shown} holds names of columns: two files were put together. Put them into two files, or "
        "remove that line if the columns are the same"
    )


def _find_form(text: str, shown: str, *, is_whole: bool, marks: Sequence[str] = DELIMITERS) -> TextForm:
    samples = {mark: list(_sample(text, mark, is_whole=is_whole)) for mark in marks}
    rows_of_one = enumerate(samples[marks[0]])
    blank, header = next(
        ((number, row) for number, row in rows_of_one if any(value.strip() for value in row)), (0, list[str]())
    )
    if not header:
        raise DataError(f"{shown} is empty: there is no line with the names of its columns")
    quote = "'" if all(len(name) > 1 and name[0] == name[-1] == "'" for name in header) else '"'
    if quote == "'":
        samples = {mark: list(_sample(text, mark, is_whole=is_whole, quote=quote)) for mark in marks}
    rows = {mark: [row for row in sample if any(map(str.strip, row))] for mark, sample in samples.items()}
    widths = {mark: len(found[0]) for mark, found in rows.items()}
    even = [mark for mark, found in rows.items() if widths[mark] > 1 and {len(row) for row in found} == {widths[mark]}]
    best = sorted(even or marks, key=lambda mark: -widths[mark])
    if even and len(best) > 1 and widths[best[0]] == widths[best[1]]:
        raise DataError(
            f"{shown} can be read with {best[0]!r} and with {best[1]!r} between its values: each way all lines have "
            f"{widths[best[0]]} values. Put quotes around values that hold one of them"
        )
    delimiter = best[0]
    _refuse_title(rows, widths, shown)
    names = tuple(name.strip() for name in rows[delimiter][0])
    _check_names(names, shown, line=blank + 1)
    return TextForm(names=names, delimiter=delimiter, quote=quote, n_skipped=blank + 1)


def _count_header_lines(text: str, form: TextForm) -> int:
    """Return how many lines the records before the rows take; 0 when each takes one."""
    reader = csv.reader(_split_lines([text]), delimiter=form.delimiter, quotechar=form.quote)
    for _ in range(form.n_skipped):
        next(reader)
    return reader.line_num if reader.line_num > form.n_skipped else 0


def _sample(text: str, delimiter: str, *, is_whole: bool, quote: str = '"') -> Iterator[list[str]]:
    """Yield the first records; the last that is there may be cut off, and is left out unless the text is whole."""
    rows = list(csv.reader(_split_lines([text]), delimiter=delimiter, quotechar=quote))
    yield from rows[:N_ROWS] if is_whole or len(rows) > N_ROWS or len(rows) == 1 else rows[:-1]


def _refuse_title(rows: dict[str, list[list[str]]], widths: dict[str, int], shown: str) -> None:
    """Refuse a line above the names: it has one value where all the others have the same number of several."""
    if max(widths.values()) > 1:
        return
    for found in rows.values():
        others = {len(row) for row in found[1:]}
        if len(found) > 2 and len(others) == 1 and others != {1}:
            raise DataError(
                f"the first line of {shown} is {found[0][0]!r}, but the lines below have {others.pop()} values. Remove "
                "what stands above the names of the columns"
            )


def _check_names(names: Sequence[str], shown: str, *, line: int) -> None:
    unnamed = names.count("")
    if unnamed > len(names) / 2:
        raise DataError(
            f"line {line} of {shown} names {len(names) - unnamed} of {len(names)} columns. If it is a title, remove "
            "it: the first line holds the names"
        )
    problem = tell_repeated(names)
    if problem:
        raise DataError(f"line {line} of {shown} {problem}")


def tell_repeated(names: Sequence[str]) -> str:
    """Say which names stand for several columns, as SQL reads them: it does not tell capitals from small letters.

    >>> tell_repeated(["id", "age", "ID"])
    "names several columns 'id', 'ID'. Give each a name of its own"
    """
    counts = Counter(name.casefold() for name in names if name)
    repeated = [name for name in names if counts[name.casefold()] > 1]
    return f"names several columns {', '.join(map(repr, repeated))}. Give each a name of its own" if repeated else ""


def _split_lines(pieces: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Yield lines with their ends; what ends a line for CSV is a line feed, a carriage return or both."""
    held = ""
    for piece in chain(pieces, [""]):
        text = held + piece
        if not piece:
            yield from io.StringIO(text, newline="")
            return
        cut = max(text.rfind("\n"), text[:-1].rfind("\r")) + 1
        yield from io.StringIO(text[:cut], newline="")
        held = text[cut:]


def _cut(text: str) -> str:
    return text[:60] + "…" * (len(text) > 60)


def _count_ends(text: str, quote: str, *, is_quoted: bool) -> Counter[str]:
    """Count the ends of lines outside of quotes."""
    if "\r" not in text:
        return +Counter({"LF": text.count("\n")})
    segments = text.split(quote)[int(is_quoted) :: 2]
    both = sum(segment.count("\r\n") for segment in segments)
    feeds = sum(segment.count("\n") for segment in segments) - both
    returns = sum(segment.count("\r") for segment in segments) - both
    return +Counter({"CR LF": both, "LF": feeds, "CR": returns})


def _name_ends(ends: Counter[str]) -> str:
    return ", ".join(f"{end} {count} times" for end, count in ends.most_common())
