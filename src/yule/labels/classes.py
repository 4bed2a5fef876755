"""Classes: one of several. A label is the number of the user's class, in the order of ``class_names``."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.core.spelling import find_close
from yule.downloads.conditions import condition_sql
from yule.downloads.settings import Method
from yule.downloads.sql import quote_instant, quote_name, quote_table, quote_text
from yule.labels.population import population_sql
from yule.labels.settings import NONE, Classes, ClassRule, ClassTable, LabelSpec

N_SHOWN = 8
"""Values of a column that an error shows."""


def class_rule_sql(spec: LabelSpec, rule: ClassRule, table: Sequence[Path], population_table: Sequence[Path]) -> str:
    """Return the query for the examples of a rule: user_id, cutoff, label.

    A user is of the class that most of the events have; of equally many, the one written first; the last class is that
    of users with no such event.
    """
    method = spec.table.method
    user, time = quote_name(method.user), quote_name(method.time or "")
    number, where = class_number_sql(rule, rule.of), condition_sql(rule.where, [method])

    def label_at(cutoff: datetime) -> str:
        users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=cutoff)
        start, end = quote_instant(cutoff), quote_instant(cutoff + rule.within)
        counted = (
            f"SELECT {user} AS happened, {number} AS number, count(*) AS n_events FROM {quote_table(table)} "
            f"WHERE {time} >= {start} AND {time} < {end} AND {where} AND {number} IS NOT NULL "
            "GROUP BY 1, 2"
        )
        most = (
            f"SELECT happened, number FROM ({counted}) "
            "QUALIFY row_number() OVER (PARTITION BY happened ORDER BY n_events DESC, number) = 1"
        )
        return (
            f"SELECT user_id, {start} AS cutoff, CAST(coalesce(number, {len(rule.classes)}) AS DOUBLE) AS label "
            f"FROM ({users}) LEFT JOIN ({most}) ON user_id = happened"
        )

    return " UNION ALL ".join(label_at(cutoff) for cutoff in rule.cutoffs)


def class_number_sql(labels: Classes, column: str) -> str:
    """Return the expression for the number of the class that a column holds; NULL for any other value."""
    cases = " ".join(f"WHEN {quote_text(name)} THEN {number}" for number, name in enumerate(labels.classes))
    return f"CASE CAST({quote_name(column)} AS VARCHAR) {cases} END"


def check_values(connection: duckdb.DuckDBPyConnection, rule: ClassRule, event: Method) -> None:
    """Refuse classes that no event has; the table ``given`` holds the events of the method ``event``."""
    values = _list_values(connection, rule.of, condition_sql(rule.where, [event]))
    missing = [name for name in rule.classes if name not in values]
    if missing:
        guesses = [close for name in missing if (close := find_close(name, values))]
        guess = f" Did you mean {', '.join(map(repr, guesses))}?" if guesses else ""
        raise DataError(
            f"No event of {event.name} has the {rule.of} {', '.join(map(repr, missing))}. It has values such as "
            f"{', '.join(map(repr, values[:N_SHOWN]))}.{guess}"
        )


def find_near_classes(connection: duckdb.DuckDBPyConnection, rule: ClassRule, event: Method) -> tuple[str, ...]:
    """Find values that are a class but for case and blanks, and so are of none."""
    spelt = {name.strip().casefold() for name in rule.classes}
    values = _list_values(connection, rule.of, condition_sql(rule.where, [event]))
    return tuple(value for value in values if value not in rule.classes and value.strip().casefold() in spelt)


def find_other_values(connection: duckdb.DuckDBPyConnection, given: ClassTable) -> Iterator[str]:
    """Find values of the label column that are none of the classes; the table ``given`` holds the labels."""
    others = [value for value in _list_values(connection, given.label, "true") if value not in given.classes]
    if others:
        more = f" and {len(others) - N_SHOWN} more" if len(others) > N_SHOWN else ""
        yield (
            f"{given.label} has values that are not among labels.classes: {', '.join(map(repr, others[:N_SHOWN]))}"
            f"{more}; add them there, or leave these rows empty"
        )


def check_class_counts(labels: Classes, numbers: NDArray[np.float64], min_users: int) -> None:
    """Refuse labels with hardly a user of some class; count every class."""
    counts = np.bincount(numbers.astype(np.intp), minlength=len(labels.class_names))
    few = [name for name, count in zip(labels.class_names, counts, strict=True) if count < min_users]
    if not few:
        return
    told = ", ".join(f"{count} of {name}" for name, count in zip(labels.class_names, counts, strict=True))
    if isinstance(labels, ClassTable):
        remedy = "Label more users, or put rare classes together."
    elif few == [NONE]:
        remedy = f"Hardly anybody has none of these events: take a shorter horizon (`within`) for users of {NONE!r}."
    else:
        remedy = "Take a longer horizon (`within`) or more cut-offs, or leave rare classes out of `classes`."
    raise DataError(
        f"Too few users of {' and of '.join(few)}: there are {told}, and at least {min_users} of each class are needed "
        f"to learn and to judge. {remedy}"
    )


def _list_values(connection: duckdb.DuckDBPyConnection, column: str, condition: str) -> list[str]:
    """Return the values of a column as text, the most frequent first."""
    rows = connection.execute(
        f"SELECT CAST({quote_name(column)} AS VARCHAR) FROM given WHERE {quote_name(column)} IS NOT NULL AND "
        f"{condition} GROUP BY 1 ORDER BY count(*) DESC, 1"
    ).fetchall()
    return [row[0] for row in rows]
