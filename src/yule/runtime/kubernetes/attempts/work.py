"""The tasks of a launch and the Jobs that are at them: what is seen, what came of it, what is to be run, what waits."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal

from yule.messages.message import Message, unite_messages
from yule.runtime.events import PodsWait, RunEvent
from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Cluster, ClusterError
from yule.runtime.kubernetes.api.watching import News
from yule.runtime.kubernetes.attempts.jobs import Attempt, Jobs, is_leaving
from yule.runtime.kubernetes.attempts.memory import Memory
from yule.runtime.kubernetes.attempts.queue import Queued, find_breadth, form_manifests, look_at_others
from yule.runtime.kubernetes.attempts.stalls import judge_stall
from yule.runtime.kubernetes.attempts.verdicts import decide, judge_attempt, repeat_told
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.insight.costs import measure_pod
from yule.runtime.kubernetes.insight.outcomes import index_of
from yule.runtime.kubernetes.insight.waits import find_waits, list_events
from yule.runtime.kubernetes.jobs import work_job
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.kubernetes.placement import GivenUp, Placement, find_memory, is_too_big, move, place_first
from yule.runtime.kubernetes.pod import output_key
from yule.runtime.messages import TaskMessage, TaskReply
from yule.runtime.plan import Turn
from yule.runtime.protocol import Reply, TaskAgain
from yule.storage.store import Store

SETTLE_SECONDS = 0.5  # tasks that become ready so close together share a Job
UNHEARD = timedelta(minutes=1)  # how long news of a Job that was made may take
FULL_SECONDS = 5.0  # how soon the cluster is asked again whether other launches of the project have left room

_NO_TURNS: Mapping[str, Turn] = MappingProxyType({})
_ANY_TURN = Turn(root=0, place=0)


class Work:
    """The tasks of a launch and the Jobs that are at them, without a clock or threads of its own.

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
    turns
        When tasks come where not all find room, by their unique ids; in the order in which they came without.
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
        turns: Mapping[str, Turn] = _NO_TURNS,
    ) -> None:
        self._cluster = cluster
        self._frame = frame
        self._anchor_uid = anchor_uid
        self._fetching = fetching
        self._store = store
        self._tell = tell
        self._turns = turns
        self._memory = Memory(store)
        self._jobs = Jobs(anchor_uid, lambda sha256: read_manifest(store.objects, sha256))
        self._wanted: dict[str, TaskMessage] = {}
        self._ended: dict[str, None] = {}  # tasks of which an attempt has ended, to be looked at
        self._queue: dict[str, Queued] = {}
        self._told: dict[str, Attempt] = {}  # whose end the walker knows
        self._full_until = 0.0
        self._ended_pods: set[str] = set()
        self._waits: tuple[Message, ...] = ()
        self._starved: dict[str, datetime] = {}  # pools that had no nodes, and when that was found

    # What is seen

    def see(self, news: News) -> None:
        """Take note of news."""
        if news.kind == "pods" and news.object is not None:
            self._tell_end(news.object)
        self._ended |= dict.fromkeys(message.unique_id for message in self._jobs.see(news))

    def want(self, message: TaskMessage, *, now: float) -> None:
        """Have a task run. A Job that is at it is waited for; one that was is looked at first."""
        unique_id = message.unique_id
        self._wanted[unique_id] = message
        newest = self._jobs.find_newest(unique_id)
        if newest is None:
            self._enqueue(message, place_first(message, self._frame.settings, self._memory.find_needed(message)), now)
        elif not self._jobs.is_at_work(unique_id):
            if self._told.get(unique_id) == newest:  # it was done and its output was lost since, or lacked something
                self._enqueue(message, repeat_told(newest), now)
            else:
                self._ended[unique_id] = None

    # What came of it

    def settle(self, *, now: float) -> Iterator[Reply]:
        """Tell what came of the tasks of which an attempt has ended."""
        self._drop_overtaken()
        ended = [self._wanted[unique_id] for unique_id in self._ended if unique_id in self._wanted]
        self._ended.clear()
        published = self._store.find_published([output_key(message) for message in ended])
        for message in ended:
            unique_id = message.unique_id
            if output_key(message) in published:
                yield self._finish(message)
            elif unique_id not in self._queue and not self._jobs.is_at_work(unique_id):
                yield self._again(message, now)
        self._jobs.forget_pods()

    def _drop_overtaken(self) -> None:
        """Take tasks out of the queue that another driver of this launch has placed since."""
        for unique_id, queued in list(self._queue.items()):
            newest = self._jobs.find_newest(unique_id)
            if newest is not None and newest.job.place.turn >= queued.place.turn:
                del self._queue[unique_id]
                self._ended[unique_id] = None

    def _finish(self, message: TaskMessage) -> TaskReply:
        seconds = self._find_seconds(message.unique_id)
        return self._reply(TaskReply(unique_id=message.unique_id, status="done", seconds=seconds))

    def _find_seconds(self, unique_id: str) -> float | None:
        newest = self._jobs.find_newest(unique_id)
        if newest is None:
            return None
        pods = [measure_pod(pod) for pod in newest.job.pods.values() if index_of(pod) == newest.index]
        took = [pod.seconds for pod in pods if pod is not None and pod.cause == "done"]
        return took[0] / len(newest.job.manifest.batches[newest.index]) if took else None

    def _again(self, message: TaskMessage, now: float) -> Reply:
        """Queue a task again that did not get done, or give it up."""
        unique_id = message.unique_id
        newest = self._jobs.find_newest(unique_id)
        if newest is None:
            raise AssertionError(f"{unique_id} was never tried")
        outcome = judge_attempt(self._cluster, newest, self._tell_end)
        place, why = decide(newest, unique_id, outcome, self._frame.settings)
        if isinstance(place, GivenUp):
            status: Literal["crashed", "refused"] = "crashed" if place.is_bug else "refused"
            has_missed = outcome.cause == "missed"
            return self._reply(TaskReply(unique_id=unique_id, status=status, text=place.message, has_missed=has_missed))
        before, had = newest.job.place, find_memory(newest.job.place, self._frame.settings)
        needed = find_memory(place, self._frame.settings)
        if needed > had and is_too_big(before, outcome):
            self._memory.learn(message, needed)
        self._enqueue(message, place, now)
        return TaskAgain(unique_id=unique_id, why=why)

    def _reply(self, reply: TaskReply) -> TaskReply:
        del self._wanted[reply.unique_id]
        self._queue.pop(reply.unique_id, None)
        newest = self._jobs.find_newest(reply.unique_id)
        if newest is not None:
            self._told[reply.unique_id] = newest
        return reply

    def _tell_end(self, pod: Body) -> None:
        name = pod["metadata"]["name"]
        if name not in self._ended_pods:
            ended = measure_pod(pod)
            if ended is not None:
                self._ended_pods.add(name)
                self._tell(ended)

    # What is to be run

    def _enqueue(self, message: TaskMessage, place: Placement, now: float) -> None:
        place = move(place, self._frame.settings) if place.pool in self._starved else place
        turn = self._turns.get(message.unique_id, _ANY_TURN)
        self._queue[message.unique_id] = Queued(message=message, place=place, since=now, turn=turn)

    def submit(self, *, now: float) -> None:
        """Make Jobs of the tasks that have been waiting, as far as the caps allow."""
        if now < self._full_until:
            return
        queued = [one for unique_id, one in self._queue.items() if not self._jobs.is_at_work(unique_id)]
        if not queued or now - min(one.since for one in queued) < SETTLE_SECONDS:
            return
        room, cap = self._find_room()
        for manifest in form_manifests(queued, self._frame, self._fetching, room=room):
            breadth = find_breadth(manifest, room, cap)
            if breadth is None:
                if self._frame.settings.max_pods_project is not None:  # to know it costs a request
                    self._full_until = now + FULL_SECONDS
                return
            room -= breadth
            self._create(manifest, breadth)

    def _create(self, manifest: Manifest, parallelism: int) -> None:
        sha256 = write_manifest(self._store.objects, manifest)
        body = work_job(self._frame, self._anchor_uid, manifest, sha256, parallelism=parallelism)
        name = body["metadata"]["name"]
        try:
            found: Body | None = self._cluster.create("jobs", body)
        except AlreadyThere:  # another driver of this launch was first
            found = self._cluster.get("jobs", name)
            if found is not None and not self._jobs.is_ours(found):
                text = f"The Job {name} is there but not of this launch. Delete it and run again."
                raise ClusterError(text, status=409) from None
        self._ended |= dict.fromkeys(message.unique_id for message in self._jobs.add(found or body, manifest))
        if found is None or is_leaving(found):  # it is of another driver, and was deleted since
            uid = "" if found is None else found["metadata"]["uid"]
            self.see(News(kind="jobs", name=name, uid=uid, object=None))
        for message in (message for batch in manifest.batches for message in batch):
            del self._queue[message.unique_id]

    def _find_room(self) -> tuple[int, int]:
        """Return how many more pods may run at once, by the caps of the run and of the project, and how many in all."""
        settings = self._frame.settings
        n_own = sum(job.n_pods for job in self._jobs.list_open())
        if settings.max_pods_project is None:
            return settings.max_pods - n_own, settings.max_pods
        others = look_at_others(self._cluster, self._frame.project, self._jobs.list_names())
        cap = min(settings.max_pods, others.find_share(settings.max_pods_project))
        return min(cap - n_own, settings.max_pods_project - n_own - others.n_pods), cap

    # What waits

    def look(self, now: datetime) -> None:
        """Tell why pods are not at work; delete the Jobs for which there is no hope."""
        self._ask_for_unheard(now)
        list_once = cache(lambda: list_events(self._cluster))
        found: list[Message] = []
        wait = timedelta(seconds=self._frame.settings.spot_wait_seconds)
        self._starved = {pool: since for pool, since in self._starved.items() if now - since < wait}
        for job in self._jobs.list_open():
            waits = find_waits(job.body, job.pods.values(), list_once, now=now)
            found += [wait.why for wait in waits]
            outcome = judge_stall(self._cluster, self._frame, job, waits)
            if outcome is not None:
                self._starved |= {job.place.pool: now} if outcome.cause == "no node" else {}
                self._cluster.delete("jobs", job.name, uid=job.uid)
                self._ended |= dict.fromkeys(message.unique_id for message in job.end(outcome))
        whys = unite_messages(found)
        if whys != self._waits:
            self._waits = whys
            self._tell(PodsWait(who="pods", whys=whys))

    def _ask_for_unheard(self, now: datetime) -> None:
        """Ask for Jobs that were made and of which nothing was heard: a gap in the news may hide that they are gone."""
        for job in self._jobs.list_open():
            made_at = job.body["metadata"].get("creationTimestamp")
            is_late = not job.is_heard and made_at and now - datetime.fromisoformat(made_at) > UNHEARD
            if is_late:
                found = self._cluster.get("jobs", job.name)
                uid = job.uid if found is None else found["metadata"]["uid"]
                self.see(News(kind="jobs", name=job.name, uid=uid, object=found))
