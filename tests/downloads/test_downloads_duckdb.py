"""Facts about a DuckDB database in a file as a source."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from yule.core.errors import DataError
from yule.downloads.settings import Column, DuckDBSource, Method, Parameter
from yule.downloads.sources.warehouses.duckdb_file import DuckDBFile
from yule.downloads.specs import Query

COLUMNS = (Column(name="user", type="string"), Column(name="n", type="integer"))
METHOD = Method(name="events", source="shop", table="events", user="user", columns=COLUMNS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with tables, views and schemas."""
    (tmp_path / "secret.csv").write_text("user,n\na,1\n")
    place = tmp_path / "it's a shop.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE SCHEMA web")
        connection.execute("CREATE TABLE events AS SELECT 'a' AS \"user\", 1::INTEGER AS n")
        connection.execute("CREATE TABLE web.views AS SELECT 'b' AS \"user\", 2::HUGEINT AS n")
        connection.execute("CREATE VIEW web.both AS SELECT * FROM main.events UNION ALL SELECT * FROM web.views")
        connection.execute("CREATE TABLE web.twice AS FROM events")
        connection.execute("CREATE SCHEMA crm")
        connection.execute("CREATE TABLE crm.twice AS FROM events")
        connection.execute(f"CREATE VIEW outside AS SELECT * FROM read_csv('{tmp_path}/secret.csv')")
        connection.execute(
            "CREATE MACRO steal() AS TABLE SELECT content AS \"user\", 1 AS n FROM read_text('/etc/passwd')"
        )
        connection.execute("CREATE VIEW hidden AS FROM steal()")
    return place


