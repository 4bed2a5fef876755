"""What is known while a statement is written: faults, tables, and the names in force."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from sqlglot import exp

from yule.downloads.sources.dialects.functions import say_refused
from yule.downloads.sources.dialects.parsing import Fault, find_start
from yule.downloads.sources.dialects.pieces import NOTHING, Piece


class WriteQuery(Protocol):
    """Writes a SELECT, or several with UNION and its like."""

    def __call__(self, writer: "Writer", node: exp.Expr, *, is_named: bool) -> str:
        """Write it; ``is_named`` says whether its columns need names."""


class Writer:
    """Writes one statement, and notes what it cannot write.

    Parameters
    ----------
    writers
        What writes each kind of expression.
    query
        What writes queries.

    Attributes
    ----------
    faults
        What cannot be translated.
    tables
        Names of the tables that are read, as written, in the order of the text, each once.
    ctes
        Names of the tables of WITH, in small letters.
    aliases
        Columns of SELECT that are meant by their names here.
    rows
        Names of tables and arrays in FROM, in small letters.
    windows
        Named windows of the SELECT.
    is_wildcard
        Whether the SELECT reads tables by a name that ends with ``*``.
    n_unnamed
        How many parts of FROM have been given a name.
    """

    def __init__(
        self, *, writers: Mapping[type[exp.Expr], Callable[["Writer", exp.Expr], Piece]], query: WriteQuery
    ) -> None:
        self.faults: list[Fault] = []
        self.tables: list[str] = []
        self.ctes: list[str] = []
        self.aliases: dict[str, exp.Expr] = {}
        self.rows: set[str] = set()
        self.windows: dict[str, exp.Expr] = {}
        self.is_wildcard = False
        self.n_unnamed = 0
        self._writers = writers
        self._query = query

    def write(self, node: exp.Expr) -> Piece:
        """Write an expression."""
        write = self._writers.get(type(node))
        if write is not None:
            return write(self, node)
        if isinstance(node, exp.CurrentDate | exp.CurrentDatetime | exp.CurrentTimestamp | exp.CurrentTime):
            return self.refuse(node, say_refused(node.sql_name()))
        if isinstance(node, exp.Interval):
            return self.refuse(
                node, "INTERVAL stands behind + and - and in functions: write TIMESTAMP_SUB(time, INTERVAL 7 DAY)"
            )
        return self.refuse(node, f"{node.key.upper()} is not translated")

    def write_query(self, node: exp.Expr, *, is_named: bool) -> str:
        """Write a query inside of another part."""
        return self._query(self, node, is_named=is_named)

    def refuse(self, node: exp.Expr, message: str) -> Piece:
        """Note that a part of the statement cannot be translated."""
        self.faults.append(Fault(find_start(node), message))
        return NOTHING

    def only(self, node: exp.Expr, *allowed: str) -> None:
        """Refuse whatever else a part of the statement says."""
        for key, value in node.args.items():
            if key in allowed or value is None or value is False or value == []:
                continue
            place = value[0] if isinstance(value, list) else value
            word = key.strip("_").replace("_", " ").upper()
            self.refuse(
                place if isinstance(place, exp.Expr) else node, f"{word} of {node.key.upper()} is not translated"
            )

    def plain_number(self, node: exp.Expr) -> str:
        """Write a number that stands for a place or an amount, not for a value."""
        if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
            return str(node.name)
        if isinstance(node, exp.Parameter):
            return self.write(node).sql
        return self.refuse(node, "here stands a whole number or a parameter").sql

    @contextmanager
    def naming(self, aliases: dict[str, exp.Expr]) -> Iterator[None]:
        """Let names mean columns of SELECT for a while."""
        before, self.aliases = self.aliases, aliases
        yield
        self.aliases = before
