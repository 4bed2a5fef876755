"""SQL that people have written, and for which engine."""

from yule.core.errors import DataError
from yule.downloads.settings import Engine, Method
from yule.downloads.sources.dialects.parameters import leave_out_end
from yule.downloads.sources.dialects.statements import check_statement

NAMES: dict[Engine, str] = {
    "bigquery": "BigQuery",
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "snowflake": "Snowflake",
}


def find_written_sql(method: Method, engine: Engine) -> str:
    """Return the SQL of a method that is written for an engine, without the semicolon that ends it.

    Raises
    ------
    DataError
        If there is none, or it is not one SELECT.
    """
    if engine not in method.sql:
        raise DataError(_say_unwritten(method, engine))
    written = method.sql[engine]
    if problems := check_statement(written, engine=engine):
        raise DataError("\n".join(f"downloads/{method.name}.{engine}.sql: {problem}" for problem in problems))
    return leave_out_end(written, engine=engine)


def _say_unwritten(method: Method, engine: Engine) -> str:
    taken: tuple[Engine, ...] = ("bigquery", "duckdb") if engine == "duckdb" else (engine,)  # a translation, too
    written = ", ".join(_name_file(method, other) for other in sorted(method.sql))
    wanted = " or ".join(_name_file(method, other) for other in taken)
    return (
        f"{written} is for another engine, and nothing is written that {NAMES[engine]} takes. Write {wanted} beside it."
    )


def _name_file(method: Method, engine: Engine) -> str:
    return f"downloads/{method.name}{'' if engine == 'bigquery' else f'.{engine}'}.sql"