def ask(file: Path, table: str = "", users: tuple[str, ...] | None = None, **sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a table, or of SQL by its dialect."""
    method = replace(METHOD, table=table, sql=dict(sql))  # type: ignore[arg-type]
    return read(file, Query(method=method, columns=("user", "n"), users=users))


def read(file: Path, query: Query) -> list[tuple[object, ...]]:
    source = DuckDBFile(DuckDBSource(path=str(file)), cache_folder=None)
    assert source.estimate(query) > 0
    rows = source.read(query, n_threads=1).read_all().to_pylist()
    return sorted(tuple(row.values()) for row in rows)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("events", [("a", 1)]),
        ("main.events", [("a", 1)]),
        ("WEB.views", [("b", 2)]),
        ("acme.web.views", [("b", 2)]),
        ("views", [("b", 2)]),
        ("web.both", [("a", 1), ("b", 2)]),
    ],
)
def test_tables_and_views_are_found_by_name(file: Path, table: str, expected: list[tuple[object, ...]]) -> None:
    assert ask(file, table) == expected


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("twice", "there is no one table 'twice' .*; there are crm.twice, events, hidden, outside, web.both"),
        ("web.view", r"there is no one table 'web.view' \(did you mean 'web.views'\?\)"),
        ("../events", "there is no one table"),
        ("information_schema.tables", "there is no one table"),
    ],
)
def test_a_table_that_is_not_there_or_there_twice_is_told_with_those_that_are(
    file: Path, table: str, message: str
) -> None:
    with pytest.raises(DataError, match=f"downloads/events.yaml: {message}"):
        ask(file, table)


def test_sql_of_duckdb_is_taken_as_it_is(file: Path) -> None:
    assert ask(file, duckdb='SELECT "user", n::INT AS n FROM web.both WHERE n > 1') == [("b", 2)]


@pytest.mark.parametrize("name", ["web.both", "acme.web.both", "both"])
def test_sql_of_bigquery_is_translated(file: Path, name: str) -> None:
    assert ask(file, bigquery=f"SELECT `user`, CAST(SAFE_DIVIDE(n, 1) AS INT64) AS n FROM `{name}`") == [
        ("a", 1),
        ("b", 2),
    ]


def test_parameters_and_periods_go_down_into_sql(file: Path) -> None:
    sql = "SELECT `user`, n FROM web.both WHERE n >= @least AND TIMESTAMP '2024-01-02' >= @since"
    parameters = {"least": Parameter(type="integer", value="2")}
    method = replace(METHOD, table="", sql={"bigquery": sql}, parameters=parameters)
    query = Query(method=method, columns=("user", "n"), since=datetime(2024, 1, 1, tzinfo=UTC))
    assert read(file, query) == [("b", 2)]
    assert read(file, replace(query, since=datetime(2024, 1, 3, tzinfo=UTC))) == []


@pytest.mark.parametrize("table", ["outside", "hidden"])
def test_a_view_that_reads_other_files_is_refused(file: Path, table: str) -> None:
    with pytest.raises(DataError, match=f"{table} reads something outside of .* Make it a table of the database"):
        ask(file, table)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content AS \"user\", 1 AS n FROM read_text('/etc/passwd')",
        'SELECT "user", n FROM outside',
        "SELECT \"user\", n FROM '/etc/passwd'",
        'SELECT "user", n FROM steal()',
        "COPY (SELECT 1) TO '/tmp/written'",
        "ATTACH '/tmp/other.duckdb'",
        "SELECT 1; SET enable_external_access = true",
    ],
)
def test_sql_reaches_nothing_but_the_file(file: Path, sql: str) -> None:
    with pytest.raises(DataError):
        ask(file, duckdb=sql)


@contextmanager
def writing(file: Path, sql: str) -> Iterator[None]:
    """Let another process hold the file open for writing; it dies without tidying up."""
    code = (
        f"import duckdb, os, sys; c = duckdb.connect({str(file)!r}); c.execute({sql!r})\n"
        "print('ready', flush=True); sys.stdin.read(); os._exit(1)"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()


def test_a_file_that_another_program_writes_to_is_told_with_the_program(file: Path) -> None:
    with writing(file, "CREATE TABLE t AS SELECT 1"), pytest.raises(DataError, match=r"for writing: .*\(PID \d+\)"):
        ask(file, "events")


def test_a_file_that_this_program_writes_to_is_told(file: Path) -> None:
    with duckdb.connect(str(file)), pytest.raises(DataError, match="open for writing itself"):
        ask(file, "events")


def test_rows_of_a_program_that_died_are_read_and_change_the_version(file: Path) -> None:
    source = DuckDBFile(DuckDBSource(path=str(file)), cache_folder=None)
    before = source.data_version(METHOD)
    with writing(file, "INSERT INTO events VALUES ('c', 3)"):
        pass
    assert source.data_version(METHOD) != before
    assert ask(file, "events") == [("a", 1), ("c", 3)]
    assert source.data_version(METHOD) == source.data_version(METHOD)


def test_users_are_compared_as_the_download_names_them(file: Path) -> None:
    assert ask(file, "web.both", users=("b", "'; DROP TABLE events")) == [("b", 2)]
    assert ask(file, "web.both", users=()) == []
    columns = (Column(name="n", type="integer"),)
    method = replace(METHOD, table="web.both", user="n", columns=columns)
    assert read(file, Query(method=method, columns=("n",), users=("2", "x"))) == [("2",)]


def test_types_of_duckdbs_own_are_read_as_what_is_declared(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TYPE plan AS ENUM ('free', 'paid')")
        connection.execute(
            "CREATE TABLE t AS SELECT uuid() AS \"user\", 9007199254740993::HUGEINT AS n, 'paid'::plan AS plan, "
            "0.1::DECIMAL(9, 2) AS price, 'NaN'::FLOAT AS gone, '2024-01-02'::DATE AS born"
        )
    kinds = {"user": "string", "n": "integer", "plan": "string", "price": "number", "gone": "number", "born": "date"}
    columns = tuple(Column(name=name, type=kind) for name, kind in kinds.items())  # type: ignore[arg-type]
    method = replace(METHOD, table="t", columns=columns)
    ((user, *values),) = read(file, Query(method=method, columns=tuple(kinds)))
    assert len(str(user)) == 36
    assert values == [9007199254740993, "paid", 0.1, None, datetime(2024, 1, 2).date()]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no file"), (b"user,n\na,1\n" * 2000, "not a valid DuckDB database"), (b"", "not a valid DuckDB")],
)
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "x.duckdb").write_bytes(content)
    with pytest.raises(DataError, match=message):
        ask(tmp_path / "x.duckdb", "events")


def test_what_is_read_is_estimated_by_the_columns_of_the_table(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute('CREATE TABLE large AS SELECT hash(range)::VARCHAR AS "user", 1 AS n FROM range(1_000_000)')
    source = DuckDBFile(DuckDBSource(path=str(file)), cache_folder=None)
    large, small = (replace(METHOD, table=name) for name in ("large", "events"))
    sizes = [
        source.estimate(Query(method=large, columns=("user", "n"))),
        source.estimate(Query(method=large, columns=("n",))),
        source.estimate(Query(method=small, columns=("n",))),
    ]
    assert sizes[0] > 5 * sizes[1]
    assert sizes[2] <= sizes[1] < file.stat().st_size
    assert source.describe(large).n_rows == 1_000_000
