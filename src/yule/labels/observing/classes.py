"""Classes: one of several. A label is the number of the user's class, in the order of ``class_names``."""

import duckdb

from yule.labels.settings import Classes
from yule.sql.quoting import quote_name, quote_text

N_SHOWN = 8
"""Values of a column that an error shows."""


def class_number_sql(labels: Classes, column: str) -> str:
    """Return the expression for the number of the class that a column holds; NULL for any other value."""
    cases = " ".join(f"WHEN {quote_text(name)} THEN {number}" for number, name in enumerate(labels.classes))
    return f"CASE CAST({quote_name(column)} AS VARCHAR) {cases} END"


def list_values(connection: duckdb.DuckDBPyConnection, column: str, condition: str) -> list[str]:
    """Return the values of a column of the table ``given`` as text, the most frequent first."""
    rows = connection.execute(
        f"SELECT CAST({quote_name(column)} AS VARCHAR) FROM given WHERE {quote_name(column)} IS NOT NULL AND "
        f"{condition} GROUP BY 1 ORDER BY count(*) DESC, 1"
    ).fetchall()
    return [row[0] for row in rows]
