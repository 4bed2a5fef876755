"""The parameters of statements: what stands in texts, in quoted names and in remarks is none.

Where these begin and end sqlglot's tokenizers know, of each engine its own.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect

from yule.core.spelling import find_close
from yule.downloads.settings import Engine
from yule.downloads.sources.dialects.parsing import Fault

GIVEN_PARAMETERS = ("since", "until")
"""Parameters that every statement may use."""

_ENDING_IN_AT = (TokenType.PARAMETER, TokenType.LT_AT)
"""The second of ``seen <@until``."""
_PARAMETER = re.compile(r"(?<![\w@])@(?:(?P<name>[A-Za-z_]\w*)|`(?P<quoted>[A-Za-z_]\w*)`)")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a statement.

    Parameters
    ----------
    name
        Its name, without ``@``.
    start, end
        0-based offsets of its first character and of what follows it.
    """

    name: str
    start: int
    end: int


def find_parameters(sql: str, *, engine: Engine) -> list[Parameter]:
    """Find the parameters of a statement, in the order of the text.

    Raises
    ------
    TokenError
        If the statement cannot be read, as where a text does not end.

    >>> find_parameters("SELECT '@x' FROM a WHERE at < @until -- @y", engine="duckdb")
    [Parameter(name='until', start=30, end=36)]
    """
    tokens = Dialect.get_or_raise(engine).tokenize(sql)
    found = [_PARAMETER.match(sql, token.end) for token in tokens if token.token_type in _ENDING_IN_AT]
    return [Parameter(match["name"] or match["quoted"], *match.span()) for match in found if match]


def find_unknown(sql: str, *, engine: Engine, parameters: Collection[str]) -> Iterator[Fault]:
    """Find the parameters of a statement that there are not.

    Raises
    ------
    TokenError
        As :func:`find_parameters`.
    """
    known = [*parameters, *GIVEN_PARAMETERS]
    for parameter in find_parameters(sql, engine=engine):
        if parameter.name not in known:
            yield Fault(parameter.start, say_unknown(parameter.name, known))


def say_unknown(name: str, known: Collection[str]) -> str:
    """Say that there is no such parameter, and which ones there are.

    >>> say_unknown("untl", ["since", "until"])
    'there is no parameter @untl (did you mean @until?)'
    """
    close = find_close(name, known)
    advice = f"did you mean @{close}?" if close else f"known are {', '.join(f'@{one}' for one in known)}"
    return f"there is no parameter @{name} ({advice})"


def replace_parameters(sql: str, write: Callable[[str], str], *, engine: Engine) -> str:
    """Write the parameters of a statement anew; all else stays.

    Raises
    ------
    TokenError
        As :func:`find_parameters`.

    >>> replace_parameters("SELECT '@x' WHERE seen < @until -- @not", "${}".format, engine="duckdb")
    "SELECT '@x' WHERE seen < $until -- @not"
    """
    return _replace(sql, [(one.start, one.end, write(one.name)) for one in find_parameters(sql, engine=engine)])


def leave_out_end(sql: str, *, engine: Engine) -> str:
    """Leave out the semicolons that end a statement.

    >>> leave_out_end("SELECT ';' AS x; -- ;", engine="duckdb")
    "SELECT ';' AS x -- ;"
    """
    tokens = Dialect.get_or_raise(engine).tokenize(sql)
    ends = [token for token in tokens if token.token_type == TokenType.SEMICOLON]
    return _replace(sql, [(token.start, token.end + 1, "") for token in ends])


def _replace(sql: str, pieces: list[tuple[int, int, str]]) -> str:
    """Put texts where pieces of a statement are, each given by its start and its end."""
    written, place = "", 0
    for start, end, text in pieces:
        written += sql[place:start] + text
        place = end
    return written + sql[place:]
