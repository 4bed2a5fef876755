"""Facts about methods with SQL of their own: one text, the same rows from files and from BigQuery."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from bigquery_emulator import Emulator
from sources_toys import load_into_bigquery

from yule.core.errors import DataError
from yule.downloads.settings import BigQuerySource, Column, Engine, FilesSource, Method, Parameter, PostgresSource
from yule.downloads.sources.dialects import find_written_sql
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import Query
from yule.sql.connecting import connect, lock

SQL = """
-- Views by user and day of a site.
WITH views AS (
  SELECT user_id, DATE(viewed_at) AS day, seconds
  FROM web.article_views
  WHERE site = @site AND viewed_at >= @since AND viewed_at < @until
)
SELECT user_id, TIMESTAMP(day) AS at, COUNT(*) AS n_views, SUM(seconds) AS seconds
FROM views
GROUP BY user_id, day
"""

METHOD = Method(
    name="daily_views",
    source="web",
    sql={"bigquery": SQL},
    parameters={"site": Parameter(type="string", value="news")},
    user="user_id",
    time="at",
    columns=(
        Column(name="user_id", type="integer"),
        Column(name="at", type="timestamp"),
        Column(name="n_views", type="integer"),
        Column(name="seconds", type="number"),
    ),
)
START = datetime(2024, 3, 1, tzinfo=UTC)


def views() -> pa.Table:
    """Return views of two sites by three users over five days."""
    n_rows = 60
    times = [START + timedelta(hours=2 * number) for number in range(n_rows)]
    return pa.table(
        {
            "user_id": pa.array([number % 3 for number in range(n_rows)], pa.int64()),
            "viewed_at": pa.array(times, pa.timestamp("us", tz="UTC")),
            "site": ["news" if number % 4 else 'it\'s "other"' for number in range(n_rows)],
            "seconds": pa.array([None if number == 7 else number / 2 for number in range(n_rows)], pa.float64()),
        }
    )


def rows(source: FilesSource | BigQuerySource | PostgresSource, method: Method = METHOD) -> list[dict[str, object]]:
    """Return what comes of two days."""
    columns = tuple(column.name for column in method.columns)
    query = Query(method=method, columns=columns, since=START + timedelta(days=1), until=START + timedelta(days=3))
    table = open_source(source, cache_folder=None).read(query, n_threads=1).read_all()
    return sorted(table.to_pylist(), key=str)


def expected() -> list[dict[str, object]]:
    """Count by hand."""
    found: dict[tuple[str, datetime], list[float]] = {}
    for row in views().to_pylist():
        at = row["viewed_at"].astimezone(UTC)
        if row["site"] == "news" and START + timedelta(days=1) <= at < START + timedelta(days=3):
            day = at.replace(hour=0, minute=0)
            found.setdefault((str(row["user_id"]), day), []).append(row["seconds"] or 0)
    counted = [
        {"user_id": user, "at": day, "n_views": len(seconds), "seconds": sum(seconds)}
        for (user, day), seconds in found.items()
    ]
    return sorted(counted, key=str)


@pytest.mark.parametrize("place", ["web/article_views.parquet", "web/article_views/a/b.parquet", "article_views.csv"])
def test_sql_of_bigquery_runs_on_files_by_the_names_of_its_tables(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    (pq.write_table if place.endswith("parquet") else pacsv.write_csv)(views(), file)
    assert rows(FilesSource(path=str(tmp_path))) == expected()


def test_the_same_sql_gives_the_same_rows_in_bigquery(bigquery: Emulator) -> None:
    load_into_bigquery("web", "article_views", views())
    assert rows(BigQuerySource(project="p")) == expected()


def test_a_variant_for_one_engine_is_taken_as_it_is(tmp_path: Path, postgres: str) -> None:
    pq.write_table(views(), tmp_path / "v.parquet")
    variant = "SELECT 9 AS user_id, TIMESTAMPTZ '2024-03-02 00:00:00+00' AS at, 2 AS n_views, @factor * 1.5 AS seconds"
    parameters = {"factor": Parameter(type="integer", value="2")}
    method = Method(
        **{**METHOD.__dict__, "sql": {"duckdb": variant, "postgres": variant}, "parameters": parameters}  # type: ignore[arg-type]
    )
    one = {"user_id": "9", "at": datetime(2024, 3, 2, tzinfo=UTC), "n_views": 2, "seconds": 3.0}
    assert rows(FilesSource(path=str(tmp_path)), method) == [one]
    assert rows(PostgresSource(address=postgres), method) == [one]


def test_postgres_needs_a_variant_of_its_own(postgres: str) -> None:
    with pytest.raises(DataError, match=r"Write downloads/daily_views\.postgres\.sql beside it"):
        rows(PostgresSource(address=postgres))


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"daily_views.sql: there is no table web\.article_views"):
        rows(FilesSource(path=str(tmp_path)))


def test_a_result_that_lacks_a_column_is_told(tmp_path: Path) -> None:
    pq.write_table(views(), tmp_path / "article_views.parquet")
    method = Method(**{**METHOD.__dict__, "columns": (*METHOD.columns, Column(name="n_view", type="integer"))})
    with pytest.raises(DataError, match=r"there is no column 'n_view' \(did you mean 'n_views'\?\)"):
        rows(FilesSource(path=str(tmp_path)), method)


ANSWER = "9 AS user_id, TIMESTAMPTZ '2024-03-02 00:00:00+00' AS at, 2 AS n_views, 1.5 AS seconds"


def written(engine: Engine, sql: str) -> Method:
    """Return the method with SQL for one engine only."""
    return replace(METHOD, sql={engine: sql}, parameters={})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT {answer}; COPY (SELECT 1) TO '{path}/stolen.csv'",
        "WITH a AS (COPY (SELECT 1 AS x) TO '{path}/stolen.csv') SELECT {answer}",
        "COPY (SELECT 1) TO '{path}/stolen.csv'",
        "SELECT {answer} FROM read_text('/etc/passwd')",
        "SELECT {answer} FROM '{path}/v.parquet'",
        "SELECT {answer} FROM query('SELECT 1')",
        "ATTACH '{path}/stolen.db'",
    ],
)
def test_sql_of_duckdb_that_does_more_than_select_is_not_run(tmp_path: Path, sql: str) -> None:
    pq.write_table(views(), tmp_path / "v.parquet")
    with pytest.raises(DataError, match=r"downloads/daily_views\.duckdb\.sql: line 1, column \d+: "):
        rows(FilesSource(path=str(tmp_path)), written("duckdb", sql.format(answer=ANSWER, path=tmp_path)))
    assert [file.name for file in tmp_path.iterdir()] == ["v.parquet"]


def test_a_locked_database_reads_its_own_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("own", "other"):
        pq.write_table(views(), tmp_path / f"{name}.parquet")
    with connect(n_threads=1) as connection:
        lock(connection, [tmp_path / "own.parquet"])
        assert connection.sql(f"SELECT count(*) FROM '{tmp_path}/own.parquet'").fetchall() == [(60,)]
        for sql in (
            f"SELECT * FROM '{tmp_path}/other.parquet'",
            f"SELECT * FROM glob('{tmp_path}/*')",
            f"COPY (SELECT 1) TO '{tmp_path}/stolen.csv'",
            f"COPY (SELECT 1) TO '{tmp_path}/own.parquet'",
            f"ATTACH '{tmp_path}/stolen.db'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql).fetchall()
    assert {file.name for file in tmp_path.iterdir()} == {"own.parquet", "other.parquet"}


def test_a_locked_database_still_spills(tmp_path: Path) -> None:
    with connect(n_threads=1, scratch=tmp_path, memory="50MB") as connection:
        lock(connection, [])
        sql = "SELECT count(*) FROM (SELECT DISTINCT hash(i) AS h, i FROM range(1500000) AS t(i) ORDER BY h)"
        assert connection.sql(sql).fetchall() == [(1_500_000,)]


def test_texts_of_a_variant_are_not_taken_for_parameters(tmp_path: Path) -> None:
    pq.write_table(views(), tmp_path / "v.parquet")
    sql = f"SELECT {ANSWER} WHERE '@factor' LIKE '@%' AND 'a@b' = concat('a', '@b') -- @factor"
    assert [row["user_id"] for row in rows(FilesSource(path=str(tmp_path)), written("duckdb", sql))] == ["9"]


def test_sql_of_postgres_cannot_change_anything(postgres: str) -> None:
    for sql in (f"SELECT {ANSWER}; DROP TABLE x", f"WITH a AS (DELETE FROM x RETURNING 1) SELECT {ANSWER}"):
        with pytest.raises(DataError, match=r"daily_views\.postgres\.sql: line 1, column \d+: "):
            rows(PostgresSource(address=postgres), written("postgres", sql))


def test_the_transaction_in_postgres_can_only_read(postgres: str) -> None:
    from adbc_driver_postgresql.dbapi import connect as open_postgres

    with open_postgres(postgres, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE yule_kept (x int)")
        cursor.execute(
            "CREATE FUNCTION yule_change() RETURNS int LANGUAGE sql AS 'INSERT INTO yule_kept VALUES (1) RETURNING 1'"
        )
    sql = f"SELECT {ANSWER.replace('2 AS n_views', 'yule_change() AS n_views')}"
    with pytest.raises(DataError, match="read-only transaction"):
        rows(PostgresSource(address=postgres), written("postgres", sql))


GA4 = """
SELECT
  user_pseudo_id AS user_id,
  TIMESTAMP_MICROS(event_timestamp) AS at,
  event_name,
  (SELECT value.int_value FROM UNNEST(event_params) WHERE key = 'ga_session_id') AS session,
  (SELECT p.value.string_value FROM UNNEST(event_params) AS p WHERE p.key = 'page_location') AS page,
  IFNULL((SELECT SUM(i.price * i.quantity) FROM UNNEST(items) AS i WHERE i.item_category = 'tea'), 0) AS tea,
  device.category AS device
