"""Write down that cases are being run, and how that ended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from yule.core.errors import YuleError
from yule.core.libraries import find_installed_versions
from yule.core.patience import Unanswered
from yule.core.settings import from_json
from yule.kinds.reports import read_report
from yule.models.neural.needs import has_torch
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.publishing import is_whole, publish_run, report_task
from yule.pipeline.runs.record import RUN, Ending, Run, parse_run, run_place, write_run
from yule.pipeline.specs import ReportSpec
from yule.report.files import PAGE
from yule.storage.objects.patient import hurrying
from yule.storage.store import Store
from yule.storage.uses import using_workspace


class EndRun(Protocol):
    """Writes down how one of the runs has ended, and returns that."""

    def __call__(self, run_id: str, *, message: str = "") -> Run:
        """Publish a run if it is finished; else it has failed, and ``message`` says why."""


@contextmanager
def recording_runs(
    store: Store, graphs: Sequence[CaseGraph], *, code: str, tell_end: Callable[[Run], None]
) -> Iterator[EndRun]:
    """Write down that cases are being run, and how each ended; publish those that are finished.

    Parameters
    ----------
    store
        The workspace's store.
    graphs
        The cases' graphs.
    code
        See :class:`Run`.
    tell_end
        Is told how each run has ended.

    Yields
    ------
    EndRun
        Is to be called as soon as a run is over; those that are not over when all is, end then.
    """
    store.check_writable()
    with using_workspace(store.objects):
        at_work = {graph.run_id: describe_run(graph, code=code) for graph in graphs}
        for run in at_work.values():
            if not _was_done(store, run):
                write_run(store, run)

        def end(run_id: str, *, message: str = "", ending: Ending = "failed") -> Run:
            ended = end_run(store, at_work[run_id], ending=ending, message=message)
            del at_work[run_id]
            tell_end(ended)
            return ended

        try:
            yield end
        except (KeyboardInterrupt, Unanswered) as error:
            with hurrying(), suppress(OSError):  # a run without an end is told as interrupted, too
                for run_id in list(at_work):
                    end(run_id, ending="interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
            raise
        except BaseException as error:
            for run_id in list(at_work):
                end(run_id, message=str(error) if isinstance(error, YuleError) else "")
            raise
        for run_id in list(at_work):
            end(run_id)


def describe_run(graph: CaseGraph, *, code: str, image: str = "", launch: str = "") -> Run:
    """Describe the run of a case that begins now.

    Parameters
    ----------
    graph
        The case's graph.
    code
        The commit.
    image, launch
        See :class:`Run`.
    """
    return Run(
        run_id=graph.run_id,
        case=graph.case.name,
        question=graph.case.question,
        status="running",
        started_at=_now(),
        code=code,
        image=image,
        launch=launch,
        versions=find_installed_versions(has_torch=has_torch()),
        seed=graph.case.seed,
        resolved=graph.case.resolved,
        answer=graph.answer,
        fits=graph.find_fits(),
        outcome=from_json(ReportSpec, graph.report.report).outcome,
    )


def end_run(store: Store, run: Run, *, ending: Ending, message: str = "", costs: Sequence[tuple[str, str]] = ()) -> Run:
    """Publish a run if it is finished, write down how it ended, and return that.

    Parameters
    ----------
    store
        The workspace's store.
    run
        What is known of it.
    ending
        How it ended if it is not finished.
    message
        Why, in that case.
    costs
        What it took, for its report.
    """
    is_done = is_whole(run)
    if is_done:
        run = publish_run(store, run)
    if is_done and costs:
        page = read_report(report_task(run).output().load()).render(costs)
        store.objects.write(f"{run_place(run.run_id)}/{PAGE}", page.encode())
    ended = replace(run, status="done" if is_done else ending, ended_at=_now(), message="" if is_done else message)
    write_run(store, ended)
    return ended


def _was_done(store: Store, run: Run) -> bool:
    """Say whether a run was finished before, and still is: if its repetition is killed, it stays so."""
    before = parse_run(store.objects.read(f"{run_place(run.run_id)}/{RUN}") or b"")
    return before is not None and before.status == "done" and is_whole(run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
