"""``yule runs``, ``yule show``, ``yule tensorboard``."""

import json
from typing import Annotated

import typer

from yule.cli.options import AsJson, Profile, RunName


def runs(profile: Profile = None, as_json: AsJson = False) -> None:
    """List the runs of the project, the newest last."""
    from yule.cli.screen.progress import open_session

    found = open_session(profile).runs()
    if as_json:
        rows = [
            {
                "run": run.run_id,
                "case": run.case,
                "status": run.status,
                "started_at": run.record.started_at,
                "message": run.record.message,
            }
            for run in found
        ]
        typer.echo(json.dumps(rows))
        return
    width = max((len(run.run_id) for run in found), default=3)
    typer.echo(f"{'run':<{width}}  {'status':<11}  {'started':<16}  question")
    for run in found:
        started = run.record.started_at[:16].replace("T", " ")
        typer.echo(f"{run.run_id:<{width}}  {run.status:<11}  {started}  {run.question}")
        for line in run.record.message.splitlines() if run.status == "failed" else ():
            typer.echo(f"{'':<{width}}  {line}")


def show(run: RunName, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show what came of a run."""
    from yule.cli.screen.answer import print_answer
    from yule.cli.screen.progress import open_session
    from yule.kinds.reports import read_report
    from yule.report.files import NUMBERS

    folder = open_session(profile).load_run(run).folder
    if as_json:
        read_report(folder)  # refuses what is damaged, also where it is only passed on
        typer.echo((folder / NUMBERS).read_text(encoding="utf-8"), nl=False)
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
    from yule.pipeline.runs.curves import list_curves
    from yule.pipeline.runs.reading import find_run
    from yule.session.execution import bound
    from yule.storage.opening import open_store
    from yule.storage.owners import sweep_temporary, temporary_folder
    from yule.tracking.events import EVENTS
    from yule.tracking.layout import write_card
    from yule.tracking.view import watch

    project = load_project(profile)
    store = open_store(project.workspace)
    found = find_run(store, run)
    with bound(project):
        places = {name: f"{EVENTS}/{unique_id}/" for name, unique_id in list_curves(found).items()}
    card = write_card(found.question, found.resolved)
    charts = find_kind(found.asked.model.dataset.labels.settings).charts
    sweep_temporary()
    with temporary_folder() as folder:
        mirror = folder / "mirror"
        watch(store.objects, places, mirror=mirror, title=found.run_id, port=port, charts=charts, card=card)