FROM `analytics_1.events_*`
WHERE _TABLE_SUFFIX BETWEEN FORMAT_DATE('%Y%m%d', DATE(@since)) AND FORMAT_DATE('%Y%m%d', DATE(@until))
  AND TIMESTAMP_MICROS(event_timestamp) >= @since AND TIMESTAMP_MICROS(event_timestamp) < @until
"""
EVENTS = Method(
    name="events",
    source="web",
    sql={"bigquery": GA4},
    user="user_id",
    time="at",
    columns=(
        Column(name="user_id", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="event_name", type="string"),
        Column(name="session", type="integer"),
        Column(name="page", type="string"),
        Column(name="tea", type="number"),
        Column(name="device", type="string"),
    ),
)


def write_ga4(folder: Path, *, is_folders: bool) -> None:
    """Write four days of an export of Google Analytics, one table a day."""
    value = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())])
    item = pa.struct([("item_category", pa.string()), ("price", pa.float64()), ("quantity", pa.int64())])
    for day in range(4):
        at = START + timedelta(days=day, hours=3)
        params = [
            {"key": "ga_session_id", "value": {"int_value": 100 + day}},
            {"key": "page_location", "value": {"string_value": f"/{day}"}},
        ]
        items = [{"item_category": "tea", "price": 1.5, "quantity": 2}, {"item_category": "mug", "price": 9.0}]
        table = pa.table(
            {
                "event_date": [f"{at:%Y%m%d}"] * 2,
                "event_timestamp": pa.array([int(at.timestamp() * 1e6) + i for i in range(2)], pa.int64()),
                "event_name": ["page_view", "purchase"],
                "event_params": pa.array([params, []], pa.list_(pa.struct([("key", pa.string()), ("value", value)]))),
                "user_pseudo_id": ["a", "b"],
                "items": pa.array([None, items], pa.list_(item)),
                "device": [{"category": "mobile"}, {"category": "desktop"}],
            }
        )
        name = f"analytics_1/events_{at:%Y%m%d}"
        file = folder / (f"{name}/part-0.parquet" if is_folders else f"{name}.parquet")
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, file)


@pytest.mark.parametrize("is_folders", [False, True])
def test_an_export_of_google_analytics_is_one_declaration(tmp_path: Path, *, is_folders: bool) -> None:
    write_ga4(tmp_path, is_folders=is_folders)
    found = rows(FilesSource(path=str(tmp_path)), EVENTS)
    at = [START + timedelta(days=day, hours=3) for day in (1, 2)]
    seen = [
        {"user_id": "a", "at": one, "event_name": "page_view", "device": "mobile"}
        | {"session": 100 + day, "page": f"/{day}", "tea": 0.0}
        for day, one in enumerate(at, start=1)
    ]
    bought = [
        {"user_id": "b", "at": one + timedelta(microseconds=1), "event_name": "purchase", "device": "desktop"}
        | {"session": None, "page": None, "tea": 3.0}
        for one in at
    ]
    assert sorted(found, key=str) == sorted(seen + bought, key=str)


def test_tables_of_one_name_with_other_types_do_not_fit_together(tmp_path: Path) -> None:
    for day, price in (("20260101", 1), ("20260102", 2.5)):
        pq.write_table(pa.table({"u": ["a"], "price": [price]}), tmp_path / f"sales_{day}.parquet")
    method = replace(EVENTS, sql={"bigquery": "SELECT u AS user_id, price AS tea FROM `sales_*`"}, time=None)
    with pytest.raises(DataError, match="the column price is BIGINT in sales_20260101 and DOUBLE in sales_20260102"):
        rows(FilesSource(path=str(tmp_path)), method)


def test_decimals_of_files_are_numeric_to_sql(tmp_path: Path) -> None:
    prices = pa.array([Decimal("0.10"), Decimal("0.25"), Decimal("3.33")], pa.decimal128(10, 2))
    pq.write_table(pa.table({"u": ["a"] * 3, "price": prices, "n": [3, 1, 1]}), tmp_path / "sales.parquet")
    source = FilesSource(path=str(tmp_path))

    def ask(expression: str) -> list[object]:
        sql = f"SELECT u AS user_id, {expression} AS tea FROM sales GROUP BY user_id"
        return [row["tea"] for row in rows(source, replace(EVENTS, sql={"bigquery": sql}, time=None, columns=TEA))]

    assert ask("SUM(price)") == [3.68]
    assert ask("AVG(CAST(price AS NUMERIC))") == [1.226666667]
    assert ask("SUM(price * price)") == [11.1614]
    for expression in ("AVG(price)", "SUM(SAFE_DIVIDE(price, n))", "SUM(price / n)", "SUM(price * 1.1)"):
        with pytest.raises(DataError, match=r"of a NUMERIC|a NUMERIC with a FLOAT64"):
            ask(expression)


def test_decimals_of_more_digits_are_not_read_by_sql(tmp_path: Path) -> None:
    prices = pa.array([Decimal("0.1234567890123")], pa.decimal128(38, 20))
    pq.write_table(pa.table({"u": ["a"], "price": prices, "n": [3]}), tmp_path / "sales.parquet")
    for column, is_read in (("n", True), ("price", False)):
        sql = f"SELECT u AS user_id, {column} AS tea FROM sales"
        method = replace(EVENTS, sql={"bigquery": sql}, time=None, columns=TEA)
        if is_read:
            assert len(rows(FilesSource(path=str(tmp_path)), method)) == 1
        else:
            with pytest.raises(DataError, match="price is a BIGNUMERIC"):
                rows(FilesSource(path=str(tmp_path)), method)


TEA = (Column(name="user_id", type="string"), Column(name="tea", type="number"))


def test_the_version_of_data_holds_what_their_sql_is_translated_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(views(), tmp_path / "article_views.parquet")
    source = open_source(FilesSource(path=str(tmp_path)), cache_folder=None)
    before = source.data_version(METHOD)
    assert source.data_version(METHOD) == before
    monkeypatch.setattr("yule.downloads.sources.files.views.duckdb_sql", lambda _: "SELECT 1 AS another_translation")
    assert source.data_version(METHOD) != before


def test_a_column_that_some_tables_of_one_name_lack_is_missing_there(tmp_path: Path) -> None:
    pq.write_table(pa.table({"u": ["a"]}), tmp_path / "sales_1.parquet")
    for number in (2, 3):
        pq.write_table(pa.table({"u": ["a"], "price": [number / 2]}), tmp_path / f"sales_{number}.parquet")
    sql = "SELECT u AS user_id, IFNULL(price, 0) + 10 * CAST(_TABLE_SUFFIX AS INT64) AS tea FROM `sales_*`"
    method = replace(EVENTS, sql={"bigquery": sql}, time=None, columns=TEA)
    found = rows(FilesSource(path=str(tmp_path)), method)
    assert [row["tea"] for row in found] == [10.0, 21.0, 31.5]


@pytest.mark.parametrize(
    ("engine", "wanted"),
    [
        ("duckdb", "downloads/daily_views.sql or downloads/daily_views.duckdb.sql"),
        ("snowflake", "downloads/daily_views.snowflake.sql"),
    ],
)
def test_sql_that_an_engine_lacks_is_told_with_the_file_to_write(engine: Engine, wanted: str) -> None:
    other = replace(METHOD, sql={"postgres": SQL})
    message = f"daily_views.postgres.sql is for another engine.*Write {re.escape(wanted)} beside it"
    with pytest.raises(DataError, match=message):
        find_written_sql(other, engine)


def test_a_time_without_a_zone_is_sent_as_one_of_utc() -> None:
    method = replace(METHOD, parameters={"from": Parameter(type="timestamp", value="2024-03-01 06:00")})
    query = Query(method=method, columns=(), until=START)
    assert query.texts() == {
        "since": "0001-01-01T00:00:00+00:00",
        "until": "2024-03-01T00:00:00+00:00",
        "from": "2024-03-01T06:00:00+00:00",
    }
