"""``yule predict``: the model of a finished run, another cut-off or another table."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from yule.cli.options import AsJson, Cores, Encoding, Profile, RunName, read_instant, read_list_path, read_path


def predict(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunName,
    cutoff: Annotated[
        str | None,
        typer.Option(help="Score as of this date, from the project's data as they are now or from the table."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(parser=read_path, metavar="FILE", help="Score the users of this CSV or Parquet table instead."),
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Column of the table with the user id; by default that of the project.")
    ] = None,
    encoding: Encoding = "",
    out: Annotated[
        Path | None,
        typer.Option(parser=read_list_path, metavar="FILE", help="Where to write the list: a .csv or .parquet file."),
    ] = None,
    profile: Profile = None,
    cores: Cores = None,
    as_json: AsJson = False,
) -> None:
    """Score users with the model of a finished run. Nothing is trained, unless its model was deleted or damaged."""
    if cutoff is None and table is None:
        raise typer.BadParameter("Give --cutoff DATE, --table FILE or both.")
    instant = read_instant(cutoff, "--cutoff") if cutoff else None
    from yule.cli.execution import at_work
    from yule.cli.screen.progress import open_session
    from yule.session.scoring import GivenTable

    session = open_session(profile, as_json=as_json)
    given = GivenTable(file=table, user=user, encoding=encoding) if table else None
    with at_work():
        found = session.predict(run, at=instant, table=given, cores=cores)
    place = found.save(out)
    if as_json:
        for unusable in found.unusable:
            typer.echo(json.dumps({"event": "unusable", **asdict(unusable)}))
        return
    if found.formulas and not place.endswith(".parquet"):
        typer.echo(f"Note: {found.formulas}")
    typer.echo(f"The ranked list is {place}")
