"""Facts about tables of BigQuery: against an emulator, and against a stand-in for what the emulator leaves out."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from bigquery_emulator import Emulator
from bigquery_standin import CHANGED_AT, Refusal, StandIn, StandInTable
from google.api_core.exceptions import PermissionDenied
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import RefreshError
from google.cloud import bigquery as google

from yule.core.errors import DataError
from yule.downloads.settings import BigQuerySource, Column, Days, Method, Parameter
from yule.downloads.sources.warehouses.bigquery.jobs import BigQueryClients, open_clients
from yule.downloads.sources.warehouses.bigquery.queries import MAX_USERS, rows_sql, select_sql
from yule.downloads.sources.warehouses.bigquery.source import BigQueryTables
from yule.downloads.specs import Query
from yule.storage.objects.folder import FolderObjects

SETTINGS = BigQuerySource(project="p", dataset="shop")
COLUMNS = (
    Column(name="user", type="string"),
    Column(name="at", type="timestamp"),
    Column(name="product", type="string"),
    Column(name="price", type="number"),
)
TYPES = {"user": "STRING", "at": "TIMESTAMP", "product": "STRING", "price": "FLOAT64", "day": "DATE"}
EVENTS = Method(name="events", source="warehouse", table="events", user="user", time="at", columns=COLUMNS)
EVENTS_SQL = """
SELECT 'a' AS user, TIMESTAMP '2024-01-01 00:00:00+00' AS `at`, 'tea' AS product, 2.0 AS price
UNION ALL SELECT 'a', TIMESTAMP '2024-01-02 00:00:00+00', NULL, NULL
UNION ALL SELECT 'b', TIMESTAMP '2024-01-03 12:00:00+00', 'beer', CAST('NaN' AS FLOAT64)
"""


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def ask(
    method: Method = EVENTS,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    users: tuple[str, ...] | None = None,
) -> Query:
    names = tuple(column.name for column in method.columns)
    return Query(method=method, columns=names, since=since, until=until, users=users)


def fetch(source: BigQueryTables, query: Query) -> list[dict[str, object]]:
    rows = source.read(query, n_threads=1).read_all().to_pylist()
    return sorted(rows, key=str)


def refusal(ask_it: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        ask_it()
    message = str(caught.value)
    assert message.startswith("downloads/events.yaml: ")
    assert "\n" not in message
    return message


# The emulator.


@pytest.fixture(scope="module")
def shop(bigquery: Emulator) -> google.Client:
    """A data set with the events."""
    client = google.Client(project="p", credentials=AnonymousCredentials())
    client.create_dataset("shop")
    client.query(f"CREATE TABLE shop.events AS {EVENTS_SQL}").result()
    return client


@pytest.fixture
def source(shop: google.Client) -> BigQueryTables:
    return BigQueryTables(SETTINGS)


@pytest.fixture
def made(shop: google.Client) -> Iterator[Callable[[str], str]]:
    """Make a table of a query; return its name."""
    names: list[str] = []

    def make(sql: str) -> str:
        names.append(f"made_{len(names)}")
        shop.query(f"CREATE OR REPLACE TABLE shop.{names[-1]} AS {sql}").result()
        return names[-1]

    yield make
    for name in names:
        shop.delete_table(f"shop.{name}")


def test_columns_come_in_the_order_in_which_they_are_asked_for(source: BigQueryTables) -> None:
    query = replace(ask(), columns=("price", "user"))
    assert source.read(query, n_threads=1).schema == pa.schema([("price", pa.float64()), ("user", pa.string())])


def test_not_a_number_is_missing(source: BigQueryTables) -> None:
    assert [row["price"] for row in fetch(source, ask())] == [2.0, None, None]


def test_the_period_is_half_open(source: BigQueryTables) -> None:
    rows = fetch(source, ask(since=utc(2024, 1, 2), until=utc(2024, 1, 3, 12)))
    assert [row["at"] for row in rows] == [utc(2024, 1, 2)]


def test_a_period_needs_not_ask_for_the_time(source: BigQueryTables) -> None:
    query = replace(ask(since=utc(2024, 1, 3), users=("b",)), columns=("product",))
    assert fetch(source, query) == [{"product": "beer"}]


def test_a_period_without_rows_gives_an_empty_table(source: BigQueryTables) -> None:
    table = source.read(ask(since=utc(2025, 1, 1)), n_threads=1).read_all()
    assert (table.num_rows, table.schema.names) == (0, ["user", "at", "product", "price"])


@pytest.mark.parametrize("kind", ["INT64", "STRING"])
def test_users_are_texts_whatever_the_table_has(source: BigQueryTables, made: Callable[[str], str], kind: str) -> None:
    table = made(f"SELECT CAST(x AS {kind}) AS user, 1 AS n FROM UNNEST([10, 9, 100]) AS x")
    method = replace(EVENTS, table=table, time=None, columns=COLUMNS[:1])
    assert fetch(source, ask(method)) == [{"user": "10"}, {"user": "100"}, {"user": "9"}]
    assert fetch(source, ask(method, users=("9", "100", "'; DROP TABLE"))) == [{"user": "100"}, {"user": "9"}]


def test_more_users_than_a_request_holds_are_sorted_out_here(source: BigQueryTables) -> None:
    users = ("b", *(f"nobody {number}" for number in range(MAX_USERS)))
    assert [row["user"] for row in fetch(source, ask(users=users))] == ["b"]


def test_every_type_arrives_as_it_is_declared(source: BigQueryTables, made: Callable[[str], str]) -> None:
    values = {
        ("i", "integer"): ("7", 7),
        ("x", "number"): ("0.5", 0.5),
        ("numeric", "number"): ("NUMERIC '1.25'", 1.25),
        ("wide", "number"): ("BIGNUMERIC '2.5'", 2.5),
        ("b", "boolean"): ("TRUE", True),
        ("d", "date"): ("DATE '2024-02-03'", date(2024, 2, 3)),
        ("t", "timestamp"): ("TIMESTAMP '2024-02-03 04:05:06.789+00'", utc(2024, 2, 3, 4, 5, 6, 789_000)),
        ("local", "timestamp"): ("DATETIME '2024-02-03 09:00:00'", utc(2024, 2, 3)),
        ("midnight", "timestamp"): ("DATE '2024-02-03'", utc(2024, 2, 2, 15)),
        ("clock", "string"): ("TIME '01:02:03'", "01:02:03"),
        ("list", "string"): ("[1, 2]", "[1,2]"),
        ("record", "string"): ("STRUCT(1 AS x)", '{"x":1}'),
        ("none", "number"): ("CAST(NULL AS NUMERIC)", None),
    }
    selected = ", ".join(f"{sql} AS `{name}`" for (name, _), (sql, _) in values.items())
    table = made(f"SELECT 'u' AS user, {selected}")
    columns = (COLUMNS[0], *(Column(name=name, type=kind) for name, kind in values))  # type: ignore[arg-type]
    method = replace(EVENTS, table=table, time=None, time_zone="Asia/Tokyo", columns=columns)
    expected = {"user": "u"} | {name: value for (name, _), (_, value) in values.items()}
    assert fetch(source, ask(method)) == [expected]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo"])
@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("TIMESTAMP", "timestamp"),
        ("DATETIME", "timestamp"),
        ("DATE", "timestamp"),
        ("DATE", "date"),
        ("STRING", "timestamp"),
    ],
)
def test_every_row_is_in_one_day_whatever_the_time_is_and_its_zone(
    source: BigQueryTables, made: Callable[[str], str], kind: str, declared: str, zone: str
) -> None:
    # Clocks change in Berlin and Sao Paulo.
    steps = "GENERATE_TIMESTAMP_ARRAY('2018-10-26', '2018-11-06', INTERVAL 1 HOUR)"
    table = made(f"SELECT CAST(t AS STRING) AS user, CAST(CAST(t AS {kind}) AS {kind}) AS `at` FROM UNNEST({steps}) t")
    columns = (COLUMNS[0], Column(name="at", type=declared))  # type: ignore[arg-type]
    method = replace(EVENTS, table=table, time_zone=zone, columns=columns)
    bounds = [None, utc(2018, 10, 28), utc(2018, 10, 28, 1), utc(2018, 10, 29), utc(2018, 11, 4, 3), None]
    parts = [fetch(source, ask(method, since=since, until=until)) for since, until in pairwise(bounds)]
    assert sorted((row for part in parts for row in part), key=str) == fetch(source, ask(method))


@pytest.mark.parametrize("kind", ["TIMESTAMP", "DATETIME"])
def test_an_hour_that_a_date_would_cut_off_is_refused(
    source: BigQueryTables, made: Callable[[str], str], kind: str
) -> None:
    table = made(f"SELECT 'u' AS user, CAST(TIMESTAMP '2018-10-26 13:00:00' AS {kind}) AS `at`")
    method = replace(EVENTS, table=table, columns=(COLUMNS[0], Column(name="at", type="date")))
    with pytest.raises(DataError, match="some rows have no date in at"):
        fetch(source, ask(method))


def test_sql_takes_typed_parameters_and_the_period(source: BigQueryTables) -> None:
    sql = """
    WITH chosen AS (
        SELECT * FROM events WHERE `at` >= @since AND `at` < @until AND price = @exactly OR product = @product
    )
    SELECT chosen.*, @n AS n, @yes AS yes, @day AS day, @moment AS moment FROM chosen; -- the end"""
    values = {
        "exactly": ("number", "2.0"),
        "product": ("string", "it's `tea`"),
        "n": ("integer", "7"),
        "yes": ("boolean", "true"),
        "day": ("date", "2024-02-03"),
        "moment": ("timestamp", "2024-02-03T04:05:06Z"),
        "unused": ("string", ""),
    }
    parameters = {name: Parameter(type=kind, value=value) for name, (kind, value) in values.items()}  # type: ignore[arg-type]
    extra = tuple(Column(name=name, type=values[name][0]) for name in ("n", "yes", "day", "moment"))  # type: ignore[arg-type]
    method = replace(
        EVENTS, table="", sql={"bigquery": sql.replace("; --", "--")}, parameters=parameters, columns=COLUMNS + extra
    )
    expected = {"user": "a", "at": utc(2024, 1, 1), "product": "tea", "price": 2.0, "n": 7, "yes": True}
    expected |= {"day": date(2024, 2, 3), "moment": utc(2024, 2, 3, 4, 5, 6)}
    assert fetch(source, ask(method)) == [expected]
    assert fetch(source, ask(method, since=utc(2024, 1, 1), until=utc(2024, 1, 2))) == [expected]
    assert fetch(source, ask(method, since=utc(2024, 1, 2))) == []


@pytest.mark.parametrize(
    ("dataset", "table"), [(None, "p.shop.events"), ("p.shop", "events"), ("other", "p.shop.events")]
)
def test_a_table_is_found_in_another_project_than_the_one_that_is_billed(
    shop: google.Client, dataset: str | None, table: str
) -> None:
    billed = BigQueryTables(BigQuerySource(project="billed", dataset=dataset))
    assert len(fetch(billed, ask(replace(EVENTS, table=table)))) == 3


def test_a_table_without_a_project_is_that_of_the_one_that_is_billed(shop: google.Client) -> None:
    billed = BigQueryTables(BigQuerySource(project="billed"))
    assert "billed.shop.events" in refusal(lambda: billed.estimate(ask(replace(EVENTS, table="shop.events"))))
    assert len(fetch(BigQueryTables(BigQuerySource(project="p")), ask(replace(EVENTS, table="shop.events")))) == 3


def test_missing_columns_are_all_named_with_what_was_meant(source: BigQueryTables) -> None:
    columns = (*COLUMNS, Column(name="prise", type="number"), Column(name="qty", type="integer"))
    for method in (
        replace(EVENTS, columns=columns),
        replace(EVENTS, columns=columns, table="", sql={"bigquery": "SELECT * FROM events"}),
    ):
        message = refusal(lambda method=method: source.read(ask(method), n_threads=1))  # type: ignore[misc]
        assert "there is no column 'prise' (did you mean 'price'?), 'qty', only user, at, product, price" in message


def test_a_missing_column_of_days_is_named(source: BigQueryTables) -> None:
    method = replace(EVENTS, days=Days(since=date(2024, 1, 1), column="day"))
    assert "there is no column 'day'" in refusal(lambda: source.estimate(ask(method)))
    assert source.estimate(ask(replace(method, sql={"bigquery": "SELECT * FROM events"}))) == 0


def test_a_missing_table_is_named(source: BigQueryTables) -> None:
    message = refusal(lambda: source.estimate(ask(replace(EVENTS, table="evnts"))))
    assert "p.shop.evnts; correct the table's name, or the source's `project`, `dataset`" in message


def test_wrong_sql_is_refused_with_what_bigquery_says_of_it(source: BigQueryTables) -> None:
    method = replace(EVENTS, table="", sql={"bigquery": "SELECT user\nFROM events\nWERE TRUE OR"})
    message = refusal(lambda: source.estimate(ask(method)))
    assert "BigQuery does not accept the query: Syntax error" in message
    assert "correct the SQL" in message


def test_a_value_that_does_not_fit_is_refused(source: BigQueryTables) -> None:
    columns = (*COLUMNS[:2], Column(name="product", type="integer"))
    message = refusal(lambda: fetch(source, ask(replace(EVENTS, columns=columns))))
    assert "some rows have no integer in product" in message


def test_a_table_is_described_without_reading_it(source: BigQueryTables) -> None:
    state = source.describe(EVENTS)
    assert state.columns == {name: TYPES[name] for name in ("user", "at", "product", "price")}
    assert state.n_rows == 3
    assert source.changed_at(EVENTS) is not None
    assert source.describe(replace(EVENTS, sql={"bigquery": "SELECT 1 AS n, TRUE AS b"})).columns == {
        "n": "INT64",
        "b": "BOOL",
    }


def test_the_version_of_a_table_changes_with_its_rows(
    source: BigQueryTables, shop: google.Client, made: Callable[[str], str]
) -> None:
    method = replace(EVENTS, table=made(EVENTS_SQL))
    before = source.data_version(method)
    assert source.data_version(method) == before
    # The emulator does not count what INSERT adds.
    shop.query(f"CREATE OR REPLACE TABLE shop.{method.table} AS {EVENTS_SQL} LIMIT 2").result()
    assert source.data_version(method) != before


@pytest.fixture
def exporting(shop: google.Client, bigquery: Emulator) -> BigQueryTables:
    """A source that exports all it reads."""
    settings = replace(SETTINGS, export="gs://exports/yule/")
    clients = replace(
        open_clients(settings),
        open_files=lambda place: FolderObjects(bigquery.buckets / place.removeprefix("gs://")),
        export_bytes=0,
    )
    return BigQueryTables(settings, clients=clients)


def left_behind(bigquery: Emulator) -> list[Path]:
    return [path for path in bigquery.buckets.rglob("*") if path.is_file()]


def test_a_result_that_goes_through_files_is_the_same(
    exporting: BigQueryTables, source: BigQueryTables, bigquery: Emulator
) -> None:
    query = ask(since=utc(2024, 1, 1), users=("a", "b"))
    assert fetch(exporting, query) == fetch(source, query)
    assert left_behind(bigquery) == []


def test_exported_files_are_deleted_when_nobody_reads_them(exporting: BigQueryTables, bigquery: Emulator) -> None:
    reader = exporting.read(ask(), n_threads=1)
    assert left_behind(bigquery)
    del reader
    assert left_behind(bigquery) == []


# The generated SQL.


def test_all_values_are_parameters() -> None:
    sql, values = select_sql(
        ask(since=utc(2024, 1, 1), until=utc(2024, 1, 2), users=("it's",)), rows_sql(SETTINGS, EVENTS), TYPES
    )
    assert sql == (
        "SELECT `user` AS `user`, `at` AS `at`, `product` AS `product`, `price` AS `price`\n"
        "FROM `p.shop.events`\n"
        "WHERE `at` >= @yule_since\n  AND `at` < @yule_until\n  AND `user` IN UNNEST(@yule_users)"
    )
    assert [value.value for value in values] == [utc(2024, 1, 1), utc(2024, 1, 2), ("it's",)]


@pytest.mark.parametrize(
    ("column", "first", "behind"),
    [
        ("day", date(2024, 1, 9), date(2024, 1, 15)),
        ("_PARTITIONTIME", utc(2024, 1, 9), utc(2024, 1, 15)),
        ("_TABLE_SUFFIX", "20240109", "20240115"),
    ],
)
def test_only_partitions_that_can_hold_rows_of_the_period_are_read(column: str, first: object, behind: object) -> None:
    days = Days(since=date(2024, 1, 1), late_days=2, column=column)
    query = ask(replace(EVENTS, days=days), since=utc(2024, 1, 10), until=utc(2024, 1, 11))
    sql, values = select_sql(query, "t", TYPES)
    name = "`day`" if column == "day" else column
    assert f"AND {name} >= @yule_first\n  AND {name} < @yule_behind" in sql
    assert {value.name: value.value for value in values if "yule_" in value.name} == {
        "yule_since": utc(2024, 1, 10),
        "yule_until": utc(2024, 1, 11),
        "yule_first": first,
        "yule_behind": behind,
    }


def test_a_table_without_a_data_set_is_refused() -> None:
    source = BigQueryTables(
        BigQuerySource(project="p"), clients=BigQueryClients(queries=StandIn().client(), reads=None)
    )
    message = refusal(lambda: source.estimate(ask()))
    assert "write DATASET.events, or give the source 'warehouse' a `dataset` in project.yaml" in message


@pytest.mark.parametrize(
    ("kind", "declared", "selected"),
    [
        ("NUMERIC", "number", "CAST(`price` AS FLOAT64)"),
        ("NUMERIC", "string", "CAST(`price` AS STRING)"),
        ("BIGNUMERIC", "integer", "CAST(`price` AS STRING)"),
        ("JSON", "string", "TO_JSON_STRING(`price`)"),
        ("GEOGRAPHY", "string", "ST_ASTEXT(`price`)"),
        ("FLOAT64", "string", "`price`"),
    ],
)
def test_types_that_arrow_has_not_are_converted_by_bigquery(kind: str, declared: str, selected: str) -> None:
    columns = (*COLUMNS[:3], Column(name="price", type=declared))  # type: ignore[arg-type]
    sql, _ = select_sql(ask(replace(EVENTS, columns=columns)), "t", TYPES | {"price": kind})
    assert f"{selected} AS `price`" in sql


@pytest.mark.parametrize("table", ["", "a..b", "a`b", "a.b.c d"])
def test_what_is_no_name_of_a_table_is_refused(table: str) -> None:
    refusal(lambda: rows_sql(SETTINGS, replace(EVENTS, table=table)))


# The stand-in.

KNOWN = StandInTable(
    name="p.shop.events", columns={"user": "STRING", "at": "TIMESTAMP", "product": "STRING", "price": "FLOAT"}
)
ROW = ("a", "1704067200000000", "tea", "2.0")


def stand_in(*refusals: Refusal | Exception) -> StandIn:
    return StandIn(
        tables=[KNOWN],
        n_bytes=30_000_000_000,
        reads=["p.shop.events"],
        columns=KNOWN.columns,
        rows=[ROW],
        refusals=list(refusals),
    )


def connect(server: StandIn, settings: BigQuerySource = SETTINGS, reads: object = None) -> BigQueryTables:
    return BigQueryTables(settings, clients=BigQueryClients(queries=server.client(), reads=reads))


def test_a_dry_run_comes_before_every_run() -> None:
    server = stand_in()
    assert fetch(connect(server), ask()) == [{"user": "a", "at": utc(2024, 1, 1), "product": "tea", "price": 2.0}]
    posts = [request for request in server.asked if request.method == "POST"]
    assert [post.is_dry_run for post in posts] == [True, False]
    assert posts[0].sql == posts[1].sql
    assert posts[0].body["configuration"]["query"]["useQueryCache"] is False
    assert posts[1].body["configuration"]["query"]["useQueryCache"] is True


def test_the_estimate_runs_nothing() -> None:
    server = stand_in()
    assert connect(server).estimate(ask()) == 30_000_000_000
    assert server.runs() == []


def test_too_many_bytes_are_refused_with_the_figures_before_the_run() -> None:
    server = stand_in()
    query = ask(since=utc(2024, 1, 1), until=utc(2024, 1, 2))
    message = refusal(lambda: connect(server).read(query, n_threads=1, max_bytes=20_000_000_000))
    assert "30 GB" in message
    assert "20 GB" in message
    assert "fewer columns, a shorter period or `days: {column: ...}`" in message
    assert server.runs() == []


@pytest.mark.parametrize(("allowed", "limit"), [(40_000_000_000, "40000000000"), (1, "10485760"), (None, None)])
def test_bigquery_is_told_the_limit_though_no_less_than_it_bills(allowed: int | None, limit: str | None) -> None:
    server = stand_in()
    server.n_bytes = 0 if allowed == 1 else server.n_bytes
    connect(server).read(ask(), n_threads=1, max_bytes=allowed)
    (run,) = server.runs()
    assert run.body["configuration"]["query"].get("maximumBytesBilled") == limit


def test_a_query_that_reads_more_than_foreseen_is_stopped_by_bigquery() -> None:
    server = stand_in(
        Refusal(status=400, reason="bytesBilledLimitExceeded", message="Query exceeded limit for bytes billed: 1.")
    )
    message = refusal(lambda: connect(server).read(ask(), n_threads=1, max_bytes=30_000_000_000))
    assert "exceeded limit for bytes billed: 1; ask for fewer columns" in message


def test_labels_are_written_as_bigquery_takes_them() -> None:
    server = stand_in()
    labels = {"run": "Beer buyers/2024", "case": "é" * 80, "method": "x"}
    connect(server).read(ask(), n_threads=1, labels=labels)
    (run,) = server.runs()
    written = run.body["configuration"]["labels"]
    assert written["run"].startswith("beer-buyers-2024-")
    assert written["case"].startswith("é" * 54)
    assert written["method"] == "x"


def test_the_data_set_of_the_source_holds_in_sql_too() -> None:
    server = stand_in()
    connect(server).read(ask(replace(EVENTS, sql={"bigquery": "SELECT * FROM events"})), n_threads=1)
    (run,) = server.runs()
    assert run.body["configuration"]["query"]["defaultDataset"] == {"projectId": "p", "datasetId": "shop"}


def test_sql_is_looked_at_as_it_was_written_so_that_lines_are_counted_right() -> None:
    server = stand_in()
    sql = "SELECT *\nFROM events"
    connect(server).estimate(ask(replace(EVENTS, sql={"bigquery": sql})))
    assert [request.sql.count(sql) for request in server.dry_runs()] == [1, 1]
    assert server.dry_runs()[0].sql == sql


def test_only_large_results_are_exported(tmp_path: Path) -> None:
    settings = replace(SETTINGS, export="gs://exports/yule")
    for n_bytes, is_exported in ((10**9, False), (10**11, True)):
        server = stand_in()
        server.n_bytes = n_bytes
        clients = BigQueryClients(queries=server.client(), reads=None, open_files=lambda _: FolderObjects(tmp_path))
        BigQueryTables(settings, clients=clients).read(ask(), n_threads=1, max_bytes=10**12, labels={"run": "r"})
        (run,) = server.runs()
        assert run.sql.startswith("EXPORT DATA OPTIONS (uri = 'gs://exports/yule/") is is_exported
        assert run.body["configuration"]["query"]["maximumBytesBilled"] == str(10**12)
        assert run.body["configuration"]["labels"] == {"run": "r"}


def test_a_server_that_is_busy_for_a_moment_is_asked_again() -> None:
    server = stand_in(Refusal(status=503, reason="backendError", message="busy"))
    assert len(fetch(connect(server), ask())) == 1
    assert len(server.runs()) == 2


@pytest.mark.parametrize(
    ("status", "reason", "said", "advice"),
    [
        (
            403,
            "accessDenied",
            "Access Denied: Project p: User does not have bigquery.jobs.create permission in project p.",
            "ask an administrator of the project for roles/bigquery.jobUser",
        ),
        (
            403,
            "accessDenied",
            "Access Denied: Table p:shop.events: User does not have permission to query table p:shop.events",
            "ask an administrator of the project for roles/bigquery.dataViewer on the data set",
        ),
        (403, "quotaExceeded", "Quota exceeded: too many bytes a day", "a quota of the project p is used up"),
        (403, "accessNotConfigured", "The API is off", "switch on the BigQuery API of the project p"),
        (403, "billingNotEnabled", "No billing", "switch on billing of the project p"),
        (404, "notFound", "Not found: Dataset p:shop was not found in location US", "`dataset` or `location`"),
        (401, "authError", "Request had invalid authentication credentials", "gcloud auth application-default login"),
        (400, "invalidQuery", "Unrecognized name: x at [1:8]", "correct the SQL"),
        (429, "quotaExceeded", "Too many requests", "a quota of the project p is used up"),
    ],
)
def test_refusals_are_explained_with_what_to_do(status: int, reason: str, said: str, advice: str) -> None:
    server = stand_in(Refusal(status=status, reason=reason, message=said))
    message = refusal(lambda: connect(server).read(ask(), n_threads=1))
    assert said.rstrip(".") in message
    assert advice in message
    assert "http" not in message


def test_a_login_that_has_expired_is_explained() -> None:
    error = RefreshError("Reauthentication is needed.", {"secret": "token"})  # type: ignore[no-untyped-call]
    message = refusal(lambda: connect(stand_in(error)).read(ask(), n_threads=1))
    assert "may have expired" in message
    assert "gcloud auth application-default login" in message


def test_a_machine_without_a_login_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    message = refusal(lambda: BigQueryTables(SETTINGS).estimate(ask()))
    assert "there is no login for BigQuery" in message
    assert "gcloud auth application-default login" in message


def test_a_network_that_fails_is_explained() -> None:
    server = stand_in(OSError("no route to host"))
    assert "cannot be reached or fails: no route to host; check" in refusal(lambda: connect(server).estimate(ask()))


@pytest.mark.parametrize("module", ["google.cloud.bigquery", "google.cloud.bigquery_storage"])
def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    import google.cloud

    monkeypatch.delattr(google.cloud, module.rsplit(".", maxsplit=1)[-1], raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=r"pip install 'yule\[bigquery\]'"):
        open_clients(SETTINGS)


class Reads:
    """A Storage Read API that refuses."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def create_read_session(self, **_: object) -> None:
        raise self._error


