"""Run tasks on this machine, and tell how it goes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from yule.config.projects import Project
from yule.pipeline.fetching import Goal, describe_fetching, preview_fetches
from yule.runtime.cores import count_cores
from yule.runtime.damage import remove_damaged, remove_unreadable
from yule.runtime.events import TaskBroken
from yule.runtime.execution import execute
from yule.runtime.plan import list_tasks, plan_tasks
from yule.session.failures import TasksFailed
from yule.session.show import Cases, Show
from yule.storage.setup import Setup, using_setup


def find_setup_of(project: Project) -> Setup:
    """Return what the tasks of a project are told where they are planned."""
    return Setup(workspace=project.workspace, n_threads=1, fetching=describe_fetching(project))


@contextmanager
def bound(project: Project) -> Iterator[None]:
    """Bind a project to the tasks that are built here, in this thread or coroutine: sessions bind in no other way."""
    with using_setup(find_setup_of(project)):
        yield


def run_tasks(
    project: Project,
    goals: Sequence[Goal],
    show: Show,
    *,
    cases: Cases = (),
    n_cores: int | None = None,
    repair: bool = False,
) -> tuple[TaskBroken, ...]:
    """Run all that some tasks need. What they give is whole then: what is damaged or gone is computed again.

    Parameters
    ----------
    project
        The project.
    goals
        The tasks whose outputs are asked for, and the runs that pay for what is fetched for them.
    show
        Who is told.
    cases
        What each case needs of them, for who is told.
    n_cores
        Cores to use; None for all.
    repair
        Check every cached output first and delete those that are damaged.

    Returns
    -------
    tuple of TaskBroken
        The tasks that failed.
    """
    roots = [goal.task for goal in goals]
    for fault in remove_unreadable(list_tasks(roots)) if repair else remove_damaged(roots):
        show.note(fault)
    plan = plan_tasks(roots)
    # Also asks the sources whether they still have what the methods declare, before anything runs.
    fetches = preview_fetches(project, plan, goals)
    with show.begin(plan, cases, fetches) as tell:
        return execute(
            plan,
            workspace=project.workspace,
            fetching=describe_fetching(project, plan, goals),
            n_cores=n_cores or count_cores(),
            tell=tell,
        )


def raise_broken(broken: Sequence[TaskBroken]) -> None:
    """Raise one TasksFailed for the tasks that failed, if any did, with all that is known of why."""
    if broken:
        raise TasksFailed(broken)
