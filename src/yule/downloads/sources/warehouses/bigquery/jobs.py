"""What is asked of BigQuery's clients: dry runs, queries, and their results as a stream of Arrow batches."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.errors import DataError
from yule.downloads.costs.labels import clean_labels
from yule.downloads.settings import BigQuerySource
from yule.downloads.sources.warehouses.bigquery.errors import EXTRA
from yule.downloads.sources.warehouses.bigquery.queries import Value
from yule.storage.objects.opening import open_objects
from yule.storage.objects.protocol import Objects
from yule.storage.owners import temporary_folder

BATCH_ROWS = 131_072
PAGE_ROWS = 10_000
"""Rows that come with the answer to a query; a result of not many more is read the same way, in pages."""

MAX_PAGED_ROWS = 1_000_000
"""With more rows it is an error if nobody gave the permission for the faster way: pages would take hours."""

MIN_BILLED_BYTES = 10 * 2**20
"""BigQuery bills at least so much for each table, and refuses a lower limit."""

EXPORT_BYTES = 20 * 10**9
"""From here on a result may be worth its way through files."""

STORAGE_HOST = "BIGQUERY_STORAGE_EMULATOR_HOST"

_LEGACY_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT", "DECIMAL": "NUMERIC"}


@dataclass(frozen=True, kw_only=True)
class BigQueryClients:
    """The ways to BigQuery.

    Parameters
    ----------
    queries
        ``google.cloud.bigquery.Client``.
    reads
        ``google.cloud.bigquery_storage.BigQueryReadClient``; None to read results page by page, slowly.
    open_files
        Opens the place that results are exported to.
    export_bytes
        How much a query reads whose result is exported, where there is a place for it.
    today
        Gives the date in UTC.
    """

    queries: Any
    reads: Any | None
    open_files: Callable[[str], Objects] = open_objects
    export_bytes: int = EXPORT_BYTES
    today: Callable[[], date] = lambda: datetime.now(UTC).date()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What BigQuery says of a query without running it.

    Parameters
    ----------
    n_bytes
        How much it would read.
    types
        The type in BigQuery of each of its columns.
    tables
        The tables it would read; BigQuery names no more than 50.
    statement
        What kind of statement it is: SELECT, CREATE_TABLE, SCRIPT.
    """

    n_bytes: int
    types: Mapping[str, str]
    tables: tuple[Any, ...]
    statement: str = "SELECT"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A query, and how it is to be run.

    Parameters
    ----------
    sql, values
        The query.
    schema
        What its answer is.
    max_bytes
        The most it may read; None for no limit.
    labels
        Written on the bill.
    """

    sql: str
    values: tuple[Value, ...]
    schema: pa.Schema
    max_bytes: int | None
    labels: Mapping[str, str]


def open_clients(settings: BigQuerySource) -> BigQueryClients:
    """Log in to BigQuery, or to the emulator that the environment names.

    Raises
    ------
    DataError
        If the libraries are not installed.
    """
    try:
        import grpc
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery, bigquery_storage
        from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
    except ImportError as error:
        raise DataError(EXTRA) from error
    if "BIGQUERY_EMULATOR_HOST" not in os.environ:
        queries = bigquery.Client(project=settings.project, location=settings.location)
        reads: Any = bigquery_storage.BigQueryReadClient()  # type: ignore[no-untyped-call]
        return BigQueryClients(queries=queries, reads=reads)
    nobody: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    queries = bigquery.Client(project=settings.project, location=settings.location, credentials=nobody)
    host = os.environ.get(STORAGE_HOST)
    if host is None:
        return BigQueryClients(queries=queries, reads=None)
    channel = grpc.insecure_channel(host, options=[("grpc.max_receive_message_length", -1)])
    transport = BigQueryReadGrpcTransport(channel=channel)
    reads = bigquery_storage.BigQueryReadClient(transport=transport)  # type: ignore[no-untyped-call]
    return BigQueryClients(queries=queries, reads=reads)


def type_names(fields: Sequence[Any]) -> dict[str, str]:
    """Return the types of columns by name, by the names they have in SQL."""
    return {
        field.name: "ARRAY" if field.mode == "REPEATED" else _LEGACY_NAMES.get(field.field_type, field.field_type)
        for field in fields
    }


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type in which BigQuery gives a type."""
    types = {
        "INT64": pa.int64(),
        "FLOAT64": pa.float64(),
        "BOOL": pa.bool_(),
        "TIMESTAMP": pa.timestamp("us", tz="UTC"),
        "DATETIME": pa.timestamp("us"),
        "DATE": pa.date32(),
        "BYTES": pa.binary(),
    }
    return types.get(kind, pa.string())


