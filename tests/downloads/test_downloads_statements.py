"""Facts about what hand-written SQL of one engine may be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.downloads.settings import Engine, Method
from yule.downloads.sources.dialects import check_statement, find_written_sql, replace_parameters
from yule.downloads.sources.dialects.parameters import find_parameters

SOUND = {
    "bigquery": ["SELECT RAND() AS x", "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2"],
    "duckdb": [
        "FROM views SELECT x WHERE seen < @until; -- ;",
        "WITH a AS MATERIALIZED (SELECT 1 AS x) SELECT x FROM a UNION ALL VALUES (2) -- read_text('a')",
        "SELECT * FROM a PIVOT (sum(x) FOR y IN ('read_text'))",
        "SELECT range(3), a.b, x::int FROM a, unnest(a.xs) AS t(x), json_each(a.j)",
    ],
    "postgres": [
        "(SELECT 1) UNION (SELECT 2);",
        "SELECT E'\\'; DROP TABLE a', $$ ; INTO $$, 'pg_sleep(1)', pg_typeof(1) FROM \"update\"",
        "SELECT update, c FROM a WHERE at < @until AND b->>'x' = 'y' AND c @> '{}'",
        "WITH a AS MATERIALIZED (SELECT 1 AS x) SELECT DISTINCT ON (x) x FROM a CROSS JOIN LATERAL (SELECT 1) AS b",
    ],
}
REFUSED = {
    "bigquery": [
        ("SELECT 1 AS x;\nDROP TABLE a", "line 2, column 12: there are several"),
        ("DELETE FROM a WHERE TRUE", "DELETE"),
    ],
    "duckdb": [
        ("SELECT 1 AS x\n; COPY (SELECT 1) TO 'x'", "line 2, column 3: there are several statements"),
        ("COPY (SELECT 1) TO 'x'", "COPY is not read: write one SELECT"),
        ("WITH a AS (COPY t TO 'x') SELECT 1", "COPY is not read"),
        ("WITH a AS (INSERT INTO t VALUES (1) RETURNING x) SELECT x FROM a", "INSERT is not read"),
        ("ATTACH 'x'", "ATTACH is not read"),
        ("SET threads = 1", "SET is not read"),
        ("CALL pragma_version()", "CALL is not read"),
        ("CREATE TABLE a AS SELECT 1", "CREATE is not read"),
        ("DESCRIBE a", "DESCRIBE, SHOW and SUMMARIZE are not read"),
        ("SELECT * FROM (SUMMARIZE a)", "are not read"),
        ("", "there is no statement"),
        ("SELECT x\nFROM a WHERE >", "line 2, column 14: this cannot be read as SQL of DuckDB"),
        ("SELECT 'é' AS x,\n(SELECT content FROM read_text('x'))", "line 2, column 22: read_text reaches outside"),
        *[
            (f"SELECT * FROM {name}('x')", f"{name} reaches outside")
            for name in (
                "read_csv",
                "read_parquet",
                "parquet_scan",
                "glob",
                "sniff_csv",
                "query",
                "query_table",
                "duckdb_secrets",
                "read_blob",
                "read_json",
                "arrow_scan",
                "pragma_table_info",
                "json_execute_serialized_sql",
            )
        ],
        ("SELECT getenv('HOME') AS x", "getenv reaches outside"),
        ("SELECT list_transform([1], lambda x: getenv('HOME')) AS x", "getenv reaches outside"),
        ("SELECT * FROM 'x.csv'", "'x.csv' is a file, not a table"),
        ('SELECT * FROM "a/b"', "is a file"),
        ("SELECT x FROM a WHERE y < @untl", "there is no parameter @untl (did you mean @until?)"),
    ],
    "postgres": [
        ("SELECT 1;\nDROP TABLE a", "line 1, column 9: there are several statements"),
        ("WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x", "DELETE changes a table"),
        ("SELECT * INTO b FROM a", "INTO makes a table"),
        ("SELECT a FROM b FOR UPDATE", "lock rows"),
        ("COPY a TO 'x'", "COPY is not read"),
        ("DO $$ BEGIN END $$", "DO is not read"),
        ("SELECT pg_read_file('/etc/passwd')", "pg_read_file reaches outside"),
        ("SELECT \"pg_read_file\"('x')", "pg_read_file reaches outside"),
        ("SELECT pg_catalog.pg_sleep(3)", "line 1, column 19: pg_sleep reaches outside"),
        ("SELECT lo_import('/etc/passwd')", "lo_import reaches outside"),
        ("SELECT * FROM dblink('x', 'y') AS t(a int)", "dblink reaches outside"),
        ("SELECT set_config('a', 'b', false)", "set_config reaches outside"),
    ],
}


@pytest.mark.parametrize(("engine", "sql"), [(engine, sql) for engine, all_ in SOUND.items() for sql in all_])
def test_one_select_is_sound(engine: str, sql: str) -> None:
    assert check_statement(sql, engine=engine, parameters=[]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("engine", "sql", "said"), [(engine, *pair) for engine, pairs in REFUSED.items() for pair in pairs]
)
def test_all_else_is_refused_with_its_place(engine: str, sql: str, said: str) -> None:
    problems = check_statement(sql, engine=engine, parameters=[])  # type: ignore[arg-type]
    assert any(said in problem for problem in problems), problems


def test_the_end_of_a_statement_is_left_out() -> None:
    sql: dict[Engine, str] = {"duckdb": "SELECT ';' AS x; -- ;"}
    method = Method(name="views", source="web", user="user_id", time="at", sql=sql, columns=())
    assert find_written_sql(method, "duckdb") == "SELECT ';' AS x -- ;"


NONE_IN = {
    "all": [
        "'@a ;'",
        "'it''s @a'",
        "'\u00e9\U0001f600 @a'",
        "/* @a ; */",
        "-- @a ;\n",
        "x@y",
        "b ->> '@a'",
        "c @> d",
        "@ x",
        "*",
    ],
    "bigquery": [
        "`@a`",
        '"@a"',
        r"'it\'s @a'",
        "'''@a ' @a'''",
        "# @a ;\n",
        r"r'@a\d'",
        "b'@a'",
        "@@time_zone",
        "/*+ @a */",
    ],
    "duckdb": ['"@a"', '"a""@b"', r"E'it\'s @a'", "$$ @a ; '$$", "$x$ @a $x$", "x::int", "/* /* @a */ @a */", "$1"],
    "postgres": [
        '"@a"',
        r"E'it\'s @a'",
        r"e'\\'",
        "$$ @a ; '$$",
        "$x$ @a $x$",
        "x::int",
        "x @@ y",
        "/*+ @a */",
        "U&'@a'",
    ],
    "snowflake": ['"@a"', r"'it\'s @a'", "$$ @a ; '$$", "x:y::int", "// @a ;\n", 'x:"@a"'],
}
"""Pieces of statements that hold no parameters, of all engines and of each."""


@pytest.mark.parametrize("engine", sorted(SOUND | {"snowflake": []}))
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_parameters_are_found_in_no_text_name_or_remark_and_all_else_stays(engine: Engine, data: st.DataObject) -> None:
    pieces = st.sampled_from([*NONE_IN["all"], *NONE_IN[engine]])
    names = st.sampled_from(["until", "date", "order", "a_1"])
    parts = data.draw(st.lists(pieces | names.map(lambda name: (name,)), max_size=8))
    gaps = [data.draw(st.sampled_from([" ", "\n", " = ", "(", " <"])) for _ in parts]

    def write(before: str) -> str:
        said = [part if isinstance(part, str) else f"{before}{part[0]}" for part in parts]
        return "".join(gap + text for gap, text in zip(gaps, said, strict=True))

    assert replace_parameters(write("@"), "${}".format, engine=engine) == write("$")


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_parameter_may_stand_right_behind_an_operator(engine: Engine) -> None:
    sql = "SELECT x FROM a WHERE at<@until AND at>=@since AND n=-@n AND c <@ d"
    assert [found.name for found in find_parameters(sql, engine=engine)] == ["until", "since", "n"]


def test_a_text_that_does_not_end_is_told_for_every_engine() -> None:
    for engine in SOUND:
        problems = check_statement("SELECT 'x FROM a WHERE at < @untl", engine=engine, parameters=[])  # type: ignore[arg-type]
        assert len(problems) == 1
        assert "this cannot be read as SQL" in problems[0]
