"""Which tasks are to be run next, and the Jobs that are made of them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from yule.core.steps import Step
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.jobs import MAX_INDEXES, has_ended, select_project
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.placement import Placement
from yule.runtime.messages import TaskMessage
from yule.runtime.plan import Turn
from yule.storage.setup import Setup


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A task that is to be run.

    Parameters
    ----------
    message
        The task.
    place
        Where.
    since
        When it was queued, by the clock of this process.
    turn
        When it comes, of those that wait.
    """

    message: TaskMessage
    place: Placement
    since: float
    turn: Turn


def form_manifests(queued: Iterable[Queued], frame: Frame, fetching: str, *, room: int) -> Iterator[Manifest]:
    """Put tasks of one step that are to run in one place together, as indexes of Jobs, those first whose turn it is.

    Cases share Jobs where there is room for all that waits. Where there is not, each has Jobs of its own: what is
    due first does not wait for what the others have in the same Job. Tasks that run again are alone in their pods, so
    that each answers for itself.
    """
    ordered = sorted(queued, key=lambda one: one.turn)
    is_crowded = len(ordered) > room
    groups: dict[tuple[int, Step, Placement], list[TaskMessage]] = defaultdict(list)
    for one in ordered:
        groups[one.turn.root if is_crowded else 0, one.message.step, one.place].append(one.message)
    for (_, step, place), messages in groups.items():
        size = frame.settings.tasks_per_pod.get(step, 1) if place.turn == 0 else 1
        batches = [tuple(messages[first : first + size]) for first in range(0, len(messages), size)]
        for first in range(0, len(batches), MAX_INDEXES):
            yield _manifest(frame, fetching, step, place, batches[first : first + MAX_INDEXES])


def find_breadth(manifest: Manifest, room: int, cap: int) -> int | None:
    """Return how many pods of a Job may run at once; None when it has to wait for more room.

    A Job keeps its parallelism: rather wait than run a wide one through a narrow gap.

    Parameters
    ----------
    manifest
        What the Job runs.
    room
        How many more pods may run now.
    cap
        How many may run at once at the most.
    """
    n_indexes = len(manifest.batches)
    return None if room < min(n_indexes, math.ceil(cap / 2)) else min(n_indexes, room)


@dataclass(frozen=True, kw_only=True)
class Others:
    """What else of the project is at work.

    Parameters
    ----------
    n_pods
        How many pods it may have at once in Jobs that are not among one's own.
    n_launches
        How many launches are at work, with one's own.
    """

    n_pods: int
    n_launches: int

    def find_share(self, cap: int) -> int:
        """Return how many of the project's pods one launch may have: all that are at work may have as many."""
        return math.ceil(cap / max(1, self.n_launches))


def look_at_others(cluster: Cluster, project: str, own: Iterable[str]) -> Others:
    """Ask what else of the project is at work; ``own`` are the names of one's own Jobs."""
    names, by_part = set(own), defaultdict[str, list[Body]](list)
    for job in cluster.list("jobs", select_project(project)).items:
        by_part[job["metadata"]["labels"].get("app.kubernetes.io/component", "")].append(job)
    n_pods = sum(_count_pods(job) for job in by_part["work"] if job["metadata"]["name"] not in names)
    return Others(n_pods=n_pods, n_launches=sum(not has_ended(job) for job in by_part["driver"]))


def _manifest(
    frame: Frame, fetching: str, step: Step, place: Placement, batches: Sequence[tuple[TaskMessage, ...]]
) -> Manifest:
    n_threads = max(1, int(frame.settings.pools[place.pool].cpu))
    return Manifest(
        setup=Setup(workspace=frame.workspace, n_threads=n_threads, fetching=fetching),
        step=step,
        pool=place.pool,
        tier=place.tier,
        attempt=place.attempt,
        turn=place.turn,
        n_evicted=place.n_evicted,
        batches=tuple(batches),
    )


def _count_pods(job: Body) -> int:
    if has_ended(job):
        return 0
    status = job.get("status", {})
    n_over = len(read_ranges(status.get("completedIndexes")) | read_ranges(status.get("failedIndexes")))
    parallelism: int = job["spec"]["parallelism"]
    completions: int = job["spec"]["completions"]
    return min(parallelism, completions - n_over)
