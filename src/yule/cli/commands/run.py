"""``yule plan``, ``yule run``, ``yule explain``."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yule.cli.options import AsJson, Cores, Profile

if TYPE_CHECKING:
    from yule.runtime.plan import Plan
    from yule.session import Session
    from yule.session.views.labels import CaseLabels
    from yule.session.views.plans import RunPlan, Uncached

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
    print_plan(_open_for_each(cases, profile), cases, labels=labels, as_json=as_json)


def print_plan(session: "Session", cases: Sequence[str], *, labels: bool, as_json: bool) -> None:
    """Print what a run of cases would do, and what their labels look like; then raise what is wrong with some."""
    from yule.cli.execution import at_work
    from yule.config.finding import list_case_files
    from yule.session.failures import join_errors

    with at_work():
        found = session.plan_each(cases, labels=labels)
        _print_labels(found.labels)
        if as_json:
            _print_plan_json(found.tasks)
        elif found.tasks.tasks:
            _print_found(session, found, labels=labels)
        if found.faults:
            n_cases = len({path.stem for path in list_case_files(cases, session.project.root)})
            raise join_errors(found.faults, n_cases=n_cases)


def _print_found(session: "Session", found: "RunPlan", *, labels: bool) -> None:
    from yule.cli.screen.progress import print_fetches
    from yule.cli.screen.row_counts import print_row_counts

    if labels:
        print_row_counts(session.project, found.methods)
    typer.echo(f"{'step':<18} {'to run':>7} {'cached':>7} {'not needed':>11}")
    for family, states in found.count_states().items():
        typer.echo(f"{family:<18} {states['to run']:>7} {states['cached']:>7} {states['not needed']:>11}")
    typer.echo(f"{found.n_to_run} tasks to run.")
    print_fetches(found.fetches)


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
    from yule.cli.execution import at_work, raise_shortened
    from yule.cli.screen.answer import print_results
    from yule.cli.screen.progress import print_end

    session = _open_for_each(cases, profile, as_json=as_json)
    started = time.monotonic()
    with at_work():
        results = list({one.case: one for one in session.run_each(cases, cores=cores, repair=repair)}.values())
    is_done = all(one.error is None for one in results)
    if as_json:
        print_end(is_done=is_done, text=f"time: {(time.monotonic() - started) / 60:.1f} minutes")
    else:
        print_results(results)
    raise_shortened(results)


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
        cached, wanted = difference.find_lines()
        if len(cached) == len(wanted) == 1:
            yield f"{difference.path}: {cached[0]} in the cache, {wanted[0]} now"
        else:
            yield f"{difference.path}, - in the cache, + now:"
            yield from (f"    - {line}" for line in cached)
            yield from (f"    + {line}" for line in wanted)


def open_settled(names: Sequence[str], profile: str | None, *, as_json: bool = False) -> "Session":
    """Open a session for cases: this process has the code that they ask for then, and their files name it in full."""
    from yule.cli.code import settle_code
    from yule.cli.screen.progress import Screen
    from yule.config.finding import load_cases
    from yule.session import Session

    project, cases = load_cases(names, profile)
    settle_code(names, project, cases)
    return Session(project, show=Screen(as_json=as_json))


def _open_for_each(names: Sequence[str], profile: str | None, *, as_json: bool = False) -> "Session":
    """Open a session for cases some of which may not be sound; see :func:`open_settled`."""
    from yule.cli.code import settle_code
    from yule.cli.screen.progress import Screen
    from yule.config.finding import list_case_files, load_each
    from yule.session import Session

    project, cases, _ = load_each(names, profile)
    sound = [str(path) for path in list_case_files(names, project.root) if path.stem in cases]
    settle_code(sound, project, list(cases.values()))
    return Session(project, show=Screen(as_json=as_json))


def _print_labels(labels: "Sequence[CaseLabels]") -> None:
    for one in labels:
        for line in one.describe():
            typer.echo(line)


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
