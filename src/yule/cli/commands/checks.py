"""``yule check``: whether cases are sound, what their labels look like, and what is to be said of their data."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import Profile

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.messages.finding import Finding
    from yule.session import Session
    from yule.session.views.plans import CheckedCase


def check(
    cases: Annotated[
        list[str] | None,
        typer.Argument(help="Case files or names; all of the project by default.", metavar="[CASE]..."),
    ] = None,
    profile: Profile = None,
    data: Annotated[
        bool | None,
        typer.Option(
            "--data/--no-data",
            help="Also compute the features and check them, labels, folds and the population; or look at no data.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --data: write the findings as JSON lines.")] = False,
) -> None:
    """Say whether cases are sound; then what their labels look like, what would run and what is cached.

    Nothing is trained. The exit code is 1 when a check of the data says that no figure can be trusted.
    """
    from yule.cli.commands.run import open_settled
    from yule.config.finding import find_all_cases, load_cases
    from yule.session import Session
    from yule.session.needs import find_missing_sources

    if as_json and not data:
        raise typer.BadParameter("--json goes with --data.")
    names = cases or find_all_cases()
    project, _ = load_cases(names, profile)  # tells the problems of all files together
    missing = find_missing_sources(project)
    is_looked_at = data is not False and not missing
    session = open_settled(names, profile, as_json=as_json) if is_looked_at else Session(project)
    for one in session.check(names):
        typer.echo(describe_case(one.case), err=as_json)
        for line in one.notes:
            typer.echo(f"    Note: {line}", err=as_json)
    if data is False:
        return
    if missing:
        typer.echo(f"Not looked at the data: {', '.join(missing)} is not here.", err=as_json)
        raise typer.Exit(1 if data else 0)
    sys.stdout.flush()  # what was said does not wait for all that is loaded now
    from yule.cli.commands.run import print_plan

    if not as_json:
        print_plan(session, names, labels=True, as_json=False)
    if data:
        _print_data(session, names, as_json=as_json)


def describe_case(case: "Case") -> str:
    """Say in one line what a sound case will do."""
    n_cutoffs = len(case.labels.cutoffs)
    members = ", ".join(member.name for member in case.members)
    proposed = f", more proposed for {', '.join(case.auto)}" if case.auto else ""
    return (
        f"{case.name}: sound. {n_cutoffs} label cut-off{'s' * (n_cutoffs > 1)}, "
        f"{len(case.feature_sets)} feature sets{proposed}, {len(case.members)} members ({members}) "
        f"on {case.folds.n_folds} folds, "
        f"prediction as of {case.predict.cutoff:%Y-%m-%d}"
    )


def _print_data(session: "Session", names: Sequence[str], *, as_json: bool) -> None:
    """Print what the checks of data have found; exit code 1 if any finding says stop."""
    from yule.cli.execution import at_work, shorten
    from yule.session.failures import TasksFailed

    failed: TasksFailed | None = None
    with at_work():
        try:
            checked: Sequence[CheckedCase] = session.check(names, data=True)
        except TasksFailed as error:
            checked, failed = error.cases, error
    for one in checked:
        (_print_json if as_json else _print)(one.name, one.findings)
    if failed:
        raise shorten(failed)
    if any(finding.severity == "stop" for one in checked for finding in one.findings):
        raise typer.Exit(1)


def _print(case: str, findings: "Sequence[Finding]") -> None:
    from yule.messages.telling import tell_all

    told = tell_all(findings)
    n_to_look_at, n_stops = (sum(one.severity == kind for one in told) for kind in ("warn", "stop"))
    typer.echo(f"\n{case}: {len(told)} checks of the data, {n_to_look_at} to look at, {n_stops} to stop for")
    for one in told:
        typer.echo(f"  {one.severity:<5} {one.seen}")
        if one.remedy:
            typer.echo(f"        → {one.remedy}")


def _print_json(case: str, findings: "Sequence[Finding]") -> None:
    """Print each finding as facts, and what they say in English beside them."""
    from yule.core.settings import Json, canonical_json, to_plain
    from yule.messages.telling import tell

    for finding in findings:
        told = tell(finding)
        row: dict[str, Json] = {
            "event": "finding",
            "case": case,
            "check": finding.check,
            "code": finding.code,
            "severity": finding.severity,
            "about": finding.about,
            "values": {name: to_plain(value) for name, value in finding.values.items()},
            "title": told.title,
            "seen": told.seen,
            "remedy": told.remedy,
        }
        typer.echo(canonical_json(row))
