"""``yule downloads``: the catalogue of the download library."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile, read_path

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.downloads.costs.ledger import Entry
    from yule.downloads.settings import Method
    from yule.library.catalogue import Card

app = typer.Typer(help="The download library: what there is, how fresh it is, what it costs.")

Name = Annotated[str, typer.Argument(help="Name of the method.", metavar="METHOD")]
Check = Annotated[bool, typer.Option("--check", help="Ask the sources whether columns are missing or data are stale.")]


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    """List the methods unless something else is asked for."""
    if context.invoked_subcommand is None:
        list_methods()


@app.command("list")
def list_methods(check: Check = False, profile: Profile = None, as_json: AsJson = False) -> None:
    """List the methods: owner, freshness, size, and who uses them."""
    from yule.cli.screen.tables import print_table
    from yule.downloads.costs.limits import format_bytes
    from yule.library.catalogue import check_card

    project, cards = load_cards(profile)
    cards = [check_card(project, card) for card in cards] if check else cards
    if as_json:
        _print_json(cards)
    else:
        rows = [
            (
                card.method.name,
                card.method.owner,
                _freshness(card),
                f"{card.n_rows:,}" if card.n_rows else "",
                format_bytes(card.n_bytes) if card.n_bytes else "",
                ", ".join(card.used_by),
            )
            for card in cards
        ]
        print_table(("method", "owner", "fetched", "rows", "size", "used by"), rows)
        for card in cards:
            for problem in card.problems:
                typer.echo(f"{card.method.name}: {problem}")
    if any(card.problems for card in cards):
        raise typer.Exit(1)


@app.command("show")
def show(
    name: Name,
    sample: Annotated[int, typer.Option(min=0, help="How many rows to show of what is kept.")] = 5,
    check: Check = False,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show a method: its columns, parameters, SQL and last rows."""
    from yule.library.catalogue import check_card, describe_source, engine_sql, read_sample

    project, cards = load_cards(profile)
    method = find_method(project, name)
    card = next(card for card in cards if card.method == method)
    card = check_card(project, card) if check else card
    if as_json:
        _print_json([card])
        return
    typer.echo(f"{name}: {method.description}" if method.description else name)
    facts = {
        "owner": method.owner,
        "source": describe_source(project, method),
        "table": method.table,
        "user": method.user,
        "time": f"{method.time} ({method.time_zone})" if method.time else "",
        "days": f"since {method.days.since}, final after {method.days.late_days} days" if method.days else "",
        "fetched": _freshness(card),
        "used by": ", ".join(card.used_by),
    }
    for fact, value in facts.items():
        if value:
            typer.echo(f"  {fact:<8} {value}")
    _print_columns(method)
    for engine, sql in engine_sql(method).items():
        indented = "\n".join(f"    {line}" for line in sql.splitlines())
        typer.echo(f"\n  SQL for {engine}:\n{indented}")
    for problem in card.problems:
        typer.echo(f"\n  {problem}")
    table = read_sample(project, method, sample) if sample else None
    if table is not None:
        from yule.cli.screen.tables import print_table

        typer.echo("")
        print_table(table.schema.names, [tuple(str(value) for value in row.values()) for row in table.to_pylist()])


@app.command("new")
def new(
    name: Name,
    source: Annotated[str, typer.Option(help="Source of project.yaml that has the table.")],
    table: Annotated[str, typer.Option(help="The table: of files a name or a pattern.")],
    user: Annotated[str | None, typer.Option(help="Column with the user id; guessed when left out.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the time of the event; guessed when left out.")] = None,
    profile: Profile = None,
) -> None:
    """Start a method from a table that is there: its columns and their types are written down."""
    from yule.config.finding import load_project
    from yule.library.new import write_method

    project = load_project(profile)
    file = write_method(project, name, source=source, table=table, user=user, time=time)
    typer.echo(f"Wrote {file.relative_to(project.root)}. Say what the columns mean, then: yule downloads show {name}")


@app.command("test")
def try_samples(name: Name, profile: Profile = None) -> None:
    """Run a method on the samples in downloads/samples with DuckDB and BigQuery, and compare cell by cell."""
    from yule.config.finding import load_project
    from yule.library.trial import try_method

    project = load_project(profile)
    trial = try_method(project, find_method(project, name))
    what = " and ".join([", ".join(trial.compared[:-1]), trial.compared[-1]])
    for difference in trial.differences:
        typer.echo(difference)
    if trial.differences:
        raise typer.Exit(1)
    typer.echo(f"{name}: {what} agree in {trial.n_rows} rows, {trial.n_cells} cells.")


