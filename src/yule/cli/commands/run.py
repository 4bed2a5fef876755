"""``yule plan``, ``yule run``, ``yule explain``."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yule.cli.options import AsJson, Cores, Profile

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.config.projects import Project
    from yule.core.examples import Examples
    from yule.labels.summary import LabelSummary
    from yule.pipeline.graph import CaseGraph
    from yule.runtime.plan import Plan
    from yule.session import Session
    from yule.session.views.plans import Uncached
    from yule.session.views.runs import RunView

Cases = Annotated[list[str], typer.Argument(help="Case files or names of cases.", metavar="CASE...")]
Place = Literal["here", "kubernetes"]


def plan(
    cases: Cases,
    profile: Profile = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Also collect and divide the labels and say what they look like.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a run would do and what is cached, without training anything."""
    project, graphs = load_graphs(cases, profile)
    from yule.cli.screen.progress import print_fetches
    from yule.cli.screen.row_counts import print_row_counts
    from yule.downloads.keeping.task import DownloadTable
    from yule.pipeline.fetching import preview_fetches
    from yule.runtime.plan import plan_tasks

    if labels:
        _describe_labels(project, graphs)
    goals = [goal for graph in graphs for goal in graph.goals]
    planned = plan_tasks([goal.task for goal in goals])
    if labels and not as_json:
        downloads = [item.task for item in planned.tasks.values() if isinstance(item.task, DownloadTable)]
        print_row_counts(project, [task.spec.method.name for task in downloads])
    if as_json:
        _print_plan_json(planned)
    else:
        _print_plan(planned)
        print_fetches(preview_fetches(project, planned, goals))


def run(  # noqa: PLR0913, PLR0917 - the options of the command
    cases: Cases,
    profile: Profile = None,
    cores: Cores = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="On this machine: first check every cached file and recompute what is damaged."),
    ] = False,
    on: Annotated[Place, typer.Option(help="Where to run: on this machine or on the project's cluster.")] = "here",
    detach: Annotated[
        bool, typer.Option("--detach", help="On a cluster: submit, print the runs' ids last, and return.")
    ] = False,
    print_manifests: Annotated[
        bool, typer.Option("--print-manifests", help="On a cluster: print what would be created, and stop.")
    ] = False,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="On a cluster: commit what is not committed to a place of its own.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one or more cases. What is cached is not computed again; several cases share all they can."""
    there = {"--detach": detach, "--print-manifests": print_manifests, "--snapshot": snapshot}
    here = {"--cores": cores is not None, "--repair": repair}
    _refuse_options(here if on == "kubernetes" else there, on)
    if on == "kubernetes":
        from yule.cli.commands.remote import run_on_kubernetes

        run_on_kubernetes(
            cases, profile, detach=detach, print_manifests=print_manifests, snapshot=snapshot, as_json=as_json
        )
        return
    run_here(cases, profile, cores=cores, repair=repair, as_json=as_json)


def _refuse_options(given: Mapping[str, bool], on: Place) -> None:
    """Refuse options that say nothing where the run is to be: who gives one wants something else."""
    names = [name for name, is_given in given.items() if is_given]
    if names:
        cure = "runs on this machine; leave it out" if on == "kubernetes" else "runs on a cluster; add --on kubernetes"
        raise typer.BadParameter(f"{' and '.join(names)}: for {cure}.")


def run_here(cases: Sequence[str], profile: str | None, *, cores: int | None, repair: bool, as_json: bool) -> None:
    """Answer cases on this machine."""
    from yule.cli.execution import at_work, shorten
    from yule.cli.screen.answer import print_answer
    from yule.cli.screen.progress import print_end
    from yule.session.failures import TasksFailed

    session = open_settled(cases, profile, as_json=as_json)
    started = time.monotonic()
    failed: TasksFailed | None = None
    with at_work():
        try:
            runs: Sequence[RunView] = session.run(cases, cores=cores, repair=repair)
        except TasksFailed as error:
            runs, failed = error.runs, error
    if as_json:
        print_end(is_done=failed is None, text=f"time: {(time.monotonic() - started) / 60:.1f} minutes")
    for run in runs if not as_json else ():
        print_answer(run.folder)
    if failed:
        raise shorten(failed)


