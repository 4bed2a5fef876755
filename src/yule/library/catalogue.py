"""The catalogue: what a project's methods give, how fresh it is, and who uses it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import CorruptedOutput, DataError
from yule.core.settings import from_bytes
from yule.downloads.costs.ledger import Entry, read_entries
from yule.downloads.keeping.days.kept import list_kept_days
from yule.downloads.keeping.days.origins import find_origin
from yule.downloads.keeping.fetch import specify_days
from yule.downloads.keeping.task import TableTarget
from yule.downloads.settings import DAY, DuckDBSource, FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import TableSpec
from yule.library.watch import look_at_age, look_at_days
from yule.storage.opening import open_store
from yule.storage.record import parse_records
from yule.storage.store import Store

FAMILIES = ("DownloadTable", "Download")
STALE = 2 * DAY
"""How long after its late days a source that gets rows each day may be silent, where no `warn_after` says it."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known of a method.

    Parameters
    ----------
    method
        The method.
    used_by
        The feature sets and cases that read it: ``features/shopping``, ``cases/beer``.
    fetched_at
        When it was last fetched, ISO 8601; empty when it never was.
    n_rows, n_bytes
        Rows and bytes that were fetched and kept, by the ledger.
    first_day, last_day
        Of a table that grows by the day the days that are kept; empty when none is.
    n_days
        How many they are.
    problems
        What was found wrong at the source; empty also when it was not asked.
    """

    method: Method
    used_by: tuple[str, ...]
    fetched_at: str = ""
    n_rows: int = 0
    n_bytes: int = 0
    first_day: str = ""
    last_day: str = ""
    n_days: int = 0
    problems: tuple[str, ...] = ()


def make_cards(project: Project, cases: Iterable[Case]) -> list[Card]:
    """Return the card of every method of a project, by name. Nothing is asked of the sources."""
    store = open_store(project.workspace)
    users = find_users(project, cases)
    entries: dict[str, list[Entry]] = {}
    for entry in read_entries(store.objects):
        entries.setdefault(entry.method, []).append(entry)
    return [
        _make_card(store, project, method, users.get(name, ()), entries.get(name, []))
        for name, method in sorted(project.downloads.items())
    ]


def find_users(project: Project, cases: Iterable[Case]) -> Mapping[str, Sequence[str]]:
    """Return who reads each method: feature sets and cases, by its name."""
    users: dict[str, list[str]] = {}
    for name, feature_set in project.feature_sets.items():
        users.setdefault(feature_set.download, []).append(f"features/{name}")
    for case in cases:
        for download in dict.fromkeys((case.labels.method, case.population.download)):
            users.setdefault(download, []).append(f"cases/{case.name}")
    return users


def check_card(project: Project, card: Card) -> Card:
    """Ask the source whether a method still fits it, and whether its data are fresh and final days what they were."""
    method, store = card.method, open_store(project.workspace)
    settings = project.sources[method.source]
    try:
        source = open_source(settings, cache_folder=store.root)
        state, changed_at = source.describe(method), source.changed_at(method)
        notices = list(look_at_age(method, changed_at, _find_limit(method)))
        if method.days is not None:
            spec = specify_days(method, store, origin=find_origin(settings, method, store), changed_at=changed_at)
            notices += look_at_days(store, source, method, spec=spec, changed_at=changed_at)
    except DataError as error:
        return replace(card, problems=(str(error),))
    missing = [column.name for column in method.columns if column.name not in state.columns]
    problems = [f"the source has no column {name} any more" for name in missing]
    return replace(card, problems=(*problems, *(notice.text for notice in notices)))


def read_sample(project: Project, method: Method, n_rows: int) -> pa.Table | None:
    """Return the last rows of what is kept of a method's table; None when nothing is. The source is not asked.

    Columns that are personal now are left out, whoever named them when they were fetched.
    """
    store = open_store(project.workspace)
    for key in _list_outputs(store, method):
        try:
            files = [file for file in TableTarget(store, key).load_files() if pq.read_metadata(file).num_rows]
        except CorruptedOutput:
            continue  # it is fetched again when it is needed
        if files:
            there = pq.read_schema(files[-1]).names
            shown = [column.name for column in method.with_columns().columns if column.name in there]
            table = pq.read_table(files[-1], columns=shown).select(shown)
            return table.slice(max(0, len(table) - n_rows))
    return None


def generated_sql(method: Method) -> str:
    """Return the SQL that a method's table is read with, in words that every engine has."""
    columns = ", ".join(column.name for column in method.with_columns().columns)
    period = f"\nWHERE {method.time} >= @since AND {method.time} < @until" if method.time and method.days else ""
    return f"SELECT {columns}\nFROM {method.table}{period}"


def engine_sql(method: Method) -> dict[str, str]:
    """Return the SQL of a method by engine; what cannot be translated says so."""
    if not method.sql:
        return {"any engine": generated_sql(method)}
    shown = {str(engine): sql.strip() for engine, sql in method.sql.items()}
    if "duckdb" not in shown and "bigquery" in shown:
        from yule.downloads.sources.dialects import translate

        try:
            shown["duckdb (translated)"] = translate(method.sql["bigquery"])
        except DataError as error:
            shown["duckdb"] = f"-- not possible: {error}"
    return shown


def _list_outputs(store: Store, method: Method) -> list[str]:
    """Return the keys of the tables that are kept of a method: those that reach the furthest come first."""
    found: dict[str, str] = {}
    for record in parse_records(text for family in FAMILIES for text in store.read_records(family)):
        try:
            spec = from_bytes(TableSpec, record.parameters.get("table", "").encode())
        except ValueError:  # of another version of Yule
            continue
        if spec.method.name == method.name:
            found[f"cache/{record.family}/{record.unique_id}"] = spec.until.isoformat() if spec.until else ""
    return sorted(found, key=lambda key: (found[key], key), reverse=True)


def _find_limit(method: Method) -> timedelta | None:
    """Return for how long a source may be silent."""
    if method.warn_after is not None or method.days is None:
        return method.warn_after
    return STALE + method.days.late_days * DAY


def _make_card(store: Store, project: Project, method: Method, users: Sequence[str], entries: Sequence[Entry]) -> Card:
    card = Card(
        method=method,
        used_by=tuple(users),
        fetched_at=max((entry.at for entry in entries), default=""),
        n_rows=sum(entry.n_rows for entry in entries),
        n_bytes=sum(entry.n_kept_bytes for entry in entries),
    )
    if method.days is None:
        return card
    origin = find_origin(project.sources[method.source], method, store)
    days = sorted(list_kept_days(store, TableSpec(method=method.without_notes(), data_version="", origin=origin)))
    if not days:
        return card
    return replace(card, first_day=days[0].isoformat(), last_day=days[-1].isoformat(), n_days=len(days))


def describe_source(project: Project, method: Method) -> str:
    """Return where a method's table lies, for people."""
    settings = project.sources[method.source]
    return f"{method.source} ({settings.kind})" + (
        f" {settings.path}" if isinstance(settings, FilesSource | DuckDBSource) else ""
    )
