"""``yule ask``: an answer before the first label."""

import json
from pathlib import Path
from typing import Annotated

import typer

from yule.cli.options import AsJson, Cores, Profile, read_instant, read_list_path

_COLUMNS = ("rank", "user_id", "score")


def ask(  # noqa: PLR0913, PLR0917 - the options of the command
    question: Annotated[
        str, typer.Argument(help="Which events: DOWNLOAD, or 'DOWNLOAD where CONDITION'.", metavar="QUESTION")
    ],
    within: Annotated[str, typer.Option(help="How far it looks ahead.", metavar="DURATION")] = "28 days",
    at: Annotated[
        str | None, typer.Option(help="As of which day; by default the last that the log reaches.", metavar="DATE")
    ] = None,
    leaving: Annotated[bool, typer.Option("--leaving", help="Who will have NO such event.")] = False,
    population: Annotated[
        str | None,
        typer.Option(
            help="Who is asked of, written like the question; by default all users of its download.",
            metavar="USERS",
        ),
    ] = None,
    active: Annotated[
        str | None,
        typer.Option(
            help="Only those with such a row so lately; with --leaving by default as lately as it looks ahead.",
            metavar="DURATION",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many users to show.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(parser=read_list_path, metavar="FILE", help="Where to write the list: a .csv or .parquet file."),
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="Write a case of it, so that labels refine the answer.", metavar="NAME")
    ] = None,
    profile: Profile = None,
    cores: Cores = None,
    as_json: AsJson = False,
) -> None:
    """Rank users by a question without a case and without labels: by what other questions of the same log teach."""
    from yule.cli.execution import at_work
    from yule.cli.screen.progress import open_session
    from yule.cli.screen.sentences import print_sentence
    from yule.config.finding import place_new_case

    instant = None if at is None else read_instant(at, "--at")
    session = open_session(profile, as_json=as_json)
    if case is not None:  # not after all the work
        place_new_case(session.project.root, case)
    with at_work():
        answer = session.ask(
            question,
            within=within,
            at=instant,
            leaving=leaving,
            population=population,
            active=active,
            cores=cores,
        )
    if out is not None:
        answer.save(out)
    written = None if case is None else answer.write_case(case)
    rows = answer.users.arrow.slice(0, top).select(_COLUMNS).to_pylist()
    if as_json:
        from yule.core.settings import to_plain

        told = {"event": "answer", "question": question, "evidence": to_plain(answer.evidence), "users": rows}
        typer.echo(json.dumps(told))
        return
    typer.echo(f"\n{question}, within {within} from {answer.cutoff:%Y-%m-%d}{', who will not' if leaving else ''}")
    for sentence in answer.describe():
        print_sentence(sentence)
    if answer.formulas and (out is None or out.suffix != ".parquet"):
        print_sentence(f"Note: {answer.formulas}")
    typer.echo("")
    for row in rows:
        typer.echo(f"  {row['rank']:>4}  {row['user_id']:<24}  {row['score']:.1%}")
    typer.echo(f"\n  list: {out or answer.folder / 'users.csv'}")
    if written is not None:
        typer.echo(f"  case: {written}\nNext: yule run {case}")