def test_small_results_are_read_in_pages_where_the_faster_way_is_not_permitted() -> None:
    error = PermissionDenied("the user does not have 'bigquery.readsessions.create' permission")  # type: ignore[no-untyped-call]
    server = stand_in()
    server.n_rows = 1_000_000
    server.rows = [ROW] * 10
    reader = connect(server, reads=Reads(error)).read(ask(), n_threads=1)
    assert reader.read_next_batch().num_rows > 0
    server.n_rows = 2_000_000
    message = refusal(lambda: connect(server, reads=Reads(error)).read(ask(), n_threads=1))
    assert "roles/bigquery.readSessionUser" in message


def test_results_are_read_through_the_storage_read_api(
    made: Callable[[str], str], bigquery: Emulator, shop: google.Client
) -> None:
    """The stand-in answers the query with a table of the emulator, as BigQuery does with one of its own."""
    name = made("SELECT CAST(x AS STRING) AS user, 0.5 * x AS price FROM UNNEST(GENERATE_ARRAY(1, 50000)) AS x")
    columns = {"user": "STRING", "price": "FLOAT"}
    server = StandIn(
        tables=[StandInTable(name="p.shop.users", columns=columns)],
        columns=columns,
        n_rows=50_000,
        destination=f"p.shop.{name}",
    )
    method = replace(EVENTS, table="users", time=None, columns=(COLUMNS[0], COLUMNS[3]))
    table = connect(server, reads=open_clients(SETTINGS).reads).read(ask(method), n_threads=2).read_all()
    assert sorted(map(int, table["user"].to_pylist())) == list(range(1, 50_001))
    assert sum(table["price"].to_pylist()) == 0.5 * 50_000 * 50_001 / 2


