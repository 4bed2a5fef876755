"""Facts about users that are asked for in PostgreSQL: whatever the type of their column, those come and no others."""

import time
import uuid
from collections.abc import Sequence

import pytest

from yule.downloads.settings import Column, Method, PostgresSource
from yule.downloads.sources.warehouses.postgres import PostgresTables
from yule.downloads.specs import Query
from yule.sql.columns import ColumnType

UUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


def put(address: str, kind: str, values: Sequence[str]) -> None:
    """Make the table of users."""
    from adbc_driver_postgresql.dbapi import connect

    with connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS users")
        cursor.execute(f"CREATE TABLE users (id {kind})")
        for value in values:
            cursor.execute(f"INSERT INTO users VALUES (CAST('{value}' AS {kind}))")
        connection.commit()


def ask(address: str, users: Sequence[str], declared: ColumnType = "string", *, sql: str = "") -> list[str]:
    """Return which users come."""
    columns = (Column(name="id", type=declared),)
    written = {"sql": {"postgres": sql}} if sql else {"table": "users"}
    method = Method(name="users", source="crm", user="id", columns=columns, **written)  # type: ignore[arg-type]
    query = Query(method=method, columns=("id",), users=tuple(users))
    source = PostgresTables(PostgresSource(address=address))
    assert source.estimate(query) >= 0
    return sorted(source.read(query, n_threads=1).read_all()["id"].to_pylist())


@pytest.mark.parametrize("kind", ["int", "bigint", "smallint", "numeric", "numeric(10,2)", "float8", "real", "text"])
@pytest.mark.parametrize("users", [["7", "x", "007", "7.0", "1e3", "", "9" * 30, "-0", "99999999999"]])
def test_users_of_any_type_of_number_are_compared_as_the_download_names_them(
    postgres: str, kind: str, users: list[str]
) -> None:
    put(postgres, kind, ["7", "70", "-3"])
    assert ask(postgres, users, "integer") == ["7"]
    assert ask(postgres, ["-3", "70"], "integer") == ["-3", "70"]


def test_the_largest_number_is_found(postgres: str) -> None:
    put(postgres, "bigint", ["9223372036854775807", "-9223372036854775808", "1"])
    assert ask(postgres, ["9223372036854775807", "9223372036854775808"], "integer") == ["9223372036854775807"]
    assert ask(postgres, ["-9223372036854775808"], "string") == ["-9223372036854775808"]


def test_a_text_that_is_declared_a_number_is_found_by_the_number(postgres: str) -> None:
    put(postgres, "text", ["007", "8"])
    assert ask(postgres, ["7"], "integer") == ["7"]
    assert ask(postgres, ["7"], "string") == []


@pytest.mark.parametrize("kind", ["text", "varchar(80)", "char(40)", "uuid"])
def test_uuids_are_found_in_any_type_of_text(postgres: str, kind: str) -> None:
    put(postgres, kind, [UUID, str(uuid.UUID(int=1))])
    assert ask(postgres, [UUID, "no uuid", UUID.upper()]) == [UUID]


@pytest.mark.parametrize(
    "user", ["a\x1fb", "a,b", "a\"b'c\\", "{a}", "søt 🍺", "NULL", "'; DROP TABLE users; --", "", "[]"]
)
def test_no_character_of_a_user_means_anything_to_the_server(postgres: str, user: str) -> None:
    put(postgres, "text", ["a", "b", user.replace("'", "''")])
    expected = [user] if user else []  # a row without a user is an error of its own, unless nobody asks for it
    assert ask(postgres, [user] if user else ["c"]) == expected


def test_nobody_has_a_nul_in_the_name(postgres: str) -> None:
    put(postgres, "text", ["ab", "a", "b"])
    assert ask(postgres, ["a\0b", "a"]) == ["a"]


def test_users_are_asked_of_sql_too(postgres: str) -> None:
    put(postgres, "bigint", ["1", "2", "3"])
    assert ask(postgres, ["2", "3", "x"], "integer", sql="SELECT id FROM users WHERE id < 3") == ["2"]


def test_a_hundred_thousand_users_are_found_fast(postgres: str) -> None:
    put(postgres, "text", [])
    users = [f"{UUID}-{number}" for number in range(100_000)]
    begun = time.monotonic()
    sql = f"SELECT '{UUID}-' || number AS id FROM generate_series(0, 199999) AS number"
    assert ask(postgres, users, sql=sql) == sorted(users)
    assert time.monotonic() - begun < 20