def explain(cases: Cases, profile: Profile = None, as_json: AsJson = False) -> None:
    """Say why tasks are not cached: what differs from the most similar output that is."""
    from yule.core.settings import canonical_json, to_plain

    found = open_settled(cases, profile).explain(cases)
    if as_json:
        rows = [
            {"task": one.text, "unique_id": one.unique_id, "differences": to_plain(one.differences)}
            for one in found.first
        ]
        typer.echo(canonical_json(list(rows)))
        return
    if not found.first:
        typer.echo("Everything is cached.")
    for one in found.first:
        typer.echo(f"{one.text}:")
        for line in _explain(one):
            typer.echo(f"    {line}")
    if found.n_after:
        typer.echo(f"{found.n_after} more tasks follow from these.")


def _explain(one: "Uncached") -> "Iterator[str]":
    if one.like is None:
        yield "nothing of its kind is cached yet"
    elif not one.differences:
        yield "its settings are cached, but something it reads has changed or its output was deleted"
    for difference in one.differences:
        cached, wanted = difference.cached or "(absent)", difference.wanted or "(absent)"
        yield f"{difference.path}: {cached} in the cache, {wanted} now"


def open_settled(names: Sequence[str], profile: str | None, *, as_json: bool = False) -> "Session":
    """Open a session for cases: this process has the code that they ask for then, and their files name it in full."""
    from yule.cli.code import settle_code
    from yule.cli.screen.progress import Screen
    from yule.config.finding import load_cases
    from yule.session import Session

    project, cases = load_cases(names, profile)
    settle_code(names, project, cases)
    return Session(project, show=Screen(as_json=as_json))


def load_graphs(names: Sequence[str], profile: str | None) -> "tuple[Project, list[CaseGraph]]":
    """Read the cases and build their graphs with the code they ask for; tell this process its workspace."""
    from yule.cli.code import settle_code
    from yule.cli.screen.progress import Screen
    from yule.config.finding import load_cases
    from yule.pipeline.fetching import describe_fetching
    from yule.session.graphs import build_graphs
    from yule.storage.setup import configure

    project, cases = load_cases(names, profile)
    settled = settle_code(names, project, cases)
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    return project, build_graphs(project, settled, Screen(as_json=False))


def _describe_labels(project: "Project", graphs: "Sequence[CaseGraph]") -> None:
    from yule.cli.execution import at_work
    from yule.cli.screen.progress import Screen
    from yule.labels.observe import read_labels, read_summary
    from yule.pipeline.fetching import Goal
    from yule.session.execution import raise_broken, run_tasks

    goals = [Goal(task=graph.folds, payer=graph.payer) for graph in graphs]
    broken = run_tasks(project, goals, Screen(as_json=False))
    for graph in graphs:
        if graph.labels.complete():
            folder = graph.labels.output().load()
            for line in _list_labels(graph.case, read_summary(folder), read_labels(folder)):
                typer.echo(line)
    with at_work():
        raise_broken(broken)


def _list_labels(case: "Case", summary: "LabelSummary", examples: "Examples") -> "Iterator[str]":
    import numpy as np

    from yule.checks.listing import find_label_findings
    from yule.kinds import find_kind

    names, counts = case.labels.class_names, find_kind(case.labels).counts
    yield f"{case.name}: {counts.tell_all(summary, names)}"
    for cutoff in summary.cutoffs:
        labels = examples.labels[examples.cutoffs == np.datetime64(cutoff.cutoff.replace(tzinfo=None), "us")]
        yield f"    {cutoff.cutoff:%Y-%m-%d}  {counts.tell_cutoff(cutoff, labels, names)}"
    from yule.messages.telling import tell

    for finding in (*find_label_findings(counts.divide(summary, examples, names)), *summary.findings):
        if finding.severity != "ok":
            told = tell(finding)
            yield f"    Note: {told.text if finding.check == 'labels' else told.seen}"


def _print_plan(planned: "Plan") -> None:
    families: dict[str, Counter[str]] = {}
    for item in planned.tasks.values():
        families.setdefault(item.task.task_family, Counter())[item.state] += 1
    typer.echo(f"{'step':<18} {'to run':>7} {'cached':>7} {'not needed':>11}")
    for family, states in families.items():
        typer.echo(f"{family:<18} {states['to run']:>7} {states['cached']:>7} {states['not needed']:>11}")
    typer.echo(f"{len(planned.to_run())} tasks to run.")


def _print_plan_json(planned: "Plan") -> None:
    from yule.core.settings import canonical_json

    for item in planned.tasks.values():
        row = {
            "unique_id": item.task.unique_id,
            "family": item.task.task_family,
            "text": item.task.describe(),
            "state": item.state,
        }
        typer.echo(canonical_json(dict(row)))
