"""``yule runs``, ``yule show``, ``yule predict``, ``yule tensorboard``."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from yule.cli.options import Encoding

RunName = Annotated[str, typer.Argument(help="A run, or a case for its newest run.", metavar="RUN")]
Profile = Annotated[str | None, typer.Option(help="Profile of project.yaml, e.g. production.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to the standard output, for scripts.")]


def runs(profile: Profile = None, as_json: AsJson = False) -> None:
    """List the runs of the project, the newest last."""
    from yule.cli.cases import load_project
    from yule.pipeline.runs import find_statuses, read_runs
    from yule.storage.opening import open_store

    store = open_store(load_project(profile).workspace)
    found = read_runs(store)
    listed = list(zip(found, find_statuses(store, found), strict=True))
    if as_json:
        rows = [
            {"run": run.run_id, "case": run.case, "status": status, "started_at": run.started_at}
            for run, status in listed
        ]
        typer.echo(json.dumps(rows))
        return
    width = max((len(run.run_id) for run in found), default=3)
    typer.echo(f"{'run':<{width}}  {'status':<11}  {'started':<16}  question")
    for run, status in listed:
        typer.echo(f"{run.run_id:<{width}}  {status:<11}  {run.started_at[:16].replace('T', ' ')}  {run.question}")


def show(run: RunName, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show what came of a run."""
    from yule.cli.answer import print_answer
    from yule.cli.cases import load_project
    from yule.core.errors import WorkspaceError
    from yule.pipeline.runs import bring_run, find_run, find_statuses
    from yule.report.files import read_numbers
    from yule.storage.opening import open_store

    store = open_store(load_project(profile).workspace)
    found = find_run(store, run)
    folder = bring_run(store, found.run_id)
    report = folder / "report.json"
    if not report.exists():
        (status,) = find_statuses(store, [found])
        raise WorkspaceError(f"The run {found.run_id} is {status} and has no report. `yule run {found.case}` goes on.")
    read_numbers(folder)  # refuses what is damaged, also where it is only passed on
    if as_json:
        typer.echo(report.read_text(encoding="utf-8"), nl=False)
    else:
        print_answer(folder)


def predict(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunName,
    cutoff: Annotated[
        str | None,
        typer.Option(help="Score as of this date, from the project's data as they are now or from the table."),
    ] = None,
    table: Annotated[Path | None, typer.Option(help="Score the users of this CSV or Parquet table instead.")] = None,
    user: Annotated[
        str | None, typer.Option(help="Column of the table with the user id; by default that of the project.")
    ] = None,
    encoding: Encoding = "",
    out: Annotated[Path | None, typer.Option(help="Where to write the list: a .csv or .parquet file.")] = None,
    profile: Profile = None,
    cores: Annotated[int | None, typer.Option(min=1, help="Cores to use; all by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score users with the model of a finished run. Nothing is trained, unless the model was deleted or damaged."""
    from yule.cli.cases import load_project

    if cutoff is None and table is None:
        raise typer.BadParameter("Give --cutoff DATE, --table FILE or both.")
    project = load_project(profile)
    from yule.cli.execution import raise_broken, run_tasks, saying_how_to_go_on
    from yule.cli.scoring import GivenTable, choose_answer, describe_prepared
    from yule.core.files import write_whole
    from yule.pipeline.fetching import Goal, describe_fetching
    from yule.pipeline.graph import find_bundles, find_ranking
    from yule.pipeline.rerun import check_rebuildable
    from yule.pipeline.runs import check_run, find_run, run_place
    from yule.prediction.formulas import describe_formulas
    from yule.prediction.ranking import USERS
    from yule.runtime.damage import remove_damaged
    from yule.runtime.plan import find_complete
    from yule.storage.opening import open_store
    from yule.storage.task import configure

    store = open_store(project.workspace)
    found = check_run(find_run(store, run))
    instant = _parse_cutoff(cutoff) if cutoff else found.answer.population.cutoff
    given = GivenTable(file=table, user=user, encoding=encoding) if table else None
    project, answer, prepared = choose_answer(project, found.answer, cutoff=instant, table=given)
    for unusable in prepared.unusable if prepared and as_json else ():
        typer.echo(json.dumps({"event": "unusable", **asdict(unusable)}))
    for note in describe_prepared(prepared, instant) if prepared else ():
        typer.echo(f"Note: {note}", err=True)
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    bundles = list(find_bundles(answer.model).values())
    for fault in remove_damaged(bundles):
        typer.echo(fault, err=True)
    if len(find_complete(bundles)) < len(bundles):
        check_rebuildable(found, bundles, store, project)
        typer.echo(f"The model of {found.run_id} is not in the workspace any more: it is computed again.", err=True)
    ranking = find_ranking(answer)
    with saying_how_to_go_on():
        raise_broken(run_tasks(project, [Goal(task=ranking, payer=found.payer)], n_cores=cores, as_json=as_json))
    name = table.stem if table else f"{instant:%Y-%m-%d}"
    suffix = ".parquet" if out and out.suffix == ".parquet" else ".csv"
    answered = ranking.output().load()
    place = f"{run_place(found.run_id)}/predictions/{name}.csv"
    if out:
        write_whole(out, answered / f"users{suffix}")
    else:
        store.objects.write(place, answered / "users.csv")
        if (answered / "lists.csv").exists():
            store.objects.write(place.replace(".csv", "-lists.csv"), answered / "lists.csv")
    if not as_json:
        told = describe_formulas(answered / USERS)
        if told and suffix == ".csv":
            typer.echo(f"Note: {told}")
        typer.echo(f"The ranked list is {out or store.describe(place)}")


def tensorboard(
    run: RunName,
    port: Annotated[int | None, typer.Option(help="Port on this machine; a free one by default.")] = None,
    profile: Profile = None,
) -> None:
    """Watch the learning curves of a run's members and folds, also while it trains."""
    from yule.cli.cases import load_project
    from yule.pipeline.runs import find_run
    from yule.storage.opening import open_store
    from yule.storage.owners import sweep_temporary, temporary_folder
    from yule.tracking.events import EVENTS
    from yule.tracking.layout import write_card
    from yule.tracking.view import watch

    store = open_store(load_project(profile).workspace)
    found = find_run(store, run)
    places = {name: f"{EVENTS}/{unique_id}/" for name, unique_id in found.fits.items()}
    card = write_card(found.question, found.resolved)
    outcome = found.answer.model.dataset.labels.settings.outcome
    sweep_temporary()
    with temporary_folder() as folder:
        watch(
            store.objects, places, mirror=folder / "mirror", title=found.run_id, port=port, card=card, outcome=outcome
        )


def _parse_cutoff(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date such as 2017-12-31.", param_hint="--cutoff") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
