"""``yule init``, ``yule new``, ``yule schema``."""

from pathlib import Path
from typing import Annotated

import typer

from yule.cli.options import AsJson, Encoding, read_path


def init(
    folder: Annotated[Path, typer.Argument(parser=read_path, metavar="DIR", help="Folder of the new project.")],
    table: Annotated[
        Path | None,
        typer.Option(
            "--from", parser=read_path, metavar="FILE", help="A CSV or Parquet table, one row per user, to start from."
        ),
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column of the table to predict.")] = None,
    user: Annotated[str | None, typer.Option(help="Column with the user id; rows are numbered without it.")] = None,
    encoding: Encoding = "",
    as_json: AsJson = False,
) -> None:
    """Make a new project, empty or from a table."""
    import json

    from yule.config.scaffold import Made, write_project, write_project_from_table

    if (table is None) != (target is None):
        raise typer.BadParameter("--from TABLE and --target COLUMN go together.")
    if table is None or target is None:
        made = Made(files=tuple(write_project(folder, folder.resolve().name)))
    else:
        made = write_project_from_table(folder, table, target=target, user=user, encoding=encoding)
    if as_json:
        typer.echo(json.dumps(made.plain))
        return
    for file in made.files:
        typer.echo(f"wrote {file}")
    for note in made.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Next: cd {folder} && yule check")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new case: cases/NAME.yaml.")],
    like: Annotated[
        str | None, typer.Option(metavar="CASE", help="Begin with all of another case but its question.")
    ] = None,
) -> None:
    """Write the file of a new case, annotated or like another one."""
    from yule.config.finding import find_current_folder, load_project
    from yule.config.projects import find_project
    from yule.config.scaffold.cases import copy_case, write_case

    if like is not None:
        file = copy_case(find_project(find_current_folder()), name, like)
    else:
        file = write_case(load_project(None), name)
    typer.echo(f"wrote {file}")
    typer.echo(f"Next: write its question, and yule check {name}")


def schema(
    out: Annotated[Path, typer.Option(parser=read_path, metavar="DIR", help="Folder for the schema files.")] = Path(
        ".yule"
    ),
) -> None:
    """Write JSON Schemas of the four kinds of files, for completion in editors."""
    import json

    from yule.config.schemas import json_schemas
    from yule.core.files import write_whole

    for kind, plain in json_schemas().items():
        file = out / f"{kind}.schema.json"
        write_whole(file, json.dumps(plain, indent=2) + "\n")
        typer.echo(f"wrote {file}")
    typer.echo(f"First line of a case file: # yaml-language-server: $schema=../{out}/case.schema.json")
