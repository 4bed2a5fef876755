"""A new table in the form of a project's own, to score its users; what of it the model cannot use is counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from yule.config.scaffold.columns import quote
from yule.config.scaffold.tables import (
    ROW,
    find_user_problems,
    list_names,
    open_table,
    raise_problems,
    suggest_column,
    write_users,
)
from yule.core.errors import DataError
from yule.core.spelling import find_close
from yule.downloads.settings import Method

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, kw_only=True)
class Unusable:
    """Values of a column that the model sees as missing.

    Parameters
    ----------
    column
        The column.
    why
        ``late``: dates that are not over at the cut-off. ``unseen``: values that no user had whom it was trained on.
    count
        How many there are.
    example
        One of them.
    """

    column: str
    why: Literal["late", "unseen"]
    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What came of a table.

    Parameters
    ----------
    n_users
        Number of users.
    user
        The column with their ids; None when they are called by the numbers of their rows.
    unusable
        What the model cannot use, by column.
    """

    n_users: int
    user: str | None
    unusable: tuple[Unusable, ...]


def prepare_table(
    table: Path,
    out: Path,
    *,
    method: Method,
    label: str,
    user: str | None,
    cutoff: datetime,
    known: Mapping[str, Sequence[str]],
    encoding: str = "",
) -> Prepared:
    """Bring a new table into the form of a project that was made from one like it, to score its users.

    Parameters
    ----------
    table
        A CSV or Parquet file with the same columns.
    out
        The Parquet file to write.
    method
        The method of the project.
    label
        Its column with the label. What the new table has there is not looked at.
    user
        Column with the user id; None for the one that the project was made with.
    cutoff
        As of when users are scored.
    known
        By column of text, the values that the model was trained on.
    encoding
        Of a CSV file without a mark that says its own; empty for UTF-8.

    Raises
    ------
    DataError
        If the table cannot be read, or lacks columns (all are listed), or users have no id or several rows.
    """
    wanted = [column.name for column in method.columns if column.name not in (method.user, label)]
    with open_table(table, encoding) as connection:
        names = list_names(connection)
        chosen = user or _find_user(connection, names, method, table)
        problems = [*find_user_problems(connection, table, chosen), *_find_missing(names, wanted, table)]
        raise_problems(problems)
        raise_problems([*_find_misfits(connection, method, wanted, table)])
        values = {name: quote(name) for name in wanted} | {label: "CAST(NULL AS BIGINT)"}
        unusable = tuple(_find_unusable(connection, method, wanted, cutoff=cutoff, known=known))
        n_users = write_users(connection, out, user=chosen, values={method.user: "", **values})
        return Prepared(n_users=n_users, user=chosen, unusable=unusable)


def _find_user(
    connection: "duckdb.DuckDBPyConnection", names: Sequence[str], method: Method, table: Path
) -> str | None:
    """Return the column that the project was made with; None if it was made of numbered rows.

    Raises
    ------
    DataError
        If it is not there; says which columns may be it.
    """
    if method.user in names:
        return method.user
    if method.user == ROW:
        return None
    tests = ", ".join(f"count(DISTINCT {quote(name)}) = count(*)" for name in names)
    ((*are_unique,),) = connection.execute(f"SELECT {tests} FROM source").fetchall()
    unique = [name for name, is_unique in zip(names, are_unique, strict=True) if is_unique]
    could_be = f" It may be {', '.join(unique[:5])}: no two rows are the same there." if unique else ""
    raise DataError(
        f"{table} has no column {method.user!r}, which holds the users of the project"
        f"{suggest_column(method.user, names)}. Say with --user which column does.{could_be}"
    )


def _find_misfits(
    connection: "duckdb.DuckDBPyConnection", method: Method, wanted: Sequence[str], table: Path
) -> Iterator[str]:
    """Find values that are not of the type of their column: those that there are, then an example of each."""
    from yule.downloads.keeping.rows.values import find_misfits
    from yule.downloads.sources.files.checking import explain_text

    kinds = {name: kind for name, kind, *_ in connection.execute("DESCRIBE source").fetchall()}
    misfits = [misfit for name in wanted for misfit in find_misfits(method, method.column(name), kinds[name])]
    counts = "".join(f", count(*) FILTER (WHERE {misfit.condition})" for misfit in misfits)
    ((_, *found),) = connection.execute(f"SELECT count(*){counts} FROM source").fetchall()
    for misfit, count in zip(misfits, found, strict=True):
        if not count:
            continue
        ((example, place),) = connection.execute(
            "SELECT arg_min(value, place), min(place) FROM ("
            f"SELECT CAST({quote(misfit.column)} AS VARCHAR) AS value, {misfit.condition} AS is_wrong, "
            "row_number() OVER () AS place FROM source) WHERE is_wrong"
        ).fetchall()
        reason = explain_text(str(example), misfit)
        yield (
            f"{table}: {count} rows {misfit.text}, for example {example!r}{reason} in row {place}. "
            "Correct them, or leave them empty."
        )


def _find_unusable(
    connection: "duckdb.DuckDBPyConnection",
    method: Method,
    wanted: Sequence[str],
    *,
    cutoff: datetime,
    known: Mapping[str, Sequence[str]],
) -> Iterator[Unusable]:
    from yule.downloads.keeping.rows.values import typed_sql
    from yule.sql.quoting import quote_instant

    kinds = {name: kind for name, kind, *_ in connection.execute("DESCRIBE source").fetchall()}
    for name in wanted:
        values: dict[str, object] = {}
        if method.column(name).type in ("date", "timestamp"):
            why: Literal["late", "unseen"] = "late"
            condition = f"CAST({typed_sql(method.column(name), kinds[name])} AS TIMESTAMPTZ) >= {quote_instant(cutoff)}"
        elif name in known:
            why = "unseen"
            condition = f"CAST({quote(name)} AS VARCHAR) NOT IN (SELECT unnest($known))"
            values["known"] = list(known[name])
        else:
            continue
        sql = f"SELECT count(*), min(CAST({quote(name)} AS VARCHAR)) FROM source WHERE {condition}"
        ((count, example),) = connection.execute(sql, values).fetchall()
        if count:
            yield Unusable(column=name, why=why, count=count, example=example)


def _find_missing(names: Sequence[str], wanted: Sequence[str], table: Path) -> Iterator[str]:
    missing = [name for name in wanted if name not in names]
    if missing:
        close = {name: find_close(name, names) for name in missing}
        hints = ", ".join(f"{name!r} (is it {close[name]!r}?)" if close[name] else repr(name) for name in missing)
        yield (
            f"{table} lacks {len(missing)} of the {len(wanted)} columns of the model: {hints}. "
            "Add them, even if they are empty."
        )
