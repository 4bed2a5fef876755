"""Options that several commands take."""

from typing import Annotated

import typer

RunName = Annotated[str, typer.Argument(help="A run, or a case for its newest run.", metavar="RUN")]
Profile = Annotated[str | None, typer.Option(help="Profile of project.yaml, e.g. production.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to the standard output, for scripts.")]
Cores = Annotated[int | None, typer.Option(min=1, help="Cores to use; all by default.")]


def _check_encoding(name: str) -> str:
    from yule.config.forms.download import check_encoding

    try:
        return name and check_encoding(name)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


Encoding = Annotated[
    str, typer.Option(help="Encoding of a CSV file that is not UTF-8, such as cp932.", callback=_check_encoding)
]