def test_a_failure_half_way_is_told_in_its_own_words() -> None:
    server = stand_in()
    server.n_rows = 3

    def fail(path: str) -> None:
        server.refusals.append(Refusal(status=403, reason="quotaExceeded", message="Quota exceeded", path=path))

    reader = connect(server).read(ask(), n_threads=1)
    fail("/queries/")
    fail("/data")
    with pytest.raises(DataError, match="a quota of the project p is used up"):
        reader.read_all()


# Versions of data.


def version(*tables: StandInTable, sql: str = "", table: str = "events", today: date = date(2024, 1, 1)) -> str:
    server = StandIn(tables=[KNOWN, *tables], reads=[table.name for table in tables], columns=KNOWN.columns)
    clients = BigQueryClients(queries=server.client(), reads=None, today=lambda: today)
    method = replace(EVENTS, table=table, sql={"bigquery": sql} if sql else {})  # type: ignore[arg-type]
    found = BigQueryTables(SETTINGS, clients=clients).data_version(method)
    assert server.runs() == []
    return found


def test_the_version_of_sql_is_that_of_all_tables_it_reads_and_of_its_text() -> None:
    sql, other = "SELECT * FROM events", StandInTable(name="p.x.y", columns={})
    first = version(KNOWN, other, sql=sql)
    assert version(other, KNOWN, sql=sql) == first
    assert version(KNOWN, replace(other, n_rows=4), sql=sql) != first
    assert version(KNOWN, replace(other, changed_at=CHANGED_AT + 1), sql=sql) != first
    assert version(KNOWN, other, sql=f"{sql} WHERE TRUE") != first


