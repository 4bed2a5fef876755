"""``yule init``, ``yule check``, ``yule schema``."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import Encoding, Profile, read_path

if TYPE_CHECKING:
    from yule.config.cases import Case


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
) -> None:
    """Make a new project, empty or from a table."""
    from yule.config.scaffold import Made, write_project, write_project_from_table

    if (table is None) != (target is None):
        raise typer.BadParameter("--from TABLE and --target COLUMN go together.")
    if table is None or target is None:
        made = Made(files=tuple(write_project(folder, folder.resolve().name)), notes=())
    else:
        made = write_project_from_table(folder, table, target=target, user=user, encoding=encoding)
    for file in made.files:
        typer.echo(f"wrote {file}")
    for note in made.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Next: cd {folder} && yule check")


def check(
    cases: Annotated[
        list[str] | None,
        typer.Argument(help="Case files or names; all of the project by default.", metavar="[CASE]..."),
    ] = None,
    profile: Profile = None,
    data: Annotated[
        bool | None,
        typer.Option(
            "--data/--no-data",
            help="Also compute the features and check them, labels, folds and the population; or look at no data.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --data: write the findings as JSON lines.")] = False,
) -> None:
    """Say whether cases are sound; then what their labels look like, what would run and what is cached.

    Nothing is trained. The exit code is 1 when a check of the data says that no figure can be trusted.
    """
    from yule.config.finding import find_all_cases, load_cases
    from yule.downloads.settings import DuckDBSource, FilesSource
    from yule.session.needs import find_needs

    if as_json and not data:
        raise typer.BadParameter("--json goes with --data.")
    names = cases or find_all_cases()
    project, sound = load_cases(names, profile)
    for case in sound:
        typer.echo(describe_case(case), err=as_json)
        for line in find_needs(case):
            typer.echo(f"    Note: {line}", err=as_json)
    if data is False:
        return
    missing = [
        f"{name} ({source.path})"
        for name, source in project.sources.items()
        if isinstance(source, FilesSource | DuckDBSource) and not Path(source.path).exists()
    ]
    if missing:
        typer.echo(f"Not looked at the data: {', '.join(missing)} is not here.", err=as_json)
        raise typer.Exit(1 if data else 0)
    options = ["--profile", profile] if profile else []
    code = 0 if as_json else _run_yule("plan", "--labels", *(case.name for case in sound), *options)
    if data and not code:
        code = _run_yule("check-data", *(case.name for case in sound), *options, *(["--json"] if as_json else []))
    raise typer.Exit(code)


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


def _run_yule(*arguments: str) -> int:
    """Run a command in a process of its own: it loads what a run loads, and what was said should not wait for that."""
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-P", "-m", "yule", *arguments], check=False).returncode


def describe_case(case: "Case") -> str:
    """Say in one line what a sound case will do."""
    n_cutoffs = len(case.labels.cutoffs)
    members = ", ".join(member.name for member in case.members)
    proposed = f", more proposed for {', '.join(case.auto)}" if case.auto else ""
    return (
        f"{case.name}: sound. {n_cutoffs} label cut-off{'s' * (n_cutoffs > 1)}, "
        f"{len(case.feature_sets)} feature sets{proposed}, {len(case.members)} members ({members}) "
        f"on {case.folds.n_folds} folds, "
        f"prediction as of {case.predict.cutoff:%Y-%m-%d}"
    )
