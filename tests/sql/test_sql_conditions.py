"""Facts about conditions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.downloads.settings import Column, Method
from yule.sql.conditions import condition_problems, condition_sql, find_columns

COLUMNS = (
    Column(name="product", type="string"),
    Column(name="price", type="number"),
    Column(name="n", type="integer"),
    Column(name="is_new", type="boolean"),
    Column(name="at", type="timestamp"),
    Column(name="t", type="timestamp"),
    Column(name="day", type="date"),
    Column(name="net sales", type="number"),
)
SALES = [Method(name="sales", source="s", user="product", time="at", columns=COLUMNS)]
IN_TOKYO = [replace(SALES[0], time_zone="Asia/Tokyo")]


@pytest.mark.parametrize(
    "condition",
    [
        "product = 'BEERS/ALES'",
        "product IN ('beer', 'ale') AND NOT is_new",
        "product = 'it''s' -- with a remark",
        "product LIKE '%beer%' OR product ILIKE 'ale%'",
        "price BETWEEN 1 AND 2 AND n % 2 = 0",
        "price * n > 10 AND abs(price) < 1e6",
        "is_new",
        "is_new IS NOT NULL AND coalesce(is_new, false)",
        "day >= DATE '2024-01-01' AND \"at\" < TIMESTAMPTZ '2024-02-01'",
        "date_part('dow', \"at\") IN (0, 6)",
        "CASE WHEN n = 1 THEN is_new ELSE false END",
        '"net sales" > 0',
        "PRICE > 1",
        "TRY_CAST(product AS INTEGER) = 5",
        "lower(trim(product)) = 'beer'",
        "contains(product, ') OR (')",
    ],
)
def test_a_sound_condition_has_no_problems(condition: str) -> None:
    assert condition_problems(condition, SALES) == []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("prodct = 'a'", "did you mean 'product'"),
        ("price", "it gives double, not true or false"),
        ("product", "not true or false"),
        ("NULL", "not true or false"),
        ("", "it is empty"),
        ("price >", "not a condition"),
        ("price > 'much'", "much"),
        ("product = 5", "convert"),
        ("price > (SELECT 1)", "no subquery"),
        ("n IN (SELECT n FROM t)", "no subquery"),
        ("EXISTS (SELECT 1)", "no subquery"),
        ("row_number() OVER () = 1", "no window"),
        ("sum(price) > 1", "cannot count or add up several"),
        ("count(*) > 3", "cannot count or add up several"),
        ("n > now()", "the function now"),
        ("n > current_timestamp", "current_timestamp"),
        ("random() > 0.5", "the function random"),
        ("getenv('HOME') = 'x'", "the function getenv"),
        ("t.price > 1", "no column 't.price'"),
        ("n = ?", "no parameter"),
        ("n = $1", "no parameter"),
        ("CAST(product AS INTEGER) = 1", "TRY_CAST"),
        ("n = 1; DROP TABLE t", "not a condition"),
        ("n = 1); DROP TABLE t; SELECT (1", "not a condition"),
        ("n = 1); SELECT (1", "more than one statement"),
        ("n = 1) UNION SELECT (1", "goes on behind its end"),
        ("n = 1) GROUP BY (n", "goes on behind its end"),
        ("n = 1) LIMIT (1", "not a condition"),
        ("n = 1) USING SAMPLE (1", "goes on behind its end"),
        ("n = 1) ORDER BY (n", "goes on behind its end"),
        ("n = 1) QUALIFY (n = 1", "goes on behind its end"),
        ("n = 1) HAVING (n = 1", "goes on behind its end"),
        ("n = 1) WINDOW w AS (ORDER BY n", "WINDOW"),
        ("n = 1) --", "not a condition"),
        ("n = 1 /*", "not a condition"),
    ],
)
def test_an_unsound_condition_is_refused_with_the_reason(condition: str, said: str) -> None:
    assert said in "; ".join(condition_problems(condition, SALES))


def test_all_unknown_columns_are_named_at_once() -> None:
    assert len(condition_problems("prodct = 'a' AND prise > 1", SALES)) == 2


PIECES = [
    "n = 1",
    "price > 2",
    " OR ",
    " AND ",
    "(",
    ")",
    "--",
    "/*",
    "*/",
    "'",
    '"',
    ";",
    "\n",
    "true",
    "UNION SELECT 1",
    ",",
]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_a_condition_taken_as_sound_cannot_change_the_rest_of_a_statement(condition: str) -> None:
    if condition_problems(condition, SALES):
        return
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows AS SELECT * FROM (VALUES (1, 1.0), (2, 3.0), (1, 9.0)) t(n, price)")
        nothing = connection.execute(
            f"SELECT n FROM rows WHERE false AND {condition_sql(condition, [])} AND true"
        ).fetchall()
        everything = connection.execute(
            f"SELECT n FROM rows WHERE true OR {condition_sql(condition, [])} OR false"
        ).fetchall()
    assert (len(nothing), len(everything)) == (0, 3)


def test_a_condition_with_or_is_kept_together() -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT 1 WHERE false AND {condition_sql('1 = 2) OR (1 = 1', [])}").fetchall()
    assert rows == []


def test_no_condition_keeps_every_row() -> None:
    assert (condition_sql(None, []), find_columns(None)) == ("true", [])


def test_the_columns_of_a_condition_are_found_once_and_in_order() -> None:
    assert find_columns("price > 1 AND product = 'a' AND price < 3") == ["price", "product"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("  -- nothing but a remark", "it is empty"),
        ("#1 = 'a'", "no positional reference"),
        ("product IS TRUE", "Could not convert"),
        ("day >= '2024-02-31'", "2024-02-31"),
        ("net sales > 0", 'write "net sales" in double quotes'),
        ("at > '2024-01-01'", 'write "at" in double quotes'),
        ('product = "BEER"', "A text stands in single quotes"),
    ],
)
def test_common_slips_are_refused_with_the_remedy(condition: str, said: str) -> None:
    assert said in "; ".join(condition_problems(condition, SALES))


@pytest.mark.parametrize("condition", ["is_new IS TRUE", "is_new IS NOT FALSE", "n::VARCHAR = '1'", "n > '5'"])
def test_a_cast_that_cannot_fail_is_no_problem(condition: str) -> None:
    assert condition_problems(condition, SALES) == []


@pytest.mark.parametrize(
    "condition", ["price > 1 OR n = 2 AND NOT is_new", "product LIKE 'it''s %' -- so", "n IN (1, 2)"]
)
def test_a_condition_written_anew_stays_as_it_is_when_written_once_more(condition: str) -> None:
    once = condition_sql(condition, [])
    assert condition_sql(once, []) == once
    assert condition_problems(once, SALES) == []


def meets(condition: str, at: datetime, methods: list[Method]) -> bool:
    """Say whether an event at an instant meets a condition."""
    assert condition_problems(condition, methods) == []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = f"SELECT {condition_sql(condition, methods)} FROM (SELECT TIMESTAMPTZ '{at.isoformat()}' AS t)"
        return bool(connection.execute(query).fetchall()[0][0])


EVENING = datetime(2024, 1, 31, 16, 30, tzinfo=UTC)  # 01:30 on the first of February in Tokyo, a Thursday


@pytest.mark.parametrize(
    "condition",
    [
        "hour(t) = 1",
        "month(t) = 2 AND day(t) = 1 AND year(t) = 2024",
        "dayofweek(t) = 4 AND isodow(t) = 4",
        "date_part('hour', t) = 1",
        "date_trunc('day', t) = '2024-02-01'",
        "t >= '2024-02-01' AND t < '2024-02-02'",
        "t BETWEEN '2024-02-01 01:30' AND '2024-02-01 01:30:00'",
        "t IN ('2024-02-01 01:30:00')",
        "t = TIMESTAMP '2024-02-01 01:30:00'",
        "TRY_CAST(t AS DATE) = '2024-02-01'",
        "T > DATE '2024-01-31' AND NOT (t <= DATE '2024-02-01')",
        "CAST(t AS VARCHAR) = '2024-02-01 01:30:00'",
        "coalesce(t, TIMESTAMP '1970-01-01') = '2024-02-01 01:30'",
        "CASE WHEN hour(t) < 6 THEN day(t) = 1 ELSE false END",
    ],
)
def test_a_time_in_a_condition_is_what_the_clock_showed_where_it_happened(condition: str) -> None:
    assert meets(condition, EVENING, IN_TOKYO)
    assert not meets(condition, EVENING, SALES)


ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2023, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC)),
)
def test_the_clock_of_any_zone_at_any_instant_is_that_of_its_rules(zone: str, at: datetime) -> None:
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    methods = [replace(SALES[0], time_zone=zone)]
    midnight = local.replace(hour=0, minute=0, second=0)
    assert meets(f"hour(t) = {local.hour} AND isodow(t) = {local.isoweekday()} AND t = '{local}'", at, methods)
    assert meets(f"t >= '{midnight.date()}' AND t < '{(midnight + timedelta(days=1)).date()}'", at, methods)


@pytest.mark.parametrize("at", ["2024-11-03T05:30:00+00:00", "2024-11-03T06:30:00+00:00"])
def test_an_hour_that_the_clock_shows_twice_is_both(at: str) -> None:
    in_new_york = [replace(SALES[0], time_zone="America/New_York")]
    assert meets("t >= '2024-11-03 01:00' AND t < '2024-11-03 02:00'", datetime.fromisoformat(at), in_new_york)


@pytest.mark.parametrize(
    "condition",
    [
        "t >= '2024-02-01T00:00:00Z'",
        "t >= '2024-02-01 00:00:00+09'",
        "t BETWEEN '2024-02-01' AND '2024-02-01 09:00-0500'",
        "t IN ('2024-02-01 00:00:00 Asia/Tokyo')",
        "t < '2024-02-01 00:00 UTC'",
        "t >= TIMESTAMPTZ '2024-02-01'",
        "TRY_CAST(t AS TIMESTAMP WITH TIME ZONE) > '2024-02-01'",
        "coalesce(t, '2024-02-01Z') > '2024-02-01'",
    ],
)
def test_an_instant_beside_a_local_time_is_refused_and_beside_a_time_of_utc_is_not(condition: str) -> None:
    assert "what the clock shows in Asia/Tokyo" in "; ".join(condition_problems(condition, IN_TOKYO))
    assert condition_problems(condition, SALES) == []


def test_a_text_that_looks_like_an_instant_is_none_beside_another_text() -> None:
    assert condition_problems("product = '2024-02-01T00:00:00Z' AND hour(t) = 3", IN_TOKYO) == []


def test_each_time_has_the_zone_of_its_own_table() -> None:
    items = Method(
        name="items",
        source="s",
        user="i",
        time_zone="America/New_York",
        columns=(Column(name="made", type="timestamp"),),
    )
    written = condition_sql("t > made AND day > '2024-01-01'", [*IN_TOKYO, items])
    assert written == (
        "(((timezone('Asia/Tokyo', t) > timezone('America/New_York', made)) AND (\"day\" > '2024-01-01')))"
    )


def test_threads_check_conditions_side_by_side() -> None:
    conditions = [f"n = {i} AND product = 'a'" for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda condition: condition_problems(condition, SALES), conditions))
    assert found == [[]] * 40
