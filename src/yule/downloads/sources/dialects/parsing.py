"""The grammar of GoogleSQL, and the places of faults in its text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.bigquery import BigQueryParser

_WITH_GRAMMAR = ("CAST", "SAFE_CAST", "EXTRACT")
_ESCAPES = re.compile(r"\\(?![nrt\\'\"`])", re.DOTALL)
_REFUSED_TOKENS = {
    TokenType.DCOLON: "'::' is not GoogleSQL: write CAST(value AS TYPE)",
    TokenType.PIPE_GT: "pipe syntax is not translated: write SELECT ... FROM ...",
}


@dataclass(frozen=True)
class Fault:
    """Something in a statement that cannot be translated.

    Parameters
    ----------
    start
        0-based offset of its first character.
    message
        What it is and what to write instead.
    """

    start: int
    message: str


class _Parser(BigQueryParser):
    """GoogleSQL's grammar without sqlglot's idea of what functions mean: a call stays a call, as it was written."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: BigQueryParser.FUNCTION_PARSERS[name] for name in _WITH_GRAMMAR
    }


def parse(sql: str) -> tuple[exp.Expr | None, list[Fault]]:
    """Parse one statement.

    Parameters
    ----------
    sql
        The statement, in GoogleSQL.

    Returns
    -------
    tuple
        The statement, None if it is not one; and the faults of its text.
    """
    dialect = BigQuery()
    try:
        tokens = dialect.tokenize(sql)
        statements = _Parser(dialect=dialect).parse(tokens, sql)
    except ParseError as error:
        return None, [_parse_fault(sql, error)]
    except TokenError as error:
        return None, [Fault(0, f"this cannot be read as SQL: {str(error).splitlines()[0]}")]
    faults = [fault for token in tokens for fault in _token_faults(sql, token)]
    found = [statement for statement in statements if statement is not None]
    if not found:
        return None, [*faults, Fault(0, "there is no statement: write one SELECT")]
    if len(found) > 1:
        return None, [*faults, Fault(find_start(found[1]), "there are several statements: write one SELECT")]
    return found[0], faults


def find_start(node: exp.Expr) -> int:
    """Find where a part of a statement begins: its own place, or else that of its first part, or of what it is in."""
    starts = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
    if starts:
        return min(starts)
    return find_start(node.parent) if node.parent else 0


def say_faults(sql: str, faults: list[Fault]) -> list[str]:
    """Say faults with their line and column, in the order of the text, each once.

    >>> say_faults("SELECT 1", [Fault(7, "too small")])
    ['line 1, column 8: too small']
    """
    said = []
    for fault in sorted(faults, key=lambda fault: fault.start):
        before = sql[: fault.start]
        line, column = before.count("\n") + 1, fault.start - (before.rfind("\n") + 1) + 1
        said.append(f"line {line}, column {column}: {fault.message}")
    return list(dict.fromkeys(said))


def _parse_fault(sql: str, error: ParseError) -> Fault:
    first = error.errors[0]
    highlight = str(first.get("highlight") or "")
    line, end = int(first.get("line") or 1), int(first.get("col") or 1)
    start = sum(len(text) + 1 for text in sql.split("\n")[: line - 1]) + max(end - len(highlight), 0)
    near = f" at {highlight!r}" if highlight else ""
    return Fault(start, f"this is not GoogleSQL{near}: {str(first.get('description')).rstrip('.')}")


def _token_faults(sql: str, token: Token) -> list[Fault]:
    if message := _REFUSED_TOKENS.get(token.token_type):
        return [Fault(token.start, message)]
    if token.token_type == TokenType.STRING and _ESCAPES.search(sql[token.start : token.end + 1].replace("\\\\", "")):
        return [Fault(token.start, r"of escapes only \n \r \t \\ \' \" are translated: write the character itself")]
    return []
