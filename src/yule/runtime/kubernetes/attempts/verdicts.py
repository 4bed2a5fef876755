"""What came of a task that did not get done: why its last attempt ended, and whether that was its fault."""

from collections.abc import Callable
from dataclasses import replace

from yule.messages.message import Message
from yule.messages.values import Codes, Count, name_one
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.attempts.jobs import Attempt, find_owner
from yule.runtime.kubernetes.insight.outcomes import Outcome, index_of, judge_index, name_cause
from yule.runtime.kubernetes.placement import GivenUp, Placement, find_memory, is_too_big, place_again, repeat
from yule.runtime.kubernetes.settings import ClusterSettings


def judge_attempt(cluster: Cluster, attempt: Attempt, tell_pod: Callable[[Body], None]) -> Outcome:
    """Say how an attempt ended that has ended.

    Parameters
    ----------
    cluster
        Asked for the index's pods, since the news of a Job may come before theirs.
    attempt
        The attempt.
    tell_pod
        Receives the pods.
    """
    job, index = attempt.job, attempt.index
    outcome = job.ended[index]
    if outcome is None:
        selector = f"batch.kubernetes.io/job-name={job.name},batch.kubernetes.io/job-completion-index={index}"
        for pod in cluster.list("pods", selector).items:
            if find_owner(pod).uid == job.uid:
                job.pods[pod["metadata"]["name"]] = pod
            tell_pod(pod)
        outcome = judge_index(pod for pod in job.pods.values() if index_of(pod) == index)
        job.ended[index] = outcome
    return outcome


def decide(
    attempt: Attempt, unique_id: str, outcome: Outcome, settings: ClusterSettings
) -> tuple[Placement | GivenUp, Message]:
    """Say where a task runs next, or that it does not; and why.

    What ended a pod is the fault of the task that was at work. Those that stood before or behind it in the pod just run
    again. Where the pod left no word of which it was, all of them are blamed.
    """
    before = attempt.job.place
    batch = {message.unique_id for message in attempt.job.manifest.batches[attempt.index]}
    if outcome.at_work in batch - {unique_id}:
        return repeat(before), Message(code="another-at-work", values={"cause": _cause(outcome)})
    place = place_again(before, outcome, settings)
    return place, outcome.why if isinstance(place, GivenUp) else _explain(before, place, outcome, settings)


def repeat_told(attempt: Attempt) -> Placement:
    """Say where a task runs that is asked for again after all was told of its last attempt."""
    return replace(repeat(attempt.job.place), attempt=0)


def _explain(before: Placement, place: Placement, outcome: Outcome, settings: ClusterSettings) -> Message:
    cause, pool = _cause(outcome), name_one(place.pool)
    if is_too_big(before, outcome):
        mib = Count(find_memory(place, settings))
        if place.pool == before.pool:
            return Message(code="gets-memory", values={"cause": cause, "mib": mib})
        return Message(code="gets-memory-elsewhere", values={"cause": cause, "mib": mib, "pool": pool})
    if place.pool == before.pool:
        return outcome.why
    if outcome.cause == "no node" and outcome.seen is not None:
        return Message(code="moves-for-nodes", values={**outcome.seen.values, "pool": pool})
    return Message(code="moves-to-pool", values={"cause": cause, "pool": pool})


def _cause(outcome: Outcome) -> Codes:
    return Codes((name_cause(outcome.cause),))
