"""Tables of text in a terminal."""

import re
from collections.abc import Sequence

import typer

from yule.core.characters import show_in_line


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below a header; columns are as wide as their widest cell, and numbers stand to the right."""
    header, *rows = [[show_in_line(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[index]) for row in [header, *rows]) for index in range(len(header))]
    is_number = [all(_is_number(row[index]) for row in rows) for index in range(len(header))]
    for row in [header, *rows]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"([0-9][0-9,.]*( [kMGT]?B)?)?", cell) is not None
