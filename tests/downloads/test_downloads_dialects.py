"""Facts about the translation of SQL."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from golden_values import FAILING, GOLDEN, REFUSED, Failing, Golden, Refused
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.sources.dialects import check_sql, list_parameters, list_tables, translate
from yule.downloads.sources.dialects.functions import FUNCTIONS
from yule.downloads.sources.dialects.functions.texts import SAFE_LETTERS
from yule.downloads.sources.dialects.pieces import text_literal
from yule.sql.connecting import connect

DOCS = Path(__file__).parents[2] / "docs" / "downloads"
WITH_GRAMMAR = ("CAST", "EXTRACT", "IF", "SAFE_CAST", "UNNEST")
TYPES = {
    "DECIMAL(38,9)",
    "BIGINT",
    "DOUBLE",
    "VARCHAR",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    '"NULL"',
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(n_threads=1) as opened:
        yield opened


def run(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> list[tuple[object, ...]]:
    """Run a statement; instants come as text, and every column has a type that a download can have, or is an array."""
    translated = translate(sql)
    described = connection.execute(f"DESCRIBE {translated}").fetchall() if not parameters else []
    columns = []
    for name, kind, *_ in described:
        assert kind.removesuffix("[]") in TYPES | {"INTEGER", "DECIMAL(38,9)"}, (kind, translated)
        is_instant = kind == "TIMESTAMP WITH TIME ZONE"
        columns.append(f'CAST("{name}" AS VARCHAR) AS "{name}"' if is_instant else f'"{name}"')
    return connection.execute(f"SELECT {', '.join(columns) or '*'} FROM ({translated})", parameters).fetchall()


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.name}: {golden.sql[-60:]}")
def test_duckdb_answers_as_bigquery_does(connection: duckdb.DuckDBPyConnection, golden: Golden) -> None:
    is_statement = golden.sql.startswith(("SELECT", "WITH"))
    rows = run(connection, golden.sql if is_statement else f"SELECT {golden.sql} AS value")
    expected = golden.expected if is_statement else [(golden.expected,)]
    assert rows == expected
    assert [[type(value) for value in row] for row in rows] == [[type(value) for value in row] for row in expected]


@pytest.mark.parametrize("failing", FAILING, ids=lambda failing: f"{failing.name}: {failing.sql[-60:]}")
def test_what_fails_in_bigquery_fails_in_duckdb(connection: duckdb.DuckDBPyConnection, failing: Failing) -> None:
    translated = translate(failing.sql)
    with pytest.raises(duckdb.Error):
        connection.execute(translated).fetchall()


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.sql[:60])
def test_what_is_not_exact_is_refused_with_a_place(refused: Refused) -> None:
    problems = check_sql(refused.sql, parameters=["zone"])
    assert any(refused.said in problem for problem in problems), problems
    assert all(re.match(r"line \d+, column \d+: ", problem) for problem in problems)
    with pytest.raises(DataError, match=re.escape(refused.said)):
        translate(refused.sql)


def test_every_function_has_a_golden_value() -> None:
    called = {name.upper() for golden in GOLDEN for name in re.findall(r"(\w+) ?\(", golden.sql)}
    assert sorted({*FUNCTIONS, *WITH_GRAMMAR} - called) == []


def test_the_page_on_downloads_says_how_many_golden_values_there_are() -> None:
    page = " ".join((DOCS / "index.md").read_text().split())
    assert f"Translated SQL: {len(FUNCTIONS)} functions; {len(GOLDEN)} golden values" in page
    assert f"{len(REFUSED)} kinds of statements that are refused and {len(FAILING)} that fail" in page


def test_the_place_is_that_of_the_fault() -> None:
    sql = "SELECT\n  user_id,\n  RAND() AS x,\n  ANY_VALUE(y) AS z\nFROM views\nLIMIT 3"
    assert [problem.split(":")[0] for problem in check_sql(sql, parameters=[])] == [
        "line 3, column 3",
        "line 4, column 3",
        "line 6, column 7",
    ]


def test_a_fault_of_grammar_has_its_place() -> None:
    (problem,) = check_sql("SELECT x\nFROM a WHERE x >", parameters=[])
    assert problem.startswith("line 2, column ")


def test_unknown_parameters_are_named_with_the_closest_known() -> None:
    sql = "SELECT x FROM a WHERE at >= @since AND at < @until AND x = @countri"
    assert check_sql(sql, parameters=["country"]) == [
        "line 1, column 60: there is no parameter @countri (did you mean @country?)"
    ]


def test_parameters_are_those_of_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE x IN UNNEST(@ids) AND x < @most ORDER BY x LIMIT @n"
    assert list_parameters(sql) == ["ids", "most", "n"]
    assert run(connection, sql, ids=[1, 2, 3], most=3, n=1) == [(1,)]


def test_parameters_of_dates_are_dates(connection: duckdb.DuckDBPyConnection) -> None:
    assert run(connection, "SELECT DATE_DIFF(@a, DATE '2020-01-01', DAY) AS n", a=date(2020, 1, 3)) == [(2,)]
    sql = "SELECT TIMESTAMP_DIFF(@a, TIMESTAMP '2020-01-01', HOUR) AS n"
    assert run(connection, sql, a=datetime(2020, 1, 2, 0, 59, tzinfo=UTC)) == [(24,)]


def test_tables_are_listed_without_those_of_with() -> None:
    sql = """WITH a AS (SELECT x FROM `p-1.web.views`), b AS (SELECT x FROM A JOIN web.clicks USING (x))
    SELECT x FROM b WHERE x IN (SELECT x FROM c) UNION ALL SELECT x FROM (SELECT x FROM `web.views` AS v)"""
    assert list_tables(sql) == ["p-1.web.views", "web.clicks", "c", "web.views"]


def test_tables_keep_their_parts(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS web")
    connection.execute(
        "CREATE OR REPLACE TABLE web.views AS SELECT CAST(1 AS BIGINT) AS user_id, CAST(2.5 AS DOUBLE) AS price"
    )
    assert run(connection, "SELECT views.user_id, price FROM `web.views` WHERE price > 2") == [(1, 2.5)]


def test_a_table_of_with_hides_no_later_table() -> None:
    assert list_tables("SELECT x FROM (WITH a AS (SELECT 1 AS x) SELECT x FROM a) CROSS JOIN a") == ["a"]


def test_tables_of_sql_for_duckdb_are_listed() -> None:
    sql = 'WITH a AS (FROM "web"."views" SELECT "x") SELECT * FROM a JOIN clicks USING (x), read_csv(\'x.csv\')'
    assert list_tables(sql, dialect="duckdb") == ["web.views", "clicks"]


def test_parameters_are_listed_whatever_the_sql_is_for() -> None:
    assert list_parameters("FROM views SELECT x::DATE WHERE at < @until -- @not") == ["until"]


def test_tables_of_what_is_no_sql_are_not_guessed() -> None:
    with pytest.raises(DataError, match="line 1, column"):
        list_tables("SELECT x FROM (")


def test_all_problems_are_in_one_error() -> None:
    with pytest.raises(DataError) as caught:
        translate("SELECT RAND() AS x, CURRENT_DATE() AS y")
    assert str(caught.value).splitlines() == [
        "this SQL cannot be translated to duckdb exactly:",
        "line 1, column 8: RAND is not translated: it is another at every run",
        "line 1, column 21: CURRENT_DATE is not translated: it is another at every run: "
        "write a parameter, such as @until",
    ]


def test_lower_and_upper_agree_with_unicode(connection: duckdb.DuckDBPyConnection) -> None:
    characters = [chr(i) for i in (*range(1, 0xD800), *range(0xE000, 0x1FB00))]
    for name, change in (("lower", str.lower), ("upper", str.upper)):
        safe = text_literal(SAFE_LETTERS[name.upper()])
        sql = f"SELECT c, {name}(c) FROM (SELECT unnest($all) AS c) WHERE regexp_full_match(c, {safe})"
        rows = connection.execute(sql, {"all": characters}).fetchall()
        assert len(rows) > 30_000
        assert [row for row in rows if change(row[0]) != row[1]] == []


def test_the_page_lists_every_function() -> None:
    text = (DOCS / "sql.md").read_text(encoding="utf-8").split("## What is refused")[0]
    missing = [
        function.usage for function in FUNCTIONS.values() if f"`{function.usage}`".replace("|", r"\|") not in text
    ]
    assert missing == []
    named = set(re.findall(r"^\| `(\w+)\(", text, re.MULTILINE))
    assert named == set(FUNCTIONS)


def round_half_away(value: Fraction) -> int:
    """Return the closest whole number, of two the one that is further from zero."""
    return math.floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


@given(
    number=st.floats(-1e11, 1e11) | st.integers(-(10**7), 10**7).map(lambda n: (n + 0.5) / 1000),
    digits=st.integers(-6, 3),
)
@settings(max_examples=40, deadline=None)
def test_numbers_are_rounded_as_whole_numbers_are(
    connection: duckdb.DuckDBPyConnection, number: float, digits: int
) -> None:
    ((rounded,),) = run(connection, f"SELECT ROUND(@x, {digits}) AS r", x=number)
    scale = Fraction(10) ** digits
    assert rounded == float(round_half_away(Fraction(number) * scale) / scale)


_DECIMALS = st.decimals(-(10**9), 10**9, places=9, allow_nan=False, allow_infinity=False)


@given(left=_DECIMALS, right=_DECIMALS.filter(bool))
@settings(max_examples=30, deadline=None)
def test_quotients_and_products_of_numeric_have_9_digits_rounded_half_away(
    connection: duckdb.DuckDBPyConnection, left: Decimal, right: Decimal
) -> None:
    a, b = f"NUMERIC '{left:f}'", f"NUMERIC '{right:f}'"
    ((quotient, product),) = run(connection, f"SELECT {a} / {b} AS q, {a} * {b} AS p")
    for found, exact in ((quotient, Fraction(left) / Fraction(right)), (product, Fraction(left) * Fraction(right))):
        assert isinstance(found, Decimal)
        assert Fraction(found) == Fraction(round_half_away(exact * 10**9), 10**9)
