"""Plan: which tasks of a graph must run, which are cached, and what waits for what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import luigi

from yule.storage.store import Store
from yule.storage.task import Task

State = Literal["cached", "to run", "not needed"]


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """One task of the graph.

    Parameters
    ----------
    task
        The task.
    state
        ``cached``: its output is there; ``to run``; ``not needed``: its output is not there, and all that would read
        it is cached.
    requires
        Unique ids of the tasks it reads.
    """

    task: Task
    state: State
    requires: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All tasks below some roots.

    Parameters
    ----------
    roots
        Unique ids of the tasks that are asked for.
    tasks
        All tasks by unique id; a task stands after all it requires.
    """

    roots: tuple[str, ...]
    tasks: dict[str, PlannedTask]

    @property
    def n_cached(self) -> int:
        """How many tasks are cached."""
        return sum(planned.state == "cached" for planned in self.tasks.values())

    def to_run(self) -> list[PlannedTask]:
        """Return the tasks that must run, each after what it requires."""
        return [planned for planned in self.tasks.values() if planned.state == "to run"]


def plan_tasks(roots: Sequence[Task]) -> Plan:
    """Find out what must run for some tasks.

    Parameters
    ----------
    roots
        The tasks whose outputs are asked for.
    """
    tasks, requires = _collect_all(roots)
    complete = find_complete(tasks.values())
    needed: set[str] = set()
    for root in roots:
        _mark_needed(root.unique_id, needed, requires, complete)
    return Plan(
        roots=tuple(root.unique_id for root in roots),
        tasks={
            unique_id: PlannedTask(
                task=task,
                state="cached" if unique_id in complete else "to run" if unique_id in needed else "not needed",
                requires=requires[unique_id],
            )
            for unique_id, task in tasks.items()
        },
    )


def list_tasks(roots: Sequence[Task]) -> list[Task]:
    """Return some tasks and all below them, each after what it requires."""
    tasks, _ = _collect_all(roots)
    return list(tasks.values())


class Turn(NamedTuple):
    """When a task comes: the number of the first root that needs it, and its place in the order of all tasks."""

    root: int
    place: int


def rank_tasks(plan: Plan) -> dict[str, Turn]:
    """Return the turn of every task, by its unique id: who is free takes the ready one with the lowest.

    What the first root needs comes before what only later ones need, so that roots are finished one after the other;
    below a root, what has the longest way before it comes first.
    """
    owners: dict[str, int] = {}
    for number, root in enumerate(plan.roots):
        _mark_owner(root, number, owners, plan)
    ways = dict.fromkeys(plan.tasks, 0)
    for unique_id in reversed(plan.tasks):  # a task stands after what it requires
        for required in plan.tasks[unique_id].requires:
            ways[required] = max(ways[required], ways[unique_id] + 1)
    ordered = sorted(plan.tasks, key=lambda unique_id: (owners[unique_id], -ways[unique_id]))
    return {unique_id: Turn(root=owners[unique_id], place=place) for place, unique_id in enumerate(ordered)}


def find_reachable(plan: Plan, roots: Iterable[str], *, without: Collection[str] = ()) -> set[str]:
    """Return the unique ids of some roots and of all below them; of roots that need what is gone, nothing.

    Parameters
    ----------
    plan
        The plan.
    roots
        Unique ids of tasks of it.
    without
        Tasks whose outputs will not come.
    """
    doomed = set(without)
    for unique_id, planned in plan.tasks.items() if doomed else ():  # a task stands after what it requires
        if doomed & set(planned.requires):
            doomed.add(unique_id)
    reachable = set(roots) - doomed
    for unique_id in reversed(plan.tasks):
        if unique_id in reachable:
            reachable.update(plan.tasks[unique_id].requires)
    return reachable


def find_needed(plan: Plan, wanted: Iterable[str]) -> set[str]:
    """Return the unique ids of the tasks that must run, as things are now, for some tasks of a plan."""
    complete = find_complete(planned.task for planned in plan.tasks.values())
    requires = {unique_id: planned.requires for unique_id, planned in plan.tasks.items()}
    needed: set[str] = set()
    for unique_id in wanted:
        _mark_needed(unique_id, needed, requires, complete)
    return needed


def find_complete(tasks: Iterable[Task]) -> set[str]:
    """Return the unique ids of those tasks whose outputs are there."""
    keys: dict[Store, dict[str, str]] = defaultdict(dict)
    for task in tasks:
        target = task.output()
        keys[target.store][target.key] = task.unique_id
    return {found[key] for store, found in keys.items() for key in store.find_published(found)}


def _collect_all(roots: Sequence[Task]) -> tuple[dict[str, Task], dict[str, tuple[str, ...]]]:
    requires: dict[str, tuple[str, ...]] = {}
    tasks: dict[str, Task] = {}
    for root in roots:
        _collect(root, tasks, requires)
    return tasks, requires


def _collect(task: Task, tasks: dict[str, Task], requires: dict[str, tuple[str, ...]]) -> None:
    if task.unique_id in tasks:
        return
    below: Iterable[Task] = luigi.task.flatten(task.requires())
    for required in below:
        _collect(required, tasks, requires)
    tasks[task.unique_id] = task
    requires[task.unique_id] = tuple(dict.fromkeys(required.unique_id for required in below))


def _mark_owner(unique_id: str, owner: int, owners: dict[str, int], plan: Plan) -> None:
    if unique_id not in owners:
        owners[unique_id] = owner
        for required in plan.tasks[unique_id].requires:
            _mark_owner(required, owner, owners, plan)


def _mark_needed(
    unique_id: str, needed: set[str], requires: dict[str, tuple[str, ...]], complete: Collection[str]
) -> None:
    if unique_id in needed or unique_id in complete:
        return
    needed.add(unique_id)
    for required in requires[unique_id]:
        _mark_needed(required, needed, requires, complete)
