"""A source that does not answer is asked again by whoever runs the task; what it refuses is told at once."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from downloads_toys import download_from
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from sources_toys import SNOWFLAKE
from switch import Switch
from unknown_hosts import ANSWERS, unknown_host

from yule.core.errors import DataError
from yule.core.patience import is_transient
from yule.downloads.keeping.rows.streams import stream_into, to_reader
from yule.downloads.settings import BigQuerySource, Column, Method, PostgresSource
from yule.downloads.sources.warehouses.bigquery.errors import explaining
from yule.downloads.sources.warehouses.postgres import PostgresTables
from yule.downloads.sources.warehouses.snowflake import SnowflakeTables
from yule.downloads.specs import Query

COLUMNS = (Column(name="id", type="string"),)
ROWS = "SELECT CAST(n AS text) AS id FROM generate_series(1, 3000000) AS n"


def written(sql: str) -> Method:
    """Return a download of users by SQL of PostgreSQL."""
    return Method(name="users", source="crm", user="id", columns=COLUMNS, sql={"postgres": sql})


def behind(address: str, switch: Switch) -> str:
    """Return the address of a database through a switch."""
    return f"postgresql://{switch.address.removeprefix('http://')}/{address.rsplit('/', 1)[1]}"


def fail(act: Callable[[], object]) -> DataError:
    """Return the error of something that cannot be done."""
    with pytest.raises(DataError) as raised:
        act()
    return raised.value


@pytest.fixture
def switch(postgres: str) -> Switch:
    """A switch before the database."""
    return Switch(postgres.replace("postgresql:", "http:"))


def test_a_postgres_that_is_away_is_transient(postgres: str, switch: Switch) -> None:
    switch.cut()
    source = PostgresTables(PostgresSource(address=behind(postgres, switch)))
    error = fail(lambda: source.describe(written(ROWS)))
    assert "cannot be reached" in str(error)
    assert is_transient(error)


@pytest.mark.slow
@pytest.mark.parametrize("answer", list(ANSWERS))
def test_a_postgres_that_is_mistyped_is_told_at_once(answer: str) -> None:
    with unknown_host(answer) as host:
        source = PostgresTables(PostgresSource(address=f"postgresql://{host}/crm"))
        error = fail(lambda: source.describe(written(ROWS)))
    assert is_transient(error) is (answer == "not now")
    assert (f"there is no host '{host}': correct its name in the `address`" in str(error)) is (
        answer == "there is none"
    )


def test_a_snowflake_that_is_mistyped_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_USER", "reader")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "secret")
    query = Query(method=Method(name="users", source="crm", table="a", user="id", columns=COLUMNS), columns=("id",))
    with unknown_host("there is none") as host:
        monkeypatch.setenv("SNOWFLAKE_EMULATOR_HOST", f"{host}:1")
        error = fail(lambda: SnowflakeTables(SNOWFLAKE).read(query, n_threads=1).read_all())
    assert not is_transient(error)
    assert f"there is no host '{host}'" in str(error)


def test_a_postgres_that_goes_away_while_rows_are_read_is_transient(
    postgres: str, switch: Switch, tmp_path: Path
) -> None:
    settings = PostgresSource(address=behind(postgres, switch))

    def read() -> None:
        reader = PostgresTables(settings).read(Query(method=written(ROWS), columns=("id",)), n_threads=1)
        for number, _ in enumerate(reader):
            if number == 0:
                switch.cut()

    error = fail(read)
    assert str(error).startswith("downloads/users.yaml: PostgreSQL says: ")
    assert is_transient(error)
    switch.restore()
    assert pq.read_metadata(download_from(settings, written(ROWS), tmp_path)).num_rows == 3_000_000


@pytest.mark.parametrize("place", ["database", "user", "sql"])
def test_what_postgres_refuses_is_not_transient(postgres: str, place: str) -> None:
    address = {"database": f"{postgres}s", "user": postgres.replace("//", "//nobody@"), "sql": postgres}[place]
    source = PostgresTables(PostgresSource(address=address))
    assert not is_transient(fail(lambda: source.describe(written("SELECT id FROM absent"))))


@pytest.mark.slow
def test_a_snowflake_that_is_away_is_transient_and_what_it_refuses_is_not(snowflake: str) -> None:
    method = Method(name="users", source="crm", table="web.absent", user="id", columns=COLUMNS)
    query = Query(method=method, columns=("id",))
    error = fail(lambda: SnowflakeTables(SNOWFLAKE).read(query, n_threads=1).read_all())
    assert "Snowflake says" in str(error)
    assert not is_transient(error)
    switch = Switch(f"http://{snowflake}")
    switch.cut()
    with mock.patch.dict(os.environ, {"SNOWFLAKE_EMULATOR_HOST": switch.address.removeprefix("http://")}):
        assert is_transient(fail(lambda: SnowflakeTables(SNOWFLAKE).read(query, n_threads=1).read_all()))


def reasoned(kind: type[api.GoogleAPICallError], reason: str) -> api.GoogleAPICallError:
    """Return an error with a reason."""
    return kind("told", errors=[{"reason": reason}])  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "is_later"),
    [
        (api.ServiceUnavailable("told"), True),  # type: ignore[no-untyped-call]
        (api.RetryError("told", cause=api.GatewayTimeout("told")), True),  # type: ignore[no-untyped-call]
        (auth.TransportError("told"), True),  # type: ignore[no-untyped-call]
        (ConnectionResetError(), True),
        (reasoned(api.Forbidden, "rateLimitExceeded"), True),
        (reasoned(api.BadRequest, "backendError"), True),
        (reasoned(api.TooManyRequests, "quotaExceeded"), False),
        (reasoned(api.Forbidden, "quotaExceeded"), False),
        (reasoned(api.Forbidden, "accessDenied"), False),
        (api.NotFound("told"), False),  # type: ignore[no-untyped-call]
        (auth.DefaultCredentialsError("told"), False),  # type: ignore[no-untyped-call]
    ],
    ids=repr,
)
def test_bigquery_is_asked_again_when_it_asks_to_come_back(error: Exception, is_later: bool) -> None:
    def ask() -> None:
        with explaining("downloads/users.yaml", BigQuerySource(project="p")):
            raise error

    assert is_transient(fail(ask)) is is_later


def test_what_a_stream_broke_off_for_is_known_behind_a_database() -> None:
    def batches() -> Iterator[pa.Schema | pa.RecordBatch]:
        yield pa.schema([("id", pa.string())])
        raise DataError("told") from ConnectionResetError()

    def read() -> None:
        with duckdb.connect() as connection, stream_into(connection, "rows", to_reader(batches())):
            connection.execute("SELECT count(*) FROM rows").fetchall()

    assert is_transient(fail(read))
