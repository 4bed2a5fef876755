"""What came of a task that did not get done: why its last attempt ended, and whether that was its fault."""

from collections.abc import Callable
from dataclasses import replace

from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.attempts.jobs import Attempt
from yule.runtime.kubernetes.insight.outcomes import Outcome, index_of, judge_index
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
            job.pods[pod["metadata"]["name"]] = pod
            tell_pod(pod)
        outcome = judge_index(pod for pod in job.pods.values() if index_of(pod) == index)
        job.ended[index] = outcome
    return outcome


def decide(
    attempt: Attempt, unique_id: str, outcome: Outcome, settings: ClusterSettings
) -> tuple[Placement | GivenUp, str]:
    """Say where a task runs next, or that it does not; and why, in plain words.

    What ended a pod is the fault of the task that was at work. Those that stood before or behind it in the pod just run
    again. Where the pod left no word of which it was, all of them are blamed.
    """
    before = attempt.job.place
    batch = {message.unique_id for message in attempt.job.manifest.batches[attempt.index]}
    if outcome.at_work in batch - {unique_id}:
        return repeat(before), f"another task of its pod was at work: {outcome.describe()}"
    place = place_again(before, outcome, settings)
    return place, "" if isinstance(place, GivenUp) else _explain(before, place, outcome, settings)


def repeat_told(attempt: Attempt) -> Placement:
    """Say where a task runs that is asked for again after all was told of its last attempt."""
    return replace(repeat(attempt.job.place), attempt=0)


def _explain(before: Placement, place: Placement, outcome: Outcome, settings: ClusterSettings) -> str:
    if is_too_big(before, outcome):
        where = f" in the pool {place.pool}" if place.pool != before.pool else ""
        return f"{outcome.describe()}, it gets {find_memory(place, settings)} MiB{where} now"
    if place.pool != before.pool:
        what = outcome.message if outcome.cause == "no node" else outcome.describe()
        return f"{what}, it moves to the pool {place.pool}"
    return outcome.message or outcome.describe()
