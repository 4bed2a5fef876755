"""What is seen of a launch: its Jobs, their pods, and which of them have held a task."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from yule.messages.message import Message
from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.api.watching import News
from yule.runtime.kubernetes.insight.outcomes import Outcome
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import is_active
from yule.runtime.kubernetes.jobs import has_ended
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.placement import Placement
from yule.runtime.messages import TaskMessage

MANIFEST = "yule.dev/manifest-sha256"
GONE = Outcome(cause="lost", seen=Message(code="job-deleted"))
WITHOUT = Outcome(cause="lost", seen=Message(code="job-without-it"))
DONE = Outcome(cause="lost", seen=Message(code="pod-had-done-it"))


@dataclass(kw_only=True, eq=False)
class Job:
    """A Job of this launch as last seen.

    Parameters
    ----------
    name, uid
        Its name, and what tells it from others that have had this name.
    manifest
        What it does.
    body
        The Job, as the API gives it.
    pods
        Its pods by name, while one of its indexes has yet to end.
    is_heard
        Whether news of it have come since it was made.
    ended
        How its indexes ended, as far as no output is there; None where its pods have to be asked.
    """

    name: str
    uid: str
    manifest: Manifest
    body: Body
    pods: dict[str, Body] = field(default_factory=dict)
    is_heard: bool = False
    ended: dict[int, Outcome | None] = field(default_factory=dict)

    @property
    def place(self) -> Placement:
        """Where its tasks run."""
        manifest = self.manifest
        return Placement(
            pool=manifest.pool,
            tier=manifest.tier,
            attempt=manifest.attempt,
            turn=manifest.turn,
            n_evicted=manifest.n_evicted,
        )

    @property
    def n_open(self) -> int:
        """How many of its indexes have yet to end."""
        return len(self.manifest.batches) - len(self.ended)

    @property
    def n_pods(self) -> int:
        """How many pods it has, or may have, at once."""
        return min(int(self.body["spec"]["parallelism"]), self.n_open)

    def end(self, outcome: Outcome) -> list[TaskMessage]:
        """End all indexes that are open, and return their tasks."""
        indexes = [index for index in range(len(self.manifest.batches)) if index not in self.ended]
        self.ended |= dict.fromkeys(indexes, outcome)
        return [message for index in indexes for message in self.manifest.batches[index]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One go at a task: the index of a Job that has, or had, it."""

    job: Job
    index: int

    @property
    def is_open(self) -> bool:
        """Whether it has yet to end."""
        return self.index not in self.job.ended


class Jobs:
    """The Jobs of a launch, as the news of them come in.

    Parameters
    ----------
    anchor_uid
        Uid of the launch's anchor. What another owns is of an earlier submission, and about to be deleted.
    read
        Reads a manifest by its digest.
    """

    def __init__(self, anchor_uid: str, read: Callable[[str], Manifest]) -> None:
        self._anchor_uid = anchor_uid
        self._read = read
        self._jobs: dict[str, Job] = {}
        self._attempts: dict[str, list[Attempt]] = defaultdict(list)

    def see(self, news: News) -> list[TaskMessage]:
        """Take note of news, and return the tasks of indexes that have ended by them."""
        if news.kind == "pods":
            self._see_pod(news)
            return []
        of_name, body = self._jobs.get(news.name), news.object
        known = of_name if of_name is not None and of_name.uid == news.uid else None
        if body is None:
            return known.end(GONE) if known else []
        if known is not None:
            known.body = body
            ended = _note_ends(known)
        elif not self.is_ours(body) or (of_name is not None and _is_older(body, of_name.body)):
            return []
        else:
            ended = self.add(body, self._read(body["metadata"]["annotations"][MANIFEST]))
            known = self._jobs[news.name]
        known.is_heard = True
        return ended + (known.end(GONE) if is_leaving(body) else [])

    def add(self, body: Body, manifest: Manifest) -> list[TaskMessage]:
        """Take note of a Job whose manifest is known, and return the tasks of indexes that have ended by it."""
        name, uid = body["metadata"]["name"], body["metadata"].get("uid", "")
        before = self._jobs.get(name)
        ended = before.end(GONE) if before else []
        job = self._jobs[name] = Job(name=name, uid=uid, manifest=manifest, body=body)
        for index, batch in enumerate(manifest.batches):
            for message in batch:
                self._attempts[message.unique_id].append(Attempt(job=job, index=index))
        return ended + _note_ends(job)

    def _see_pod(self, news: News) -> None:
        if news.object is not None:
            owner = find_owner(news.object)
            job = self._jobs.get(owner.name)
            if job is not None and job.uid == owner.uid:
                job.pods[news.name] = news.object
            return
        for job in self._jobs.values():
            pod = job.pods.get(news.name)
            if pod is not None and is_active(pod):  # what has ended still tells how
                del job.pods[news.name]

    def is_ours(self, body: Body) -> bool:
        """Say whether a Job is of this submission."""
        return any(owner["uid"] == self._anchor_uid for owner in body["metadata"].get("ownerReferences") or ())

    def list_open(self) -> Iterator[Job]:
        """Yield the Jobs that have indexes which have yet to end."""
        return (job for job in list(self._jobs.values()) if job.n_open)

    def list_names(self) -> list[str]:
        """Return the names of all Jobs, of those that have ended too."""
        return list(self._jobs)

    def is_at_work(self, unique_id: str) -> bool:
        """Say whether a Job is at a task, or will be."""
        return any(attempt.is_open for attempt in self._attempts.get(unique_id, ()))

    def find_newest(self, unique_id: str) -> Attempt | None:
        """Return the attempt at a task that says what is to become of it; None when there was none.

        Of equal turns, which only two drivers at once can make, one that still runs comes before one that has ended.
        Of two Jobs that have had one name the later one counts.
        """
        return max(reversed(self._attempts.get(unique_id, [])), key=_rank, default=None)

    def forget_pods(self) -> None:
        """Forget the pods of Jobs that have ended."""
        for job in self._jobs.values():
            if not job.n_open:
                job.pods.clear()


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The Job that has made a pod; empty when the pod says none."""

    name: str = ""
    uid: str = ""


def find_owner(pod: Body) -> Owner:
    """Return a pod's Job."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((Owner(name=one["name"], uid=one["uid"]) for one in owners if one["kind"] == "Job"), Owner())


def is_leaving(job: Body) -> bool:
    """Say whether a Job has been deleted, though its pods may not be gone yet."""
    return bool(job["metadata"].get("deletionTimestamp"))


def _note_ends(job: Job) -> list[TaskMessage]:
    status = job.body.get("status", {})
    failed, completed = read_ranges(status.get("failedIndexes")), read_ranges(status.get("completedIndexes"))
    ends: dict[int, Outcome | None] = dict.fromkeys(failed) | dict.fromkeys(completed, DONE)
    known = range(len(job.manifest.batches))
    new = {index: end for index, end in ends.items() if index in known and index not in job.ended}
    job.ended |= new
    messages = [message for index in new for message in job.manifest.batches[index]]
    return messages + (job.end(WITHOUT) if has_ended(job.body) else [])


def _is_older(body: Body, than: Body) -> bool:
    """Say whether a Job was made before another of its name: news of it come late."""
    return str(body["metadata"]["creationTimestamp"]) < str(than["metadata"].get("creationTimestamp", ""))


def _rank(attempt: Attempt) -> tuple[int, bool, int, int, str]:
    place = attempt.job.place
    return place.turn, attempt.is_open, place.tier, place.attempt, attempt.job.name
