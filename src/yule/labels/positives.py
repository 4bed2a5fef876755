"""Positives only: a list of known positives; everybody else is unlabelled, neither positive nor negative.

Unlabelled users are drawn from the population as of the same cut-off. The examples hold as many of them as twenty fits
draw without meeting one twice; each fit draws its own (:mod:`yule.training.bags`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.sql import quote_instant, quote_name
from yule.labels.alike import describe_alike, describe_nobody, find_alike
from yule.labels.population import population_sql
from yule.labels.settings import LabelSpec, PositiveList
from yule.labels.summary import LabelSummary, list_days

N_DRAWS = 20
"""Draws that the unlabelled users of the examples suffice for, without a user twice."""

_SALT = "unlabelled"


def positives_sql(spec: LabelSpec, listed: PositiveList, population_table: Sequence[Path]) -> str:
    """Return the query for the examples: user_id, cutoff, label; 1 for a known positive, 0 for an unlabelled user.

    The table ``given`` is the list. Whoever is on it, at whatever cut-off, is never taken as unlabelled. Who is, is
    decided by a digest of the user's id alone: the same users whatever the order of rows.
    """
    method = spec.table.method
    n_drawn = N_DRAWS * listed.per_positive
    parts = []
    for cutoff in listed.cutoffs:
        at = quote_instant(cutoff)
        users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=cutoff)
        on_list = f"SELECT user_id FROM ({_listed_sql(spec, listed)}) WHERE cutoff = {at}"
        anybody = f"SELECT {quote_name(method.user)} AS user_id FROM given"
        parts.append(
            f"SELECT user_id, {at} AS cutoff, 1.0 AS label FROM ({users}) SEMI JOIN ({on_list}) USING (user_id)"
        )
        parts.append(
            f"SELECT user_id, {at} AS cutoff, 0.0 AS label FROM ({users}) ANTI JOIN ({anybody}) USING (user_id) "
            f"QUALIFY row_number() OVER (ORDER BY md5('{_SALT}/' || user_id), user_id) <= {n_drawn} * "
            f"(SELECT count(*) FROM ({users}) SEMI JOIN ({on_list}) USING (user_id))"
        )
    return " UNION ALL ".join(parts)


def check_positives(
    connection: duckdb.DuckDBPyConnection, spec: LabelSpec, listed: PositiveList, population_table: Sequence[Path]
) -> LabelSummary:
    """Refuse a list of other cut-offs or of nobody who is known; count what is left out."""
    name = spec.table.method.name
    connection.execute(f"CREATE VIEW listed AS {_listed_sql(spec, listed)}")
    known = ", ".join(quote_instant(cutoff) for cutoff in listed.cutoffs)
    others = connection.execute(
        f"SELECT CAST(cutoff AS VARCHAR), count(*) FROM listed WHERE cutoff NOT IN ({known}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if others:
        n_others = sum(row[1] for row in others)
        raise DataError(
            f"downloads/{name}.yaml: {n_others} rows are at other cut-offs than the case's, for example {others[0][0]}."
        )
    ((n_rows, n_listed),) = connection.execute(
        "SELECT count(*), count(DISTINCT (user_id, cutoff)) FROM listed"
    ).fetchall()
    examples = positives_sql(spec, listed, population_table)
    ((n_known,),) = connection.execute(f"SELECT count(*) FROM ({examples}) WHERE label = 1").fetchall()
    users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=max(listed.cutoffs))
    alike = find_alike(connection, "SELECT user_id FROM listed", users) if n_known < n_listed else None
    if not n_known:
        population = spec.population.download
        raise DataError(describe_nobody(n_listed, method=name, population=population, alike=alike))
    return LabelSummary(cutoffs=(), n_unknown=n_listed - n_known, n_repeated=n_rows - n_listed, alike=alike)


def check_numbers(spec: LabelSpec, listed: PositiveList, summary: LabelSummary, min_positives: int) -> None:
    """Refuse a list that is too short, and a population with hardly anybody else."""
    n_unlabelled = summary.n_users - summary.n_positives
    empty = [c for c in listed.cutoffs if not any(c == counted.cutoff for counted in summary.cutoffs)]
    if empty:
        raise DataError(
            f"No user of {spec.table.method.name} is in the population {spec.population.download} at "
            f"{list_days(empty)}. Leave out these cut-offs."
        )
    if summary.n_positives < min_positives:
        raise DataError(
            f"Only {summary.n_positives} known positives are in the population; at least {min_positives} are needed "
            "to learn and to judge. List more of them, or ask less of the population."
        )
    if n_unlabelled < min_positives:
        raise DataError(
            f"Only {n_unlabelled} users of the population {spec.population.download} are not on the list of "
            f"{spec.table.method.name}; at least {min_positives} are needed to compare with. Is the population right?"
        )


def find_list_warnings(summary: LabelSummary) -> Iterator[str]:
    """Say what a reader should know of a list of known positives, in plain sentences."""
    if summary.n_unknown:
        left_out = f"{summary.n_unknown} known positives are not in the population and were left out."
        yield f"{left_out}{describe_alike(summary.alike)}"


def _listed_sql(spec: LabelSpec, listed: PositiveList) -> str:
    method = spec.table.method
    cutoff = quote_instant(listed.cutoffs[0]) if method.time is None else quote_name(method.time)
    return f"SELECT {quote_name(method.user)} AS user_id, {cutoff} AS cutoff FROM given"
