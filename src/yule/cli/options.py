"""Options that several commands take."""

import codecs
from typing import Annotated

import typer


def _check_encoding(name: str) -> str:
    try:
        return name and codecs.lookup(name).name
    except LookupError as error:
        raise typer.BadParameter(f"{name!r} is no encoding; write one like cp932, utf-16 or latin-1.") from error


Encoding = Annotated[
    str, typer.Option(help="Encoding of a CSV file that is not UTF-8, such as cp932.", callback=_check_encoding)
]
