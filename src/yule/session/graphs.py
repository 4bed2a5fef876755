"""From cases to graphs: with what people should know of the tables, and with days that were rewritten fetched anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import DataError, YuleError
from yule.downloads.keeping.days.refresh import KeptDay
from yule.downloads.specs import TableSpec
from yule.library.watch import Notice, look_at_tables, renew_rewritten
from yule.pipeline.graph import CaseGraph, Tables, build_graph
from yule.session.failures import join_errors
from yule.session.needs import find_needs
from yule.session.show import Show

Built: TypeAlias = tuple[list[CaseGraph], dict[str, YuleError]]
"""Graphs of cases, and why others have none, by their names."""

Made = TypeVar("Made")

_LAST = datetime.max.replace(tzinfo=UTC)


def build_graphs(project: Project, cases: Sequence[Case], show: Show) -> list[CaseGraph]:
    """Build the graphs of cases and tell what people should know of the tables.

    Raises
    ------
    YuleError
        If some have none: why, of all of them.
    """
    return _require_all(try_graphs(project, cases, show))


def build_run_graphs(project: Project, cases: Sequence[Case], show: Show) -> list[CaseGraph]:
    """Build the graphs of cases that are going to be run: days that were rewritten are fetched anew where declared.

    Raises
    ------
    YuleError
        If some have none: why, of all of them.
    """
    return _require_all(_divide(build_renewed(project, lambda tables: _try_all(cases, tables), show)))


def build_each(project: Project, cases: Sequence[Case], show: Show) -> Built:
    """Build the graphs of those cases that can be run, each once; return them, and why the others cannot."""
    graphs, faults = _divide(build_renewed(project, lambda tables: _try_all(cases, tables), show))
    needs = {graph.case.name: "\n".join(find_needs(graph.case)) for graph in graphs if not graph.is_finished()}
    lacking = {name: DataError(told) for name, told in needs.items() if told}
    return [graph for graph in graphs if graph.case.name not in lacking], faults | lacking


def try_graphs(project: Project, cases: Sequence[Case], show: Show) -> Built:
    """Build the graphs that can be built, tell of the tables, and return the graphs and why other cases have none."""
    tables = Tables(project)
    built = _divide(_try_all(cases, tables))
    tell_notices(project, tables.found.values(), show)
    return built


def _try_all(cases: Sequence[Case], tables: Tables) -> dict[str, CaseGraph | YuleError]:
    return {case.name: _try_build(case, tables) for case in cases}


def _try_build(case: Case, tables: Tables) -> CaseGraph | YuleError:
    try:
        return build_graph(case, tables)
    except YuleError as error:
        return error


def _divide(tried: Mapping[str, CaseGraph | YuleError]) -> Built:
    faults = {name: built for name, built in tried.items() if isinstance(built, YuleError)}
    return [built for built in tried.values() if isinstance(built, CaseGraph)], faults


def _require_all(built: Built) -> list[CaseGraph]:
    graphs, faults = built
    if faults:
        raise join_errors(faults, n_cases=len(graphs) + len(faults))
    return graphs


def sort_by_due(graphs: Iterable[CaseGraph]) -> list[CaseGraph]:
    """Return graphs in the order in which they are to be finished: what is due first, then the others as they came."""
    return sorted(graphs, key=lambda graph: graph.case.due or _LAST)


def build_renewed(project: Project, build: Callable[[Tables], Made], show: Show) -> Made:
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
