"""``yule models``."""

from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.core.settings import Json
    from yule.session import Session
    from yule.session.views.shelf import CaseModel, TakenModels

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="A name that `yule models` lists, or a case.", metavar="NAME")]

Fits = Annotated[
    bool, typer.Option("--fits", help="List the members of finished runs: settings, figures by fold, seconds.")
]


@app.callback(invoke_without_command=True)
def models(context: typer.Context, fits: Fits = False, profile: Profile = None, as_json: AsJson = False) -> None:
    """List what was learned: models of other questions, which a case can take, and the models of finished runs."""
    if context.invoked_subcommand is not None:
        return
    from yule.cli.screen.progress import open_session
    from yule.cli.screen.tables import print_table
    from yule.session.views.shelf_facts import CASE_HEADINGS, LEARNED_HEADINGS, tell_case, tell_learned

    session = open_session(profile)
    if fits:
        _print_fits(session, as_json=as_json)
        return
    shelf = session.models()
    if as_json:
        _print_json({"learned": list(map(_write, shelf.learned)), "cases": list(map(_write, shelf.cases))})
        return
    print_table(LEARNED_HEADINGS, [tell_learned(one) for one in shelf.learned])
    typer.echo("")
    print_table(CASE_HEADINGS, [tell_case(one) for one in shelf.cases])


@app.command("show")
def show(name: Name, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show what a model has learned from, and how good it was; of a case also by what has happened since."""
    from dataclasses import replace

    from yule.cli.screen.progress import open_session
    from yule.core.characters import show_in_line
    from yule.session.views.shelf import CaseModel
    from yule.session.views.shelf_facts import list_facts

    session = open_session(profile)
    found = session.models().find(name)
    if isinstance(found, CaseModel) and not found.since:
        found = replace(found, since=session.judge(found.name))
    if as_json:
        _print_json(_write(found))
        return
    facts = list_facts(found)
    width = max(len(title) for title, _ in facts)
    typer.echo(found.name)
    for title, value in facts:
        typer.echo(f"  {show_in_line(title):<{width}}  {show_in_line(value)}")


def _print_fits(session: "Session", *, as_json: bool) -> None:
    from yule.cli.screen.tables import print_table
    from yule.core.settings import to_plain
    from yule.session.views.shelf_facts import FITS_HEADINGS, tell_fits

    found = session.fits()
    if not as_json:
        print_table(FITS_HEADINGS, [tell_fits(one) for one in found])
        return
    _print_json(
        [
            {"run": one.case.name, "part": one.part, "scores": to_plain(one.scores), "costs": to_plain(one.costs)}
            for one in found
        ]
    )


def _write(one: "TakenModels | CaseModel") -> "Json":
    from yule.core.settings import to_plain
    from yule.session.views.shelf import TakenModels

    if isinstance(one, TakenModels):
        plain = to_plain(one.models)
        assert isinstance(plain, dict)
        return {**plain, "taken_by": [case.name for case in one.taken_by]}
    return {
        "run": one.name,
        "case": one.run.case,
        "question": one.run.question,
        "kind": one.kind,
        "n_labelled": one.n_labelled,
        "members": [to_plain(member) for member in one.members],
        "then": dict(one.then),
        "since": dict(one.since),
        "finished_at": one.run.record.ended_at,
        "code": one.run.record.code,
    }


def _print_json(plain: "Json") -> None:
    from yule.core.settings import canonical_json

    typer.echo(canonical_json(plain))
