"""Labels in a table: which rows count, and what is wrong with them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import duckdb

from yule.core.errors import DataError
from yule.downloads.settings import Method
from yule.labels.alike import describe_nobody, find_alike
from yule.labels.observing.plans import Observing, Plan
from yule.labels.settings import ClassTable, LabelTable, PositiveList
from yule.labels.summary import LabelSummary
from yule.sql.quoting import quote_instant, quote_name


def plan_given(observing: Observing, given: LabelTable | ClassTable, label: str, problems: Iterable[str]) -> Plan:
    """Plan how a table of labels is read; refuse one that contradicts itself, and count what is left out.

    Parameters
    ----------
    observing
        What is at hand.
    given
        The table.
    label
        The expression for the label that a row gives; NULL where none is observed.
    problems
        What is wrong with single rows.
    """
    connection, method = observing.connection, observing.method
    columns = f"{quote_name(method.user)} AS user_id, {cutoff_sql(method, given)} AS cutoff"
    connection.execute(f"CREATE VIEW labelled AS SELECT {columns}, TRY_CAST({label} AS DOUBLE) AS label FROM given")
    found = [*problems, *_find_conflicts(connection), *find_other_cutoffs(connection, "labelled", given.cutoffs)]
    if found:
        raise DataError(f"downloads/{method.name}.yaml: {'; '.join(found)}.")
    query = " UNION ALL ".join(_known_at(observing, cutoff) for cutoff in given.cutoffs)
    nobody = f"{method.name} has no label of a user who is in the population then"
    summary = _count_rows(observing, given, query)
    return Plan(query=query, cutoffs=given.cutoffs, summary=summary, nobody=nobody)


def cutoff_sql(method: Method, given: LabelTable | ClassTable | PositiveList) -> str:
    """Return the expression for the cut-off of a row: the one of all rows, or its time."""
    return quote_instant(given.cutoffs[0]) if method.time is None else quote_name(method.time)


def find_bad_labels(observing: Observing, given: LabelTable, *, is_wrong: str, what: str, remedy: str) -> Iterator[str]:
    """Find rows whose label is none, by an expression; say what they have, and what to write."""
    label = quote_name(given.label)
    wrong = f"{label} IS NOT NULL AND coalesce({is_wrong}, true)"
    ((n_wrong, example),) = observing.connection.execute(
        f"SELECT count(*), min(CAST({label} AS VARCHAR)) FROM given WHERE {wrong}"
    ).fetchall()
    if n_wrong:
        shown = "" if given.label in observing.method.personal else f", for example {example!r}"
        yield f"{n_wrong} rows have {what} in {given.label}{shown}: {remedy}, or leave it empty"


def find_other_cutoffs(connection: duckdb.DuckDBPyConnection, table: str, cutoffs: Sequence[datetime]) -> Iterator[str]:
    """Find rows of a table that are at none of the cut-offs."""
    known = ", ".join(quote_instant(cutoff) for cutoff in cutoffs)
    rows = connection.execute(
        f"SELECT CAST(cutoff AS VARCHAR), count(*) FROM {table} WHERE cutoff NOT IN ({known}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if rows:
        yield f"{sum(row[1] for row in rows)} rows are at other cut-offs than the case's, for example {rows[0][0]}"


def _known_at(observing: Observing, cutoff: datetime) -> str:
    return (
        "SELECT DISTINCT labelled.user_id, labelled.cutoff, labelled.label FROM labelled "
        f"SEMI JOIN ({observing.users_at(cutoff)}) known ON labelled.user_id = known.user_id "
        f"WHERE labelled.cutoff = {quote_instant(cutoff)} AND labelled.label IS NOT NULL"
    )


def _count_rows(observing: Observing, given: LabelTable | ClassTable, query: str) -> LabelSummary:
    """Count what is left out; refuse a table of which nothing is left."""
    connection, name = observing.connection, observing.method.name
    ((n_rows, n_unobserved, n_distinct),) = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE label IS NULL), "
        "count(DISTINCT (user_id, cutoff)) FILTER (WHERE label IS NOT NULL) FROM labelled"
    ).fetchall()
    if not n_distinct:
        raise DataError(f"downloads/{name}.yaml: {given.label} is empty in all {n_rows} rows.")
    ((n_known,),) = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()
    labelled, users = "SELECT user_id FROM labelled WHERE label IS NOT NULL", observing.users_at(max(given.cutoffs))
    alike = find_alike(connection, labelled, users) if n_known < n_distinct else None
    if not n_known:
        population = observing.spec.population.download
        raise DataError(describe_nobody(n_distinct, method=name, population=population, alike=alike))
    return LabelSummary(
        cutoffs=(),
        n_unknown=n_distinct - n_known,
        n_unobserved=n_unobserved,
        n_repeated=n_rows - n_unobserved - n_distinct,
        alike=alike,
    )


def _find_conflicts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT user_id FROM labelled GROUP BY user_id, cutoff HAVING count(DISTINCT label) > 1 ORDER BY user_id"
    ).fetchall()
    if rows:
        examples = ", ".join(row[0] for row in rows[:3])
        yield f"{len(rows)} users have different labels at one cut-off, for example {examples}: keep one row for each"
