"""``yule rerun``: repeat a run from what is recorded of it."""

from typing import TYPE_CHECKING

import typer

from yule.cli.options import AsJson, Cores, Profile, RunName

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.pipeline.rerun import Comparison
    from yule.pipeline.runs.record import Run


def rerun(run: RunName, profile: Profile = None, cores: Cores = None, as_json: AsJson = False) -> None:
    """Repeat a finished run with its commit, settings and data, and say whether the answer is identical.

    Exit code 1 if it is not. Nothing is taken from the cache but the tables, and nothing in it is touched.
    """
    import shutil
    from dataclasses import replace

    from yule.cli.execution import raise_broken, saying_how_to_go_on
    from yule.cli.screen.progress import Screen
    from yule.config.finding import load_project
    from yule.core.errors import WorkspaceError
    from yule.core.settings import canonical_json, to_plain
    from yule.pipeline.fetching import Goal, describe_fetching
    from yule.pipeline.graph import find_whole
    from yule.pipeline.rerun import compare, lend_downloads, rebuild_report
    from yule.pipeline.runs.reading import find_run, find_statuses
    from yule.session.execution import run_tasks
    from yule.storage.names import resolve_below
    from yule.storage.opening import open_store
    from yule.storage.setup import configure

    project = load_project(profile)
    before = open_store(project.workspace)
    found = find_run(before, run)
    (status,) = find_statuses(before, [found])
    if status != "done":
        hint = "" if status == "running" else f" `yule run {found.case}` goes on."
        raise WorkspaceError(f"{found.run_id} is {status}: there is no answer to compare with.{hint}")
    _switch_code(found, project)
    place = resolve_below(before.root, f"reruns/{found.run_id}")
    configure(str(place), n_threads=1, fetching=describe_fetching(project))
    report = rebuild_report(found)
    if report.complete():  # it was repeated before
        shutil.rmtree(place)
    after = open_store(str(place))
    lend_downloads(report, before, after, project)
    with saying_how_to_go_on():
        raise_broken(
            run_tasks(
                replace(project, workspace=str(place), ledger=project.workspace),
                [Goal(task=task, payer=found.payer) for task in find_whole(found.asked, report)],
                Screen(as_json=as_json),
                fits={found.case: found.fits},
                n_cores=cores,
            )
        )
    comparison = compare(found, report, before, after)
    if as_json:
        typer.echo(canonical_json(to_plain(comparison)))
    else:
        _print_comparison(comparison)
    if comparison.is_identical:
        shutil.rmtree(place)
        return
    typer.echo(f"What came out this time is kept in {place}", err=True)
    raise typer.Exit(1)


def _switch_code(found: "Run", project: "Project") -> None:
    from yule.cli.code import switch_code

    commit = found.code.removesuffix("-dirty")
    if found.code == commit and commit:
        switch_code(project.root, commit)
        return
    told = f"{commit} and changes that were not committed" if commit else "not recorded"
    typer.echo(f"The code of {found.run_id} is {told}: it is repeated with the code that is here.", err=True)


def _print_comparison(comparison: "Comparison") -> None:
    n_same = comparison.n_outputs - len(comparison.outputs)
    told = f"{n_same} of {comparison.n_outputs} cached outputs are the same"
    if comparison.is_identical:
        typer.echo(f"{comparison.run_id} is repeated: its list, figures and model are identical. {told}.")
        return
    typer.echo(f"{comparison.run_id} came out otherwise. These files differ: {', '.join(comparison.files)}. {told}.")
    for text in comparison.outputs[:5]:
        typer.echo(f"    differs: {text}")