def test_the_version_of_a_view_is_that_of_its_tables_and_of_its_text() -> None:
    view = StandInTable(name="p.shop.v", columns={}, kind="VIEW", view="SELECT 1")
    other = StandInTable(name="p.x.y", columns={})
    first = version(view, other, table="v")
    assert version(view, other, table="v", today=date(2024, 1, 2)) == first
    assert version(view, replace(other, changed_at=CHANGED_AT + 1), table="v") != first
    assert version(replace(view, changed_at=CHANGED_AT + 1), other, table="v") != first
    daily = replace(view, view="SELECT CURRENT_DATE()")
    assert version(daily, other, table="v") != version(daily, other, table="v", today=date(2024, 1, 2))


@pytest.mark.parametrize(
    ("sql", "tables", "is_daily"),
    [
        ("SELECT * FROM events", [KNOWN], False),
        ("SELECT 1", [], True),
        ("SELECT * FROM events WHERE day = CURRENT_DATE()", [KNOWN], True),
        ("SELECT * FROM v", [StandInTable(name="p.x.v", columns={}, kind="VIEW", view="SELECT 1"), KNOWN], False),
        (
            "SELECT * FROM v",
            [StandInTable(name="p.x.v", columns={}, kind="VIEW", view="SELECT RAND()"), KNOWN],
            True,
        ),
        ("SELECT * FROM v", [StandInTable(name="p.x.v", columns={}, kind="VIEW", view="SELECT 1")], True),
        ("SELECT * FROM sheet", [StandInTable(name="p.x.sheet", columns={}, kind="EXTERNAL"), KNOWN], True),
        ("SELECT * FROM `events_*`", [replace(KNOWN, name="p.shop.events_*")], True),
    ],
)
def test_data_whose_change_cannot_be_told_have_the_version_of_the_day(
    sql: str, tables: list[StandInTable], *, is_daily: bool
) -> None:
    tomorrow = version(*tables, sql=sql, today=date(2024, 1, 2))
    assert (version(*tables, sql=sql) != tomorrow) is is_daily