def plan(clients: BigQueryClients, settings: BigQuerySource, sql: str, values: tuple[Value, ...]) -> Plan:
    """Let BigQuery check a query without running it. Nothing is billed."""
    # Whether BigQuery still remembers the answer must not decide whether the query may be run.
    config = _configure(settings, values, dry_run=True, use_query_cache=False)
    job = clients.queries.query(sql, job_config=config)
    return Plan(
        n_bytes=int(job.total_bytes_processed or 0),
        types=type_names(job.schema or ()),
        tables=tuple(job.referenced_tables),
        statement=job.statement_type or "SELECT",
    )


def run(
    clients: BigQueryClients, settings: BigQuerySource, order: Order, *, n_threads: int
) -> Iterator[pa.RecordBatch]:
    """Run a query and return its answer as a stream; it has begun."""
    config = _configure(settings, order.values, use_query_cache=True, labels=clean_labels(order.labels))
    if order.max_bytes is not None:
        config.maximum_bytes_billed = order.max_bytes
    job = clients.queries.query(order.sql, job_config=config)
    return _start(batch.cast(order.schema) for batch in _read(clients, job, n_threads))


def run_export(clients: BigQueryClients, settings: BigQuerySource, order: Order) -> Iterator[pa.RecordBatch]:
    """Run a query whose answer goes into files, and return it as a stream; it has begun."""
    return _start(_export(clients, settings, order))


def _configure(
    settings: BigQuerySource,
    values: tuple[Value, ...],
    *,
    use_query_cache: bool,
    dry_run: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Any:
    from google.cloud.bigquery import ArrayQueryParameter, DatasetReference, QueryJobConfig, ScalarQueryParameter

    config = QueryJobConfig(dry_run=dry_run, use_query_cache=use_query_cache, labels=dict(labels or {}))
    config.query_parameters = [
        ArrayQueryParameter(value.name, value.type, list(value.value))
        if isinstance(value.value, tuple)
        else ScalarQueryParameter(value.name, value.type, value.value)
        for value in values
    ]
    if settings.dataset is not None:
        config.default_dataset = DatasetReference.from_string(settings.dataset, default_project=settings.project)
    return config


def _start(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read the first batch, so that what is wrong is said now; what was begun is ended when nobody reads on."""
    first = next(batches, None)
    return chain(() if first is None else (first,), batches)


def _read(clients: BigQueryClients, job: Any, n_threads: int) -> Iterator[pa.RecordBatch]:
    """Read through the Storage Read API; where it cannot be used, in pages."""
    from google.api_core.exceptions import Forbidden, MethodNotImplemented, NotFound

    if clients.reads is not None:
        rows = job.result(page_size=PAGE_ROWS)
        batches = rows.to_arrow_iterable(bqstorage_client=clients.reads, max_stream_count=n_threads)
        try:
            first = next(batches, None)
        except (MethodNotImplemented, NotFound):  # an emulator, which has no tables of results
            pass
        except Forbidden:
            if rows.total_rows > MAX_PAGED_ROWS:
                raise
        else:
            if first is not None:
                yield first
                yield from batches
            return
    yield from job.result(page_size=PAGE_ROWS).to_arrow_iterable()


def _export(clients: BigQueryClients, settings: BigQuerySource, order: Order) -> Iterator[pa.RecordBatch]:
    folder = f"{(settings.export or '').rstrip('/')}/{uuid.uuid4().hex}"
    options = f"uri = {_quote(f'{folder}/*.parquet')}, format = 'PARQUET', compression = 'ZSTD'"
    config = _configure(settings, order.values, use_query_cache=True, labels=clean_labels(order.labels))
    if order.max_bytes is not None:
        config.maximum_bytes_billed = order.max_bytes
    files = clients.open_files(folder)
    try:
        clients.queries.query(f"EXPORT DATA OPTIONS ({options}) AS\n{order.sql}", job_config=config).result()
        for name in files.list(""):
            yield from _read_file(files, name, order.schema)
            files.delete([name])
    finally:
        files.delete(files.list(""))


def _read_file(files: Objects, name: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with temporary_folder() as scratch:
        file = scratch / "part.parquet"
        files.download(name, file)
        with pq.ParquetFile(file) as part:
            for batch in part.iter_batches(BATCH_ROWS):
                yield batch.cast(schema)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
