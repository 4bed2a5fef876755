"""From cases to graphs: with what people should know of the tables, and with days that were rewritten fetched anew."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import DataError, YuleError
from yule.downloads.keeping.days.refresh import KeptDay
from yule.downloads.specs import TableSpec
from yule.library.watch import Notice, look_at_tables, renew_rewritten
from yule.pipeline.graph import CaseGraph, Tables, build_graph
from yule.session.needs import find_needs
from yule.session.show import Show

Built = TypeVar("Built")

_LAST = datetime.max.replace(tzinfo=UTC)


def build_graphs(project: Project, cases: Sequence[Case], show: Show) -> list[CaseGraph]:
    """Build the graphs of cases and tell what people should know of the tables."""
    tables = Tables(project)
    graphs = [build_graph(case, tables) for case in cases]
    tell_notices(project, tables.found.values(), show)
    return graphs


def build_run_graphs(project: Project, cases: Sequence[Case], show: Show) -> list[CaseGraph]:
    """Build the graphs of cases that are going to be run: days that were rewritten are fetched anew where declared."""
    return build_renewed(project, lambda tables: [build_graph(case, tables) for case in cases], show)


def build_each(project: Project, cases: Sequence[Case], show: Show) -> tuple[list[CaseGraph], dict[str, YuleError]]:
    """Build the graphs of those cases that can be run, each once; return them, and why the others cannot."""
    tried = build_renewed(project, lambda tables: {case.name: _try_build(case, tables) for case in cases}, show)
    faults = {name: built for name, built in tried.items() if isinstance(built, YuleError)}
    return [built for built in tried.values() if isinstance(built, CaseGraph)], faults


def _try_build(case: Case, tables: Tables) -> CaseGraph | YuleError:
    """Return the graph of a case, or what it lacks: data, or libraries that its members are trained with."""
    try:
        graph = build_graph(case, tables)
    except YuleError as error:
        return error
    needs = [f"{case.name}: {line}" for line in find_needs(case)]
    return DataError("\n".join(needs)) if needs and not graph.is_finished() else graph


def sort_by_due(graphs: Iterable[CaseGraph]) -> list[CaseGraph]:
    """Return graphs in the order in which they are to be finished: what is due first, then the others as they came."""
    return sorted(graphs, key=lambda graph: graph.case.due or _LAST)


def build_renewed(project: Project, build: Callable[[Tables], Built], show: Show) -> Built:
    """Build something of a project's tables as they are when rewritten days were fetched anew.

    Parameters
    ----------
    project
        The project.
    build
        Builds it of tables that are looked up.
    show
        Who is told of them.
    """
    tables = Tables(project)
    built = build(tables)
    is_changed = renew(project, tell_notices(project, tables.found.values(), show), show)
    return build(Tables(project)) if is_changed else built


def tell_notices(project: Project, tables: Iterable[TableSpec], show: Show) -> list[Notice]:
    """Tell what people should know of tables, with all their columns; return it."""
    notices = look_at_tables(project, tables)
    for notice in notices:
        show.note(f"Note: {notice.method}: {notice.text}.")
    return notices


def renew(project: Project, notices: Iterable[Notice], show: Show) -> bool:
    """Fetch anew the days that were rewritten, where that is declared; return whether that changed any."""
    renewed = renew_rewritten(project, notices)
    for name, days in renewed.items():
        show.note(describe_days(name, days))
    return any(day.is_changed for days in renewed.values() for day in days)


def describe_days(name: str, days: Sequence[KeptDay]) -> str:
    """Say which days were fetched anew and what changed."""
    changed = [day for day in days if day.is_changed]
    lines = [
        f"  {day.day}  {day.n_rows_before:,} rows before, {day.n_rows_after:,} now"
        + (", of which some are others" if day.n_rows_before == day.n_rows_after else "")
        for day in changed
    ]
    lines += ["What is made of them is computed again by the next run."] if changed else []
    n_days = f"{len(days)} day{'s were' if len(days) != 1 else ' was'} fetched anew"
    return "\n".join([f"{name}: {n_days}, {len(changed)} of them changed.", *lines])
