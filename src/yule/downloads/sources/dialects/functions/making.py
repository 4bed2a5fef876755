"""Makes the functions of the catalogue."""

from collections.abc import Callable

from yule.downloads.sources.dialects.pieces import Call, Function, Kind, Piece


def plain(usage: str, sql: str, kind: Kind = "unknown") -> Function:
    """Make a function that is written by filling in its arguments."""
    n = next(n for n in range(10) if f"{{{n}}}" not in sql)

    def write(call: Call) -> Piece:
        return Piece(sql.format(*(call.write(arg).sql for arg in call.args)), kind)

    return Function(usage=usage, n_args=(n, n), write=write)


def written(usage: str, n_args: tuple[int, int], write: Callable[[Call], Piece]) -> Function:
    """Make a function that has a writer of its own."""
    return Function(usage=usage, n_args=n_args, write=write)


def literal_text(call: Call, index: int, what: str) -> str | None:
    """Return the text of an argument that must be a literal; None, and a fault, if it is not."""
    text = call.write(call.args[index]).text
    if text is None:
        call.refuse(call.args[index], f"{what} of {call.name} must be a text in quotes")
    return text
