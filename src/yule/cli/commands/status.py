"""``yule status``: how far runs are, once or live, for people and for schedulers."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from rich.console import RenderableType

    from yule.config.projects import Project
    from yule.pipeline.runs.record import Run
    from yule.remote.standing import Standing
    from yule.storage.store import Store

WATCH_SECONDS = 5.0

_CODES = {"done": 0, "failed": 1, "interrupted": 1, "running": 3}


def status(
    run: Annotated[str | None, typer.Argument(help="A run, or a case for its newest run.", metavar="RUN")] = None,
    profile: Profile = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep it up to date until all has ended; Ctrl-C leaves, the runs go on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say how far runs are and what they wait for; of a named run the exit code tells, too.

    The exit codes of `yule status RUN`: 0 it is done; 1 it has failed or was stopped; 3 it is running;
    75 the cluster or the workspace does not answer: ask again later.
    """
    from yule.config.finding import load_project
    from yule.core.settings import to_json
    from yule.storage.opening import open_store

    project = load_project(profile)
    store = open_store(project.workspace)
    if watch:
        found = _watch(project, store, run, as_json=as_json)
    else:
        found = _look(project, store, run)
        for standing in found:
            typer.echo(to_json(standing) if as_json else "\n".join(_list_lines(standing)))
        if not found and not as_json:
            typer.echo("Nothing is running.")
    if run:
        raise typer.Exit(_CODES[found[0].status])


def _look(project: "Project", store: "Store", name: str | None) -> "list[Standing]":
    """Ask how a run stands, or all that are running."""
    from dataclasses import replace

    from yule.pipeline.runs.reading import find_run, find_statuses, read_runs
    from yule.remote.standing import describe_standing

    runs = [find_run(store, name)] if name else [run for run in read_runs(store) if run.status == "running"]
    statuses = find_statuses(store, runs)
    local = [replace(run, status=status) for run, status in zip(runs, statuses, strict=True)]
    if any(run.launch and run.status == "running" for run in local):
        return list(_ask_cluster(project, store, local))
    return [describe_standing(run) for run in local if name or run.status == "running"]


def _ask_cluster(project: "Project", store: "Store", runs: "Sequence[Run]") -> "Iterator[Standing]":
    from yule.remote.standing import describe_standing, explain_waits, read_status, settle_runs
    from yule.session.cluster import connect_project

    cluster = connect_project(project)
    for before, run in zip(runs, settle_runs(cluster, store, runs), strict=True):
        if before.launch and before.status == "running":
            steps = tuple(read_status(cluster, run.launch))
            waits = tuple(explain_waits(cluster, run.launch)) if run.status == "running" else ()
            yield describe_standing(run, steps, waits)
        else:
            yield describe_standing(run)


def _watch(project: "Project", store: "Store", name: str | None, *, as_json: bool) -> "list[Standing]":
    """Show how runs stand until all have ended; a cluster that does not answer is waited for."""
    import sys

    from rich.console import Console
    from rich.live import Live

    from yule.core.patience import is_transient, name_fault
    from yule.core.settings import to_json

    names = [name] if name else [found.run for found in _look(project, store, None)]
    found: list[Standing] = []
    told: list[str] = []
    fault = ""
    is_table = sys.stdout.isatty() and not as_json
    with Live(
        console=Console(file=sys.__stdout__ if is_table else sys.__stderr__), auto_refresh=False, transient=not is_table
    ) as live:
        while True:
            try:
                found = [standing for one in names for standing in _look(project, store, one)]
                fault = ""
            except Exception as error:
                if not is_transient(error):
                    raise
                fault = f"No answer: {name_fault(error)}. The runs go on; asking again."
            lines = [line for one in found for line in ([to_json(one)] if as_json else _list_lines(one))]
            if is_table:
                live.update(_draw(found, fault), refresh=True)
            elif lines != told:
                typer.echo("\n".join(lines))
                told = lines
            if not names or (found and all(one.status != "running" for one in found)):
                return found
            time.sleep(WATCH_SECONDS)


def _list_lines(standing: "Standing") -> Iterator[str]:
    yield f"{standing.run}: {standing.status}{f' as yule-{standing.launch}' if standing.launch else ''}"
    for step in standing.steps:
        failed = f", {step.n_failed} failed" if step.n_failed else ""
        yield (
            f"    {step.step:<10} on {step.pool}: {step.n_done} of {step.n_indexes} pods done, "
            f"{step.n_active} at work{failed}"
        )
    yield from (f"    {wait}" for wait in standing.waits)
    yield from (f"    {line}" for line in standing.message.splitlines())


def _draw(found: "Sequence[Standing]", fault: str) -> "RenderableType":
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from yule.core.streams import clean

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("run", "status", "step", "pool", "done", "at work", "failed"):
        table.add_column(heading, justify="right" if heading in ("done", "at work", "failed") else "left")
    notes: list[RenderableType] = []
    for standing in found:
        name: tuple[str, ...] = (standing.run, standing.status)
        for step in standing.steps:
            counts = (f"{step.n_done} of {step.n_indexes}", str(step.n_active), str(step.n_failed or ""))
            table.add_row(*(Text(clean(text)) for text in (*name, step.step, step.pool, *counts)))
            name = ("", "")
        if not standing.steps:
            table.add_row(*(Text(clean(text)) for text in name))
        notes += [Text(clean(f"{standing.run}: {wait}"), style="yellow") for wait in standing.waits]
        notes += [Text(clean(f"{standing.run}: {standing.message}"), style="red")] if standing.message else []
    notes += [Text(clean(fault), style="yellow")] if fault else []
    return Group(table if found else Text("Nothing is running."), *notes)
