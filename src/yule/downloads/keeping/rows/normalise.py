"""Bring what a warehouse answers into the form of every download."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from yule.core.errors import DataError
from yule.downloads.keeping.rows.pii import read_key
from yule.downloads.keeping.rows.streams import stream_into
from yule.downloads.keeping.rows.values import Kinds, find_misfits, period_sql, value_sql
from yule.downloads.settings import Column
from yule.downloads.specs import Query
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name, quote_text

BATCH_ROWS = 131_072

ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}


def normalise(reader: pa.RecordBatchReader, query: Query, *, n_threads: int) -> pa.RecordBatchReader:
    """Return the wanted columns in their order and with their declared types, as a stream.

    Users are text; times that do not say their zone are in the method's, and all come out in UTC; there is no NaN
    and no -0.0; columns with ``pii: hash`` are digests. Rows out of the period are dropped.

    Parameters
    ----------
    reader
        The columns as the source has them, by name.
    query
        What is wanted.
    n_threads
        Threads to use.

    Raises
    ------
    DataError
        While it is read, at the first value that does not fit.
    """
    return pa.RecordBatchReader.from_batches(output_schema(query), _stream(reader, query, n_threads))


def output_schema(query: Query) -> pa.Schema:
    """Return the schema of an answer."""
    columns = [query.method.column(name) for name in query.columns]
    is_text = {column.name: column.name == query.method.user or column.pii == "hash" for column in columns}
    return pa.schema(
        [(column.name, pa.string() if is_text[column.name] else ARROW_TYPES[column.type]) for column in columns]
    )


def select_sql(query: Query, kinds: Kinds, *, source: str, is_checked: bool) -> str:
    """Return the query that gives the answer.

    Parameters
    ----------
    query
        What is wanted.
    kinds
        The types that the columns have in the source.
    source
        The source's rows, as SQL.
    is_checked
        Whether all values fit; unless they do, a misfit is an error.
    """

    def value(column: Column) -> str:
        wanted = value_sql(query.method, column, kinds[column.name])
        if is_checked:
            return wanted
        cases = "".join(
            f" WHEN {misfit.condition} THEN error({quote_text(f'some rows {misfit.text}')})"
            for misfit in find_misfits(query.method, column, kinds[column.name])
        )
        return f"CASE{cases} ELSE {wanted} END" if cases else wanted

    columns = [query.method.column(name) for name in query.columns]
    selected = ", ".join(f"{value(column)} AS {quote_name(column.name)}" for column in columns)
    return f"SELECT {selected} FROM {source} WHERE {period_sql(query, kinds)}"


def query_values(query: Query) -> dict[str, object]:
    """Return the values of :func:`select_sql`."""
    values: dict[str, object] = {} if query.users is None else {"users": list(query.users)}
    if any(query.method.column(name).pii == "hash" for name in query.columns):
        values["pii_key"] = read_key()
    return values


def read_batches(
    connection: duckdb.DuckDBPyConnection, query: Query, sql: str, values: dict[str, object]
) -> Iterator[pa.RecordBatch]:
    """Yield the answer of a query in batches, times in UTC."""
    schema = output_schema(query)
    for batch in connection.sql(sql, params=values).to_arrow_reader(BATCH_ROWS):
        yield batch.cast(schema)


def _stream(reader: pa.RecordBatchReader, query: Query, n_threads: int) -> Iterator[pa.RecordBatch]:
    with connect(n_threads=n_threads, time_zone=query.method.time_zone) as connection:
        try:
            kinds = _find_kinds(connection, reader.schema)
            sql = select_sql(query, kinds, source="source", is_checked=False)
            with stream_into(connection, "source", reader):
                yield from read_batches(connection, query, sql, query_values(query))
        except duckdb.Error as error:
            raise DataError(
                f"downloads/{query.method.name}.yaml: what its source gives does not fit: {_explain(error)}. "
                "Correct the data, or what is declared of them."
            ) from error


def _find_kinds(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> Kinds:
    """Return the types of DuckDB that columns of Arrow have."""
    described = connection.from_arrow(schema.empty_table())
    return dict(zip(described.columns, map(str, described.types), strict=True))


def _explain(error: duckdb.Error) -> str:
    text = str(error).splitlines()[0]
    return text.removeprefix("Invalid Input Error: ").rstrip(".")
