"""Look at what was fetched before it is let in: whether it is what its declaration expects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.keeping.rows.expectations import Band, Checks, ColumnChecks
from yule.downloads.keeping.rows.splitting import WrittenDay
from yule.downloads.keeping.rows.tables import MEMORY, TABLE
from yule.downloads.settings import Method
from yule.downloads.specs import TableSpec
from yule.sql.columns import SQL_TYPES, ColumnType
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name, quote_table, quote_text


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A check that data do not pass.

    Parameters
    ----------
    check
        The check, as people know it.
    day
        Of which day; None of a whole table.
    n_rows
        How many rows are at fault.
    example
        One of them, in words; empty where it says who a person is.
    """

    check: str
    day: date | None
    n_rows: int
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One thing to count, as SQL: the rows at fault, and an example of them."""

    check: str
    count: str
    example: str
    words: str


def keep_passing(
    days: Iterable[WrittenDay], spec: TableSpec, checks: Checks | None, failures: list[Failure]
) -> Iterator[WrittenDay]:
    """Yield the days that pass their checks; what is wrong with the others is added to the failures."""
    if checks is None:
        yield from days
        return
    with connect(n_threads=1, memory=MEMORY) as connection:
        for written in days:
            found = [
                *_find_failures(connection, spec.method, checks, written.folder / TABLE, day=written.day),
                *_count_rows(checks.rows_per_day, written, is_final=spec.is_final_on(written.day)),
            ]
            failures += found
            if not found:
                yield written


def find_failures(method: Method, checks: Checks | None, file: Path, *, n_threads: int) -> list[Failure]:
    """Return what is wrong with a table that is fetched whole."""
    if checks is None:
        return []
    with connect(n_threads=n_threads, scratch=file.parent.parent, memory=MEMORY) as connection:
        return list(_find_failures(connection, method, checks, file, day=None))


KEPT = "which are not kept; those that pass are"


def raise_failures(method: Method, failures: Sequence[Failure], *, outcome: str = KEPT) -> None:
    """Raise one DataError for all failures, if there are any: a line for each check, with all its days.

    Parameters
    ----------
    method
        The method.
    failures
        What does not pass.
    outcome
        What becomes of the days that do not, and of the others.
    """
    if not failures:
        return
    by_check = groupby(sorted(failures, key=lambda found: (found.check, found.day or date.min)), lambda f: f.check)
    lines = "\n".join(f"  {check}: {'; '.join(_tell(failure) for failure in found)}" for check, found in by_check)
    n_days = len({failure.day for failure in failures if failure.day is not None})
    days = f" on {n_days} day{'s' * (n_days > 1)}, {outcome}" if n_days else ""
    raise DataError(
        f"downloads/{method.name}.yaml: the data do not pass its checks{days}:\n{lines}\n"
        "Correct the data, or what is declared of them."
    )


def _find_failures(
    connection: duckdb.DuckDBPyConnection, method: Method, checks: Checks, file: Path, *, day: date | None
) -> Iterator[Failure]:
    looks = list(_list_looks(method, checks, quote_table([file])))
    if not looks:
        return
    selected = ", ".join(f"{look.count}, {look.example}" for look in looks)
    row = connection.execute(f"SELECT {selected} FROM {quote_table([file])}").fetchone()
    assert row is not None
    for look, count, example in zip(looks, row[::2], row[1::2], strict=True):
        if count:
            told = "" if example is None else look.words.format(example)
            yield Failure(check=look.check, day=day, n_rows=int(count), example=told)


def _list_looks(method: Method, checks: Checks, table: str) -> Iterator[_Look]:
    """Yield what to count of the columns that are there."""
    there = {column.name for column in method.columns}
    for name, expected in checks.columns.items():
        if name in there:
            yield from _look_at_rows(method, name, expected)
            if expected.unique:
                yield _look_for_repeated(method, (name,), table)
    if checks.unique and there.issuperset(checks.unique):
        yield _look_for_repeated(method, checks.unique, table)


def _look_at_rows(method: Method, name: str, expected: ColumnChecks) -> Iterator[_Look]:
    column = method.column(name)
    value = quote_name(name)
    kind: ColumnType = "string" if name == method.user or column.pii == "hash" else column.type

    def literal(text: str) -> str:
        return f"CAST({quote_text(text)} AS {SQL_TYPES[kind]})"

    def look(check: str, condition: str) -> _Look:
        shown = "NULL" if column.pii != "no" else f"min(CAST({value} AS VARCHAR)) FILTER (WHERE {condition})"
        return _Look(
            check=f"{name}: {check}",
            count=f"count(*) FILTER (WHERE {condition})",
            example=shown,
            words="for example {!r}",
        )

    if expected.not_null:
        user = "NULL" if method.column(method.user).pii != "no" else quote_name(method.user)
        yield _Look(
            check=f"{name}: not_null",
            count=f"count(*) FILTER (WHERE {value} IS NULL)",
            example=f"min({user}) FILTER (WHERE {value} IS NULL)",
            words=f"for example of {method.about.removesuffix('s')} {{!r}}",
        )
    if expected.accepted_values:
        accepted = ", ".join(literal(text) for text in expected.accepted_values)
        yield look(f"accepted_values {', '.join(expected.accepted_values)}", f"{value} NOT IN ({accepted})")
    if expected.min is not None:
        yield look(f"min {expected.min}", f"{value} < {literal(expected.min)}")
    if expected.max is not None:
        yield look(f"max {expected.max}", f"{value} > {literal(expected.max)}")


def _look_for_repeated(method: Method, names: Sequence[str], table: str) -> _Look:
    """Count the rows beyond the first of each value; rows without a value are left to ``not_null``."""
    columns = ", ".join(quote_name(name) for name in names)
    there = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in names)
    repeated = f"SELECT {columns}, count(*) AS n FROM {table} WHERE {there} GROUP BY ALL HAVING count(*) > 1"
    is_shown = all(method.column(name).pii == "no" for name in names)
    shown = " || ', ' || ".join(f"CAST({quote_name(name)} AS VARCHAR)" for name in names) if is_shown else "NULL"
    return _Look(
        check=f"{', '.join(names)}: unique",
        count=f"(SELECT sum(n - 1) FROM ({repeated}))",
        example=f"(SELECT min({shown}) FROM ({repeated}))",
        words="for example {!r}",
    )


def _count_rows(band: Band | None, written: WrittenDay, *, is_final: bool) -> Iterator[Failure]:
    if band is None:
        return
    if is_final and written.n_rows < band.min:
        yield Failure(check=f"rows_per_day: min {band.min:,}", day=written.day, n_rows=written.n_rows)
    if band.max is not None and written.n_rows > band.max:
        yield Failure(check=f"rows_per_day: max {band.max:,}", day=written.day, n_rows=written.n_rows)


def _tell(failure: Failure) -> str:
    rows = f"{failure.n_rows:,} row{'s' * (failure.n_rows != 1)}"
    day = f" of {failure.day}" if failure.day else ""
    return f"{rows}{day}{f', {failure.example}' if failure.example else ''}"
