"""What to know of a column that was left out or became a category: its cause, an example, what to write."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from yule.config.scaffold.columns import TableColumn, quote
from yule.downloads.keeping.rows.oddities import describe_oddity

if TYPE_CHECKING:
    import duckdb

N_VALUES = 200
"""Values of a column that are looked at for a cause."""

NUMBER = r"\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*"


def list_notes(connection: "duckdb.DuckDBPyConnection", columns: Sequence[TableColumn]) -> Iterator[str]:
    """Yield a line for each column of the table ``source`` that is left out, or looks like more than a category."""
    for column in columns:
        cause = _find_cause(connection, column.name) if column.type == "string" else ""
        if column.left_out:
            yield f"{column.name} is left out: {column.left_out}{f'. {cause}' if cause else ''}"
        elif cause:
            yield f"{column.name} is read as a category. {cause}"


def _find_cause(connection: "duckdb.DuckDBPyConnection", name: str) -> str:
    """Say why values of text that look like numbers or dates are none; empty when they look like text."""
    value = f"CAST({quote(name)} AS VARCHAR)"
    numbered = f"SELECT {value} AS value, row_number() OVER () AS place FROM source"
    is_number = f"regexp_full_match(value, '{NUMBER}')"
    ((n_numbers, n_others, first),) = connection.execute(
        f"SELECT count(*) FILTER (WHERE {is_number}), count(*) FILTER (WHERE NOT {is_number}), "
        f"arg_min(value, place) FILTER (WHERE NOT {is_number}) FROM ({numbered}) WHERE value IS NOT NULL"
    ).fetchall()
    rows = connection.execute(
        f"SELECT value, min(place) FROM ({numbered}) WHERE value IS NOT NULL AND NOT {is_number} "
        f"GROUP BY 1 ORDER BY 2 LIMIT {N_VALUES}"
    ).fetchall()
    odd = [(text, place, reason) for text, place in rows if (reason := describe_oddity(text))]
    if odd and len(odd) > len(rows) / 2:
        text, place, reason = odd[0]
        return f"Its values look like {reason.replace(';', f', for example {text!r} in row {place};', 1)}"
    if n_numbers > n_others > 0:
        place = dict(rows)[first]
        many = f"{n_others} of its {n_numbers + n_others} values are"
        return f"{many} no numbers, the first is {first!r} in row {place}; leave them empty to have a number"
    return ""
