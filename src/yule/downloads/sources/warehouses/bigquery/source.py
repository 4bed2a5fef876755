"""Tables of BigQuery. What a query reads is known, and refused where it is too much, before it is run."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

import pyarrow as pa

from yule.core.errors import DataError
from yule.downloads.costs.limits import check_columns, check_size
from yule.downloads.keeping.rows.normalise import normalise
from yule.downloads.settings import BigQuerySource, Engine, Method
from yule.downloads.sources.protocol import TableState
from yule.downloads.sources.warehouses.bigquery.errors import explaining
from yule.downloads.sources.warehouses.bigquery.jobs import (
    MIN_BILLED_BYTES,
    BigQueryClients,
    Order,
    Plan,
    arrow_type,
    open_clients,
    plan,
    run,
    run_export,
    type_names,
)
from yule.downloads.sources.warehouses.bigquery.partitions import find_written, is_partitioned
from yule.downloads.sources.warehouses.bigquery.queries import (
    PSEUDO_COLUMNS,
    Value,
    rows_sql,
    select_sql,
    selected_type,
    table_name,
    written_values,
)
from yule.downloads.specs import Query

MAX_NAMED_TABLES = 50
"""BigQuery names no more tables of a query than these."""

_CHANGING = re.compile(r"\b(CURRENT_(DATE|DATETIME|TIME|TIMESTAMP)\b|(RAND|GENERATE_UUID|SESSION_USER)\s*\()", re.I)
_STORED = ("TABLE", "SNAPSHOT", "CLONE")
_DERIVED = ("VIEW", "MATERIALIZED_VIEW")


class BigQueryTables:
    """A project of BigQuery; see :class:`~yule.downloads.sources.protocol.Source`.

    Parameters
    ----------
    settings
        Which project.
    clients
        The ways to it; None for those of Google's libraries, with the login of this machine. Where the environment
        variable ``BIGQUERY_EMULATOR_HOST`` names an emulator (and ``BIGQUERY_STORAGE_EMULATOR_HOST`` the HOST:PORT
        of its Storage Read API), they lead there.
    """

    engine: ClassVar[Engine] = "bigquery"
    is_free: ClassVar[bool] = False

    def __init__(self, settings: BigQuerySource, *, clients: BigQueryClients | None = None) -> None:
        self._settings = settings
        self._given = clients

    @cached_property
    def _clients(self) -> BigQueryClients:
        return self._given or open_clients(self._settings)

    def data_version(self, method: Method) -> str:
        """See :class:`.Source`: of the tables' names, sizes and times of their last change.

        Where BigQuery cannot say whether the data have changed, it is that of the day.
        """
        with explaining(_place(method), self._settings):
            marks = list(self._find_marks(method))
        return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:32]

    def estimate(self, query: Query) -> int:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        with explaining(_place(query.method), self._settings):
            return self._plan(query)[0].n_bytes

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        place = _place(query.method)
        with explaining(place, self._settings):
            planned, sql, values = self._plan(query)
            check_size(query, planned.n_bytes, max_bytes)
            schema = pa.schema([(name, arrow_type(kind)) for name, kind in planned.types.items()])
            least = MIN_BILLED_BYTES * max(1, len(planned.tables))
            limit = None if max_bytes is None else max(max_bytes, least)
            order = Order(sql=sql, values=values, schema=schema, max_bytes=limit, labels=labels or {})
            if self._settings.export is not None and planned.n_bytes >= self._clients.export_bytes:
                batches = run_export(self._clients, self._settings, order)
            else:
                batches = run(self._clients, self._settings, order, n_threads=n_threads)
        explained = _explain_batches(batches, query.method, self._settings)
        return normalise(pa.RecordBatchReader.from_batches(schema, explained), query, n_threads=n_threads)

    def describe(self, method: Method) -> TableState:
        """See :class:`.Source`; of SQL and of many tables at once it knows the columns."""
        with explaining(_place(method), self._settings):
            if not _is_one_table(method):
                return TableState(columns=self._plan_all(method).types)
            table = self._clients.queries.get_table(table_name(self._settings, method))
        return TableState(columns=type_names(table.schema), n_rows=table.num_rows, n_bytes=table.num_bytes)

    def changed_at(self, method: Method) -> datetime | None:
        """See :class:`.Source`: of views, SQL and many tables at once it does not know."""
        if not _is_one_table(method):
            return None
        with explaining(_place(method), self._settings):
            table = self._clients.queries.get_table(table_name(self._settings, method))
        # Rows that are streamed in count before the table says that it was changed.
        is_told = table.table_type in _STORED and table.streaming_buffer is None
        changed_at: datetime | None = table.modified if is_told else None
        return changed_at

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`.Source`: by the partitions of one table; of others it does not know."""
        if not _is_one_table(method):
            return {}
        with explaining(_place(method), self._settings):
            name = table_name(self._settings, method)
            table = self._clients.queries.get_table(name)
            if table.table_type not in _STORED or not is_partitioned(table, method):
                return {}
            return find_written(self._clients, self._settings, name, method, days)

    def _plan(self, query: Query) -> tuple[Plan, str, tuple[Value, ...]]:
        """Check the query, its columns first; return it with what BigQuery says of it."""
        types = dict(self.describe(query.method).columns)
        columns = query.needed_columns
        check_columns(replace(query, columns=(*columns, *_partition_column(query.method))), list(types))
        sql, values = select_sql(query, rows_sql(self._settings, query.method), types)
        planned = plan(self._clients, self._settings, sql, values)
        kinds = {name: selected_type(query, name, types[name]) for name in columns}
        return Plan(n_bytes=planned.n_bytes, types=kinds, tables=planned.tables), sql, values

    def _plan_all(self, method: Method) -> Plan:
        """Let BigQuery look at all that a method gives."""
        # What people wrote is looked at as it is: BigQuery says in which line it is wrong.
        sql = method.sql.get("bigquery") or f"SELECT * FROM {rows_sql(self._settings, method)}"
        planned = plan(self._clients, self._settings, sql, written_values(Query(method=method, columns=())))
        if planned.statement != "SELECT":
            raise DataError(
                f"downloads/{method.name}.sql: BigQuery takes this for {planned.statement}: write one SELECT."
            )
        return planned

    def _find_marks(self, method: Method) -> Iterator[str]:
        """Yield what changes when the data may have changed."""
        yield method.sql.get("bigquery", method.table)
        tables = self._find_tables(method)
        yield from sorted({_mark(table) for table in tables})
        definitions = "\n".join([method.sql.get("bigquery", ""), *(table.view_query or "" for table in tables)])
        kinds = {table.table_type for table in tables}
        is_told = not kinds.isdisjoint(_STORED) and kinds <= {*_STORED, *_DERIVED}
        if not is_told or len(tables) >= MAX_NAMED_TABLES or _CHANGING.search(definitions):
            yield self._clients.today().isoformat()

    def _find_tables(self, method: Method) -> list[Any]:
        """Return the table; what a view or SQL reads, as far as BigQuery names it."""
        tables = []
        if _is_one_table(method):
            tables.append(self._clients.queries.get_table(table_name(self._settings, method)))
            if tables[0].table_type in _STORED:
                return tables
        names = self._plan_all(method).tables
        if any(name.table_id.endswith("*") for name in names):
            return []
        return tables + [self._clients.queries.get_table(name) for name in names]


def _place(method: Method) -> str:
    return f"downloads/{method.name}.yaml"


def _partition_column(method: Method) -> tuple[str, ...]:
    """Return the column of days that a table must have; SQL that people wrote may leave it out."""
    column = method.days.column if method.days is not None and "bigquery" not in method.sql else None
    return () if column is None or column in PSEUDO_COLUMNS else (column,)


def _is_one_table(method: Method) -> bool:
    return "bigquery" not in method.sql and bool(method.table) and not method.table.endswith("*")


def _mark(table: Any) -> str:
    """Return what BigQuery knows of a table's content, and of rows that have only just arrived."""
    buffer = table.streaming_buffer
    arrived = "" if buffer is None else f"{buffer.estimated_rows} {buffer.oldest_entry_time}"
    changed = table.etag if table.modified is None else table.modified.isoformat()
    return f"{table.full_table_id}\t{changed}\t{table.num_rows}\t{table.num_bytes}\t{arrived}"


def _explain_batches(
    batches: Iterator[pa.RecordBatch], method: Method, settings: BigQuerySource
) -> Iterator[pa.RecordBatch]:
    with explaining(_place(method), settings):
        yield from batches
