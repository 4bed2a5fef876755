"""Hand-written SQL of one engine is one SELECT over the source's own tables; this is checked before anything runs.

SQL of DuckDB is read by DuckDB's own parser. PostgreSQL's is read word by word: no other parser knows all of it.
What runs is locked in besides: DuckDB sees the source's files only, PostgreSQL's transaction can only read.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cache
from itertools import pairwise

import duckdb
import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, TokenError

from yule.core.settings import Json
from yule.downloads.settings import Engine
from yule.downloads.sources.dialects.parameters import find_unknown, replace_parameters
from yule.downloads.sources.dialects.parsing import Fault, find_start, parse, say_faults

_TABLE_FUNCTIONS = ("unnest", "range", "generate_series", "generate_subscripts", "repeat", "repeat_row")
"""Table functions of DuckDB that read nothing but their arguments; with those of JSON texts below."""
_JSON_TABLES = ("json_each", "json_tree")
_READING = ("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE")
"""Queries of DuckDB that change nothing: a table of WITH may also be an INSERT or a COPY."""
_DUCKDB_FUNCTIONS = re.compile(
    r"getenv|getvariable|current_setting|current_query.*|query|query_table|nextval|currval|write_log|sleep_ms|"
    r"(read|scan|parquet|sniff|duckdb|pragma|pg)_\w+|\w+_scan|glob|which_secret"
)
"""Functions of DuckDB that see or touch more than the row."""
_POSTGRES_FUNCTIONS = re.compile(
    r"pg_(?!typeof$)\w+|lo_\w+|loread|lowrite|dblink\w*|set_config|current_setting|setval|nextval|currval|lastval|"
    r"(query|table|cursor|schema|database)_to_xml\w*|(query|table|schema|database)_to_xmlschema|xpath_table|"
    r"inet_(client|server)_(addr|port)|txid_current\w*|ts_stat|file_fdw\w*|plpy\w*|http\w*|aws_\w+"
)
"""Functions of PostgreSQL that reach outside of its tables, or wait, or change something."""
_CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE")


def check_statement(sql: str, *, engine: Engine, parameters: Collection[str] | None = None) -> list[str]:
    """Say what is wrong with SQL that is written for one engine.

    Parameters
    ----------
    sql
        The statement.
    engine
        What it is written for.
    parameters
        Names of the parameters it may use; None if that is not to be checked.

    Returns
    -------
    list of str
        One sentence per problem, which begins with its place; empty for one SELECT over tables.

    >>> check_statement("SELECT user_id FROM views WHERE seen < @until", engine="duckdb")
    []
    >>> check_statement("SELECT 1 AS x; DROP TABLE views", engine="duckdb")
    ['line 1, column 16: there are several statements: write one SELECT']
    >>> check_statement("SELECT * FROM read_text('/etc/passwd')", engine="duckdb")
    ['line 1, column 15: read_text reaches outside of the tables of the source']
    """
    faults = list(_FINDERS[engine](sql))
    if parameters is not None:
        with suppress(TokenError):  # which the engine's finder has told
            faults += find_unknown(sql, engine=engine, parameters=parameters)
    return say_faults(sql, faults)


def _find_bigquery_faults(sql: str) -> Iterator[Fault]:
    statement, faults = parse(sql)
    yield from faults
    if statement is not None and not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        yield Fault(find_start(statement), f"{statement.key.upper()} is not read: write one SELECT")


def _find_duckdb_faults(written: str) -> Iterator[Fault]:
    try:
        sql = replace_parameters(written, "${}".format, engine="duckdb")
    except TokenError as error:
        yield Fault(0, f"this cannot be read as SQL of DuckDB: {str(error).splitlines()[0]}")
        return
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        yield _parser_fault(sql, error)
        return
    if len(statements) > 1:
        yield Fault(_find_second(sql, statements), "there are several statements: write one SELECT")
    if not statements:
        yield Fault(0, "there is no statement: write one SELECT")
    for statement in statements[:1]:
        if statement.type != duckdb.StatementType.SELECT:
            yield Fault(0, f"{statement.type.name} is not read: write one SELECT")
            return
        (document,) = _parser().execute("SELECT json_serialize_sql(?)", [statement.query]).fetchall()
        tree: dict[str, Json] = json.loads(document[0])
        yield from _find_outside(tree, sql)


def _find_outside(tree: dict[str, Json], sql: str) -> Iterator[Fault]:
    """Find what reaches outside of the source's tables in a statement that DuckDB has parsed."""
    if tree.get("error"):
        yield Fault(0, f"this cannot be read as SQL of DuckDB: {tree.get('error_message')}")
    for node, place in _walk(tree, 0):
        start = len(sql.encode()[:place].decode(errors="ignore"))
        function = str(node.get("function_name") or "").lower()
        match node.get("type"):
            case "TABLE_FUNCTION":
                called = node["function"]
                name = str(called.get("function_name")).lower() if isinstance(called, dict) else ""
                if name not in (*_TABLE_FUNCTIONS, *_JSON_TABLES):
                    yield Fault(start, f"{name} reaches outside of the tables of the source")
            case "BASE_TABLE" if re.search(r"[/\\*?\[\].:]", str(node["table_name"])):
                yield Fault(start, f"{str(node['table_name'])!r} is a file, not a table: write the name of a table")
            case str(kind) if kind.endswith("_NODE") and kind not in _READING:
                said = kind.removesuffix("_NODE").removesuffix("_QUERY")
                yield Fault(start, f"{said} is not read: write one SELECT")
            case "SHOW_REF":
                yield Fault(start, "DESCRIBE, SHOW and SUMMARIZE are not read: write one SELECT")
            case "FUNCTION" if _DUCKDB_FUNCTIONS.fullmatch(function) and function not in _TABLE_FUNCTIONS:
                yield Fault(start, f"{function} reaches outside of the tables of the source")


