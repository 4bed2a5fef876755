"""``yule rerun``: repeat a run from what is recorded of it."""

from typing import TYPE_CHECKING

import typer

from yule.cli.options import AsJson, Cores, Profile, RunName

if TYPE_CHECKING:
    from yule.pipeline.rerun import Comparison


def rerun(run: RunName, profile: Profile = None, cores: Cores = None, as_json: AsJson = False) -> None:
    """Repeat a finished run with its commit, settings and data, and say whether the answer is identical.

    Exit code 1 if it is not. Nothing is taken from the cache but the tables, and nothing in it is touched.
    """
    from yule.cli.code import switch_code
    from yule.cli.execution import at_work
    from yule.cli.screen.progress import open_session
    from yule.core.settings import canonical_json, to_plain

    session = open_session(profile, as_json=as_json)
    found = session.load_run(run)
    commit = found.record.code
    if found.status == "done" and commit and not commit.endswith("-dirty"):
        switch_code(session.project.root, commit)
    with at_work():
        repetition = session.rerun(found.run_id, cores=cores)
    if as_json:
        typer.echo(canonical_json(to_plain(repetition.comparison)))
    else:
        _print_comparison(repetition.comparison)
    if not repetition.is_identical:
        typer.echo(f"What came out this time is kept in {repetition.folder}", err=True)
        raise typer.Exit(1)


def _print_comparison(comparison: "Comparison") -> None:
    n_same = comparison.n_outputs - len(comparison.outputs)
    told = f"{n_same} of {comparison.n_outputs} cached outputs are the same"
    if comparison.is_identical:
        typer.echo(f"{comparison.run_id} is repeated: its list, figures and model are identical. {told}.")
        return
    typer.echo(f"{comparison.run_id} came out otherwise. These files differ: {', '.join(comparison.files)}. {told}.")
    for text in comparison.outputs[:5]:
        typer.echo(f"    differs: {text}")
