"""Pods as workers: the walker's tasks become indexes of Jobs, and what comes of the Jobs becomes its replies.

State is what the API and the workspace say: a driver that takes over finds the Jobs of its launch, reads from their
manifests which tasks are in flight, and goes on. Whether a task is done the workspace alone decides.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from yule.core.steps import Step
from yule.runtime.events import PodsWait, RunEvent
from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Cluster
from yule.runtime.kubernetes.api.watching import News, Watcher
from yule.runtime.kubernetes.insight.costs import measure_pod
from yule.runtime.kubernetes.insight.outcomes import Outcome, index_of, judge_index
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import Wait, explain_job, explain_pod, list_events
from yule.runtime.kubernetes.jobs import MAX_INDEXES, Frame, select_launch, select_project, work_job
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.kubernetes.placement import (
    GivenUp,
    Placement,
    place_again,
    place_first,
    read_learned,
    repeat,
    write_learned,
)
from yule.runtime.kubernetes.pod import output_key
from yule.runtime.messages import Setup, TaskMessage, TaskReply
from yule.runtime.protocol import Reply, TaskAgain
from yule.storage.store import Store

SETTLE_SECONDS = 0.5  # tasks that become ready so close together share a Job
LOOK_SECONDS = 5.0  # how often waits are explained, and quotas looked at again
MANIFEST = "yule.dev/manifest-sha256"


@dataclass(kw_only=True)
class _Job:
    """A Job of this launch as last seen."""

    name: str
    manifest: Manifest
    body: Body
    pods: dict[str, Body] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    """Indexes whose end has not been told yet."""

    @property
    def n_pods(self) -> int:
        """How many pods it has, or may have, at once."""
        return min(int(self.body["spec"]["parallelism"]), len(self.open))


class KubernetesPods:
    """Runs tasks as pods of a cluster; see :class:`~yule.runtime.protocol.Workers`.

    Parameters
    ----------
    cluster
        The cluster.
    frame
        The launch.
    anchor_uid
        Uid of the launch's anchor, the driver's Job.
    fetching
        See :class:`~yule.runtime.messages.Setup`.
    store
        The workspace's store.
    tell
        Receives waits and the ends of pods.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        frame: Frame,
        anchor_uid: str,
        fetching: str,
        store: Store,
        tell: Callable[[RunEvent], None],
    ) -> None:
        self._cluster = cluster
        self._frame = frame
        self._anchor_uid = anchor_uid
        self._fetching = fetching
        self._store = store
        self._tell = tell
        self._learned = read_learned(store.objects)
        self._messages: dict[str, TaskMessage] = {}
        self._placements: dict[str, Placement] = {}
        self._in_flight: set[str] = set()  # tasks of Jobs, asked for by the walker or not
        self._pending: dict[str, float] = {}
        self._jobs: dict[str, _Job] = {}
        self._ended_pods: set[str] = set()
        self._waits: tuple[str, ...] = ()
        self._looked_at = 0.0
        selector = select_launch(frame.launch, "work")
        for body in cluster.list("jobs", selector).items:
            self._see_job(body)
        self._watcher = Watcher(cluster, ("jobs", "pods"), selector)

    @property
    def n_free(self) -> int:
        """How many more tasks can be started now: the cluster keeps the queue."""
        return 100_000

    def start(self, message: TaskMessage) -> None:
        """Have a task run; if a Job is at it already, wait for that one."""
        self._messages[message.unique_id] = message
        if message.unique_id not in self._in_flight:
            before = self._placements.get(message.unique_id)  # it was done, and its output was lost since
            place = repeat(before) if before else place_first(message, self._frame.settings, self._learned)
            self._place(message.unique_id, place)

    def wait(self, timeout_seconds: float) -> Iterable[Reply]:
        """Wait until something is to be told, at the most this long, and return it."""
        replies: list[Reply] = []
        touched: dict[str, None] = {}
        for news in self._watcher.take(timeout_seconds):
            name = self._take(news)
            if name is not None:
                touched[name] = None
        for name in touched:
            replies += self._settle(self._jobs[name])
        self._submit()
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._looked_at = time.monotonic()
            replies += self._explain_waits()
        return replies

    def stop(self) -> None:
        """Watch no more. The Jobs go on: deleting the anchor ends them."""
        self._watcher.stop()

    # What is seen

    def _take(self, news: News) -> str | None:
        """Take note of news; return the name of the Job that may have settled by it."""
        if news.kind == "jobs":
            if news.object is not None:
                self._see_job(news.object)
            elif news.name in self._jobs:
                self._jobs[news.name].body = {"spec": self._jobs[news.name].body["spec"], "gone": True}
            return news.name if news.name in self._jobs else None
        if news.object is None:
            return None
        self._measure(news.object)
        job = self._jobs.get(_job_name(news.object))
        if job is not None:
            job.pods[news.name] = news.object
        return None

    def _see_job(self, body: Body) -> None:
        name = body["metadata"]["name"]
        if name in self._jobs:
            self._jobs[name].body = body
        elif not body["metadata"].get("deletionTimestamp"):
            manifest = read_manifest(self._store.objects, body["metadata"]["annotations"][MANIFEST])
            self._add_job(name, manifest, body)

    def _add_job(self, name: str, manifest: Manifest, body: Body) -> None:
        self._jobs[name] = _Job(name=name, manifest=manifest, body=body, open=set(range(len(manifest.batches))))
        place = Placement(pool=manifest.pool, tier=manifest.tier, attempt=manifest.attempt)
        for message in (message for batch in manifest.batches for message in batch):
            self._in_flight.add(message.unique_id)
            self._pending.pop(message.unique_id, None)
            self._placements[message.unique_id] = place

    def _measure(self, pod: Body) -> None:
        name = pod["metadata"]["name"]
        if name not in self._ended_pods:
            ended = measure_pod(pod)
            if ended is not None:
                self._ended_pods.add(name)
                self._tell(ended)

    # What came of it

    def _settle(self, job: _Job) -> Iterator[Reply]:
        """Tell what came of the indexes of a Job that have ended since."""
        status = job.body.get("status", {})
        completed, failed = read_ranges(status.get("completedIndexes")), read_ranges(status.get("failedIndexes"))
        is_over = bool(job.body.get("gone")) or _has_ended(status)
        ended = set(job.open) if is_over else job.open & (completed | failed)
        if not ended:
            return
        job.open -= ended
        messages = [message for index in ended for message in job.manifest.batches[index]]
        published = self._store.find_published([output_key(message) for message in messages])
        lost = Outcome(cause="done", message="its Job was deleted" if is_over else "its output is not there")
        for index in sorted(ended):
            batch = job.manifest.batches[index]
            missing = [message for message in batch if output_key(message) not in published]
            for message in batch:
                if message not in missing:
                    yield from self._finish(message, job, index)
            if missing:
                outcome = self._judge(job, index) if index in failed else lost
                yield from self._again(missing, outcome)
        if not job.open:
            job.pods.clear()

    def _finish(self, message: TaskMessage, job: _Job, index: int) -> Iterator[Reply]:
        manifest = job.manifest
        self._in_flight.discard(message.unique_id)
        if manifest.tier > 0:
            size = self._frame.settings.pools[manifest.pool].memory_mib[manifest.tier]
            if size > self._learned.get(message.memory_key, 0):
                self._learned[message.memory_key] = size
                write_learned(self._store.objects, self._learned)
        if self._messages.pop(message.unique_id, None) is not None:
            pods = [measure_pod(pod) for pod in job.pods.values() if index_of(pod) == index]
            took = [pod.seconds for pod in pods if pod is not None and pod.cause == "done"]
            seconds = took[0] / len(manifest.batches[index]) if took else None
            yield TaskReply(unique_id=message.unique_id, status="done", seconds=seconds)

    def _judge(self, job: _Job, index: int) -> Outcome:
        """Say how an index failed; its pods are asked for again, since the news of a Job may come before theirs."""
        selector = f"batch.kubernetes.io/job-name={job.name},batch.kubernetes.io/job-completion-index={index}"
        for pod in self._cluster.list("pods", selector).items:
            job.pods[pod["metadata"]["name"]] = pod
            self._measure(pod)
        return judge_index(pod for pod in job.pods.values() if index_of(pod) == index)

    def _again(self, missing: Sequence[TaskMessage], outcome: Outcome) -> Iterator[Reply]:
        """Place the tasks of an index again that did not get done, or give them up."""
        named = [message for message in missing if message.unique_id in outcome.message]
        for message in missing:
            self._in_flight.discard(message.unique_id)
            if message.unique_id not in self._messages:  # the walker never asked for it, or no longer does
                continue
            if named and message not in named:
                place: Placement | GivenUp = self._placements[message.unique_id]  # not its fault
            else:
                place = place_again(self._placements[message.unique_id], outcome, self._frame.settings)
            if isinstance(place, GivenUp):
                del self._messages[message.unique_id]
                status: Literal["crashed", "refused"] = "crashed" if place.is_bug else "refused"
                text = place.message.removeprefix(f"{message.family}[{message.unique_id}]: ")
                yield TaskReply(unique_id=message.unique_id, status=status, text=text)
            else:
                self._place(message.unique_id, place)
                yield TaskAgain(unique_id=message.unique_id, why=self._explain(place, outcome))

    def _explain(self, place: Placement, outcome: Outcome) -> str:
        pool = self._frame.settings.pools[place.pool]
        if outcome.cause == "out of memory":
            return f"{outcome.describe()}, it gets {pool.memory_mib[place.tier]} MiB now"
        if outcome.cause == "move":
            return f"{outcome.describe()}, it moves to the pool {place.pool}"
        return outcome.message or outcome.describe()

    # What is to be run

    def _place(self, unique_id: str, place: Placement) -> None:
        self._placements[unique_id] = place
        self._pending[unique_id] = time.monotonic()

    def _submit(self) -> None:
        """Make Jobs of the tasks that have been waiting, as far as the caps allow."""
        if not self._pending or time.monotonic() - max(self._pending.values()) < SETTLE_SECONDS:
            return
        groups: dict[tuple[Step, Placement], list[TaskMessage]] = defaultdict(list)
        for unique_id in self._pending:
            message = self._messages[unique_id]
            groups[message.step, self._placements[unique_id]].append(message)
        room = self._find_room()
        for (step, place), messages in groups.items():
            size = self._frame.settings.tasks_per_pod.get(step, 1) if place.attempt == 0 and place.tier == 0 else 1
            batches = [tuple(messages[first : first + size]) for first in range(0, len(messages), size)]
            for first in range(0, len(batches), MAX_INDEXES):
                part = batches[first : first + MAX_INDEXES]
                # A Job keeps its parallelism: rather wait than run a wide one through a narrow gap.
                if room < min(len(part), math.ceil(self._frame.settings.max_pods / 2)):
                    return
                room -= self._create(place, part, parallelism=min(len(part), room))

    def _create(self, place: Placement, batches: Sequence[tuple[TaskMessage, ...]], *, parallelism: int) -> int:
        pool = self._frame.settings.pools[place.pool]
        setup = Setup(workspace=self._frame.workspace, n_threads=max(1, int(pool.cpu)), fetching=self._fetching)
        manifest = Manifest(
            setup=setup,
            step=batches[0][0].step,
            pool=place.pool,
            tier=place.tier,
            attempt=place.attempt,
            batches=tuple(batches),
        )
        sha256 = write_manifest(self._store.objects, manifest)
        body = work_job(self._frame, self._anchor_uid, manifest, sha256, parallelism=parallelism)
        name = body["metadata"]["name"]
        try:
            found: Body | None = self._cluster.create("jobs", body)
        except AlreadyThere:  # another driver of this launch was first
            found = self._cluster.get("jobs", name)
        if found is None or name in self._jobs:  # ended and removed between the two requests, or seen before
            found = found or {"spec": body["spec"], "gone": True}
            self._jobs.pop(name, None)
        self._add_job(name, manifest, found)
        return parallelism

    def _find_room(self) -> int:
        """Return how many more pods may run at once, by the caps of the run and of the project."""
        settings = self._frame.settings
        room = settings.max_pods - sum(job.n_pods for job in self._jobs.values())
        if settings.max_pods_project is not None:
            selector = f"{select_project(self._frame.project)},app.kubernetes.io/component=work"
            jobs = self._cluster.list("jobs", selector).items
            room = min(room, settings.max_pods_project - sum(map(_count_pods, jobs)))
        return room

    # What waits

    def _explain_waits(self) -> Iterator[Reply]:
        """Tell why pods are not at work; give up what will never be."""
        now = datetime.now(UTC)
        texts: dict[str, int] = {}
        for job in list(self._jobs.values()):
            if not job.open or job.body.get("gone"):
                continue
            waits = [wait for wait in (explain_pod(pod, now=now) for pod in job.pods.values()) if wait is not None]
            if not job.pods:
                wait = explain_job(job.body, list_events(self._cluster, job.name), now=now)
                waits += [wait] if wait else []
            for wait in waits:
                texts[wait.why] = texts.get(wait.why, 0) + 1
            hopeless = next((wait for wait in waits if wait.is_hopeless), None)
            if hopeless:
                yield from self._give_up(job, hopeless)
        told = tuple(f"{n} pod{'s' if n > 1 else ''} waiting: {why}" for why, n in sorted(texts.items()))
        if told != self._waits:
            self._waits = told
            self._tell(PodsWait(texts=told))

    def _give_up(self, job: _Job, wait: Wait) -> Iterator[Reply]:
        self._cluster.delete("jobs", job.name, uid=job.body["metadata"]["uid"])
        messages = [message for index in sorted(job.open) for message in job.manifest.batches[index]]
        job.open.clear()
        for message in messages:
            self._in_flight.discard(message.unique_id)
            if self._messages.pop(message.unique_id, None) is not None:
                yield TaskReply(unique_id=message.unique_id, status="refused", text=wait.why)


def _has_ended(status: Body) -> bool:
    conditions = status.get("conditions") or ()
    return any(item["type"] in ("Complete", "Failed") and item["status"] == "True" for item in conditions)


def _count_pods(job: Body) -> int:
    status = job.get("status", {})
    if _has_ended(status):
        return 0
    n_over = len(read_ranges(status.get("completedIndexes")) | read_ranges(status.get("failedIndexes")))
    parallelism: int = job["spec"]["parallelism"]
    completions: int = job["spec"]["completions"]
    return min(parallelism, completions - n_over)


def _job_name(pod: Body) -> str:
    labels = pod["metadata"].get("labels") or {}
    return str(labels.get("batch.kubernetes.io/job-name") or labels.get("job-name") or "")