def _walk(node: Json, place: int) -> Iterator[tuple[dict[str, Json], int]]:
    """Give the parts of a tree of DuckDB, each with the place, in bytes, of it or of what it stands in."""
    if isinstance(node, dict):
        own = node.get("query_location")
        place = own if isinstance(own, int) and own < 2**63 else place
        is_called = node.get("type") == "TABLE_FUNCTION"
        yield node, place
        for key, child in node.items():
            inside = child.get("arguments") if is_called and key == "function" and isinstance(child, dict) else child
            yield from _walk(inside, place)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, place)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"enable_external_access": False, "lock_configuration": True})


def _parser_fault(sql: str, error: duckdb.Error) -> Fault:
    text = str(error)
    line, said = re.search(r"LINE (\d+): (.*)\n( *)\^", text), re.sub(r"^\w+ Error: ", "", text.splitlines()[0])
    start = 0
    if line:
        before = sum(len(one) + 1 for one in sql.split("\n")[: int(line[1]) - 1])
        start = before + max(len(line[3]) - len(f"LINE {line[1]}: "), 0)
    return Fault(min(start, len(sql)), f"this cannot be read as SQL of DuckDB: {said}")


def _find_second(sql: str, statements: list[duckdb.Statement]) -> int:
    second = statements[1].query.strip()
    return max(sql.find(second, sql.find(statements[0].query) + len(statements[0].query.rstrip(" ;\n\t"))), 0)


def _find_postgres_faults(sql: str) -> Iterator[Fault]:
    try:
        tokens = Postgres().tokenize(sql)
    except TokenError as error:
        yield Fault(0, f"this cannot be read as SQL of PostgreSQL: {str(error).splitlines()[0]}")
        return
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    words = [token for token in tokens if token.token_type != TokenType.L_PAREN]
    if not words:
        yield Fault(0, "there is no statement: write one SELECT")
    elif words[0].text.upper() not in ("SELECT", "WITH", "VALUES", "TABLE"):
        yield Fault(words[0].start, f"{words[0].text.upper()} is not read: write one SELECT")
    for token, after in pairwise([*tokens, Token(TokenType.SEMICOLON, "")]):
        yield from _find_postgres_fault(token, after)


def _find_postgres_fault(token: Token, after: Token) -> Iterator[Fault]:
    word, next_word = token.text.upper(), after.text.upper()
    is_quoted = token.token_type in (TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING)
    if is_quoted:
        return
    is_name = token.token_type == TokenType.IDENTIFIER
    if token.token_type == TokenType.SEMICOLON:
        yield Fault(token.start, "there are several statements: write one SELECT")
    elif word == "INTO" and not is_name:
        yield Fault(token.start, "INTO makes a table: write one SELECT")
    elif token.token_type == TokenType.L_PAREN and next_word in _CHANGES and after.token_type != TokenType.IDENTIFIER:
        yield Fault(after.start, f"{next_word} changes a table: write one SELECT")
    elif word == "FOR" and not is_name and next_word in ("UPDATE", "SHARE", "NO", "KEY"):
        yield Fault(token.start, "FOR UPDATE and its like lock rows: leave them out")
    elif after.token_type == TokenType.L_PAREN and _POSTGRES_FUNCTIONS.fullmatch(token.text.lower()):
        yield Fault(token.start, f"{token.text.lower()} reaches outside of the tables of the source")


def _find_snowflake_faults(written: str) -> Iterator[Fault]:
    try:
        sql = replace_parameters(written, ":{}".format, engine="snowflake")
        statements = [statement for statement in sqlglot.parse(sql, dialect="snowflake") if statement is not None]
    except (ParseError, TokenError) as error:
        yield Fault(0, f"this cannot be read as SQL of Snowflake: {str(error).splitlines()[0]}")
        return
    if not statements:
        yield Fault(0, "there is no statement: write one SELECT")
    if len(statements) > 1:
        yield Fault(find_start(statements[1]), "there are several statements: write one SELECT")
    for statement in statements[:1]:
        if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
            yield Fault(find_start(statement), f"{statement.key.upper()} is not read: write one SELECT")
        for node in statement.find_all(exp.Anonymous, exp.Table):
            if str(node.name).lower().startswith(("system$", "@")):
                yield Fault(find_start(node), f"{node.name} reaches outside of the tables of the source")


_FINDERS: dict[Engine, Callable[[str], Iterator[Fault]]] = {
    "bigquery": _find_bigquery_faults,
    "duckdb": _find_duckdb_faults,
    "postgres": _find_postgres_faults,
    "snowflake": _find_snowflake_faults,
}
