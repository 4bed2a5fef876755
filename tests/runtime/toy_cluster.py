"""A cluster without processes: Jobs and pods are dictionaries, and what happens to them is told by the tests."""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Change, ClusterError, Kind, Listing
from yule.runtime.kubernetes.api.watching import News
from yule.runtime.kubernetes.attempts.work import Work
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.jobs import work_job
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.runtime.messages import TaskMessage, TaskReply
from yule.runtime.plan import Turn
from yule.runtime.protocol import Reply
from yule.storage.setup import Setup
from yule.storage.store import LocalStore

ANCHOR = "uid-of-the-anchor"
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = ClusterSettings(
    pools={
        "spot": Pool(name="spot", memory_mib=(512, 1024), spot=True),
        "steady": Pool(name="steady", memory_mib=(512, 2048)),
    },
    steps={"train": "spot", "features": "spot"},
    on_demand={"spot": "steady"},
    driver_pool="steady",
    tasks_per_pod={"features": 3},
)
PREFIX = "batch.kubernetes.io/"


def make_message(number: int, *, step: Any = "train", reads: tuple[str, ...] = ()) -> TaskMessage:
    """Return a task that is never run."""
    unique_id = f"{number:032x}"
    return TaskMessage(
        module="yule.pipeline.training",
        family="FitFold",
        parameters={},
        unique_id=unique_id,
        text=f"fit {number}",
        step=step,
        memory_key="FitFold/mlp",
        log=f"logs/FitFold/{unique_id}.log",
        reads=reads,
    )