def test_what_bigquery_does_not_take_for_a_select_is_refused() -> None:
    server = replace(stand_in(), statement="CREATE_TABLE_AS_SELECT")
    method = replace(ask().method, table="", sql={"bigquery": "SELECT user, at, product, price FROM events"})
    with pytest.raises(DataError, match=r"\.sql: BigQuery takes this for CREATE_TABLE_AS_SELECT: write one SELECT"):
        connect(server).estimate(Query(method=method, columns=("user",)))
    assert server.runs() == []


def written_at(method: Method, partitioned_by: str, *rows: tuple[str, str]) -> dict[int, int]:
    """Return the hours at which days of January 2024 were written to, of a table with some partitions."""
    server = StandIn(
        tables=[replace(KNOWN, partitioned_by=partitioned_by)],
        columns={"partition_id": "STRING", "written_at": "TIMESTAMP"},
        rows=[(name, str(int(utc(2024, 2, 1, int(hour)).timestamp() * 1_000_000))) for name, hour in rows],
    )
    days = [date(2024, 1, number) for number in (10, 11, 12)]
    found = connect(server).written_at(method, days)
    if server.runs():
        assert "FROM `p.shop`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = @table" in server.runs()[0].sql
    return {day.day: at.hour for day, at in found.items()}


PARTITIONS = [("20240110", "1"), ("20240111", "2"), ("20240113", "4"), ("__NULL__", "9")]


@pytest.mark.parametrize(
    ("column", "late_days", "partitioned_by", "expected"),
    [
        (None, 0, "at", {10: 1, 11: 2}),
        (None, 0, "", {}),
        ("loaded", 1, "loaded", {10: 2, 11: 2, 12: 4}),
        ("loaded", 1, "at", {}),
    ],
)
def test_partitions_tell_which_days_were_written_to(
    column: str | None, late_days: int, partitioned_by: str, expected: dict[int, int]
) -> None:
    days = Days(since=date(2024, 1, 1), late_days=late_days, column=column)
    assert written_at(replace(EVENTS, days=days), partitioned_by, *PARTITIONS) == expected


def test_partitions_by_a_clock_in_another_zone_may_hold_rows_of_the_days_beside_them() -> None:
    method = replace(EVENTS, days=Days(since=date(2024, 1, 1)), time_zone="Asia/Tokyo")
    assert written_at(method, "at", *PARTITIONS) == {10: 2, 11: 2, 12: 4}


def test_partitions_by_the_hour_tell_of_their_day() -> None:
    method = replace(EVENTS, days=Days(since=date(2024, 1, 1)))
    assert written_at(method, "at", ("2024011005", "7"), ("2024011006", "3")) == {10: 7}
