"""Facts about Snowflake as a source, against a server that speaks its protocol."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from sources_toys import SNOWFLAKE, run_in_snowflake

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method, Parameter
from yule.downloads.sources.warehouses.snowflake import SnowflakeTables
from yule.downloads.specs import Query

COLUMNS = (Column(name="user_id", type="string"), Column(name="n", type="integer"))
METHOD = Method(name="events", source="crm", table="web.views", user="user_id", columns=COLUMNS)


@pytest.fixture
def source(snowflake: str) -> SnowflakeTables:
    """A database with a table whose names were written without quotes."""
    run_in_snowflake(
        "CREATE SCHEMA IF NOT EXISTS WEB",
        "CREATE OR REPLACE TABLE WEB.VIEWS "
        "(user_id NUMBER(38, 0), n NUMBER(9, 0), seen TIMESTAMP_TZ, price NUMBER(9, 2))",
        "INSERT INTO WEB.VIEWS SELECT 7, 1, CAST('9999-12-30 00:00:00+00:00' AS TIMESTAMP_TZ), 0.1",
        "INSERT INTO WEB.VIEWS SELECT 9007199254740993, 2, NULL, NULL",
    )
    return SnowflakeTables(SNOWFLAKE)


def ask(source: SnowflakeTables, method: Method = METHOD, users: tuple[str, ...] | None = None) -> list[list[object]]:
    columns = tuple(column.name for column in method.columns)
    labels = {"run": "beer-1", "method": "events"}
    table = source.read(Query(method=method, columns=columns, users=users), n_threads=1, labels=labels).read_all()
    return sorted((list(row.values()) for row in table.to_pylist()), key=str)


def test_names_without_quotes_mean_capitals(source: SnowflakeTables) -> None:
    expected = [["7", 1], ["9007199254740993", 2]]
    assert ask(source) == expected
    assert ask(source, replace(METHOD, table="CONTRACT.web.VIEWS")) == expected
    assert list(source.describe(METHOD).columns) == ["user_id", "n", "seen", "price"]
    assert source.describe(METHOD).n_rows == 2
    capitals = replace(METHOD, columns=(Column(name="USER_ID", type="string"), COLUMNS[1]), user="USER_ID")
    assert list(source.describe(capitals).columns)[:2] == ["USER_ID", "n"]
    assert ask(source, capitals) == expected


def test_times_beyond_the_drivers_nanoseconds_and_missing_ones_are_read(source: SnowflakeTables) -> None:
    columns = (COLUMNS[0], Column(name="seen", type="timestamp"), Column(name="price", type="number"))
    assert ask(source, replace(METHOD, columns=columns)) == [
        ["7", datetime(9999, 12, 30, tzinfo=UTC), 0.1],
        ["9007199254740993", None, None],
    ]


def test_users_are_texts_whatever_the_table_has(source: SnowflakeTables) -> None:
    assert ask(source, users=("7", "x", "'; DROP TABLE WEB.VIEWS", "007")) == [["7", 1]]
    assert ask(source, users=()) == []


def test_many_users_are_found(source: SnowflakeTables) -> None:
    assert ask(source, users=("9007199254740993", *(f"nobody {number}" for number in range(20_000)))) == [
        ["9007199254740993", 2]
    ]


def test_sql_of_snowflake_takes_parameters(source: SnowflakeTables) -> None:
    sql = "SELECT user_id, n FROM WEB.VIEWS WHERE n >= @least AND n < @least + 1 -- @least ?\n"
    parameters = {"least": Parameter(type="integer", value="2")}
    method = replace(METHOD, table="", sql={"snowflake": sql}, parameters=parameters)
    assert ask(source, method) == [["9007199254740993", 2]]
    assert source.estimate(Query(method=method, columns=("n",))) is None


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ({"bigquery": "SELECT 1"}, "Write downloads/events.snowflake.sql beside it"),
        ({"snowflake": "DROP TABLE WEB.VIEWS"}, "DROP is not read: write one SELECT"),
        ({"snowflake": "SELECT 1; SELECT 2"}, "there are several statements"),
        ({"snowflake": "SELECT system$abort_session(1) AS n"}, "reaches outside of the tables"),
        ({"snowflake": "SELEC"}, "write one SELECT"),
    ],
)
def test_sql_that_is_no_select_is_refused(source: SnowflakeTables, sql: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        ask(source, replace(METHOD, table="", sql=sql))  # type: ignore[arg-type]


def test_a_change_of_the_table_is_another_version(source: SnowflakeTables) -> None:
    before = source.data_version(METHOD)
    assert source.data_version(METHOD) == before
    run_in_snowflake("INSERT INTO WEB.VIEWS SELECT 8, 3, NULL, NULL")
    assert source.data_version(METHOD) != before


def test_a_login_that_is_missing_is_told(source: SnowflakeTables) -> None:
    with (
        mock.patch.dict(os.environ, {"SNOWFLAKE_PASSWORD": ""}),
        pytest.raises(
            DataError, match="there is no login for Snowflake: set SNOWFLAKE_USER, and SNOWFLAKE_PRIVATE_KEY"
        ),
    ):
        ask(source)


def test_a_private_key_logs_in(source: SnowflakeTables, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.p8").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, nothing))
    login = {"SNOWFLAKE_PASSWORD": "", "SNOWFLAKE_PRIVATE_KEY_FILE": str(tmp_path / "key.p8")}
    with mock.patch.dict(os.environ, login):
        assert len(ask(source)) == 2


@pytest.mark.slow
def test_a_server_that_is_not_there_is_told(snowflake: str) -> None:
    with (
        mock.patch.dict(os.environ, {"SNOWFLAKE_EMULATOR_HOST": "127.0.0.1:9"}),
        pytest.raises(DataError, match="the source crm cannot be reached"),
    ):
        ask(SnowflakeTables(SNOWFLAKE))


def test_arrow_of_an_answer_without_rows_has_the_declared_types(source: SnowflakeTables) -> None:
    columns = (COLUMNS[0], Column(name="seen", type="timestamp"))
    method = replace(METHOD, columns=columns)
    table = source.read(Query(method=method, columns=("user_id", "seen"), users=("x",)), n_threads=1).read_all()
    assert table.schema.types == [pa.string(), pa.timestamp("us", tz="UTC")]
