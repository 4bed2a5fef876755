"""How values are written where a type alone does not tell: dates with day and month in some order, money, yes and no.

Belongs here: what a ``format`` may be, what a value written in it is (as SQL of DuckDB), and which one all values have.
Does not belong here: what types may be read from what (``keeping.rows.values``).
"""

from yule.downloads.formats.reading import find_format_problem, missing_sql, written_sql

__all__ = ["find_format_problem", "missing_sql", "written_sql"]
