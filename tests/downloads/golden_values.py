# ruff: noqa: E501  (statements as the documentation has them)
"""What BigQuery answers, as GoogleSQL's documentation says; most rows are its examples.

References
----------
https://github.com/google/zetasql/tree/master/docs: `timestamp_functions.md`, `date_functions.md`,
`datetime_functions.md`,
`string_functions.md`, `mathematical_functions.md`, `aggregate_functions.md`, `statistical_aggregate_functions.md`,
`navigation_functions.md`, `numbering_functions.md`, `conditional_expressions.md`, `conversion_functions.md`,
`operators.md`, `array_functions.md`, `query-syntax.md`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Value = object


@dataclass(frozen=True)
class Golden:
    """One question and its answer.

    Parameters
    ----------
    name
        The function or the construct it is about.
    sql
        An expression, or a statement that begins with SELECT or WITH.
    expected
        The value of the expression, or the rows of the statement. A TIMESTAMP is a text.
    """

    name: str
    sql: str
    expected: Value


@dataclass(frozen=True)
class Failing:
    """A statement that BigQuery refuses when it runs, and so must the translation."""

    name: str
    sql: str


@dataclass(frozen=True)
class Refused:
    """A statement that is not translated."""

    sql: str
    said: str


def _rows(name: str, *rows: tuple[str, Value]) -> tuple[Golden, ...]:
    return tuple(Golden(name, sql, expected) for sql, expected in rows)


_ITEMS = "WITH t AS (SELECT 1 AS k, 3 AS x UNION ALL SELECT 1, 5 UNION ALL SELECT 2, 7 UNION ALL SELECT 2, NULL) "
_FLOATS = "WITH t AS (SELECT 1 AS k, 1.5 AS x UNION ALL SELECT 1, 2.5 UNION ALL SELECT 2, NULL) "
_NUMERICS = "WITH t AS (SELECT NUMERIC '0.1' AS x UNION ALL SELECT NUMERIC '0.2' UNION ALL SELECT NUMERIC '0.7') "
_PARAMS = """WITH t AS (SELECT 1 AS u, [STRUCT('a' AS key, STRUCT(7 AS i, CAST(NULL AS STRING) AS s) AS value),
 STRUCT('b' AS key, STRUCT(CAST(NULL AS INT64) AS i, 'x' AS s) AS value)] AS params UNION ALL SELECT 2, NULL) """
_SALES = """WITH t AS (SELECT 'Kale' AS product, 51 AS sales, 'Q1' AS quarter UNION ALL SELECT 'Kale', 23, 'Q2' UNION ALL
 SELECT 'Apple', 77, 'Q1' UNION ALL SELECT 'Apple', 0, 'Q2') """
_RUNNERS = """WITH finishers AS
 (SELECT 'Sophia Liu' AS name, TIMESTAMP '2016-10-18 2:51:45+00' AS finish_time, 'F30-34' AS division
  UNION ALL SELECT 'Lisa Stelzner', TIMESTAMP '2016-10-18 2:54:11+00', 'F35-39'
  UNION ALL SELECT 'Nikki Leith', TIMESTAMP '2016-10-18 2:59:01+00', 'F30-34'
  UNION ALL SELECT 'Lauren Matthews', TIMESTAMP '2016-10-18 3:01:17+00', 'F35-39'
  UNION ALL SELECT 'Desiree Berry', TIMESTAMP '2016-10-18 3:05:42+00', 'F35-39'
  UNION ALL SELECT 'Suzy Slane', TIMESTAMP '2016-10-18 3:06:24+00', 'F35-39'
  UNION ALL SELECT 'Jen Edwards', TIMESTAMP '2016-10-18 3:06:36+00', 'F30-34'
  UNION ALL SELECT 'Meghan Lederer', TIMESTAMP '2016-10-18 3:07:41+00', 'F30-34'
  UNION ALL SELECT 'Carly Forte', TIMESTAMP '2016-10-18 3:08:58+00', 'F25-29'
  UNION ALL SELECT 'Lauren Reasoner', TIMESTAMP '2016-10-18 3:10:14+00', 'F30-34') """
_NUMBERS = """WITH Numbers AS (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 2 UNION ALL SELECT 5 UNION ALL SELECT 8
 UNION ALL SELECT 10 UNION ALL SELECT 10) """
_PRODUCE = """WITH Produce AS (SELECT 'kale' AS item, 23 AS purchases, 'vegetable' AS category
 UNION ALL SELECT 'banana', 2, 'fruit' UNION ALL SELECT 'cabbage', 9, 'vegetable' UNION ALL SELECT 'apple', 8, 'fruit'
 UNION ALL SELECT 'leek', 2, 'vegetable' UNION ALL SELECT 'lettuce', 10, 'vegetable') """

TIMES = (
    *_rows(
        "TIMESTAMP_DIFF",
        ("TIMESTAMP_DIFF(TIMESTAMP '2010-07-07 10:20:00+00', TIMESTAMP '2008-12-25 15:30:00+00', HOUR)", 13410),
        ("TIMESTAMP_DIFF(TIMESTAMP '2018-08-14', TIMESTAMP '2018-10-14', DAY)", -61),
        ("TIMESTAMP_DIFF('2001-02-01 01:00:00', '2001-02-01 00:00:01', HOUR)", 0),
        ("TIMESTAMP_DIFF('2001-02-01 01:00:00', '2001-02-01 00:00:01', MINUTE)", 59),
        ("TIMESTAMP_DIFF('2001-02-01 00:00:01', '2001-02-01 01:00:00', MINUTE)", -59),
        ("TIMESTAMP_DIFF('2001-02-01 00:00:01.5', '2001-02-01 00:00:00', MILLISECOND)", 1500),
        ("TIMESTAMP_DIFF('2001-02-01 00:00:01.5', '2001-02-01 00:00:00', MICROSECOND)", 1500000),
        ("TIMESTAMP_DIFF('2001-02-01 00:00:01.5', '2001-02-01 00:00:00', SECOND)", 1),
        (
            "SELECT TIMESTAMP_DIFF(b, a, DAY) AS v FROM (SELECT TIMESTAMP '2020-01-01 12:00:00' AS a, "
            "TIMESTAMP '2020-01-03 11:00:00' AS b)",
            [(1,)],
        ),
    ),
    *_rows(
        "TIMESTAMP_ADD",
        ("TIMESTAMP_ADD(TIMESTAMP '2008-12-25 15:30:00+00', INTERVAL 10 MINUTE)", "2008-12-25 15:40:00+00"),
        ("TIMESTAMP_ADD(TIMESTAMP '2008-12-25 15:30:00+00', INTERVAL 2 DAY)", "2008-12-27 15:30:00+00"),
    ),
    *_rows(
        "TIMESTAMP_SUB",
        ("TIMESTAMP_SUB(TIMESTAMP '2008-12-25 15:30:00+00', INTERVAL 10 MINUTE)", "2008-12-25 15:20:00+00"),
    ),
    *_rows(
        "TIMESTAMP_TRUNC",
        ("TIMESTAMP_TRUNC(TIMESTAMP '2008-12-25 15:30:00+00', DAY, 'UTC')", "2008-12-25 00:00:00+00"),
        ("TIMESTAMP_TRUNC(TIMESTAMP '2008-12-25 15:30:00+00', DAY, 'America/Los_Angeles')", "2008-12-25 08:00:00+00"),
        ("TIMESTAMP_TRUNC(TIMESTAMP('2017-11-06 00:00:00+12'), WEEK(MONDAY), 'UTC')", "2017-10-30 00:00:00+00"),
        (
            "TIMESTAMP_TRUNC(TIMESTAMP('2017-11-06 00:00:00+12'), WEEK(MONDAY), 'Pacific/Auckland')",
            "2017-11-05 11:00:00+00",
        ),
        ("TIMESTAMP_TRUNC('2015-06-15 00:00:00+00', ISOYEAR)", "2014-12-29 00:00:00+00"),
        ("TIMESTAMP_TRUNC('2015-06-15 12:34:56+00', HOUR)", "2015-06-15 12:00:00+00"),
        ("TIMESTAMP_TRUNC('2015-06-15 12:34:56+00', HOUR, 'Asia/Kolkata')", "2015-06-15 12:30:00+00"),
        ("TIMESTAMP_TRUNC('2015-06-17 12:34:56+00', WEEK)", "2015-06-14 00:00:00+00"),
        ("TIMESTAMP_TRUNC('1969-12-31 23:59:59.5+00', SECOND)", "1969-12-31 23:59:59+00"),
        ("TIMESTAMP_TRUNC('2015-06-17 12:34:56+00', QUARTER, 'Asia/Tokyo')", "2015-03-31 15:00:00+00"),
        # Midnight comes twice in Havana on 2020-11-01; the first one is meant.
        ("TIMESTAMP_TRUNC('2020-11-01 12:00:00+00', DAY, 'America/Havana')", "2020-11-01 04:00:00+00"),
    ),
    *_rows(
        "TIMESTAMP",
        ("TIMESTAMP('2008-12-25 15:30:00+00')", "2008-12-25 15:30:00+00"),
        ("TIMESTAMP('2008-12-25 15:30:00', 'America/Los_Angeles')", "2008-12-25 23:30:00+00"),
        ("TIMESTAMP('2008-12-25 15:30:00 UTC')", "2008-12-25 15:30:00+00"),
        ("TIMESTAMP(DATETIME '2008-12-25 15:30:00')", "2008-12-25 15:30:00+00"),
        ("TIMESTAMP(DATE '2008-12-25')", "2008-12-25 00:00:00+00"),
        ("TIMESTAMP(DATETIME '2020-11-01 01:30:00', 'America/New_York')", "2020-11-01 05:30:00+00"),  # comes twice
        ("TIMESTAMP(DATETIME '2020-03-08 02:30:00', 'America/New_York')", "2020-03-08 07:30:00+00"),  # does not exist
        ("TIMESTAMP(DATETIME '2020-07-01 12:00:00', 'Asia/Tokyo')", "2020-07-01 03:00:00+00"),
    ),
    *_rows(
        "EXTRACT",
        ("EXTRACT(DAY FROM TIMESTAMP('2008-12-25 05:30:00+00') AT TIME ZONE 'UTC')", 25),
        ("EXTRACT(DAY FROM TIMESTAMP('2008-12-25 05:30:00+00') AT TIME ZONE 'America/Los_Angeles')", 24),
        ("EXTRACT(DAY FROM DATE '2013-12-25')", 25),
        ("EXTRACT(HOUR FROM DATETIME(2008, 12, 25, 15, 30, 00))", 15),
        ("EXTRACT(DAYOFWEEK FROM DATE '2017-11-05')", 1),
        ("EXTRACT(DAYOFWEEK FROM DATE '2017-11-11')", 7),
        ("EXTRACT(DAYOFYEAR FROM DATE '2017-02-01')", 32),
        ("EXTRACT(QUARTER FROM DATE '2017-11-05')", 4),
        ("EXTRACT(MILLISECOND FROM DATETIME '2017-11-05 01:02:03.456789')", 456),
        ("EXTRACT(MICROSECOND FROM DATETIME '2017-11-05 01:02:03.456789')", 456789),
        ("EXTRACT(SECOND FROM DATETIME '2017-11-05 01:02:03.956789')", 3),
        ("EXTRACT(DATE FROM TIMESTAMP '2017-11-05 23:30:00+00')", date(2017, 11, 5)),
        ("EXTRACT(DATE FROM TIMESTAMP '2017-11-05 23:30:00+00' AT TIME ZONE 'Asia/Tokyo')", date(2017, 11, 6)),
        ("EXTRACT(WEEK(SUNDAY) FROM DATE '2017-11-05')", 45),
        ("EXTRACT(WEEK(MONDAY) FROM DATE '2017-11-05')", 44),
        (
            "SELECT EXTRACT(ISOYEAR FROM d) AS a, EXTRACT(ISOWEEK FROM d) AS b, EXTRACT(YEAR FROM d) AS c, "
            "EXTRACT(WEEK FROM d) AS e FROM UNNEST(GENERATE_DATE_ARRAY('2015-12-26', '2016-01-04')) AS d ORDER BY d",
            [
                (2015, 52, 2015, 51),
                (2015, 52, 2015, 52),
                (2015, 53, 2015, 52),
                (2015, 53, 2015, 52),
                (2015, 53, 2015, 52),
                (2015, 53, 2015, 52),
                (2015, 53, 2016, 0),
                (2015, 53, 2016, 0),
                (2015, 53, 2016, 1),
                (2016, 1, 2016, 1),
            ],
        ),
        (
            "SELECT EXTRACT(ISOYEAR FROM d) AS a, EXTRACT(ISOWEEK FROM d) AS b, EXTRACT(YEAR FROM d) AS c, EXTRACT(WEEK FROM d)"
            " AS e FROM UNNEST([DATETIME '2005-01-03 12:34:56', '2007-12-31', '2009-01-01', '2009-12-31', '2017-05-26']) AS d"
            " ORDER BY d",
            [(2005, 1, 2005, 1), (2008, 1, 2007, 52), (2009, 1, 2009, 0), (2009, 53, 2009, 52), (2017, 21, 2017, 21)],
        ),
    ),
    *_rows(
        "FORMAT_TIMESTAMP",
        ("FORMAT_TIMESTAMP('%b-%d-%Y', TIMESTAMP '2050-12-25 15:30:55+00')", "Dec-25-2050"),
        ("FORMAT_TIMESTAMP('%b %Y', TIMESTAMP '2050-12-25 15:30:55+00')", "Dec 2050"),
        ("FORMAT_TIMESTAMP('%F %T', TIMESTAMP '2050-12-25 23:30:55+00', 'Asia/Tokyo')", "2050-12-26 08:30:55"),
        ("FORMAT_TIMESTAMP('%Y%m%d%H', TIMESTAMP '2050-12-25 15:30:55', 'America/Los_Angeles')", "2050122507"),
        ("FORMAT_TIMESTAMP('%E3S|%E6S|%%', TIMESTAMP '2050-12-25 15:30:05.006007')", "05.006|05.006007|%"),
    ),
    *_rows(
        "PARSE_TIMESTAMP",
        ("PARSE_TIMESTAMP('%Y-%m-%d %H:%M:%S', '2008-12-25 07:30:00')", "2008-12-25 07:30:00+00"),
        ("PARSE_TIMESTAMP('%F %T', '2008-12-25 07:30:00', 'America/Los_Angeles')", "2008-12-25 15:30:00+00"),
    ),
    *_rows(
        "UNIX_SECONDS",
        ("UNIX_SECONDS(TIMESTAMP '2008-12-25 15:30:00+00')", 1230219000),
        ("UNIX_SECONDS(TIMESTAMP '1970-01-01 00:00:01.8+00')", 1),
        ("UNIX_SECONDS(TIMESTAMP '1969-12-31 23:59:59.5+00')", -1),
    ),
    *_rows(
        "UNIX_MILLIS",
        ("UNIX_MILLIS(TIMESTAMP '2008-12-25 15:30:00+00')", 1230219000000),
        ("UNIX_MILLIS(TIMESTAMP '1970-01-01 00:00:00.0018+00')", 1),
    ),
    *_rows("UNIX_MICROS", ("UNIX_MICROS(TIMESTAMP '2008-12-25 15:30:00+00')", 1230219000000000)),
    *_rows("UNIX_DATE", ("UNIX_DATE(DATE '2008-12-25')", 14238)),
    *_rows("TIMESTAMP_SECONDS", ("TIMESTAMP_SECONDS(1230219000)", "2008-12-25 15:30:00+00")),
    *_rows("TIMESTAMP_MILLIS", ("TIMESTAMP_MILLIS(1230219000000)", "2008-12-25 15:30:00+00")),
    *_rows("TIMESTAMP_MICROS", ("TIMESTAMP_MICROS(1230219000000000)", "2008-12-25 15:30:00+00")),
    *_rows("DATE_FROM_UNIX_DATE", ("DATE_FROM_UNIX_DATE(14238)", date(2008, 12, 25))),
    *_rows(
        "DATE",
        ("DATE(2016, 12, 25)", date(2016, 12, 25)),
        ("DATE(DATETIME '2016-12-25 23:59:59')", date(2016, 12, 25)),
        ("DATE(TIMESTAMP '2016-12-25 05:30:00+07', 'America/Los_Angeles')", date(2016, 12, 24)),
        ("DATE(TIMESTAMP '2016-12-25 05:30:00+07')", date(2016, 12, 24)),
        ("DATE('2017-11-05')", date(2017, 11, 5)),
    ),
    *_rows(
        "DATE_ADD",
        ("DATE_ADD(DATE '2008-12-25', INTERVAL 5 DAY)", date(2008, 12, 30)),
        ("DATE_ADD(DATE '2024-01-31', INTERVAL 1 MONTH)", date(2024, 2, 29)),
        ("DATE_ADD('2024-01-31', INTERVAL 2 WEEK)", date(2024, 2, 14)),
        ("SELECT DATE_ADD(d, INTERVAL n DAY) AS v FROM (SELECT DATE '2024-02-28' AS d, 2 AS n)", [(date(2024, 3, 1),)]),
    ),
    *_rows(
        "DATE_SUB",
        ("DATE_SUB(DATE '2008-12-25', INTERVAL 5 DAY)", date(2008, 12, 20)),
        ("DATE_SUB(DATE '2024-02-29', INTERVAL 1 YEAR)", date(2023, 2, 28)),
        ("DATE_SUB(DATE '2024-05-31', INTERVAL 1 QUARTER)", date(2024, 2, 29)),
    ),
    *_rows(
        "DATE_DIFF",
        ("DATE_DIFF(DATE '2010-07-07', DATE '2008-12-25', DAY)", 559),
        ("DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', DAY)", 1),
        ("DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', WEEK)", 1),
        ("DATE_DIFF('2017-12-30', '2014-12-30', YEAR)", 3),
        ("DATE_DIFF('2017-12-30', '2014-12-30', ISOYEAR)", 2),
        ("DATE_DIFF('2017-12-18', '2017-12-17', WEEK)", 0),
        ("DATE_DIFF('2017-12-18', '2017-12-17', WEEK(MONDAY))", 1),
        ("DATE_DIFF('2017-12-18', '2017-12-17', ISOWEEK)", 1),
        ("DATE_DIFF('1969-12-18', '2017-12-17', WEEK(FRIDAY))", -2505),
        ("DATE_DIFF('2017-12-01', '2017-11-30', MONTH)", 1),
        ("DATE_DIFF('2017-12-01', '2017-09-30', QUARTER)", 1),
    ),
    *_rows(
        "DATE_TRUNC",
        ("DATE_TRUNC(DATE '2008-12-25', MONTH)", date(2008, 12, 1)),
        ("DATE_TRUNC(DATE '2017-11-05', WEEK(MONDAY))", date(2017, 10, 30)),
        ("DATE_TRUNC(DATE '2017-11-05', WEEK)", date(2017, 11, 5)),
        ("DATE_TRUNC(DATE '2017-11-05', ISOWEEK)", date(2017, 10, 30)),
        ("DATE_TRUNC('2015-06-15', ISOYEAR)", date(2014, 12, 29)),
        ("DATE_TRUNC('2015-06-15', QUARTER)", date(2015, 4, 1)),
        ("DATE_TRUNC('2015-06-15', YEAR)", date(2015, 1, 1)),
        ("DATE_TRUNC('2015-06-15', DAY)", date(2015, 6, 15)),
    ),
    *_rows(
        "LAST_DAY",
        ("LAST_DAY(DATE '2008-11-25', MONTH)", date(2008, 11, 30)),
        ("LAST_DAY(DATE '2008-11-25')", date(2008, 11, 30)),
        ("LAST_DAY(DATE '2008-11-25', YEAR)", date(2008, 12, 31)),
        ("LAST_DAY(DATE '2008-07-25', QUARTER)", date(2008, 9, 30)),
        ("LAST_DAY(DATE '2008-11-10', WEEK(SUNDAY))", date(2008, 11, 15)),
        ("LAST_DAY(DATE '2008-11-10', WEEK(MONDAY))", date(2008, 11, 16)),
        ("LAST_DAY(DATE '2008-11-10', ISOWEEK)", date(2008, 11, 16)),
    ),
    *_rows(
        "FORMAT_DATE",
        ("FORMAT_DATE('%b-%d-%Y', DATE '2008-12-25')", "Dec-25-2008"),
        ("FORMAT_DATE('%b %Y', DATE '2008-12-25')", "Dec 2008"),
        ("FORMAT_DATE('%F %A %j', DATE '2008-12-25')", "2008-12-25 Thursday 360"),
    ),
    *_rows(
        "PARSE_DATE",
        ("PARSE_DATE('%F', '2000-12-30')", date(2000, 12, 30)),
        ("PARSE_DATE('%Y%m%d', '20081225')", date(2008, 12, 25)),
    ),
    *_rows(
        "DATETIME",
        ("DATETIME(2008, 12, 25, 05, 30, 00)", datetime(2008, 12, 25, 5, 30)),
        ("DATETIME(TIMESTAMP '2008-12-25 05:30:00+00', 'America/Los_Angeles')", datetime(2008, 12, 24, 21, 30)),
        ("DATETIME(TIMESTAMP '2008-12-25 05:30:00+00')", datetime(2008, 12, 25, 5, 30)),
        ("DATETIME(DATE '2008-12-25')", datetime(2008, 12, 25)),
    ),
    *_rows(
        "DATETIME_ADD",
        ("DATETIME_ADD(DATETIME '2008-12-25 15:30:00', INTERVAL 10 MINUTE)", datetime(2008, 12, 25, 15, 40)),
        ("DATETIME_ADD(DATETIME '2008-12-25 15:30:00', INTERVAL 1 WEEK)", datetime(2009, 1, 1, 15, 30)),
    ),
    *_rows(
        "DATETIME_SUB",
        ("DATETIME_SUB(DATETIME '2008-12-25 15:30:00', INTERVAL 10 MINUTE)", datetime(2008, 12, 25, 15, 20)),
        ("DATETIME_SUB(DATETIME '2008-03-31 15:30:00', INTERVAL 1 MONTH)", datetime(2008, 2, 29, 15, 30)),
    ),
    *_rows(
        "DATETIME_DIFF",
        ("DATETIME_DIFF(DATETIME '2010-07-07 10:20:00', DATETIME '2008-12-25 15:30:00', DAY)", 559),
        ("DATETIME_DIFF(DATETIME '2017-10-15 00:00:00', DATETIME '2017-10-14 00:00:00', WEEK)", 1),
        ("DATETIME_DIFF('2017-12-30 00:00:00', '2014-12-30 00:00:00', ISOYEAR)", 2),
        ("DATETIME_DIFF('2017-12-18', '2017-12-17', WEEK(MONDAY))", 1),
        ("DATETIME_DIFF('2017-12-18 10:00:01', '2017-12-18 09:59:59', HOUR)", 1),
    ),
    *_rows(
        "DATETIME_TRUNC",
        ("DATETIME_TRUNC(DATETIME '2008-12-25 15:30:00', DAY)", datetime(2008, 12, 25)),
        ("DATETIME_TRUNC(DATETIME '2017-11-05 00:00:00', WEEK(MONDAY))", datetime(2017, 10, 30)),
        ("DATETIME_TRUNC('2015-06-15 00:00:00', ISOYEAR)", datetime(2014, 12, 29)),
        ("DATETIME_TRUNC('2015-06-15 12:34:56', HOUR)", datetime(2015, 6, 15, 12)),
    ),
    *_rows(
        "FORMAT_DATETIME",
        ("FORMAT_DATETIME('%b-%d-%Y', DATETIME '2008-12-25 15:30:00')", "Dec-25-2008"),
        ("FORMAT_DATETIME('%I:%M %p', DATETIME '2008-12-25 15:30:00')", "03:30 PM"),
    ),
    *_rows(
        "PARSE_DATETIME",
        ("PARSE_DATETIME('%Y-%m-%d %H:%M:%S', '1998-10-18 13:45:55')", datetime(1998, 10, 18, 13, 45, 55)),
    ),
    *_rows(
        "GENERATE_DATE_ARRAY",
        (
            "GENERATE_DATE_ARRAY('2016-10-05', '2016-10-08')",
            [date(2016, 10, 5), date(2016, 10, 6), date(2016, 10, 7), date(2016, 10, 8)],
        ),
        (
            "GENERATE_DATE_ARRAY('2016-10-05', '2016-10-09', INTERVAL 2 DAY)",
            [date(2016, 10, 5), date(2016, 10, 7), date(2016, 10, 9)],
        ),
        ("GENERATE_DATE_ARRAY('2016-10-05', '2016-10-01', INTERVAL 1 DAY)", []),
        (
            "GENERATE_DATE_ARRAY('2016-01-01', '2016-01-31', INTERVAL 1 WEEK)",
            [date(2016, 1, 1), date(2016, 1, 8), date(2016, 1, 15), date(2016, 1, 22), date(2016, 1, 29)],
        ),
    ),
)

NUMBERS = (
    *_rows("ABS", ("ABS(25)", 25), ("ABS(-25)", 25), ("ABS(-2.5)", 2.5)),
    *_rows("SIGN", ("SIGN(25)", 1), ("SIGN(0)", 0), ("SIGN(-25)", -1), ("SIGN(-2.5)", -1.0)),
    *_rows(
        "ROUND",
        ("ROUND(2.0)", 2.0),
        ("ROUND(2.3)", 2.0),
        ("ROUND(2.8)", 3.0),
        ("ROUND(2.5)", 3.0),
        ("ROUND(-2.3)", -2.0),
        ("ROUND(-2.8)", -3.0),
        ("ROUND(-2.5)", -3.0),
        ("ROUND(0)", 0.0),
        ("ROUND(7)", 7.0),
        ("ROUND(123.7, -1)", 120.0),
        ("ROUND(1.235, 2)", 1.24),
        ("ROUND(-1.235, 2)", -1.24),
        ("ROUND(1.005, 2)", 1.0),  # 1.00499999999999989... as a FLOAT64
        ("ROUND(2.675, 2)", 2.67),  # 2.67499999999999982...
        ("ROUND(0.125, 2)", 0.13),
        ("ROUND(0.0005, 3)", 0.001),
        ("ROUND(15, -1)", 20.0),
        ("ROUND(-15, -1)", -20.0),
        ("ROUND(14.999999999999998, -1)", 10.0),
        ("ROUND(314159.25, -3)", 314000.0),
        ("ROUND(2.5, 0)", 3.0),
        ("ROUND(CAST(NULL AS FLOAT64), 2)", None),
        ("ROUND(NUMERIC '2.25', 1)", Decimal("2.3")),
        ("ROUND(NUMERIC '-2.5')", Decimal(-3)),
        ("ROUND(NUMERIC '1235.5', -1)", Decimal(1240)),
        ("SELECT ROUND(x, 2) AS v FROM (SELECT 2.345 AS x UNION ALL SELECT 8.0) ORDER BY v", [(2.35,), (8.0,)]),
    ),
    *_rows(
        "NUMERIC",
        ("NUMERIC '1.5'", Decimal("1.5")),
        ("CAST(3 AS NUMERIC)", Decimal(3)),
        ("CAST('-0.000000001' AS NUMERIC)", Decimal("-0.000000001")),
        ("NUMERIC '0.1' + NUMERIC '0.2' = NUMERIC '0.3'", True),
        ("NUMERIC '1.5' + 1", Decimal("2.5")),
        ("NUMERIC '0.1' + 0.2", Decimal("0.3")),  # a literal of a FLOAT64 becomes one
        ("NUMERIC '1.2' > 1.1", True),
        ("NUMERIC '0.000000003' * NUMERIC '0.5'", Decimal("0.000000002")),
        ("NUMERIC '-0.000000003' * NUMERIC '0.5'", Decimal("-0.000000002")),
        ("NUMERIC '1' / 3", Decimal("0.333333333")),
        ("NUMERIC '-2' / NUMERIC '3'", Decimal("-0.666666667")),
        ("SAFE_DIVIDE(NUMERIC '1', 0)", None),
        ("SAFE_DIVIDE(NUMERIC '1', 8)", Decimal("0.125")),
        ("TRUNC(NUMERIC '-2.9')", Decimal(-2)),
        ("CEIL(NUMERIC '2.1')", Decimal(3)),
        ("CAST(NUMERIC '2.5' AS INT64)", 3),
        ("CAST(NUMERIC '-2.5' AS INT64)", -3),
        ("CAST(NUMERIC '10.50' AS STRING)", "10.5"),
        ("CAST(NUMERIC '10' AS STRING)", "10"),
        ("CAST(NUMERIC '0.1' AS FLOAT64)", 0.1),
        ("SAFE_CAST('x' AS NUMERIC)", None),
        ("IF(TRUE, NUMERIC '1.5', 2)", Decimal("1.5")),
        (
            _NUMERICS + "SELECT SUM(x) AS a, AVG(CAST(x AS NUMERIC)) AS b, MAX(x) AS c FROM t",
            [(Decimal("1.0"), Decimal("0.333333333"), Decimal("0.7"))],
        ),
        (_NUMERICS + "SELECT SUM(x * x) AS a FROM t", [(Decimal("0.54"),)]),
        (_NUMERICS + "SELECT AVG(CAST(x AS NUMERIC)) AS a FROM t WHERE x > 0.15", [(Decimal("0.45"),)]),
        (_NUMERICS + "SELECT CAST(x AS STRING) AS a FROM t ORDER BY x LIMIT 1", [("0.1",)]),
    ),
    *_rows("TRUNC", ("TRUNC(2.8)", 2.0), ("TRUNC(-2.8)", -2.0)),
    *_rows("CEIL", ("CEIL(2.3)", 3.0), ("CEIL(-2.8)", -2.0), ("CEIL(3)", 3.0)),
    *_rows("CEILING", ("CEILING(2.3)", 3.0)),
    *_rows("FLOOR", ("FLOOR(2.8)", 2.0), ("FLOOR(-2.3)", -3.0)),
    *_rows("SQRT", ("SQRT(25.0)", 5.0)),
    *_rows("EXP", ("EXP(0.0)", 1.0)),
    *_rows("LN", ("LN(1.0)", 0.0)),
    *_rows("LOG", ("LOG(100.0, 10.0)", 2.0), ("LOG(1)", 0.0)),
    *_rows("LOG10", ("LOG10(100.0)", 2.0)),
    *_rows("POW", ("POW(2.0, 3.0)", 8.0), ("POW(2, 3)", 8.0)),
    *_rows("POWER", ("POWER(2.0, 3.0)", 8.0)),
    *_rows("DIV", ("DIV(20, 4)", 5), ("DIV(12, -7)", -1), ("DIV(20, 3)", 6), ("DIV(0, 20)", 0)),
    *_rows("MOD", ("MOD(25, 12)", 1), ("MOD(-25, 12)", -1), ("MOD(25, -12)", 1)),
    *_rows("SAFE_DIVIDE", ("SAFE_DIVIDE(20, 4)", 5.0), ("SAFE_DIVIDE(0, 20)", 0.0), ("SAFE_DIVIDE(20, 0)", None)),
    *_rows("/", ("7 / 2", 3.5), ("NULL / 0", None), ("-7 / 2", -3.5)),
    *_rows(
        "arithmetic",
        ("0.1 + 0.2 = 0.3", False),
        ("0.1 + 0.2", 0.30000000000000004),
        ("2000000000 + 2000000000", 4000000000),
        ("3 - 2 * 4", -5),
        ("(3 - 2) * 4", 4),
        ("-(3)", -3),
        ("2000000000 * 3", 6000000000),
        ("1.5 * 2", 3.0),
        ("-9223372036854775808", -9223372036854775808),
        ("9223372036854775807 + -9223372036854775808", -1),
        ("DATE '2020-01-31' + INTERVAL 1 DAY", datetime(2020, 2, 1)),
        ("DATE '2020-01-31' + INTERVAL 1 MONTH", datetime(2020, 2, 29)),
        ("DATETIME '2020-01-01 00:00:00' - INTERVAL 90 MINUTE", datetime(2019, 12, 31, 22, 30)),
        ("TIMESTAMP '2020-01-01 00:00:00+00' - INTERVAL 7 DAY", "2019-12-25 00:00:00+00"),
        ("TIMESTAMP '2020-01-01 00:00:00+00' + INTERVAL 1 WEEK", "2020-01-08 00:00:00+00"),
        ("SELECT d + INTERVAL n HOUR AS v FROM (SELECT DATE '2020-01-01' AS d, 25 AS n)", [(datetime(2020, 1, 2, 1),)]),
    ),
    *_rows("GREATEST", ("GREATEST(3, 5, 1)", 5), ("GREATEST(3, NULL, 1)", None), ("GREATEST(1, 2.5)", 2.5)),
    *_rows("LEAST", ("LEAST(3, 5, 1)", 1), ("LEAST(3, NULL, 1)", None)),
    *_rows("COALESCE", ("COALESCE('A', 'B', 'C')", "A"), ("COALESCE(NULL, 'B', 'C')", "B")),
    *_rows("IFNULL", ("IFNULL(NULL, 0)", 0), ("IFNULL(10, 0)", 10)),
    *_rows("NULLIF", ("NULLIF(0, 0)", None), ("NULLIF(10, 0)", 10)),
    *_rows("IF", ("IF(60 < 50, 'red', 'blue')", "blue"), ("IF(NULL, 1, 2)", 2)),
    *_rows(
        "CASE",
        ("CASE 60 WHEN 90 THEN 'red' WHEN 50 THEN 'blue' ELSE 'green' END", "green"),
        ("CASE WHEN 60 > 50 AND NOT FALSE THEN 1 END", 1),
    ),
    *_rows(
        "CAST",
        ("CAST(2.5 AS INT64)", 3),
        ("CAST(-2.5 AS INT64)", -3),
        ("CAST(1.5 AS INT64)", 2),
        ("CAST(-0.5 AS INT64)", -1),
        ("CAST('12' AS INT64)", 12),
        ("CAST(TRUE AS INT64)", 1),
        ("CAST(12 AS STRING)", "12"),
        ("CAST(7 AS FLOAT64)", 7.0),
        ("CAST('1.5e1' AS FLOAT64)", 15.0),
        ("CAST(FALSE AS STRING)", "false"),
        ("CAST('TRUE' AS BOOL)", True),
        ("CAST(DATE '2020-01-02' AS STRING)", "2020-01-02"),
        ("CAST('2020-1-2' AS DATE)", date(2020, 1, 2)),
        ("CAST(TIMESTAMP '2020-01-02 23:00:00' AS DATE)", date(2020, 1, 2)),
        ("CAST(DATE '2020-01-02' AS TIMESTAMP)", "2020-01-02 00:00:00+00"),
        ("CAST(TIMESTAMP '2020-01-02 23:00:00' AS DATETIME)", datetime(2020, 1, 2, 23)),
        ("CAST(NULL AS INT64)", None),
        ("CAST(0 AS BOOL)", False),
        (
            "SELECT CAST(x AS INT64) AS v, CAST(y AS INT64) AS w, CAST(z AS INT64) AS u FROM (SELECT 2.5 AS x, '7' AS y, "
            "TRUE AS z)",
            [(3, 7, 1)],
        ),
        ("SELECT CAST(x AS STRING) AS v FROM (SELECT 25 AS x)", [("25",)]),
        ("SELECT CAST(x AS TIMESTAMP) AS v FROM (SELECT '2020-01-02T03:04:05Z' AS x)", [("2020-01-02 03:04:05+00",)]),
    ),
    *_rows(
        "SAFE_CAST",
        ("SAFE_CAST('12' AS INT64)", 12),
        ("SAFE_CAST('99999999999999999999' AS INT64)", None),
        ("SAFE_CAST('2020-13-01' AS DATE)", None),
        ("SAFE_CAST('12a' AS INT64)", None),
        ("SAFE_CAST('12.5' AS INT64)", None),
        ("SAFE_CAST('' AS INT64)", None),
        ("SAFE_CAST('apple' AS FLOAT64)", None),
        ("SAFE_CAST('1,5' AS FLOAT64)", None),
        ("SAFE_CAST('yes' AS BOOL)", None),
        ("SAFE_CAST(' true' AS BOOL)", None),
        ("SAFE_CAST('tomorrow' AS DATE)", None),
        ("SAFE_CAST('2020/01/02' AS TIMESTAMP)", None),
        (
            "SELECT SAFE_CAST(x AS INT64) AS a FROM UNNEST(['1', 'b', NULL, '-7']) AS x WITH OFFSET AS o ORDER BY o",
            [(1,), (None,), (None,), (-7,)],
        ),
    ),
)

TEXTS = (
    *_rows(
        "CONCAT",
        ("CONCAT('T.P.', ' ', 'Bar')", "T.P. Bar"),
        ("CONCAT('Summer', ' ', 1923)", "Summer 1923"),
        ("CONCAT('a', NULL)", None),
    ),
    *_rows("||", ("'a' || 'b'", "ab"), ("'a' || NULL", None)),
    *_rows("LENGTH", ("LENGTH('абвгд')", 5), ("LENGTH('')", 0), ("LENGTH('e\u0301')", 2)),
    *_rows("CHAR_LENGTH", ("CHAR_LENGTH('абвгд')", 5)),
    *_rows("CHARACTER_LENGTH", ("CHARACTER_LENGTH('абвгд')", 5)),
    *_rows("LOWER", ("LOWER('FOO BAR BAZ')", "foo bar baz"), ("LOWER('ÄÉЖ')", "äéж")),
    *_rows("UPPER", ("UPPER('foo bar baz')", "FOO BAR BAZ"), ("UPPER('日本 äéж')", "日本 ÄÉЖ")),
    *_rows(
        "TRIM",
        ("CONCAT('#', TRIM( '   apple   '), '#')", "#apple#"),
        ("TRIM('***apple***', '*')", "apple"),
        ("TRIM('xzxapplexxy', 'xyz')", "apple"),
        ("TRIM('\\t\\n apple \u3000')", "apple"),
    ),
    *_rows(
        "LTRIM", ("CONCAT('#', LTRIM('   apple   '), '#')", "#apple   #"), ("LTRIM('***apple***', '*')", "apple***")
    ),
    *_rows("RTRIM", ("RTRIM('***apple***', '*')", "***apple"), ("RTRIM('applexxz', 'xyz')", "apple")),
    *_rows(
        "SUBSTR",
        ("SUBSTR('apple', 2)", "pple"),
        ("SUBSTR('apple', 2, 2)", "pp"),
        ("SUBSTR('apple', -2)", "le"),
        ("SUBSTR('apple', 1, 123)", "apple"),
        ("SUBSTR('apple', 123)", ""),
        ("SUBSTR('apple', 123, 5)", ""),
        ("SUBSTR('apple', 0, 3)", "app"),
        ("SUBSTR('apple', -9, 3)", "app"),
        ("SUBSTR('apple', -3, 2)", "pl"),
    ),
    *_rows("SUBSTRING", ("SUBSTRING('apple', 2, 2)", "pp")),
    *_rows("LEFT", ("LEFT('banana', 3)", "ban"), ("LEFT('ba', 3)", "ba")),
    *_rows("RIGHT", ("RIGHT('apple', 3)", "ple")),
    *_rows(
        "LPAD",
        ("LPAD('c', 5)", "    c"),
        ("LPAD('b', 5, 'a')", "aaaab"),
        ("LPAD('abc', 10, 'ghd')", "ghdghdgabc"),
        ("LPAD('abc', 2, 'd')", "ab"),
    ),
    *_rows("RPAD", ("RPAD('c', 5)", "c    "), ("RPAD('abc', 10, 'ghd')", "abcghdghdg"), ("RPAD('abc', 2, 'd')", "ab")),
    *_rows("REPEAT", ("REPEAT('abc', 3)", "abcabcabc"), ("REPEAT('abc', NULL)", None)),
    *_rows("REPLACE", ("REPLACE('apple pie', 'pie', 'cobbler')", "apple cobbler"), ("REPLACE('abc', '', 'x')", "abc")),
    *_rows(
        "STRPOS",
        ("STRPOS('foo@example.com', '@')", 4),
        ("STRPOS('quxatexampledotcom', '@')", 0),
        ("STRPOS('é@', '@')", 2),
    ),
    *_rows("INSTR", ("INSTR('banana', 'an')", 2), ("INSTR('banana', 'ann')", 0)),
    *_rows("BYTE_LENGTH", ("BYTE_LENGTH('абвгд')", 10), ("BYTE_LENGTH('')", 0)),
    *_rows("OCTET_LENGTH", ("OCTET_LENGTH('é')", 2)),
    *_rows("UNICODE", ("UNICODE('âbcd')", 226), ("UNICODE('')", 0), ("UNICODE(NULL)", None)),
    *_rows(
        "REGEXP_EXTRACT_ALL",
        ("REGEXP_EXTRACT_ALL('Try `func(x)` or `func(y)`', '`(.+?)`')", ["func(x)", "func(y)"]),
        ("REGEXP_EXTRACT_ALL('a1b22', r'[0-9]+')", ["1", "22"]),
        ("REGEXP_EXTRACT_ALL('ab', r'[0-9]+')", []),
    ),
    *_rows("REGEXP_SUBSTR", ("REGEXP_SUBSTR('Hello Helloo', 'H?ello+')", "Hello")),
    *_rows("STARTS_WITH", ("STARTS_WITH('bar', 'b')", True), ("STARTS_WITH('bar', 'a')", False)),
    *_rows("ENDS_WITH", ("ENDS_WITH('apple', 'e')", True)),
    *_rows(
        "SPLIT",
        ("SPLIT('b c d', ' ')", ["b", "c", "d"]),
        ("SPLIT('', ' ')", [""]),
        ("SPLIT('a,b')", ["a", "b"]),
        ("SPLIT('abc', '')", ["a", "b", "c"]),
        ("SPLIT('abc', NULL)", None),
    ),
    *_rows(
        "REGEXP_CONTAINS",
        (r"REGEXP_CONTAINS('foo@example.com', r'@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+')", True),
        (r"REGEXP_CONTAINS('www.example.net', r'@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+')", False),
        (r"REGEXP_CONTAINS('a@foo.computer', r'^([\w.+-]+@foo\.com|[\w.+-]+@bar\.org)$')", False),
        (r"REGEXP_CONTAINS('a@foo.computer', r'^[\w.+-]+@foo\.com|[\w.+-]+@bar\.org$')", True),
        (r"REGEXP_CONTAINS('\n', '.')", False),
    ),
    *_rows(
        "REGEXP_EXTRACT",
        ("REGEXP_EXTRACT('foo@example.com', r'^[a-zA-Z0-9_.+-]+')", "foo"),
        (r"REGEXP_EXTRACT('foo@example.com', r'^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.([a-zA-Z0-9-.]+$)')", "com"),
        ("REGEXP_EXTRACT('ab', '.b')", "ab"),
        ("REGEXP_EXTRACT('ab', '(.)b')", "a"),
        ("REGEXP_EXTRACT('xyztb', '(.)+b')", "t"),
        ("REGEXP_EXTRACT('ab', 'c')", None),
    ),
    *_rows(
        "REGEXP_REPLACE",
        (r"REGEXP_REPLACE('# Heading', r'^# ([a-zA-Z0-9\s]+$)', '<h1>\\1</h1>')", "<h1>Heading</h1>"),
        ("REGEXP_REPLACE('a1b22', r'[0-9]', '')", "ab"),
    ),
    *_rows(
        "TO_HEX",
        ("TO_HEX(MD5('Hello World'))", "b10a8db164e0754105b7a99be72e3fe5"),
        ("TO_HEX(SHA1('Hello World'))", "0a4d55a8d778e5022fab701977c5d840bbc486d0"),
        ("TO_HEX(SHA256('abc'))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ),
    *_rows(
        "LIKE",
        ("'apple' LIKE 'a%'", True),
        (r"'a%b' LIKE r'a\%b'", True),
        (r"'axb' LIKE r'a\%b'", False),
        ("'Intend with clarity.' LIKE ANY ('Intend%', '%intention%')", True),
        ("'Secure with intention.' LIKE ALL ('Intend%', '%intention%')", False),
        ("'a' LIKE ANY ('b', NULL)", None),
        ("'a' LIKE ANY ('a', NULL)", True),
        ("'apple' NOT LIKE '_pple'", False),
    ),
    *_rows("texts", (r"'it\'s\n'", "it's\n"), (r"r'\d'", r"\d"), ('"quoted"', "quoted"), ("'''a'b'''", "a'b")),
    *_rows("ARRAY_LENGTH", ("ARRAY_LENGTH(['coffee', NULL, 'milk'])", 3), ("ARRAY_LENGTH(['cake', 'pie'])", 2)),
    *_rows("ARRAY_TO_STRING", ("ARRAY_TO_STRING(['coffee', 'tea', 'milk', NULL], '--')", "coffee--tea--milk")),
    *_rows(
        "GENERATE_ARRAY",
        ("GENERATE_ARRAY(1, 5)", [1, 2, 3, 4, 5]),
        ("GENERATE_ARRAY(0, 10, 3)", [0, 3, 6, 9]),
        ("GENERATE_ARRAY(10, 0, -3)", [10, 7, 4, 1]),
        ("GENERATE_ARRAY(4, 4, 10)", [4]),
        ("GENERATE_ARRAY(10, 0, 3)", []),
        ("GENERATE_ARRAY(5, NULL, 1)", None),
    ),
    *_rows(
        "ARRAY_CONCAT", ("ARRAY_CONCAT([1, 2], [3, 4], [5, 6])", [1, 2, 3, 4, 5, 6]), ("ARRAY_CONCAT([1], NULL)", None)
    ),
    *_rows(
        "ARRAY_REVERSE", ("ARRAY_REVERSE([1, 2, 3])", [3, 2, 1]), ("ARRAY_REVERSE(CAST(NULL AS ARRAY<INT64>))", None)
    ),
    *_rows(
        "ARRAY",
        ("ARRAY(SELECT x * 2 FROM UNNEST([3, 1]) AS x ORDER BY x)", [2, 6]),
        ("ARRAY(SELECT x FROM UNNEST([3, 1]) AS x WHERE x > 9 ORDER BY x)", []),
        ("ARRAY<INT64>[1, NULL]", [1, None]),
        ("ARRAY<FLOAT64>[1, 2.5]", [1.0, 2.5]),
        ("ARRAY<STRING>[]", []),
        ("CAST(NULL AS ARRAY<STRING>)", None),
    ),
    *_rows(
        "STRUCT",
        ("STRUCT(1 AS a, 'x' AS b).b", "x"),
        ("STRUCT<a INT64, b STRING>(1, 'x').a", 1),
        ("(SELECT AS STRUCT 1 AS a, 'x' AS b).b", "x"),
        ("SELECT s.a, s.in_.b FROM (SELECT STRUCT(1 AS a, STRUCT(2 AS b) AS in_) AS s)", [(1, 2)]),
        ("SELECT a[OFFSET(1)].k AS k FROM (SELECT [STRUCT(1 AS k), STRUCT(2 AS k)] AS a)", [(2,)]),
        (
            _ITEMS
            + "SELECT ARRAY_AGG(STRUCT(k, x) ORDER BY k DESC, x DESC LIMIT 1)[OFFSET(0)].x AS v FROM t WHERE x < 7",
            [(5,)],
        ),
    ),
    *_rows(
        "JSON_VALUE",
        ("""JSON_VALUE('{"name": "Jakob", "age": "6"}', '$.age')""", "6"),
        ("""JSON_VALUE('{"fruits": ["apple", "banana"]}', '$.fruits')""", None),
        ("""JSON_VALUE('{"fruits": ["apple", "banana"]}', '$.fruits[1]')""", "banana"),
        ("""JSON_VALUE('{"a": {"b": 10, "c": true, "d": null}}', '$.a.b')""", "10"),
        ("""JSON_VALUE('{"a": {"b": 10, "c": true, "d": null}}', '$.a.c')""", "true"),
        ("""JSON_VALUE('{"a": {"b": 10, "c": true, "d": null}}', '$.a.d')""", None),
        ("""JSON_VALUE('{"a": {"b": 10}}', '$.x.y')""", None),
        ("""JSON_VALUE('"hello"')""", "hello"),
        ("JSON_VALUE(CAST(NULL AS STRING), '$.a')", None),
    ),
    *_rows("JSON_EXTRACT_SCALAR", ("""JSON_EXTRACT_SCALAR('{"a b": {"c": "world"}}', "$['a b'].c")""", "world")),
    *_rows(
        "OFFSET",
        ("['a', 'b'][OFFSET(0)]", "a"),
        ("['a', 'b'][ORDINAL(2)]", "b"),
        ("['a', 'b'][SAFE_OFFSET(6)]", None),
        ("['a', 'b'][SAFE_OFFSET(-1)]", None),
        ("['a', 'b'][SAFE_ORDINAL(0)]", None),
    ),
)

AGGREGATES = (
    *_rows("COUNT", (_ITEMS + "SELECT COUNT(*) AS a, COUNT(x) AS b, COUNT(DISTINCT k) AS c FROM t", [(4, 3, 2)])),
    *_rows(
        "COUNTIF",
        ("SELECT COUNTIF(x < 0) AS a, COUNTIF(x > 0) AS b FROM UNNEST([5, -2, 3, 6, -10, -7, 4, 0]) AS x", [(3, 4)]),
        (_ITEMS + "SELECT COUNTIF(x > 1) AS a FROM t WHERE FALSE", [(0,)]),
    ),
    *_rows(
        "SUM",
        ("SELECT SUM(x) AS s FROM UNNEST([1, 2, 3, 4, 5, 4, 3, 2, 1]) AS x", [(25,)]),
        ("SELECT SUM(DISTINCT x) AS s FROM UNNEST([1, 2, 3, 4, 5, 4, 3, 2, 1]) AS x", [(15,)]),
        (_ITEMS + "SELECT k, SUM(x) AS s FROM t GROUP BY k ORDER BY k", [(1, 8), (2, 7)]),
        (_FLOATS + "SELECT k, SUM(x) AS s FROM t GROUP BY k ORDER BY k", [(1, 4.0), (2, None)]),
        (_ITEMS + "SELECT SUM(IF(x > 3, 1, 0)) AS s, SUM(x) AS e FROM t WHERE k = 1", [(1, 8)]),
        (_ITEMS + "SELECT SUM(x) AS s FROM t WHERE FALSE", [(None,)]),
        (
            "SELECT x, SUM(x) OVER (PARTITION BY MOD(x, 3)) AS s FROM UNNEST([1, 2, 3, 4, 5, 4, 3, 2, 1]) AS x ORDER BY s, x",
            [(3, 6), (3, 6), (2, 9), (2, 9), (5, 9), (1, 10), (1, 10), (4, 10), (4, 10)],
        ),
    ),
    *_rows(
        "AVG",
        ("SELECT AVG(x) AS a FROM UNNEST([0, 2, 4, 4, 5]) AS x", [(3.0,)]),
        ("SELECT AVG(DISTINCT x) AS a FROM UNNEST([0, 2, 4, 4, 5]) AS x", [(2.75,)]),
    ),
    *_rows(
        "MAX",
        ("SELECT MAX(x) AS a FROM UNNEST([8, 37, 55, 4]) AS x", [(55,)]),
        ("SELECT MAX(x) AS a FROM UNNEST(['a', 'B']) AS x", [("a",)]),
    ),
    *_rows("MIN", ("SELECT MIN(x) AS a FROM UNNEST([8, 37, 4, 55]) AS x", [(4,)])),
    *_rows("BIT_AND", ("SELECT BIT_AND(x) AS a FROM UNNEST([61441, 161]) AS x", [(1,)])),
    *_rows("BIT_OR", ("SELECT BIT_OR(x) AS a FROM UNNEST([61441, 161]) AS x", [(61601,)])),
    *_rows("BIT_XOR", ("SELECT BIT_XOR(x) AS a FROM UNNEST([5678, 1234]) AS x", [(4860,)])),
    *_rows("LOGICAL_AND", ("SELECT LOGICAL_AND(x < 3) AS a FROM UNNEST([1, 2, 4]) AS x", [(False,)])),
    *_rows("LOGICAL_OR", ("SELECT LOGICAL_OR(x < 3) AS a FROM UNNEST([1, 2, 4]) AS x", [(True,)])),
    *_rows(
        "MAX_BY",
        (
            "WITH f AS (SELECT 'apple' AS fruit, 3.55 AS price UNION ALL SELECT 'banana', 2.10 UNION ALL SELECT "
            "'pear', 4.30) SELECT MAX_BY(fruit, price) AS a, MIN_BY(fruit, price) AS b FROM f",
            [("pear", "banana")],
        ),
        ("WITH f AS (SELECT NULL AS x, 2 AS y UNION ALL SELECT 1, 1) SELECT MAX_BY(x, y) AS a FROM f", [(None,)]),
    ),
    *_rows("STDDEV", ("SELECT STDDEV(x) AS a FROM UNNEST([10, 14, 18]) AS x", [(4.0,)])),
    *_rows(
        "STDDEV_SAMP",
        ("SELECT STDDEV_SAMP(x) AS a FROM UNNEST([10, 14, 18]) AS x", [(4.0,)]),
        ("SELECT STDDEV_SAMP(x) AS a FROM UNNEST([10, 14, NULL]) AS x", [(2.8284271247461903,)]),
        ("SELECT STDDEV_SAMP(x) AS a FROM UNNEST([10, NULL]) AS x", [(None,)]),
    ),
    *_rows(
        "STDDEV_POP",
        ("SELECT STDDEV_POP(x) AS a FROM UNNEST([10, 14, 18]) AS x", [(3.265986323710904,)]),
        ("SELECT STDDEV_POP(x) AS a FROM UNNEST([10, NULL]) AS x", [(0.0,)]),
    ),
    *_rows("VARIANCE", ("SELECT VARIANCE(x) AS a FROM UNNEST([10, 14, 18]) AS x", [(16.0,)])),
    *_rows(
        "VAR_SAMP",
        ("SELECT VAR_SAMP(x) AS a FROM UNNEST([10, 14, NULL]) AS x", [(8.0,)]),
        ("SELECT VAR_SAMP(x) AS a FROM UNNEST([10, NULL]) AS x", [(None,)]),
    ),
    *_rows("VAR_POP", ("SELECT VAR_POP(x) AS a FROM UNNEST([10, 14, 18]) AS x", [(10.666666666666666,)])),
    *_rows(
        "ARRAY_AGG",
        (
            "SELECT ARRAY_TO_STRING(ARRAY_AGG(x ORDER BY x DESC LIMIT 2), ',') AS a FROM UNNEST(['a', 'c', 'b']) AS x",
            [("c,b",)],
        ),
        (
            "SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x) AS a FROM UNNEST([NULL, 1, -2, 3, -2, 1, NULL]) AS x",
            [([-2, -2, 1, 1, 3],)],
        ),
        ("SELECT ARRAY_AGG(DISTINCT x ORDER BY x) AS a FROM UNNEST([2, 1, -2, 3, -2, 1, 2]) AS x", [([-2, 1, 2, 3],)]),
        (
            _ITEMS
            + "SELECT k, ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC LIMIT 1)[OFFSET(0)] AS a FROM t GROUP BY k ORDER BY k",
            [(1, 5), (2, 7)],
        ),
    ),
    *_rows(
        "STRING_AGG",
        (
            "SELECT STRING_AGG(fruit, ' & ' ORDER BY LENGTH(fruit), fruit) AS a FROM UNNEST(['apple', 'pear', 'banana', 'pear']) AS "
            "fruit",
            [("pear & pear & apple & banana",)],
        ),
        (
            "SELECT STRING_AGG(fruit, ' & ' ORDER BY fruit LIMIT 2) AS a FROM UNNEST(['pear', NULL, 'banana', 'apple']) AS fruit",
            [("apple & banana",)],
        ),
        ("SELECT STRING_AGG(x, '' ORDER BY x) AS a FROM UNNEST(['b', 'a']) AS x", [("ab",)]),
        (
            "SELECT STRING_AGG(DISTINCT fruit ORDER BY fruit DESC) AS a FROM UNNEST(['apple', 'pear', 'pear']) AS fruit",
            [("pear,apple",)],
        ),
    ),
)

WINDOWS = (
    *_rows(
        "RANK",
        (
            _NUMBERS + "SELECT x, RANK() OVER (ORDER BY x ASC) AS r FROM Numbers ORDER BY r",
            [(1, 1), (2, 2), (2, 2), (5, 4), (8, 5), (10, 6), (10, 6)],
        ),
        (
            "SELECT x, RANK() OVER (ORDER BY x) AS a, RANK() OVER (ORDER BY x DESC) AS b FROM UNNEST([NULL, 1, 2]) AS x "
            "ORDER BY x",
            [(None, 1, 3), (1, 2, 2), (2, 3, 1)],
        ),
    ),
    *_rows(
        "DENSE_RANK",
        (
            _NUMBERS + "SELECT x, DENSE_RANK() OVER (ORDER BY x) AS r FROM Numbers ORDER BY r",
            [(1, 1), (2, 2), (2, 2), (5, 3), (8, 4), (10, 5), (10, 5)],
        ),
    ),
    *_rows(
        "ROW_NUMBER",
        (
            _NUMBERS + "SELECT x, ROW_NUMBER() OVER (ORDER BY x) AS r FROM Numbers ORDER BY r",
            [(1, 1), (2, 2), (2, 3), (5, 4), (8, 5), (10, 6), (10, 7)],
        ),
    ),
    *_rows(
        "PERCENT_RANK",
        (
            _RUNNERS + "SELECT name, PERCENT_RANK() OVER (PARTITION BY division ORDER BY finish_time) AS r FROM "
            "finishers WHERE division = 'F35-39' ORDER BY r",
            [("Lisa Stelzner", 0.0), ("Lauren Matthews", 1 / 3), ("Desiree Berry", 2 / 3), ("Suzy Slane", 1.0)],
        ),
    ),
    *_rows(
        "CUME_DIST",
        (
            _RUNNERS + "SELECT name, CUME_DIST() OVER (PARTITION BY division ORDER BY finish_time) AS r FROM "
            "finishers WHERE division = 'F35-39' ORDER BY r",
            [("Lisa Stelzner", 0.25), ("Lauren Matthews", 0.5), ("Desiree Berry", 0.75), ("Suzy Slane", 1.0)],
        ),
    ),
    *_rows(
        "NTILE",
        (
            _RUNNERS + "SELECT name, NTILE(3) OVER (PARTITION BY division ORDER BY finish_time) AS r FROM finishers "
            "WHERE division = 'F35-39' ORDER BY finish_time",
            [("Lisa Stelzner", 1), ("Lauren Matthews", 1), ("Desiree Berry", 2), ("Suzy Slane", 3)],
        ),
    ),
    *_rows(
        "LAG",
        (
            _RUNNERS + "SELECT name, LAG(name) OVER (PARTITION BY division ORDER BY finish_time) AS p, LAG(name, 2, "
            "'NoBody') OVER (PARTITION BY division ORDER BY finish_time) AS q FROM finishers WHERE division = 'F35-39' "
            "ORDER BY finish_time",
            [
                ("Lisa Stelzner", None, "NoBody"),
                ("Lauren Matthews", "Lisa Stelzner", "NoBody"),
                ("Desiree Berry", "Lauren Matthews", "Lisa Stelzner"),
                ("Suzy Slane", "Desiree Berry", "Lauren Matthews"),
            ],
        ),
    ),
    *_rows(
        "LEAD",
        (
            _RUNNERS + "SELECT name, LEAD(name) OVER (PARTITION BY division ORDER BY finish_time) AS p FROM finishers "
            "WHERE division = 'F25-29' OR division = 'F35-39' ORDER BY finish_time LIMIT 2",
            [("Lisa Stelzner", "Lauren Matthews"), ("Lauren Matthews", "Desiree Berry")],
        ),
    ),
    *_rows(
        "FIRST_VALUE",
        (
            _RUNNERS + "SELECT name, TIMESTAMP_DIFF(finish_time, fastest, SECOND) AS delta FROM (SELECT name, "
            "finish_time, FIRST_VALUE(finish_time) OVER (PARTITION BY division ORDER BY finish_time ASC ROWS "
            "BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS fastest, division FROM finishers) "
            "WHERE division = 'F35-39' ORDER BY finish_time",
            [("Lisa Stelzner", 0), ("Lauren Matthews", 426), ("Desiree Berry", 691), ("Suzy Slane", 733)],
        ),
        (
            "SELECT o, FIRST_VALUE(x IGNORE NULLS) OVER (ORDER BY o ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS f FROM "
            "UNNEST([NULL, 4, 5]) AS x WITH OFFSET AS o ORDER BY o",
            [(0, None), (1, 4), (2, 4)],
        ),
    ),
    *_rows(
        "LAST_VALUE",
        (
            "SELECT o, LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY o) AS f FROM UNNEST([3, NULL, 5]) AS x WITH "
            "OFFSET AS o ORDER BY o",
            [(0, 3), (1, 3), (2, 5)],
        ),
        (
            _RUNNERS
            + "SELECT name, TIMESTAMP_DIFF(slowest, finish_time, SECOND) AS delta FROM (SELECT name, finish_time, "
            "division, LAST_VALUE(finish_time) OVER (PARTITION BY division ORDER BY finish_time ROWS BETWEEN UNBOUNDED "
            "PRECEDING AND UNBOUNDED FOLLOWING) AS slowest FROM finishers) WHERE division = 'F35-39' ORDER BY finish_time",
            [("Lisa Stelzner", 733), ("Lauren Matthews", 307), ("Desiree Berry", 42), ("Suzy Slane", 0)],
        ),
    ),
    *_rows(
        "NTH_VALUE",
        (
            _RUNNERS + "SELECT DISTINCT NTH_VALUE(name, 2) OVER (PARTITION BY division ORDER BY finish_time ROWS "
            "BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM finishers WHERE division = "
            "'F35-39'",
            [("Lauren Matthews",)],
        ),
    ),
    *_rows(
        "frames",
        (
            _PRODUCE
            + "SELECT item, SUM(purchases) OVER (PARTITION BY category ORDER BY purchases ROWS BETWEEN UNBOUNDED PRECEDING "
            "AND CURRENT ROW) AS total FROM Produce ORDER BY category, purchases",
            [("banana", 2), ("apple", 10), ("leek", 2), ("cabbage", 11), ("lettuce", 21), ("kale", 44)],
        ),
        (
            _PRODUCE
            + "SELECT item, AVG(purchases) OVER (ORDER BY purchases, item ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS a "
            "FROM Produce ORDER BY purchases, item",
            [("banana", 2.0), ("leek", 4.0), ("apple", 19 / 3), ("cabbage", 9.0), ("lettuce", 14.0), ("kale", 16.5)],
        ),
        (
            "WITH Farm AS (SELECT 'cat' AS animal, 23 AS population, 'mammal' AS category UNION ALL SELECT 'duck', 3, 'bird' UNION "
            "ALL SELECT 'dog', 2, 'mammal' UNION ALL SELECT 'goose', 1, 'bird' UNION ALL SELECT 'ox', 2, 'mammal' UNION ALL SELECT "
            "'goat', 2, 'mammal') SELECT animal, COUNT(*) OVER (ORDER BY population RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS n "
            "FROM Farm ORDER BY population, animal",
            [("goose", 4), ("dog", 5), ("goat", 5), ("ox", 5), ("duck", 4), ("cat", 1)],
        ),
        (
            "SELECT v, SUM(v) OVER (ORDER BY k RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM (SELECT NULL AS k, 1 AS v UNION "
            "ALL SELECT NULL, 2 UNION ALL SELECT 1, 10 UNION ALL SELECT 2, 20) ORDER BY v",
            [(1, 3), (2, 3), (10, 10), (20, 30)],
        ),
    ),
    *_rows(
        "WINDOW",
        (
            _NUMBERS + "SELECT x, SUM(x) OVER w AS a, COUNT(*) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS b "
            "FROM Numbers WHERE x IN (1, 5, 8) WINDOW v AS (PARTITION BY MOD(x, 2)), w AS (v ORDER BY x) ORDER BY x",
            [(1, 1, 1), (5, 6, 2), (8, 8, 1)],
        ),
    ),
    *_rows(
        "QUALIFY",
        (
            _PRODUCE
            + "SELECT item, RANK() OVER (PARTITION BY category ORDER BY purchases DESC) AS r FROM Produce WHERE "
            "category = 'vegetable' QUALIFY r <= 3 ORDER BY r",
            [("kale", 1), ("lettuce", 2), ("cabbage", 3)],
        ),
        (
            _PRODUCE
            + "SELECT item FROM Produce WHERE category = 'vegetable' QUALIFY RANK() OVER (PARTITION BY category ORDER BY "
            "purchases DESC) <= 1",
            [("kale",)],
        ),
    ),
)

QUERIES = (
    *_rows(
        "ORDER BY",
        ("SELECT x FROM UNNEST([1, NULL, 3]) AS x ORDER BY x", [(None,), (1,), (3,)]),
        ("SELECT x FROM UNNEST([1, NULL, 3]) AS x ORDER BY x DESC", [(3,), (1,), (None,)]),
        ("SELECT x FROM UNNEST([1, NULL, 3]) AS x ORDER BY x DESC NULLS FIRST LIMIT 2", [(None,), (3,)]),
        ("SELECT -x AS x FROM UNNEST([1, 2]) AS x ORDER BY x", [(-2,), (-1,)]),
        ("SELECT x FROM UNNEST([1, 2, 3]) AS x ORDER BY 1 DESC LIMIT 1 OFFSET 1", [(2,)]),
    ),
    *_rows(
        "UNNEST",
        ("SELECT x, o FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS o ORDER BY o", [("a", 0), ("b", 1)]),
        (
            "SELECT k, x, offset FROM (SELECT 1 AS k, [5, 6] AS a) AS t, UNNEST(t.a) AS x WITH OFFSET ORDER BY offset",
            [(1, 5, 0), (1, 6, 1)],
        ),
        ("SELECT k, x FROM (SELECT 1 AS k, GENERATE_ARRAY(1, 0) AS a) AS t LEFT JOIN UNNEST(t.a) AS x", [(1, None)]),
        ("SELECT COUNT(*) AS n FROM UNNEST([1, 2])", [(2,)]),
        (_PARAMS + "SELECT u, key, value.i FROM t, UNNEST(params) ORDER BY key", [(1, "a", 7), (1, "b", None)]),
        (
            _PARAMS + "SELECT u, (SELECT value.i FROM UNNEST(params) WHERE key = 'a') AS v FROM t ORDER BY u",
            [(1, 7), (2, None)],
        ),
        (
            _PARAMS + "SELECT u, (SELECT p.value.s FROM UNNEST(params) AS p WHERE key = 'b') AS v FROM t ORDER BY u",
            [(1, "x"), (2, None)],
        ),
        (
            _PARAMS + "SELECT u, p.key, o FROM t LEFT JOIN UNNEST(params) AS p WITH OFFSET AS o ORDER BY u, o",
            [(1, "a", 0), (1, "b", 1), (2, None, None)],
        ),
        # Of two columns of one name the inner one is meant, whether or not the elements have a name.
        *(
            (
                _PARAMS.replace("1 AS u,", "1 AS u, 'b' AS key,").replace("SELECT 2,", "SELECT 2, 'b',")
                + f"SELECT u, (SELECT COUNT(*) FROM UNNEST(params){name} WHERE key = 'a') AS n FROM t ORDER BY u",
                [(1, 1), (2, 0)],
            )
            for name in ("", " AS p")
        ),
        ("SELECT (SELECT SUM(x) FROM UNNEST(xs) AS x) AS s FROM (SELECT [1, 2] AS xs)", [(3,)]),
        ("SELECT * FROM UNNEST([1, 2]) AS x WITH OFFSET AS o ORDER BY o", [(1, 0), (2, 1)]),
        ("SELECT a, b FROM (SELECT 1 AS a) JOIN UNNEST([1, 2, 3]) AS b ON b > a ORDER BY b", [(1, 2), (1, 3)]),
        (
            "SELECT a.x, b.y FROM UNNEST(ARRAY<STRUCT<k INT64, x STRING>>[(1, 'p'), (2, 'q')]) AS a JOIN "
            "UNNEST([STRUCT(2 AS k, 5 AS y)]) AS b ON a.k = b.k",
            [("q", 5)],
        ),
        ("SELECT 2 IN UNNEST([1, 2]) AS a, 3 NOT IN UNNEST([1, 2]) AS b", [(True, True)]),
    ),
    *_rows(
        "GROUP BY",
        (_ITEMS + "SELECT k * 2 AS k, COUNT(*) AS n FROM t GROUP BY k ORDER BY k", [(2, 2), (4, 2)]),
        (_ITEMS + "SELECT MOD(x, 2) AS x, COUNT(*) AS n FROM t WHERE x IS NOT NULL GROUP BY x", [(1, 3)]),
        (_ITEMS + "SELECT k, SUM(x) AS total FROM t GROUP BY 1 HAVING total > 7", [(1, 8)]),
    ),
    *_rows(
        "JOIN",
        (
            "SELECT a.x, b.y FROM (SELECT 1 AS k, 2 AS x UNION ALL SELECT 2, 3) AS a LEFT JOIN (SELECT 1 AS k, 5 AS y) AS b "
            "ON a.k = b.k ORDER BY x",
            [(2, 5), (3, None)],
        ),
        (
            "SELECT k, x, y FROM (SELECT 1 AS k, 2 AS x) AS a FULL JOIN (SELECT 3 AS k, 5 AS y) AS b USING (k) ORDER BY k",
            [(1, 2, None), (3, None, 5)],
        ),
        ("SELECT x, y FROM (SELECT 1 AS x) AS a CROSS JOIN (SELECT 2 AS y) AS b", [(1, 2)]),
    ),
    *_rows(
        "PIVOT",
        (
            _SALES + "SELECT * FROM t PIVOT (SUM(sales) FOR quarter IN ('Q1', 'Q2', 'Q3')) ORDER BY product",
            [("Apple", 77, 0, None), ("Kale", 51, 23, None)],
        ),
        (
            _SALES
            + "SELECT product, total_one, n_one, n_Q3 FROM (SELECT product, sales, quarter FROM t) PIVOT (SUM(sales) "
            "AS total, COUNT(*) AS n FOR quarter IN ('Q1' AS one, 'Q3')) AS p ORDER BY product",
            [("Apple", 77, 1, 0), ("Kale", 51, 1, 0)],
        ),
    ),
    *_rows(
        "sets",
        ("SELECT x FROM UNNEST([1, 2, 2]) AS x UNION DISTINCT SELECT 2 ORDER BY x", [(1,), (2,)]),
        ("SELECT x FROM UNNEST([1, 2, 3, 3]) AS x EXCEPT DISTINCT SELECT 1 ORDER BY x", [(2,), (3,)]),
        ("SELECT x FROM UNNEST([1, 2, 2]) AS x INTERSECT DISTINCT SELECT 2", [(2,)]),
    ),
    *_rows(
        "subqueries",
        (_ITEMS + "SELECT k, x FROM t WHERE x = (SELECT MAX(x) FROM t)", [(2, 7)]),
        (
            _ITEMS + "SELECT DISTINCT k FROM t AS a WHERE EXISTS (SELECT 1 FROM t AS b WHERE b.k = a.k AND b.x = 3)",
            [(1,)],
        ),
        (_ITEMS + "SELECT x FROM t WHERE x IN (SELECT 7 UNION ALL SELECT 8)", [(7,)]),
    ),
    *_rows(
        "*",
        (_ITEMS + "SELECT * EXCEPT (k) REPLACE (x + 1 AS x) FROM t WHERE x = 3", [(4,)]),
        (_ITEMS + "SELECT t.* FROM t WHERE x = 3", [(1, 3)]),
    ),
    *_rows(
        "conditions",
        ("1 IN (1, NULL)", True),
        ("2 IN (1, NULL)", None),
        ("NULL IS NULL", True),
        ("1 BETWEEN 1 AND 2", True),
        ("NOT (1 = 2) AND (FALSE OR TRUE)", True),
        ("NULL IS DISTINCT FROM 1", True),
        ("(1 > 2) IS FALSE", True),
        ("DATE '2020-01-02' >= '2020-1-2'", True),
        ("TIMESTAMP '2020-01-02 05:00:00+05' = '2020-01-02'", True),
    ),
)

GOLDEN = (*TIMES, *NUMBERS, *TEXTS, *AGGREGATES, *WINDOWS, *QUERIES)

FAILING = (
    Failing("/", "SELECT 1 / 0 AS x"),
    Failing("DIV", "SELECT DIV(20, 0) AS x"),
    Failing("MOD", "SELECT MOD(20, 0) AS x"),
    Failing("SQRT", "SELECT SQRT(-1.0) AS x"),
    Failing("LN", "SELECT LN(0.0) AS x"),
    Failing("LOG", "SELECT LOG(100.0, 1.0) AS x"),
    Failing("LOG", "SELECT LOG(2.0, x) AS v FROM (SELECT 0.0 AS x)"),
    Failing("LOG10", "SELECT LOG10(-1.0) AS x"),
    Failing("EXP", "SELECT EXP(1000.0) AS x"),
    Failing("POW", "SELECT POW(-8.0, 0.3) AS x"),
    Failing("*", "SELECT 1e200 * 1e200 AS x"),
    Failing("+", "SELECT 9223372036854775807 + 1 AS x"),
    Failing("SUM", "SELECT SUM(x) AS s FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)"),
    Failing("SUM", "SELECT SUM(x) AS s FROM UNNEST([1.1e308, 1.2e308]) AS x"),
    Failing("AVG", "SELECT AVG(x) AS s FROM UNNEST([1.1e308, 1.2e308]) AS x"),
    Failing("DATETIME_ADD", "SELECT DATETIME_ADD(DATETIME '9999-12-31 23:59:59.999999', INTERVAL 1 MICROSECOND) AS x"),
    Failing("DATE_SUB", "SELECT DATE_SUB(DATE '0001-01-01', INTERVAL 1 DAY) AS x"),
    Failing("INTERVAL", "SELECT t + INTERVAL 1 MONTH AS x FROM (SELECT TIMESTAMP '2020-01-01' AS t)"),
    Failing("GENERATE_ARRAY", "SELECT GENERATE_ARRAY(1, 5, 0) AS x"),
    Failing("GENERATE_ARRAY", "SELECT GENERATE_ARRAY(a, 1, 1) AS x FROM (SELECT 0.5 AS a)"),
    Failing("REGEXP_EXTRACT_ALL", "SELECT REGEXP_EXTRACT_ALL('baac', 'a*') AS x"),
    Failing("REPEAT", "SELECT REPEAT('abc', 1000000000) AS x"),
    Failing("LPAD", "SELECT LPAD('abc', 1000000000) AS x"),
    Failing("NUMERIC", "SELECT NUMERIC '1' / 0 AS x"),
    Failing("NUMERIC", "SELECT NUMERIC '99999999999999999999999999999' * 10 AS x"),
    *(
        Failing("NUMERIC", f"SELECT {expression} AS v FROM (SELECT NUMERIC '1.1' AS x, 2 AS n)")
        for expression in (
            *("AVG(x)", "x / n", "n / x", "SAFE_DIVIDE(x, n)", "x * 1.1", "1.1 + x", "SQRT(x)", "POW(x, n)"),
            *("ROUND(x)", "ROUND(x, 1)", "CEIL(x)", "TRUNC(x)", "MOD(x, n)", "DIV(x, n)", "STDDEV(x)"),
        )
    ),
    Failing("JSON_VALUE", """SELECT JSON_VALUE('{"a": 1.50}', '$.a') AS x"""),
    Failing("UNNEST", "SELECT * FROM UNNEST([STRUCT(1 AS a)]) AS x"),
    Failing("SAFE_CAST", "SELECT SAFE_CAST('0x1F' AS INT64) AS x"),
    Failing("SAFE_CAST", "SELECT SAFE_CAST('0000-12-31' AS DATE) AS x"),
    Failing("CAST", "SELECT CAST('12.5' AS INT64) AS x"),
    Failing("CAST", "SELECT CAST('yes' AS BOOL) AS x"),
    Failing("CAST", "SELECT CAST(x AS STRING) AS v FROM (SELECT 1.0 AS x)"),
    Failing("PARSE_DATE", "SELECT PARSE_DATE('%Y%m%d', '2008-1-5') AS x"),
    Failing("OFFSET", "SELECT ['a'][OFFSET(1)] AS x"),
    Failing("SUBSTR", "SELECT SUBSTR('apple', 1, -1) AS x"),
    Failing("LEFT", "SELECT LEFT('apple', -1) AS x"),
    Failing("LPAD", "SELECT LPAD('a', 3, '') AS x"),
    Failing("UPPER", "SELECT UPPER('straße') AS x"),
    Failing("LOWER", "SELECT LOWER('ΟΔΟΣ') AS x"),
    Failing("ARRAY_AGG", "SELECT ARRAY_LENGTH(ARRAY_AGG(x ORDER BY x)) AS a FROM UNNEST([1, NULL]) AS x"),
    Failing("DATE_DIFF", "SELECT DATE_DIFF(t, t, DAY) AS x FROM (SELECT TIMESTAMP '2020-01-01' AS t)"),
    Failing("-", "SELECT a - a AS x FROM (SELECT DATE '2020-01-01' AS a)"),
    Failing("scalar subquery", "SELECT (SELECT x FROM UNNEST([1, 2]) AS x) AS v"),
)

REFUSED = (
    Refused("CREATE TABLE a AS SELECT 1 AS x", "CREATE is not translated: write one SELECT"),
    Refused("DELETE FROM a WHERE TRUE", "DELETE is not translated: write one SELECT"),
    Refused("INSERT INTO a SELECT 1", "INSERT is not translated"),
    Refused("SELECT 1 AS x; SELECT 2 AS x", "several statements"),
    Refused("DECLARE x INT64; SELECT 1 AS x", "several statements"),
    Refused("", "there is no statement"),
    Refused("SELECT FROM a", "nothing between SELECT and FROM"),
    Refused("SELECT (1 AS x", "this is not GoogleSQL"),
    Refused("SELECT RAND() AS x", "RAND is not translated: it is another at every run"),
    Refused("SELECT CURRENT_TIMESTAMP() AS x", "write a parameter"),
    Refused("SELECT CURRENT_DATE AS x", "write a parameter"),
    Refused("SELECT CURRENT_DATE() AS x", "write a parameter"),
    Refused("SELECT GENERATE_UUID() AS x", "another at every run"),
    Refused("SELECT SESSION_USER() AS x", "write a parameter"),
    Refused("SELECT APPROX_COUNT_DISTINCT(x) AS n FROM a", "write COUNT(DISTINCT value)"),
    Refused("SELECT APPROX_QUANTILES(x, 4) AS n FROM a", "approximation"),
    Refused("SELECT FARM_FINGERPRINT(x) AS n FROM a", "write TO_HEX(SHA256(text))"),
    Refused("SELECT ANY_VALUE(x) AS n FROM a", "not defined"),
    Refused("SELECT ARRAY_AGG(x) AS n FROM a", "the order of ARRAY_AGG is not defined"),
    Refused("SELECT STRING_AGG(x, ',') AS n FROM a", "the order of STRING_AGG is not defined"),
    Refused("SELECT ROW_NUMBER() OVER (PARTITION BY x) AS n FROM a", "the order of ROW_NUMBER is not defined"),
    Refused("SELECT SUM(x) OVER (PARTITION BY k ROWS 1 PRECEDING) AS n FROM a", "write ORDER BY in it"),
    Refused("SELECT ROW_NUMBER() AS n FROM a", "needs OVER"),
    Refused("SELECT x FROM a LIMIT 3", "which rows LIMIT takes is not defined"),
    Refused("SELECT ROUND(x, 4) AS n FROM a", "write ROUND(number * 10000) / 10000"),
    Refused("SELECT ROUND(x, k) AS n FROM a", "to a number of digits from -15 to 3"),
    Refused("SELECT JSON_VALUE(x, '$..a') AS n FROM a", "for paths such as"),
    Refused("SELECT JSON_QUERY(x, '$.a') AS n FROM a", "write JSON_VALUE"),
    Refused("SELECT NUMERIC '1' + CAST(1 AS FLOAT64) AS n", "a number of another type"),
    Refused("SELECT SQRT(NUMERIC '1') AS n", "SQRT of a NUMERIC is not translated"),
    Refused("SELECT NUMERIC '0.0000000001' AS n", "is not a NUMERIC"),
    Refused("SELECT [1] = [1] AS n", "a ARRAY is not compared"),
    Refused("SELECT LAG(x, 1, y) OVER (ORDER BY x) AS n FROM a", "must be a constant"),
    Refused("SELECT STRING_AGG(x, y ORDER BY x) AS n FROM a", "must be a text in quotes"),
    Refused("SELECT * FROM UNNEST([STRUCT(1 AS a)])", "name the columns"),
    Refused("SELECT x FROM UNNEST([1], [2]) AS x", "several arrays in one UNNEST"),
    Refused("SELECT ARRAY(SELECT x FROM UNNEST([1]) AS x) AS n", "the order of ARRAY is not defined"),
    Refused("SELECT AS STRUCT 1 AS x", "SELECT AS STRUCT is one value"),
    Refused("SELECT STRUCT(1 AS a) AS s UNION ALL SELECT STRUCT(1 AS b)", "by name in other databases"),
    Refused("SELECT STRUCT(1, 2) AS s", "needs a name of its own"),
    Refused("SELECT FROBNICATE(x) AS n FROM a", "FROBNICATE is not among the functions"),
    Refused("SELECT DATEDIFF(x, y, DAY) AS n FROM a", "did you mean DATE_DIFF?"),
    Refused("SELECT CAST(x AS BIGNUMERIC) AS n FROM a", "the type BIGNUMERIC is not translated"),
    Refused("SELECT CAST(x AS NUMERIC(10, 2)) AS n FROM a", "is not translated"),
    Refused("SELECT CAST(1.5 AS NUMERIC) AS n", "a cast from FLOAT64 to NUMERIC is not translated"),
    Refused("SELECT CAST(x AS DATE FORMAT 'YYYY') AS n FROM a", "not translated"),
    Refused("SELECT x::INT64 AS n FROM a", "'::' is not GoogleSQL"),
    Refused("FROM a |> SELECT x", "pipe syntax is not translated"),
    Refused("SELECT COUNT(*) FROM a", "write AS name"),
    Refused("SELECT x, y AS x FROM a", "two columns x"),
    Refused("SELECT x FROM a TABLESAMPLE SYSTEM (10 PERCENT)", "not translated"),
    Refused("SELECT x FROM a FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'", "not translated"),
    Refused("SELECT x FROM `a.*_events`", "name each table"),
    Refused("SELECT * FROM `a.events_*`", "* of tables with * is not translated"),
    Refused("SELECT x FROM a WHERE _TABLE_SUFFIX = '1'", "BigQuery's own"),
    Refused("SELECT * FROM a PIVOT (SUM(x) FOR y IN (1.5))", "needs a name"),
    Refused("SELECT * FROM a PIVOT (STRING_AGG(x) FOR y IN ('q'))", "PIVOT is translated for SUM"),
    Refused("SELECT * FROM a PIVOT (SUM(x) FOR y IN (@q))", "must be literals"),
    Refused("SELECT * FROM a UNPIVOT (x FOR y IN (b, c))", "PIVOT is translated as"),
    Refused("SELECT LAG(x) OVER w AS n FROM a", "there is no window w"),
    Refused("SELECT SAFE.LN(x) AS n FROM a", "not translated"),
    Refused("SELECT INTERVAL 7 DAY AS n", "INTERVAL stands"),
    Refused("SELECT TIMESTAMP '2020-01-01' + INTERVAL 1 MONTH AS n", "INTERVAL MONTH is added to DATE, DATETIME"),
    Refused("SELECT DATE '2020-01-02' - DATE '2020-01-01' AS n", "DATE_DIFF"),
    Refused("SELECT TIMESTAMP '2020-13-02' AS n", "is not understood as a TIMESTAMP"),
    Refused("SELECT DATE(t, 'Mars') AS n FROM a", "the time zone must be"),
    Refused("SELECT DATE(t, @zone) AS n FROM a", "the time zone must be"),
    Refused("SELECT TIMESTAMP_DIFF(a, b, MONTH) AS n FROM a", "TIMESTAMP_DIFF is translated for the parts"),
    Refused("SELECT DATE_TRUNC(TIMESTAMP '2020-01-01', MONTH) AS n", "write CAST(value AS DATE)"),
    Refused("SELECT FORMAT_TIMESTAMP('%Z', t) AS n FROM a", "%Z is not translated"),
    Refused("SELECT PARSE_DATE('%m/%d/%y', t) AS n FROM a", "%y is not translated"),
    Refused("SELECT PARSE_DATE('%m', t) AS n FROM a", "must say the year"),
    Refused("SELECT REGEXP_EXTRACT(x, '(a)(b)') AS n FROM a", "takes one group"),
    Refused("SELECT REGEXP_EXTRACT(x, '(z)?b') AS n FROM a", "part of every match"),
    Refused("SELECT REGEXP_CONTAINS(x, y) AS n FROM a", "must be a text in quotes"),
    Refused(r"SELECT '\x41' AS n", "write the character itself"),
    Refused("SELECT b'abc' AS n", "not translated"),
    Refused("SELECT 'a' 'b' AS n", "not translated"),
    Refused("SELECT a FROM a", "write a.column"),
    Refused("SELECT x FROM a, a.xs", "write UNNEST(array) AS name"),
    Refused("SELECT x FROM a NATURAL JOIN b", "not translated"),
    Refused("SELECT x FROM a JOIN b", "needs a condition"),
    Refused("WITH RECURSIVE a AS (SELECT 1 AS x) SELECT x FROM a", "RECURSIVE of WITH is not translated"),
    Refused("SELECT x FROM a GROUP BY ROLLUP (x)", "not translated"),
    Refused("SELECT CAST(TIMESTAMP '2020-01-01' AS STRING) AS n", "write FORMAT_TIMESTAMP"),
    Refused("SELECT @@session AS n", "variables of the system"),
    Refused("SELECT * FROM a JOIN b USING (k)", "name them"),
    Refused("SELECT x & 1 AS n FROM a", "not translated"),
    Refused("SELECT x NOT LIKE ANY ('a', 'b') AS n FROM a", "without NOT"),
    Refused("SELECT x LIKE ANY UNNEST(y) AS n FROM a", "a list of patterns"),
    Refused("SELECT REGEXP_EXTRACT_ALL(x, '(a)(b)') AS n FROM a", "takes one group"),
)
