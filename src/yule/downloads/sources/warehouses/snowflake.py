"""Tables of Snowflake, read as a stream of Arrow batches through ADBC.

Names without quotes mean capitals there, ``user_id`` the column ``USER_ID``: a declared name is looked for as it is
written, then in capitals. Values are bound, never pasted into SQL. Times travel as whole microseconds: the driver gives
nanoseconds, which end in the year 2262, and takes what is missing for 1970 when a server leaves it to it.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

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
from yule.downloads.settings import DAY, Engine, Method, SnowflakeSource
from yule.downloads.sources.protocol import TableState
from yule.downloads.specs import Query
from yule.sql.columns import ColumnType
from yule.sql.quoting import quote_name

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

EMULATOR = "SNOWFLAKE_EMULATOR_HOST"
"""HOST:PORT of a stand-in that is spoken to without encryption."""

LOGIN_TIMEOUT = "30s"

_NETWORK = re.compile(r"dial tcp|i/o timeout|connection reset|\bEOF\b|no such host|deadline exceeded|HTTP: (429|5\d\d)")
"""How the driver says that Snowflake did not answer."""
MAX_TAG = 2000
MAX_USERS = 100_000
"""Users that are sent along. Of more the rows are sorted out where they arrive."""

_TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR",
    "integer": "NUMBER(38, 0)",
    "number": "FLOAT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP_TZ",
    "date": "DATE",
}


class SnowflakeTables:
    """A database of Snowflake; see :class:`~yule.downloads.sources.protocol.Source`.

    Parameters
    ----------
    settings
        Which database.
    """

    engine: ClassVar[Engine] = "snowflake"
    is_free: ClassVar[bool] = False

    def __init__(self, settings: SnowflakeSource) -> None:
        self._settings = settings

    def data_version(self, method: Method) -> str:
        """See :class:`~yule.downloads.sources.protocol.Source`: of the time of a table's last change and its size.

        Of views and SQL Snowflake does not tell: that is the day on which it is asked.
        """
        with self._connect(method) as connection:
            state = self._read_state(connection, method)
        told = datetime.now(UTC).date().isoformat() if state is None else " ".join(str(value) for value in state)
        return digest(f"{to_json(self._settings)} {to_json(replace(method.without_notes(), columns=()))} {told}")

    def estimate(self, query: Query) -> int | None:
        """See :class:`~yule.downloads.sources.protocol.Source`: of a table its size; of views and SQL it cannot say."""
        with self._connect(query.method) as connection:
            self._check_columns(connection, query)
            state = self._read_state(connection, query.method)
        return None if state is None else state[2]

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.sources.protocol.Source`; labels are the query's tag, as JSON."""
        if max_bytes is not None:
            check_size(query, self.estimate(query), max_bytes)
        return normalise(to_reader(self._read_batches(query, labels or {})), query, n_threads=n_threads)

    def changed_at(self, method: Method) -> None:
        """See :class:`~yule.downloads.sources.protocol.Source`: it does not tell when rows came."""
        del method

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`~yule.downloads.sources.protocol.Source`; Snowflake does not say."""
        del method, days
        return {}

    def describe(self, method: Method) -> TableState:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        with self._connect(method) as connection:
            columns = _list_types(connection, Query(method=method, columns=()))
            state = self._read_state(connection, method)
        declared = {_find_column(column.name, columns): column.name for column in method.columns}
        names = {name: declared.get(name) or (name.lower() if name.isupper() else name) for name in columns}
        kinds = {names[name]: str(kind) for name, kind in columns.items()}
        return TableState(columns=kinds, n_rows=state and state[1], n_bytes=state and state[2])

    def _read_batches(self, query: Query, labels: Mapping[str, str]) -> Iterator[pa.Schema | pa.RecordBatch]:
        """Give the schema, then the batches; the connection is open as long as they are read."""
        with self._connect(query.method) as connection, connection.cursor() as cursor:
            types = self._check_columns(connection, query)
            source, values = _source_sql(query)
            columns = ", ".join(_column_sql(query.method, name, types) for name in query.needed_columns)
            conditions = dict(_conditions(query, types))
            sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(['true', *conditions])}"
            bound = [*values, *(value for value in conditions.values() if value is not None)]
            if labels:
                tag = shorten(json.dumps(dict(labels)), n_bytes=MAX_TAG, n_characters=MAX_TAG)
                cursor.adbc_statement.set_options(**{"adbc.snowflake.statement.query_tag": tag})
            cursor.execute(sql, bound) if bound else cursor.execute(sql)
            reader = cursor.fetch_record_batch()
            names = {name: _find_column(name, types) or name for name in reader.schema.names}
            kinds = [_arrow_type(types[names[field.name]], field) for field in reader.schema]
            schema = pa.schema([(name, kind) for name, kind in zip(names, kinds, strict=True)])
            yield schema
            for batch in reader:
                yield batch.cast(schema)

    @contextmanager
    def _connect(self, method: Method) -> "Iterator[Connection]":
        try:
            from adbc_driver_manager import Error
            from adbc_driver_snowflake.dbapi import connect
        except ImportError as error:
            raise DataError("For sources of kind `snowflake`, install: pip install 'yule[snowflake]'.") from error
        place = f"downloads/{method.name}.yaml"
        host = _find_host(self._settings)
        if is_mistyped(host):  # which takes the driver half a minute
            raise DataError(
                f"{place}: the source {method.source} cannot be reached: "
                f"{explain_mistyped(host, 'by the `account` of project.yaml')}."
            )
        try:
            connection = connect(db_kwargs=_login(self._settings, place), autocommit=True)
        except Error as error:
            raise DataError(
                f"{place}: the source {method.source} cannot be reached: {_explain(error)}. The login comes from "
                "SNOWFLAKE_USER with SNOWFLAKE_PRIVATE_KEY_FILE or SNOWFLAKE_PASSWORD; the rest is in project.yaml."
                f"{explain_variables()}"
            ) from as_cause(error, is_unanswered=_is_unanswered(error))
        note_answer(host)
        try:
            with connection:
                yield connection
        except (Error, OSError) as error:  # what breaks off while rows are read is an OSError of Arrow
            what = method.table or "the SQL"
            cause = as_cause(error, is_unanswered=_is_unanswered(error))
            raise DataError(f"{place}: {what}: Snowflake says: {_explain(error)}.") from cause

    def _check_columns(self, connection: "Connection", query: Query) -> dict[str, pa.DataType]:
        """Return the type of each column by its name in Snowflake."""
        types = _list_types(connection, query)
        there = [name for name in query.columns if _find_column(name, types) is not None]
        absent = [name for name in types if name not in {_find_column(found, types) for found in there}]
        check_columns(query, [*there, *absent])
        return types

    def _read_state(self, connection: "Connection", method: Method) -> tuple[str, int, int] | None:
        """Return when a table was changed, its rows and its bytes; None of views and SQL."""
        if method.sql:
            return None
        *places, name = [_fold(part) for part in method.table.split(".")]
        schema = places[-1] if places else _fold(self._settings.schema)
        database = quote_name(places[-2] if len(places) > 1 else _fold(self._settings.database))
        sql = f"SELECT LAST_ALTERED, ROW_COUNT, BYTES FROM {database}.INFORMATION_SCHEMA.TABLES"
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", (schema, name))
            rows = cursor.fetchall()
        known = [row for row in rows if None not in row]
        return (str(known[0][0]), int(known[0][1]), int(known[0][2])) if known else None


def _login(settings: SnowflakeSource, place: str) -> dict[str, str]:
    """Return the options of the driver.

    Raises
    ------
    DataError
        If the environment holds no login.
    """
    key, password = os.environ.get("SNOWFLAKE_PRIVATE_KEY_FILE"), os.environ.get("SNOWFLAKE_PASSWORD")
    user = os.environ.get("SNOWFLAKE_USER")
    if not user or not (key or password):
        raise DataError(
            f"{place}: there is no login for Snowflake: set SNOWFLAKE_USER, and SNOWFLAKE_PRIVATE_KEY_FILE (a PKCS#8 "
            f"file) or SNOWFLAKE_PASSWORD.{explain_variables()}"
        )
    prefix = "adbc.snowflake.sql"
    options = {
        "username": user,
        f"{prefix}.account": settings.account,
        f"{prefix}.db": settings.database,
        f"{prefix}.client_option.use_high_precision": "false",
        f"{prefix}.client_option.app_name": "yule",
        f"{prefix}.client_option.login_timeout": LOGIN_TIMEOUT,
    }
    named = {"schema": settings.schema, "warehouse": settings.warehouse, "role": settings.role}
    options |= {f"{prefix}.{name}": value for name, value in named.items() if value}
    if key:
        options |= {f"{prefix}.auth_type": "auth_jwt", f"{prefix}.client_option.jwt_private_key": key}
    else:
        options["password"] = password or ""
    if stand_in := os.environ.get(EMULATOR):
        host, _, port = stand_in.partition(":")
        options |= {f"{prefix}.uri.protocol": "http", f"{prefix}.uri.host": host, f"{prefix}.uri.port": port}
    return options


def _find_host(settings: SnowflakeSource) -> str:
    """Return the name of the host that is asked."""
    stand_in, _, _ = os.environ.get(EMULATOR, "").partition(":")
    return stand_in or f"{settings.account}.snowflakecomputing.com"


def _is_unanswered(error: Exception) -> bool:
    """Say whether it was the network, which the driver tells of in Go's words and without a code of Snowflake's."""
    return "SQLSTATE" not in str(error) and _NETWORK.search(str(error)) is not None


def _list_types(connection: "Connection", query: Query) -> dict[str, pa.DataType]:
    source, values = _source_sql(query)
    with connection.cursor() as cursor:
        sql = f"SELECT * FROM {source} LIMIT 0"
        cursor.execute(sql, values) if values else cursor.execute(sql)
        schema = cursor.fetch_arrow_table().schema
    return {field.name: field.type for field in schema}


def _source_sql(query: Query) -> tuple[str, list[str]]:
    """Return what is selected from, and the values of its parameters in their order."""
    from yule.downloads.sources.dialects import find_written_sql, replace_parameters

    method = query.method
    if not method.sql:
        return ".".join(quote_name(_fold(part)) for part in method.table.split(".")), []
    written = find_written_sql(method, "snowflake")
    types, texts, values = method.parameter_types, query.texts(), list[str]()

    def bind(name: str) -> str:
        if name not in types:
            return f"@{name}"
        values.append(texts[name])
        return f"CAST(? AS {_TYPES[types[name]]})"

    return f"(\n{replace_parameters(written, bind, engine='snowflake')}\n) AS source", values


def _conditions(query: Query, types: Mapping[str, pa.DataType]) -> Iterator[tuple[str, str | None]]:
    """Give conditions with their value that never leave out a wanted row; others are dropped where they arrive."""
    method = query.method
    if method.time is not None:
        name = _find_column(method.time, types) or method.time
        for sign, instant, margin in ((">=", query.since, -DAY), ("<", query.until, DAY)):
            if instant is not None and (bound := _instant_sql(instant, margin, types[name])):
                yield f"{quote_name(name)} {sign} {bound}", None
    if query.users is not None and len(query.users) <= MAX_USERS:
        name = _find_column(method.user, types) or method.user
        kind, declared = types[name], method.column(method.user).type
        if (pa.types.is_string(kind) and declared == "string") or (
            pa.types.is_integer(kind) and declared in ("string", "integer")
        ):
            users = "SELECT VALUE::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))"
            yield f"CAST({quote_name(name)} AS VARCHAR) IN ({users})", json.dumps(list(query.users))


def _instant_sql(instant: datetime, margin: timedelta, kind: pa.DataType) -> str:
    """Write a bound for a column; of times that do not say their zone, and of dates, a day further out."""
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return f"CAST('{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00:00' AS TIMESTAMP_TZ)"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return f"CAST('{instant.astimezone(UTC) + margin:%Y-%m-%d}' AS DATE)"
    return ""


def _column_sql(method: Method, name: str, types: Mapping[str, pa.DataType]) -> str:
    found = quote_name(_find_column(name, types) or name)
    if name == method.user or method.column(name).type == "string":
        value = f"CAST({found} AS VARCHAR)"
    elif pa.types.is_timestamp(types[_find_column(name, types) or name]):
        value = f"CAST(DATE_PART(EPOCH_MICROSECOND, {found}) AS NUMBER(38, 0))"
    else:
        value = found
    return f"{value} AS {quote_name(name)}"


def _arrow_type(kind: pa.DataType, field: pa.Field) -> pa.DataType:
    """Return the type of what was asked for: of a time that came as a number, that of the time."""
    return pa.timestamp("us", tz=kind.tz) if pa.types.is_timestamp(kind) and field.type == pa.int64() else field.type


def _find_column(name: str, types: Mapping[str, pa.DataType]) -> str | None:
    return next((found for found in (name, name.upper()) if found in types), None)


def _fold(name: str) -> str:
    """Return what a name without quotes means."""
    return name.upper() if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) else name


def _explain(error: Exception) -> str:
    """Return what Snowflake says, in one line."""
    text = " ".join(str(error).split())
    return re.sub(r"^.*?(\d{6} \(\w{5}\): )+|\. Vendor code:.*$|; Query was:.*$", "", text).rstrip(". ")
