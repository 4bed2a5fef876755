"""``yule predict``: the model of a finished run, another cut-off or another table."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Cores, Encoding, Profile, RunName, read_path

if TYPE_CHECKING:
    from yule.cli.screen.progress import Screen
    from yule.config.projects import Project
    from yule.config.scaffold.preparing import Prepared
    from yule.pipeline.runs.kept import KeptModel
    from yule.pipeline.runs.record import Run
    from yule.storage.store import Store


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
        typer.Option(parser=read_path, metavar="FILE", help="Where to write the list: a .csv or .parquet file."),
    ] = None,
    profile: Profile = None,
    cores: Cores = None,
    as_json: AsJson = False,
) -> None:
    """Score users with the model of a finished run. Nothing is trained, unless its model was deleted or damaged."""
    from yule.config.finding import load_project

    if cutoff is None and table is None:
        raise typer.BadParameter("Give --cutoff DATE, --table FILE or both.")
    project = load_project(profile)
    from yule.cli.execution import raise_broken, saying_how_to_go_on
    from yule.cli.screen.progress import Screen
    from yule.pipeline.fetching import Goal, describe_fetching
    from yule.pipeline.rerun import check_downloads
    from yule.pipeline.runs.reading import find_run
    from yule.pipeline.runs.record import run_place
    from yule.pipeline.runs.trust import check_run
    from yule.pipeline.scoring import score_kept
    from yule.session.execution import run_tasks
    from yule.session.scoring import GivenTable, choose_answer
    from yule.storage.opening import open_store
    from yule.storage.setup import configure

    screen = Screen(as_json=as_json)
    store = open_store(project.workspace)
    found = check_run(find_run(store, run))
    instant = _parse_cutoff(cutoff) if cutoff else found.asked.population.cutoff
    given = GivenTable(file=table, user=user, encoding=encoding) if table else None
    project, answer, prepared = choose_answer(project, found.asked, screen, cutoff=instant, table=given)
    if prepared:
        _tell_unusable(prepared, instant, as_json=as_json)
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    with saying_how_to_go_on():
        kept = _find_model(project, found, screen, cores=cores)
        ranking = score_kept(kept, answer)
        check_downloads([ranking], store, project)
        raise_broken(run_tasks(project, [Goal(task=ranking, payer=found.payer)], screen, n_cores=cores))
    name = table.stem if table else f"{instant:%Y-%m-%d}"
    place = f"{run_place(found.run_id)}/predictions/{name}"
    told = _deliver(store, ranking.output().load(), place, out)
    if not as_json:
        typer.echo(told)


def _tell_unusable(prepared: "Prepared", cutoff: datetime, *, as_json: bool) -> None:
    """Tell of the values of a table that the model cannot use."""
    from yule.session.scoring import describe_prepared

    for unusable in prepared.unusable if as_json else ():
        typer.echo(json.dumps({"event": "unusable", **asdict(unusable)}))
    for note in describe_prepared(prepared, cutoff):
        typer.echo(f"Note: {note}", err=True)


def _find_model(project: "Project", run: "Run", screen: "Screen", *, cores: int | None) -> "KeptModel":
    """Return the model of a run; one that its folder has no more is computed again as it was, if that can be."""
    from yule.cli.execution import raise_broken
    from yule.pipeline.fetching import Goal
    from yule.pipeline.graph import find_bundles
    from yule.pipeline.rerun import check_rebuildable
    from yule.pipeline.runs.kept import find_kept_model, restore_model
    from yule.runtime.damage import remove_damaged
    from yule.runtime.plan import find_complete
    from yule.session.execution import run_tasks
    from yule.storage.opening import open_store

    store = open_store(project.workspace)
    kept = find_kept_model(store, run)
    if kept is not None:
        return kept
    bundles = list(find_bundles(run.asked.model).values())
    for fault in remove_damaged(bundles):
        typer.echo(fault, err=True)
    if len(find_complete(bundles)) < len(bundles):
        check_rebuildable(run, bundles, store, project)
        typer.echo(f"The model of {run.run_id} is not in its folder any more: it is computed again.", err=True)
        goals = [Goal(task=bundle, payer=run.payer) for bundle in bundles]
        raise_broken(run_tasks(project, goals, screen, n_cores=cores))
    return restore_model(store, run)


def _deliver(store: "Store", answered: Path, place: str, out: Path | None) -> str:
    """Write the list to a file of its own, or into the run's folder; say where it is."""
    from yule.core.files import write_whole
    from yule.prediction.formulas import describe_formulas
    from yule.prediction.ranking import USERS

    is_parquet = out is not None and out.suffix == ".parquet"
    if out:
        write_whole(out, answered / ("users.parquet" if is_parquet else "users.csv"))
    else:
        store.objects.write(f"{place}.csv", answered / "users.csv")
        if (answered / "lists.csv").exists():
            store.objects.write(f"{place}-lists.csv", answered / "lists.csv")
    formulas = "" if is_parquet else describe_formulas(answered / USERS)
    note = f"Note: {formulas}\n" if formulas else ""
    return f"{note}The ranked list is {out or store.describe(f'{place}.csv')}"


def _parse_cutoff(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date such as 2017-12-31.", param_hint="--cutoff") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