@app.command("cost")
def cost(
    month: Annotated[str, typer.Option(help="A month, e.g. 2026-11; all by default.")] = "",
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Say what was read from the sources: by method, and by case and run."""
    from yule.cli.screen.tables import print_table
    from yule.config.finding import load_project
    from yule.core.settings import canonical_json, to_plain
    from yule.downloads.costs.ledger import read_entries
    from yule.downloads.costs.limits import format_bytes
    from yule.storage.opening import open_store

    entries = list(read_entries(open_store(load_project(profile).workspace).objects, month))
    if as_json:
        typer.echo(canonical_json([to_plain(entry) for entry in entries]))
        return
    if not entries:
        typer.echo(f"Nothing was fetched{f' in {month}' if month else ''}.")
        return
    methods: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        methods.setdefault((entry.at[:7], entry.method), []).append(entry)
    rows = [(*group, *_sum(found)) for group, found in sorted(methods.items())]
    print_table(("month", "method", "queries", "read", "rows", "seconds"), [*rows, ("", "all", *_sum(entries))])
    typer.echo("")
    runs: dict[tuple[str, str, str], list[int]] = {}
    parts = [(entry.at[:7], payer, n_bytes) for entry in entries for payer, n_bytes in entry.divide()]
    for when, payer, n_bytes in parts:
        runs.setdefault((when, payer.case, payer.run or "(outside a run)"), []).append(n_bytes)
    bills = [(*group, str(len(found)), format_bytes(sum(found))) for group, found in sorted(runs.items())]
    print_table(("month", "case", "run", "queries", "read"), bills)
    n_shared = sum(len(entry.payers) > 1 for entry in entries)
    if n_shared:
        typer.echo(f"{n_shared} of the queries were for several runs: they share what was read in equal parts.")


@app.command("page")
def page(
    out: Annotated[Path, typer.Option(parser=read_path, metavar="FILE", help="Where to write it.")] = Path(
        "downloads/README.md"
    ),
    profile: Profile = None,
) -> None:
    """Write the documentation page of all methods."""
    from yule.core.files import write_whole
    from yule.core.secrets import redact
    from yule.library.page import write_page

    project, cards = load_cards(profile)
    write_whole(out, redact(write_page(project, cards)))
    typer.echo(f"Wrote {out}")


def load_cards(profile: str | None) -> "tuple[Project, list[Card]]":
    """Return the project and the cards of all its methods."""
    from yule.config.finding import find_all_cases, load_cases, load_project
    from yule.core.errors import DataError
    from yule.library.catalogue import make_cards

    try:
        project, cases = load_cases(find_all_cases(), profile)
    except DataError:  # a project that has no case yet
        project, cases = load_project(profile), []
    return project, make_cards(project, cases)


def find_method(project: "Project", name: str) -> "Method":
    """Return a method by its name, or say which was meant."""
    from yule.config.forms.checks import suggest_choice
    from yule.core.errors import DataError

    if name not in project.downloads:
        raise DataError(f"There is no method {name!r}{suggest_choice(name, project.downloads)}.")
    return project.downloads[name]


def _freshness(card: "Card") -> str:
    if card.n_days:
        return f"{card.n_days} days, {card.first_day} to {card.last_day}{_age(card)}"
    return card.fetched_at[:10] or "never"


def _age(card: "Card") -> str:
    """Say how old the last day is, where that is more than the method allows."""
    from datetime import UTC, date, datetime, timedelta

    n_days_old = (datetime.now(UTC).date() - date.fromisoformat(card.last_day)).days - 1
    limit = card.method.warn_after
    return f" ({n_days_old} days old)" if limit is not None and timedelta(days=n_days_old) > limit else ""


def _print_columns(method: "Method") -> None:
    width = max(len(column.name) for column in method.columns)
    typer.echo("\n  columns:")
    for column in method.columns:
        personal = {"no": "", "deny": " [personal: only by name]", "hash": " [personal: only by name, as a digest]"}
        typer.echo(f"    {column.name:<{width}}  {column.type:<9}  {column.meaning}{personal[column.pii]}".rstrip())
    if method.parameters:
        typer.echo("\n  parameters:")
        for name, parameter in method.parameters.items():
            typer.echo(f"    @{name}  {parameter.type} = {parameter.value}  {parameter.meaning}".rstrip())


def _print_json(cards: "list[Card]") -> None:
    from yule.core.settings import canonical_json, to_plain

    typer.echo(canonical_json([to_plain(card) for card in cards]))


def _sum(entries: "list[Entry]") -> tuple[str, ...]:
    from yule.downloads.costs.limits import format_bytes

    read = sum(entry.n_bytes or 0 for entry in entries)
    rows = sum(entry.n_rows for entry in entries)
    n_failed = sum(entry.state == "failed" for entry in entries)
    queries = f"{len(entries)} ({n_failed} failed)" if n_failed else str(len(entries))
    return queries, format_bytes(read), f"{rows:,}", f"{sum(entry.seconds for entry in entries):.1f}"
