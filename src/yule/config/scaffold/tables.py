"""A person's table, as a table that a project can read: users by id, a label of 0 and 1."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from yule.config.scaffold.columns import TableColumn, quote
from yule.core.errors import DataError
from yule.core.spelling import suggest
from yule.downloads.formats.words import PAIRS

if TYPE_CHECKING:
    import duckdb

    from yule.downloads.sources.files.parts import Part

ROW = "row"
"""What the column with the user id is called where rows are numbered."""

EMPTY = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?")
"""How text files write that a value is not known."""

_MAX_SHOWN = 5

BATCH_ROWS = 131_072


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a table writes its label, and how many users have which.

    Parameters
    ----------
    positive, negative
        The values, as they are written.
    n_positive, n_negative, n_unknown
        Rows with each value, and with none.
    """

    positive: str
    negative: str
    n_positive: int
    n_negative: int
    n_unknown: int


@contextmanager
def open_table(table: Path, encoding: str = "") -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a CSV or Parquet file as the table ``source``. In a CSV file every value is text, or missing.

    Parameters
    ----------
    table
        The file.
    encoding
        Of a CSV file without a mark that says its own; empty for UTF-8.

    Raises
    ------
    DataError
        If it cannot be read, or has no rows.
    """
    import duckdb

    from yule.downloads.sources.files.checking import explain, find_second_header
    from yule.downloads.sources.files.parts import Folder, find_text_problem, open_parts
    from yule.sql.connecting import connect
    from yule.storage.owners import temporary_folder

    _refuse_others(table)
    # One thread: the rows keep their order, and so their numbers.
    with connect(n_threads=1) as connection, temporary_folder() as scratch:
        folder = Folder(root=table.parent, encoding=encoding, remedy="--encoding {}", scratch=scratch)
        try:
            (part,) = open_parts(connection, [table], folder)
        except DataError as error:
            raise DataError(
                f"{table.parent / str(error)}." if str(error).startswith(table.name) else f"{error}."
            ) from error
        try:
            connection.execute(f"CREATE TABLE source AS SELECT {_selected(part)} FROM ({part.sql})")
            problem = find_second_header(connection, part)
            ((n_rows,),) = connection.execute("SELECT count(*) FROM source").fetchall()
        except duckdb.Error as error:
            raise DataError(f"{table} cannot be read: {find_text_problem(part) or explain(error)}.") from error
        raise_problems([f"{problem}."] if problem else [])
        if not n_rows:
            raise DataError(
                f"{table} has no rows. It needs a first line with the names of the columns, and one row per user."
            )
        yield connection


def list_names(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    """Return the names of the columns of the table ``source``."""
    return [row[0] for row in connection.execute("DESCRIBE source").fetchall()]


def find_user_problems(connection: "duckdb.DuckDBPyConnection", table: Path, user: str | None) -> Iterator[str]:
    """Find out what is wrong with the user ids."""
    names = list_names(connection)
    if user is None:
        for name in ("user_id", ROW):
            if name in names:
                yield f"{table} has a column {name}: name it with --user {name}, or give it another name."
        return
    if user not in names:
        yield f"{table} has no column {user!r}{suggest_column(user, names)}."
        return
    name = quote(user)
    ((n_empty,),) = connection.execute(
        f"SELECT count(*) FROM source WHERE {name} IS NULL OR CAST({name} AS VARCHAR) = ''"
    ).fetchall()
    if n_empty:
        yield f"{n_empty} rows of {table} have no {user}: fill them in or remove the rows."
    repeated = connection.execute(
        f"SELECT CAST({name} AS VARCHAR), count(*) FROM source WHERE {name} IS NOT NULL "
        "GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if repeated:
        examples = ", ".join(f"{value} ({n_rows} rows)" for value, n_rows in repeated[:_MAX_SHOWN])
        yield (
            f"Users of {table} with several rows: {len(repeated)}, for example {examples}. One row per user is needed: "
            "keep one of them, or write a project over events with `yule init DIR`."
        )


def find_words(connection: "duckdb.DuckDBPyConnection", table: Path, target: str) -> Words | str:
    """Find out how the target is written; when it is not a matter of yes or no, return a sentence that says so."""
    rows = connection.execute(
        f"SELECT CAST({quote(target)} AS VARCHAR) AS value, count(*) FROM source GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    counts = {value: n_rows for value, n_rows in rows if value not in (None, *EMPTY)}
    n_unknown = sum(n_rows for value, n_rows in rows if value not in counts)
    for positive, negative in permutations(counts) if len(counts) == 2 else ():
        if (_plain(positive), _plain(negative)) in (("1", "0"), *PAIRS):
            return Words(
                positive=positive,
                negative=negative,
                n_positive=counts[positive],
                n_negative=counts[negative],
                n_unknown=n_unknown,
            )
    return _explain_values(counts, table, target)


def write_users(
    connection: "duckdb.DuckDBPyConnection", out: Path, *, user: str | None, values: Mapping[str, str]
) -> int:
    """Write the rows of the table ``source`` in their order; the file appears whole. Return their number.

    Parameters
    ----------
    connection
        The database.
    out
        The Parquet file.
    user
        Column with the user id; None numbers the rows.
    values
        The columns to write with their values in SQL; the first is the user and its value is not looked at.
    """
    from yule.core.files import replacing
    from yule.core.tables import write_table

    ((n_rows,),) = connection.execute("SELECT count(*) FROM source").fetchall()
    # Numbers of one length sort as text the way they sort as numbers.
    number = f"lpad(CAST(row_number() OVER () AS VARCHAR), {len(str(n_rows))}, '0')"
    key, *others = values
    selected = "".join(f", {values[name]} AS {quote(name)}" for name in others)
    user_value = number if user is None else f"CAST({quote(user)} AS VARCHAR)"
    reader = connection.sql(f"SELECT {user_value} AS {quote(key)}{selected} FROM source").to_arrow_reader(BATCH_ROWS)
    with replacing(out) as partial:
        write_table(reader, partial, schema=reader.schema)
    return int(n_rows)


def column_values(columns: Sequence[TableColumn], user: str | None, target: str, words: Words) -> dict[str, str]:
    """Return what is written of a table: the user, the label as 0 or 1, the features, each with its value in SQL."""
    from yule.sql.quoting import quote_text

    name = f"CAST({quote(target)} AS VARCHAR)"
    label = f"CASE {name} WHEN {quote_text(words.positive)} THEN 1 WHEN {quote_text(words.negative)} THEN 0 END"
    features = {
        column.name: quote(column.name) if column.is_as_written else column.value
        for column in columns
        if not column.left_out or column.choices
    }
    return {user or ROW: "", target: f"CAST({label} AS BIGINT)", **features}


def suggest_column(name: str, names: Sequence[str]) -> str:
    """Say which column may have been meant, or which there are.

    >>> suggest_column("x", ["bought", "age"])
    '; it has bought, age'
    """
    return suggest(name, names, otherwise=f"; it has {', '.join(names)}")


def raise_problems(problems: Sequence[str]) -> None:
    """Raise one DataError for all problems, if there are any."""
    if problems:
        raise DataError("\n".join(problems))


def _refuse_others(table: Path) -> None:
    from yule.downloads.sources.files.suffixes import name_form

    if not table.is_file():
        raise DataError(f"There is no file {table}. Give a CSV or Parquet file with one row per user.")
    if name_form(table) is None:
        raise DataError(f"{table} is neither a .csv nor a .parquet file. Save the table as one of them.")
    if not table.stat().st_size:
        raise DataError(f"{table} is empty. It needs a first line with the names of the columns, and one row per user.")


def _selected(part: "Part") -> str:
    """Return the columns of a file that have names; of text, what says that a value is not known is missing."""
    if part.form is None:
        return ", ".join(quote(name) for name in part.kinds)
    marks = ", ".join(f"'{mark}'" for mark in EMPTY)
    return ", ".join(
        f"CASE WHEN {quote(name)} NOT IN ({marks}) THEN {quote(name)} END AS {quote(name)}" for name in part.kinds
    )


def _explain_values(counts: Mapping[str, int], table: Path, target: str) -> str:
    remedy = "Write 1 for those who are to be found and 0 for the others."
    values = [repr(value) for value in counts]
    if not values:
        return f"{target} is empty in every row of {table}. {remedy}"
    if len(values) == 1:
        return f"{target} is {values[0]} in every row of {table} that has one: it takes users of both kinds to learn."
    if len(values) == 2:
        return f"{target} in {table} is {' or '.join(values)}, and which of them is to be found is not clear. {remedy}"
    examples = ", ".join(values[:_MAX_SHOWN])
    return f"{target} has {len(values)} values in {table}, for example {examples}; Yule answers yes or no. {remedy}"


def _plain(value: str) -> str:
    """Return a label without what spelling adds: ``True`` and ``1.0`` are ``true`` and ``1``."""
    return value.lower().removesuffix(".0")
