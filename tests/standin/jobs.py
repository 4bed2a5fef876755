"""The Job controller: pods for indexes, and what their ends mean by the Job's failure policy."""

import copy
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from standin.quota import explain_excess
from standin.state import Body, State, condition, now, owner_of

PREFIX = "batch.kubernetes.io/"
UNCOUNTED = "standin/uncounted"
"""Annotation of pods that the controller does not know."""


@dataclass
class Progress:
    """What the controller knows of a Job."""

    completed: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    n_failures: Counter[int] = field(default_factory=Counter)
    n_ignored: Counter[int] = field(default_factory=Counter)
    due: dict[int, float] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    active: dict[int, str] = field(default_factory=dict)
    failure: tuple[str, str] | None = None
    """Reason and message, once the whole Job has failed."""
    n_complaints: int = 0
    complained_at: float = 0.0
    ended_at: float | None = None


class JobController:
    """Keeps the pods of all Jobs; ``sync`` is called after every change."""

    def __init__(self, state: State, *, backoff_seconds: float) -> None:
        self.state = state
        self.backoff_seconds = backoff_seconds
        self.progress: dict[str, Progress] = {}
        self.never_create = False
        self.quota: Mapping[str, str] = {}
        """What the namespace may use: ``{"pods": "200", "requests.cpu": "400"}``."""
        self.ttl_seconds: float | None = None

    def sync(self) -> None:
        pods: dict[str, list[Body]] = {}
        for pod in self.state.list("pods", lambda pod: UNCOUNTED not in pod["metadata"]["annotations"]):
            pods.setdefault(owner_of(pod), []).append(pod)
        for job in self.state.list("jobs"):
            self._sync_job(job, pods.get(job["metadata"]["uid"], []))

    def _sync_job(self, job: Body, pods: list[Body]) -> None:
        known = self.progress.setdefault(job["metadata"]["uid"], Progress())
        if known.ended_at is not None:
            self._expire(job, known)
            return
        for pod in pods:
            if pod["status"].get("phase") in ("Succeeded", "Failed") and pod["metadata"]["name"] not in known.counted:
                self._count(job, pod, known)
        present = {pod["metadata"]["name"] for pod in pods}
        for index, name in list(known.active.items()):
            if name not in present and name not in known.counted:  # deleted by somebody
                known.active.pop(index)
                self._count_failure(job, index, known)
        n_indexes = job["spec"].get("completions", 1)
        if known.failure is None:
            self._create_pods(job, known, n_indexes)
        for name in known.active.values() if known.failure is not None else ():
            self.state.delete("pods", name)
        self._tell(job, known, n_indexes)

    def _count(self, job: Body, pod: Body, known: Progress) -> None:
        known.counted.add(pod["metadata"]["name"])
        index = int(pod["metadata"]["annotations"][f"{PREFIX}job-completion-index"])
        known.active.pop(index, None)
        if pod["status"]["phase"] == "Succeeded":
            known.completed.add(index)
            return
        match self._find_action(job, pod):
            case "Ignore":
                known.n_ignored[index] += 1
                known.due[index] = time.monotonic() + self.backoff_seconds
            case "FailIndex":
                known.failed.add(index)
            case "FailJob":
                known.failure = ("PodFailurePolicy", f"Container main for pod {pod['metadata']['name']} failed")
            case _:
                self._count_failure(job, index, known)

    def _count_failure(self, job: Body, index: int, known: Progress) -> None:
        known.n_failures[index] += 1
        spec = job["spec"]
        known.due[index] = time.monotonic() + self.backoff_seconds
        if "backoffLimitPerIndex" in spec:
            if known.n_failures[index] > spec["backoffLimitPerIndex"]:
                known.failed.add(index)
        elif sum(known.n_failures.values()) > spec.get("backoffLimit", 6):
            known.failure = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")

    def _find_action(self, job: Body, pod: Body) -> str:
        codes = [c["state"]["terminated"]["exitCode"] for c in pod["status"].get("containerStatuses", ())
                 if "terminated" in c["state"]]  # fmt: skip
        conditions = {item["type"] for item in pod["status"].get("conditions", ()) if item["status"] == "True"}
        for rule in job["spec"].get("podFailurePolicy", {}).get("rules", ()):
            if any(code in rule.get("onExitCodes", {}).get("values", ()) for code in codes):
                return str(rule["action"])
            if any(item["type"] in conditions for item in rule.get("onPodConditions", ())):
                return str(rule["action"])
        return "Count"

    def _create_pods(self, job: Body, known: Progress, n_indexes: int) -> None:
        room = job["spec"].get("parallelism", 1) - len(known.active)
        for index in range(n_indexes):
            if room <= 0:
                return
            if index in known.active or index in known.completed or index in known.failed:
                continue
            if known.due.get(index, 0.0) > time.monotonic():
                continue
            pod = self._make_pod(job, index, known)
            problem = self._find_problem(pod)
            if problem:
                self._complain(job, known, f'Error creating: pods "{pod["metadata"]["name"]}" is forbidden: {problem}')
                return
            self.state.create("pods", pod)
            known.active[index] = pod["metadata"]["name"]
            room -= 1

    def _find_problem(self, pod: Body) -> str | None:
        if self.never_create:
            return 'error looking up service account yule/yule-worker: serviceaccount "yule-worker" not found'
        return explain_excess(self.state, pod, self.quota)

    def _make_pod(self, job: Body, index: int, known: Progress) -> Body:
        template, name = copy.deepcopy(job["spec"]["template"]), job["metadata"]["name"]
        metadata = template.get("metadata", {})
        own = {f"{PREFIX}job-name": name, "job-name": name, f"{PREFIX}job-completion-index": str(index)}
        metadata["labels"] = {**metadata.get("labels", {}), **own}
        metadata["annotations"] = {
            **metadata.get("annotations", {}),
            f"{PREFIX}job-completion-index": str(index),
            f"{PREFIX}job-index-failure-count": str(known.n_failures[index]),
            f"{PREFIX}job-index-ignored-failure-count": str(known.n_ignored[index]),
        }
        metadata["name"] = f"{name}-{index}-{secrets.token_hex(3)[:5]}"
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": job["metadata"]["uid"]}
        metadata["ownerReferences"] = [owner]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
        return {**pod, "status": {"phase": "Pending"}}

    def _complain(self, job: Body, known: Progress, message: str) -> None:
        """Tell by an event that a pod was refused; from the tenth on they are one event that is told again."""
        if time.monotonic() - known.complained_at < self.backoff_seconds:
            return
        known.complained_at, known.n_complaints = time.monotonic(), known.n_complaints + 1
        about = {"kind": "Job", "name": job["metadata"]["name"], "uid": job["metadata"]["uid"]}
        number = min(known.n_complaints, 10)
        text = message if number < 10 else f"(combined from similar events): {message}"
        name = f"{job['metadata']['name']}.{number}"
        event = {"metadata": {"name": name}, "involvedObject": about, "reason": "FailedCreate", "message": text}
        self.state.delete("events", name)
        self.state.create("events", {**event, "lastTimestamp": now()})

    def _tell(self, job: Body, known: Progress, n_indexes: int) -> None:
        is_over = not known.active and (known.failure is not None or len(known.completed | known.failed) == n_indexes)
        status = {
            "active": len(known.active) or None,
            "succeeded": len(known.completed) or None,
            "failed": sum(known.n_failures.values()) + len(known.failed) or None,
        }
        if job["spec"].get("completionMode") == "Indexed":
            status |= {"completedIndexes": as_ranges(known.completed), "failedIndexes": as_ranges(known.failed)}
        if is_over:
            is_good = known.failure is None and not known.failed
            why = (
                ("CompletionsReached", "") if is_good else known.failure or ("FailedIndexes", "Job has failed indexes")
            )
            status["conditions"] = [
                condition("SuccessCriteriaMet" if is_good else "FailureTarget", *why),
                condition("Complete" if is_good else "Failed", *why),
            ]
            known.ended_at = time.monotonic()
        status = {key: value for key, value in status.items() if value is not None}
        if status != job["status"]:
            job["status"] = status
            self.state.touch("jobs", job)

    def _expire(self, job: Body, known: Progress) -> None:
        seconds = self.ttl_seconds if self.ttl_seconds is not None else job["spec"].get("ttlSecondsAfterFinished", 1e9)
        if known.ended_at is not None and time.monotonic() - known.ended_at >= seconds:
            self.state.delete("jobs", job["metadata"]["name"])


def as_ranges(indexes: set[int]) -> str:
    """Write a set of indexes: ``0-3,7``."""
    parts: list[list[int]] = []
    for index in sorted(indexes):
        if parts and parts[-1][1] == index - 1:
            parts[-1][1] = index
        else:
            parts.append([index, index])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in parts)