class ToyCluster:
    """A cluster as its API tells of it."""

    def __init__(self, root: Path, settings: ClusterSettings = SETTINGS) -> None:
        self.store = LocalStore(root)
        self.frame = Frame(
            launch="0123456789",
            project="toys",
            image="yule@sha256:0",
            commit="",
            workspace=str(root),
            settings=settings,
        )
        self.objects: dict[str, dict[str, dict[str, Any]]] = {"jobs": {}, "pods": {}, "events": {}}
        self.made: list[str] = []
        self.n_objects = 0
        self.manifests: dict[str, Manifest] = {}
        self.n_listed = 0
        self.is_taken = False
        """Whether each name is taken by an object that is gone when it is asked for."""

    # What happens

    def put(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make an object."""
        self.n_objects += 1
        told = {"uid": f"uid-{self.n_objects}", "creationTimestamp": f"2026-03-01T00:00:00.{self.n_objects:06}Z"}
        body["metadata"] = {**told, "resourceVersion": "1", **body["metadata"]}
        body.setdefault("status", {})
        self.objects[kind][body["metadata"]["name"]] = body
        return body

    def add_job(
        self, batches: Sequence[Sequence[TaskMessage]], *, pool: str = "spot", anchor: str = ANCHOR, **place: int
    ) -> str:
        """Make the Job of an earlier driver and return its name; ``place``: tier, attempt and turn."""
        setup = Setup(workspace=self.frame.workspace, n_threads=2, fetching="{}")
        manifest = Manifest(
            setup=setup,
            step=batches[0][0].step,
            pool=pool,
            batches=tuple(map(tuple, batches)),
            **{"tier": 0, **place},  # type: ignore[arg-type]
        )
        sha256 = write_manifest(self.store.objects, manifest)
        body = work_job(self.frame, anchor, manifest, sha256, parallelism=len(batches))
        return str(self.put("jobs", copy.deepcopy(dict(body)))["metadata"]["name"])

    def manifest(self, job: str) -> Manifest:
        """Return what a Job does."""
        sha256 = self.objects["jobs"][job]["metadata"]["annotations"]["yule.dev/manifest-sha256"]
        if sha256 not in self.manifests:
            self.manifests[sha256] = read_manifest(self.store.objects, sha256)
        return self.manifests[sha256]

    def list_open(self, job: str) -> list[int]:
        """Return the indexes of a Job that have yet to end."""
        status = self.objects["jobs"][job]["status"]
        if status.get("conditions"):
            return []
        told = f"{status.get('completedIndexes', '')},{status.get('failedIndexes', '')}"
        over = {int(number) for number in re.findall(r"\d+", told)}
        return [index for index in range(len(self.manifest(job).batches)) if index not in over]

    def add_pod(self, job: str, index: int, status: Mapping[str, Any]) -> str:
        """Make a pod of a Job."""
        labels = {**self.objects["jobs"][job]["metadata"]["labels"], f"{PREFIX}job-name": job}
        labels |= {f"{PREFIX}job-completion-index": str(index)}
        owner = {"kind": "Job", "name": job, "uid": self.objects["jobs"][job]["metadata"]["uid"]}
        annotations = {f"{PREFIX}job-completion-index": str(index)}
        name = f"{job}-{index}-{self.n_objects}"
        metadata = {"name": name, "labels": labels, "annotations": annotations, "ownerReferences": [owner]}
        self.put("pods", {"metadata": metadata, "status": status})
        return name

    def end_pod(
        self, job: str, index: int, code: int, *, reason: str = "Error", words: str = "", **status: Any
    ) -> None:
        """Have a pod of an index end."""
        state = {"terminated": {"exitCode": code, "reason": reason, "message": words}}
        told = {"phase": "Failed" if code else "Succeeded", "containerStatuses": [{"name": "main", "state": state}]}
        self.add_pod(job, index, {**told, **status})

    def end_index(self, job: str, index: int, *, is_done: bool) -> None:
        """Have the Job's controller count an index as completed or failed."""
        status = self.objects["jobs"][job]["status"]
        kind = "completedIndexes" if is_done else "failedIndexes"
        status[kind] = ",".join(filter(None, [status.get(kind, ""), str(index)]))
        if not self.list_open(job):
            is_failed = bool(status.get("failedIndexes"))
            status["conditions"] = [{"type": "Failed" if is_failed else "Complete", "status": "True"}]

    def fail(self, job: str, index: int, code: int, *, reason: str = "Error", words: str = "") -> None:
        """Have an index fail by a pod's end."""
        self.end_pod(job, index, code, reason=reason, words=words)
        self.end_index(job, index, is_done=False)

    def finish(self, job: str, index: int) -> None:
        """Have an index do all its tasks."""
        for message in self.manifest(job).batches[index]:
            self.publish(message)
        self.end_pod(job, index, 0)
        self.end_index(job, index, is_done=True)

    def publish(self, message: TaskMessage) -> None:
        """Put the output of a task into the workspace."""
        (self.store.root / "cache" / message.family / message.unique_id).mkdir(parents=True, exist_ok=True)

    def is_published(self, message: TaskMessage) -> bool:
        """Say whether the output of a task is there."""
        return (self.store.root / "cache" / message.family / message.unique_id).is_dir()

    # What the API offers

    def create(self, kind: Kind, body: Body, *, dry_run: bool = False) -> Body:
        del dry_run
        name = body["metadata"]["name"]
        if self.is_taken or name in self.objects[kind]:
            raise AlreadyThere(f"{name} is there", status=409)
        self.made.append(name)
        return copy.deepcopy(self.put(kind, copy.deepcopy(dict(body))))

    def get(self, kind: Kind, name: str) -> Body | None:
        return copy.deepcopy(self.objects[kind].get(name))

    def watch(self, kind: Kind, selector: str, *, version: str, seconds: int) -> Iterator[Change]:
        del kind, selector, version, seconds
        raise ClusterError("nothing can be watched here")

    def delete(self, kind: Kind, name: str, *, uid: str) -> None:
        found = self.objects[kind].get(name)
        if found is None or found["metadata"]["uid"] != uid:
            return
        del self.objects[kind][name]
        pods = self.objects["pods"]
        for pod in [pod for pod, body in pods.items() if body["metadata"]["labels"][f"{PREFIX}job-name"] == name]:
            del pods[pod]

    def read_log(self, pod: str, *, n_lines: int) -> str:
        del pod, n_lines
        return ""

    def now(self) -> datetime:
        return EPOCH

    def list(self, kind: Kind, selector: str) -> Listing:
        self.n_listed += 1
        wanted = dict(part.split("=") for part in selector.split(",") if part)
        items = [body for body in self.objects[kind].values() if _has_labels(body, wanted)]
        return Listing(items=tuple(copy.deepcopy(items)), version=str(self.n_objects))


class ToyDriver:
    """A driver: it sees of the cluster what it was last told."""

    def __init__(self, cluster: ToyCluster, turns: Mapping[str, Turn] | None = None) -> None:
        self.cluster = cluster
        self.told: list[Any] = []
        self.replies: dict[str, TaskReply] = {}
        self.asked: set[str] = set()
        self.seen: dict[str, dict[str, Body]] = {"jobs": {}, "pods": {}}
        self.made: set[str] = set()
        self.late: list[tuple[Body, ...]] = []
        self.now = 0.0
        self.work = Work(
            cluster,
            frame=cluster.frame,
            anchor_uid=ANCHOR,
            fetching="{}",
            store=cluster.store,
            tell=self.told.append,
            turns=turns or {},
        )
        self.see(kinds=("jobs",))

    def see(self, kinds: Sequence[Any] = ("jobs", "pods")) -> None:
        """Hear all news."""
        self.hear_late()
        for kind in kinds:
            self._hear(kind, self.cluster.list(kind, "").items)

    def lag(self) -> None:
        """Take news that are heard later."""
        self.late.append(self.cluster.list("jobs", "").items)

    def hear_late(self) -> None:
        """Hear the news of Jobs that were taken before."""
        for bodies in self.late:
            self._hear("jobs", bodies)
        self.late.clear()

    def _hear(self, kind: Kind, bodies: Iterable[Body]) -> None:
        there = {body["metadata"]["name"]: body for body in bodies}
        for name, body in self.seen[kind].items():
            if name not in there:
                self.work.see(News(kind=kind, name=name, uid=body["metadata"]["uid"], object=None))
        for name, body in there.items():
            if self.seen[kind].get(name) != body:
                self.work.see(News(kind=kind, name=name, uid=body["metadata"]["uid"], object=body))
        self.seen[kind] = there

    def start(self, *messages: TaskMessage) -> None:
        """Ask for tasks, as the walker does."""
        for message in messages:
            self.replies.pop(message.unique_id, None)
            self.asked.add(message.unique_id)
            self.work.want(message, now=self.now)

    def step(self) -> list[Reply]:
        """Act on what was heard; return what was told."""
        self.now += 10.0
        replies = list(self.work.settle(now=self.now))
        self.replies |= {reply.unique_id: reply for reply in replies if isinstance(reply, TaskReply)}
        self.now += 10.0
        self.work.submit(now=self.now)
        return replies

    def turn(self) -> list[Reply]:
        """Hear all news and act on them."""
        self.see()
        return self.step()


def _has_labels(body: Body, wanted: Mapping[str, str]) -> bool:
    labels = body["metadata"].get("labels") or {}
    return all(labels.get(name) == value for name, value in wanted.items())
