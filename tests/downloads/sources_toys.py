"""The same table behind every kind of source."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from yule.downloads.settings import (
    BigQuerySource,
    DuckDBSource,
    FilesSource,
    PostgresSource,
    SnowflakeSource,
    SourceSettings,
)
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.protocol import Source
from yule.sql.columns import ColumnType

SNOWFLAKE = SnowflakeSource(account="acme", database="CONTRACT", schema="SHOP")

BIGQUERY_TYPES: dict[ColumnType, str] = {
    "string": "STRING",
    "integer": "INT64",
    "number": "FLOAT64",
    "boolean": "BOOL",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


class Place:
    """Where tables are put for a source of some kind.

    Parameters
    ----------
    settings
        The source's settings.
    table
        What the table ``events`` is called there.
    """

    def __init__(self, settings: SourceSettings, table: str) -> None:
        self.settings = settings
        self.table = table

    @property
    def source(self) -> Source:
        """The source."""
        return open_source(self.settings, cache_folder=None)

    def put(self, table: pa.Table) -> None:
        """Put a table there in the place of what was there before."""
        raise NotImplementedError


class Files(Place):
    """A folder of Parquet or CSV files."""

    def put(self, table: pa.Table) -> None:
        """See :class:`Place`."""
        assert isinstance(self.settings, FilesSource)
        write = pq.write_table if self.table.endswith("parquet") else pacsv.write_csv
        write(table, Path(self.settings.path) / self.table)


class DuckDB(Place):
    """A DuckDB database in a file."""

    def put(self, table: pa.Table) -> None:
        """See :class:`Place`."""
        assert isinstance(self.settings, DuckDBSource)
        with duckdb.connect(self.settings.path) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS shop")
            connection.register("put", table)
            connection.execute("CREATE OR REPLACE TABLE shop.events AS SELECT * FROM put")


class Postgres(Place):
    """A PostgreSQL server."""

    def put(self, table: pa.Table) -> None:
        """See :class:`Place`."""
        from adbc_driver_postgresql.dbapi import connect

        assert isinstance(self.settings, PostgresSource)
        with connect(self.settings.address) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS shop")
            cursor.execute("DROP TABLE IF EXISTS shop.events")
            cursor.adbc_ingest("events", table, mode="create", db_schema_name="shop")
            connection.commit()


class BigQuery(Place):
    """A server that speaks BigQuery's language."""

    def put(self, table: pa.Table) -> None:
        """See :class:`Place`."""
        load_into_bigquery("contract", "events", table)


class Snowflake(Place):
    """A server that speaks Snowflake's protocol."""

    def put(self, table: pa.Table) -> None:
        """See :class:`Place`."""
        columns = ", ".join(f'"{field.name}" {_snowflake_type(field.type)}' for field in table.schema)
        run_in_snowflake("CREATE SCHEMA IF NOT EXISTS SHOP", f"CREATE OR REPLACE TABLE SHOP.EVENTS ({columns})")
        for row in table.to_pylist():
            cells = zip(row.values(), table.schema.types, strict=True)
            values = ", ".join(f"CAST({_literal(value)} AS {_snowflake_type(kind)})" for value, kind in cells)
            run_in_snowflake(f"INSERT INTO SHOP.EVENTS SELECT {values}")


def run_in_snowflake(*statements: str) -> None:
    """Run statements."""
    from adbc_driver_snowflake.dbapi import connect

    from yule.downloads.sources.warehouses.snowflake import _login

    options = _login(SNOWFLAKE, "tests")
    with connect(db_kwargs=options, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _snowflake_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP_TZ" if kind.tz else "TIMESTAMP_NTZ"
    names = {"string": "VARCHAR", "int64": "NUMBER(38, 0)", "double": "FLOAT", "bool": "BOOLEAN", "date32[day]": "DATE"}
    return names[str(kind)]


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("'", "''")
    return text if isinstance(value, bool | int) else f"'{text}'"


def load_into_bigquery(dataset: str, name: str, table: pa.Table) -> None:
    """Put a table into a data set of the server in the place of what was there before."""
    import io

    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    client = bigquery.Client(project="p", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    client.create_dataset(dataset, exists_ok=True)
    client.delete_table(f"{dataset}.{name}", not_found_ok=True)
    schema = [bigquery.SchemaField(field.name, _bigquery_type(field.type)) for field in table.schema]
    client.create_table(bigquery.Table(f"p.{dataset}.{name}", schema=schema))
    file = io.BytesIO()
    pq.write_table(table, file)
    file.seek(0)
    job = bigquery.LoadJobConfig(source_format="PARQUET", schema=schema)
    client.load_table_from_file(file, f"p.{dataset}.{name}", job_config=job).result()


def _bigquery_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "DATETIME"
    names = {"string": "STRING", "int64": "INT64", "double": "FLOAT64", "bool": "BOOL", "date32[day]": "DATE"}
    return names[str(kind)]


PLACES = ("parquet", "csv", "duckdb", "postgres", "bigquery", "snowflake")
"""All that the contract of sources is tried with: kinds of source, and of files."""


@contextmanager
def open_place(kind: str, folder: Path, address: str) -> Iterator[Place]:
    """Make a place of some kind."""
    match kind:
        case "duckdb":
            yield DuckDB(DuckDBSource(path=str(folder / "contract.duckdb")), "shop.events")
        case "snowflake":
            yield Snowflake(SNOWFLAKE, "shop.events")
        case "postgres":
            yield Postgres(PostgresSource(address=address), "shop.events")
        case "bigquery":
            yield BigQuery(BigQuerySource(project="p", dataset="contract"), "events")
        case _:
            yield Files(FilesSource(path=str(folder)), f"events.{kind}")
