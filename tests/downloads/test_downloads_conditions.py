"""Facts about conditions."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.downloads.conditions import condition_problems, condition_sql, find_columns
from yule.downloads.settings import Column

COLUMNS = (
    Column(name="product", type="string"),
    Column(name="price", type="number"),
    Column(name="n", type="integer"),
    Column(name="is_new", type="boolean"),
    Column(name="at", type="timestamp"),
    Column(name="day", type="date"),
    Column(name="net sales", type="number"),
)


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
    assert condition_problems(condition, COLUMNS) == []


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
        ("sum(price) > 1", "the function sum"),
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
    assert said in "; ".join(condition_problems(condition, COLUMNS))


def test_all_unknown_columns_are_named_at_once() -> None:
    assert len(condition_problems("prodct = 'a' AND prise > 1", COLUMNS)) == 2


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
    if condition_problems(condition, COLUMNS):
        return
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows AS SELECT * FROM (VALUES (1, 1.0), (2, 3.0), (1, 9.0)) t(n, price)")
        nothing = connection.execute(
            f"SELECT n FROM rows WHERE false AND {condition_sql(condition)} AND true"
        ).fetchall()
        everything = connection.execute(
            f"SELECT n FROM rows WHERE true OR {condition_sql(condition)} OR false"
        ).fetchall()
    assert (len(nothing), len(everything)) == (0, 3)


def test_a_condition_with_or_is_kept_together() -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT 1 WHERE false AND {condition_sql('1 = 2) OR (1 = 1')}").fetchall()
    assert rows == []


def test_no_condition_keeps_every_row() -> None:
    assert (condition_sql(None), find_columns(None)) == ("true", [])


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
    assert said in "; ".join(condition_problems(condition, COLUMNS))


@pytest.mark.parametrize("condition", ["is_new IS TRUE", "is_new IS NOT FALSE", "n::VARCHAR = '1'", "n > '5'"])
def test_a_cast_that_cannot_fail_is_no_problem(condition: str) -> None:
    assert condition_problems(condition, COLUMNS) == []


@pytest.mark.parametrize(
    "condition", ["price > 1 OR n = 2 AND NOT is_new", "product LIKE 'it''s %' -- so", "n IN (1, 2)"]
)
def test_a_condition_written_anew_stays_as_it_is_when_written_once_more(condition: str) -> None:
    once = condition_sql(condition)
    assert condition_sql(once) == once
    assert condition_problems(once, COLUMNS) == []
