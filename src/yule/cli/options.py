"""Options that several commands take, and how paths are given."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

RunName = Annotated[str, typer.Argument(help="A run, or a case for its newest run.", metavar="RUN")]
Profile = Annotated[
    str | None, typer.Option(help="Profile of project.yaml, e.g. production; by default that of YULE_PROFILE.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to the standard output, for scripts.")]
Cores = Annotated[int | None, typer.Option(min=1, help="Cores to use; all by default.")]


def read_path(text: str | Path) -> Path:
    """Return the path that an argument or option names; one that names none would be the current folder.

    It is the ``parser`` of every path of the commands, and of their defaults.
    """
    if not str(text):
        raise typer.BadParameter("it is empty; name a file or a folder. Is a variable of your script not set?")
    return Path(text)


def read_list_path(text: str | Path) -> Path:
    """Return the path of a list that is written: its ending says in which of two formats."""
    from yule.core.errors import DataError
    from yule.session.views.users import check_list_path

    try:
        return check_list_path(read_path(text))
    except DataError as error:
        raise typer.BadParameter(str(error)) from error


def read_instant(text: str, option: str) -> datetime:
    """Return the day or instant that an option names."""
    from yule.core.errors import DataError
    from yule.session.predicting import read_cutoff

    try:
        return read_cutoff(text)
    except DataError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def _check_encoding(name: str) -> str:
    from yule.config.forms.download import check_encoding

    try:
        return name and check_encoding(name)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


Encoding = Annotated[
    str, typer.Option(help="Encoding of a CSV file that is not UTF-8, such as cp932.", callback=_check_encoding)
]
