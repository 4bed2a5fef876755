"""Tables of PostgreSQL, read as a stream of Arrow batches through ADBC.

Rows are copied out of the server (``COPY … TO STDOUT``), which takes no parameters. So values are first bound as
settings of the session, ``yule.since``, and SQL reads them from there: no value is ever pasted into SQL. A list of
users is one of them, as JSON, that the server takes apart once: a table of them would need the right to make one.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from yule.core.errors import DataError
from yule.core.hosts import explain_mistyped, is_mistyped, note_answer
from yule.core.patience import as_cause
from yule.core.settings import digest, to_json
from yule.core.variables import explain_variables
from yule.downloads.costs.labels import shorten
from yule.downloads.costs.limits import check_columns, check_size
from yule.downloads.keeping.rows.normalise import normalise
from yule.downloads.keeping.rows.streams import to_reader
from yule.downloads.settings import Engine, Method, PostgresSource
from yule.downloads.sources.protocol import TableState
from yule.downloads.specs import Query
from yule.sql.columns import ColumnType
from yule.sql.quoting import quote_name

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

TRIES = 4
SECONDS_BETWEEN = 1.0

_LATER = re.compile("starting up|shutting down|recovery mode|too many clients|connection slots|terminating connection")
"""What a server says that asks to come back later."""
INTEGERS = ("int2", "int4", "int8")
MAX_NAME = 63
"""Bytes of the name of a session's application."""

