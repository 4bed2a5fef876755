"""``yule runs``, ``yule show``, ``yule tensorboard``."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile, RunName

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.pipeline.runs.record import Run


def runs(profile: Profile = None, as_json: AsJson = False) -> None:
    """List the runs of the project, the newest last."""
    from yule.config.finding import load_project
    from yule.pipeline.runs.reading import find_statuses, read_runs
    from yule.storage.opening import open_store

    project = load_project(profile)
    store = open_store(project.workspace)
    found = _ask_cluster(project, read_runs(store))
    listed = list(zip(found, find_statuses(store, found), strict=True))
    if as_json:
        rows = [
            {
                "run": run.run_id,
                "case": run.case,
                "status": status,
                "started_at": run.started_at,
                "message": run.message,
            }
            for run, status in listed
        ]
        typer.echo(json.dumps(rows))
        return
    width = max((len(run.run_id) for run in found), default=3)
    typer.echo(f"{'run':<{width}}  {'status':<11}  {'started':<16}  question")
    for run, status in listed:
        typer.echo(f"{run.run_id:<{width}}  {status:<11}  {run.started_at[:16].replace('T', ' ')}  {run.question}")
        for line in run.message.splitlines() if status == "failed" else ():
            typer.echo(f"{'':<{width}}  {line}")


def _ask_cluster(project: "Project", runs: "list[Run]") -> "list[Run]":
    """Return runs as they stand; whether one goes on in a cluster, only the cluster says."""
    if project.kubernetes is None or not any(run.launch and run.status == "running" for run in runs):
        return runs
    from yule.remote.standing import judge_runs
    from yule.runtime.kubernetes.api.protocol import ClusterError
    from yule.session.cluster import connect_project

    try:
        return judge_runs(connect_project(project), runs)
    except ClusterError as error:
        typer.echo(f"Whether runs in the cluster go on is not known: {error}", err=True)
        return runs


def show(run: RunName, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show what came of a run."""
    from yule.cli.screen.answer import print_answer
    from yule.config.finding import load_project
    from yule.core.errors import WorkspaceError
    from yule.kinds.reports import read_report
    from yule.pipeline.runs.reading import bring_run, find_run, find_statuses
    from yule.storage.opening import open_store

    store = open_store(load_project(profile).workspace)
    found = find_run(store, run)
    folder = bring_run(store, found.run_id)
    report = folder / "report.json"
    if not report.exists():
        (status,) = find_statuses(store, [found])
        raise WorkspaceError(f"The run {found.run_id} is {status} and has no report. `yule run {found.case}` goes on.")
    read_report(folder)  # refuses what is damaged, also where it is only passed on
    if as_json:
        typer.echo(report.read_text(encoding="utf-8"), nl=False)
    else:
        print_answer(folder)


def tensorboard(
    run: RunName,
    port: Annotated[int | None, typer.Option(help="Port on this machine; a free one by default.")] = None,
    profile: Profile = None,
) -> None:
    """Watch the learning curves of a run's members and folds, also while it trains."""
    from yule.config.finding import load_project
    from yule.kinds import find_kind
    from yule.pipeline.runs.reading import find_run
    from yule.storage.opening import open_store
    from yule.storage.owners import sweep_temporary, temporary_folder
    from yule.tracking.events import EVENTS
    from yule.tracking.layout import write_card
    from yule.tracking.view import watch

    store = open_store(load_project(profile).workspace)
    found = find_run(store, run)
    places = {name: f"{EVENTS}/{unique_id}/" for name, unique_id in found.fits.items()}
    card = write_card(found.question, found.resolved)
    charts = find_kind(found.asked.model.dataset.labels.settings).charts
    sweep_temporary()
    with temporary_folder() as folder:
        mirror = folder / "mirror"
        watch(store.objects, places, mirror=mirror, title=found.run_id, port=port, charts=charts, card=card)
