"""Pods as workers: the walker's tasks become indexes of Jobs, and what comes of the Jobs becomes its replies.

State is what the API and the workspace say: a driver that takes over finds the Jobs of its launch, reads from their
manifests which tasks they have held, and goes on. Whether a task is done the workspace alone decides; what becomes of
one that is not, the newest Job that has held it.
"""

import time
from collections.abc import Iterable

from yule.runtime.kubernetes.api.protocol import Cluster
from yule.runtime.kubernetes.api.watching import News, Watcher
from yule.runtime.kubernetes.attempts.work import Work
from yule.runtime.kubernetes.jobs import select_launch
from yule.runtime.messages import TaskMessage
from yule.runtime.protocol import Reply

LOOK_SECONDS = 5.0  # how often waits are explained


class KubernetesPods:
    """Runs tasks as pods of a cluster; see :class:`~yule.runtime.protocol.Workers`.

    Parameters
    ----------
    cluster
        The cluster.
    work
        The tasks of the launch and the Jobs that are at them.
    launch
        The launch's name.
    """

    def __init__(self, cluster: Cluster, work: Work, *, launch: str) -> None:
        self._work = work
        self._cluster = cluster
        self._looked_at = 0.0
        selector = select_launch(launch, "work")
        for body in cluster.list("jobs", selector).items:
            metadata = body["metadata"]
            self._work.see(News(kind="jobs", name=metadata["name"], uid=metadata["uid"], object=body))
        self._watcher = Watcher(cluster, ("jobs", "pods"), selector)

    @property
    def n_free(self) -> int:
        """How many more tasks can be started now: the cluster keeps the queue."""
        return 100_000

    def start(self, message: TaskMessage) -> None:
        """Have a task run; if a Job is at it already, wait for that one."""
        self._work.want(message, now=time.monotonic())

    def wait(self, timeout_seconds: float) -> Iterable[Reply]:
        """Wait until something is to be told, at the most this long, and return it."""
        for news in self._watcher.take(timeout_seconds):
            self._work.see(news)
        now = time.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._work.look(self._cluster.now())
        replies = list(self._work.settle(now=now))
        self._work.submit(now=now)
        return replies

    def stop(self) -> None:
        """Watch no more. The Jobs go on: deleting the anchor ends them."""
        self._watcher.stop()