_INTEGER = "^(0|-?[1-9][0-9]{0,18})$"
_BIGINT = "BETWEEN -9223372036854775808 AND 9223372036854775807"
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""How PostgreSQL writes values of these types."""

_TYPES: dict[ColumnType, str] = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
}


class PostgresTables:
    """A source of tables of PostgreSQL; see :class:`~yule.downloads.sources.protocol.Source`.

    Parameters
    ----------
    settings
        Where the database is.
    """

    engine: ClassVar[Engine] = "postgres"
    is_free: ClassVar[bool] = False

    def __init__(self, settings: PostgresSource) -> None:
        self._address = settings.address

    def data_version(self, method: Method) -> str:
        """See :class:`.Source`: PostgreSQL does not tell, so the day on which it is asked."""
        today = datetime.now(UTC).date().isoformat()
        return digest(f"{self._address} {to_json(replace(method.without_notes(), columns=()))} {today}")

    def estimate(self, query: Query) -> int:
        """See :class:`~yule.downloads.sources.protocol.Source`: the size of the answer, as the planner sees it."""
        with self._connect(query) as connection, connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(f"EXPLAIN (FORMAT JSON) {self._select(connection, query)}")
            (found,) = cursor.fetchall()
        plan = re.search(r'"Plan Rows": (\d+),\s*"Plan Width": (\d+)', str(found[0]))
        return int(plan[1]) * int(plan[2]) if plan else 0

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.sources.protocol.Source`; labels name the session's application."""
        if max_bytes is not None:
            check_size(query, self.estimate(query), max_bytes)
        return normalise(to_reader(self._read_batches(query, labels or {})), query, n_threads=n_threads)

    def changed_at(self, method: Method) -> None:
        """See :class:`~yule.downloads.sources.protocol.Source`: PostgreSQL does not tell."""
        del method

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`~yule.downloads.sources.protocol.Source`; PostgreSQL does not say."""
        del method, days
        return {}

    def describe(self, method: Method) -> TableState:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        query = Query(method=method, columns=())
        with self._connect(query) as connection, connection.cursor() as cursor:
            types = _list_types(connection, _source_sql(method))
            n_rows, n_bytes = None, None
            if not method.sql:
                sql = "SELECT CAST(reltuples AS bigint), pg_total_relation_size(oid) FROM pg_class WHERE oid = CAST("
                cursor.execute(f"{sql}$1 AS regclass)", (_quote_table(method.table),))
                ((n_rows, n_bytes),) = cursor.fetchall()
        return TableState(columns=types, n_rows=n_rows if n_rows is None or n_rows >= 0 else None, n_bytes=n_bytes)

    def _read_batches(self, query: Query, labels: Mapping[str, str]) -> Iterator[pa.Schema | pa.RecordBatch]:
        """Give the schema, then the batches; the connection is open as long as they are read."""
        with self._connect(query) as connection, connection.cursor() as cursor:
            name = shorten(" ".join(["yule", *(f"{key}={value}" for key, value in labels.items())]), n_bytes=MAX_NAME)
            cursor.execute("SELECT set_config('application_name', $1, false)", (name,))
            cursor.fetchall()
            cursor.execute(self._select(connection, query))
            reader = cursor.fetch_record_batch()
            yield reader.schema
            yield from reader

    @contextmanager
    def _connect(self, query: Query) -> "Iterator[Connection]":
        """Open a session in the method's time zone that knows the query's values."""
        method = query.method
        connection = _open(self._address, method)
        try:
            with connection, connection.cursor() as cursor:
                settings = {"transaction_read_only": "on", "timezone": method.time_zone, **_settings(query)}
                for name, value in settings.items():
                    cursor.execute("SELECT set_config($1, $2, false)", (name, value))
                    cursor.fetchall()
                yield connection
        except (_errors(), OSError) as error:  # what breaks off while rows are read is an OSError of Arrow
            cause = as_cause(error, is_unanswered=_is_unanswered(error))
            raise DataError(f"downloads/{method.name}.yaml: PostgreSQL says: {_explain(error)}.") from cause

    def _select(self, connection: "Connection", query: Query) -> str:
        method = query.method
        source = _source_sql(method)
        types = _list_types(connection, source)
        check_columns(query, list(types))
        columns = ", ".join(_column_sql(method, name) for name in query.columns)
        return f"SELECT {columns} FROM {source} WHERE {' AND '.join(_conditions(query, types))}"


def _column_sql(method: Method, name: str) -> str:
    column = method.column(name)
    if name == method.user or column.type == "string":
        return f"CAST({quote_name(name)} AS text) AS {quote_name(name)}"
    return quote_name(name)


def _conditions(query: Query, types: Mapping[str, str]) -> Iterator[str]:
    method = query.method
    yield "true"
    if method.time is not None:
        for sign, name, instant in ((">=", "since", query.since), ("<", "until", query.until)):
            if instant is not None:
                yield f"{quote_name(method.time)} {sign} {_setting_sql(name, 'timestamp')}"
    if method.days is not None and method.days.column is not None and query.since and query.until:
        day = quote_name(method.days.column)
        yield f"{day} >= CAST({_setting_sql('since', 'timestamp')} AS date) - 1"
        yield f"{day} <= CAST({_setting_sql('until', 'timestamp')} AS date) + {method.days.late_days + 1}"
    if query.users is not None:
        yield from _users_condition(method, types[method.user])


def _users_condition(method: Method, kind: str) -> Iterator[str]:
    """Give the condition for the asked-for users, in the type of their column: so an index on it is used.

    It never leaves out a user whom the download would name as asked; others are dropped where the rows arrive.
    """
    column, declared = quote_name(method.user), method.column(method.user).type
    users = "json_array_elements_text(CAST(current_setting('yule.users') AS json)) AS asked(id)"
    is_number = f"id ~ '{_INTEGER}'"
    if kind in INTEGERS and declared in ("string", "integer"):
        wanted = f"CASE WHEN {is_number} THEN CASE WHEN CAST(id AS numeric) {_BIGINT} THEN CAST(id AS bigint) END END"
    elif kind in ("numeric", "float4", "float8") and declared == "integer":
        wanted = f"CASE WHEN {is_number} THEN CAST(id AS {kind}) END"
    elif kind == "uuid" and declared == "string":
        wanted = f"CASE WHEN id ~ '{_UUID}' THEN CAST(id AS uuid) END"
    elif declared == "string":
        wanted, column = "id", column if kind in ("text", "varchar") else f"CAST({column} AS text)"
    else:  # a text is made a number where the rows arrive: "007" may be the user 7
        return
    yield f"{column} IN (SELECT {wanted} FROM {users})"


def _settings(query: Query) -> dict[str, str]:
    """Return the values of a query as settings of a session."""
    texts = query.texts()
    if query.users is not None:
        # No text of PostgreSQL holds a NUL, so nobody is called that.
        texts["users"] = json.dumps([user for user in query.users if "\0" not in user], ensure_ascii=False)
    return {f"yule.{name}": text for name, text in texts.items()}


def _source_sql(method: Method) -> str:
    """Return what is selected from: the table, or the SQL with its parameters read from the session."""
    from yule.downloads.sources.dialects import find_written_sql, replace_parameters

    if not method.sql:
        return _quote_table(method.table)
    types, written = method.parameter_types, find_written_sql(method, "postgres")
    sql = replace_parameters(
        written, lambda name: _setting_sql(name, types[name]) if name in types else f"@{name}", engine="postgres"
    )
    return f"(\n{sql.rstrip()}\n) AS source"


def _setting_sql(name: str, kind: ColumnType) -> str:
    return f"CAST(current_setting('yule.{name}') AS {_TYPES[kind]})"


def _quote_table(table: str) -> str:
    return ".".join(quote_name(part) for part in table.split("."))


def _list_types(connection: "Connection", source: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {source} LIMIT 0")
        schema = cursor.fetch_arrow_table().schema
    return {field.name: (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for field in schema}


def _open(address: str, method: Method) -> "Connection":
    """Connect; a server that is starting or full is asked again."""
    try:
        from adbc_driver_postgresql.dbapi import connect
    except ImportError as error:
        raise DataError("For sources of kind `postgres`, install: pip install 'yule[postgres]'.") from error
    host = _find_host(address)
    for left in reversed(range(TRIES)):
        try:
            connection: Connection = connect(address)
            note_answer(host)
            return connection
        except _errors() as error:
            if _is_unanswered(error) and is_mistyped(host):
                raise DataError(
                    f"downloads/{method.name}.yaml: the source {method.source} cannot be reached: "
                    f"{explain_mistyped(host, 'in the `address` of project.yaml')}."
                ) from None
            if not left or not _is_unanswered(error):
                raise DataError(
                    f"downloads/{method.name}.yaml: the source {method.source} cannot be reached: {_explain(error)}. "
                    "The name and the password come from PGUSER and PGPASSWORD, or from ~/.pgpass."
                    f"{explain_variables()}"
                ) from as_cause(error, is_unanswered=_is_unanswered(error))
            time.sleep(SECONDS_BETWEEN * 2 ** (TRIES - 1 - left))
    raise AssertionError("the last try returns or raises")


def _find_host(address: str) -> str:
    """Return the name of the host that is asked; empty for a socket of this machine."""
    host = unquote(urlsplit(address).hostname or "")
    return "" if "/" in host else host


def _errors() -> type[Exception]:
    from adbc_driver_manager import Error

    kind: type[Exception] = Error
    return kind


def _is_unanswered(error: Exception) -> bool:
    """Say whether the server did not answer, was ended or was full; it speaks itself of an ERROR or a FATAL one."""
    from adbc_driver_manager import AdbcStatusCode, Error

    text = str(error)
    if re.search("ERROR:|FATAL:", text):
        return _LATER.search(text) is not None
    is_network = isinstance(error, OSError) or (isinstance(error, Error) and error.status_code == AdbcStatusCode.IO)
    return is_network and re.search("failed: invalid|connect: invalid|connect: missing", text) is None


def _explain(error: Any) -> str:
    """Return what the server says, in one line and without SQL of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if re.match(r"(\[libpq\].*)?(ERROR|FATAL|connection)", line)]
    text = (said or lines)[0].split("Query was:")[0].split("SQLSTATE")[0]
    return re.sub(r"^.*?(ERROR|FATAL|failed):\s*", "", text).rstrip(". ")
