"""Follow a launch from any machine until it is over, also through times in which the cluster does not answer."""

import time
from collections.abc import Callable

from yule.core.errors import TaskFailed, WorkspaceError
from yule.core.patience import is_transient, telling_silence
from yule.messages.message import Message
from yule.remote.journal import JournalReader
from yule.remote.launch import Launch
from yule.remote.outage import CommandOutage
from yule.remote.standing import Driver, end_launch, judge_driver
from yule.runtime.events import PodsWait, RunEnded, RunEvent
from yule.runtime.kubernetes.api.protocol import Cluster, ClusterError
from yule.storage.objects.patient import without_patience
from yule.storage.store import Store

LOOK_SECONDS = 1.0
DRIVER_SECONDS = 5.0  # how often the driver itself is looked at
OUTAGE_SECONDS = 3600.0  # how long an answer is waited for

Tell = Callable[[RunEvent], None]


def follow(
    cluster: Cluster, launch: Launch, store: Store, tell: Tell, *, outage_seconds: float = OUTAGE_SECONDS
) -> RunEnded:
    """Tell all that happens in a launch until it is over.

    Parameters
    ----------
    cluster
        The cluster.
    launch
        The launch.
    store
        The workspace's store.
    tell
        Receives the events.
    outage_seconds
        How long a cluster or a workspace that does not answer is waited for.

    Raises
    ------
    TaskFailed
        If the driver ended without finishing: it was stopped, failed in a way that its message tells, or waits for
        what will not come.
    OutOfReach
        If the cluster or the workspace has not answered for too long; the run goes on.
    WorkspaceError
        If one of them refuses to answer; the run goes on.
    """
    how = _tell_ways(launch)
    outage = CommandOutage(
        lambda why: tell(PodsWait(who="command", whys=() if why is None else (why,))), how=how, seconds=outage_seconds
    )
    watched = _Watched(cluster, launch.name, store, tell, outage.begin)
    while True:
        try:
            ended = watched.look()
        except Exception as error:
            if is_transient(error):
                outage.bear(error)
                continue
            if isinstance(error, WorkspaceError | ClusterError):  # a login that has run out, say
                raise WorkspaceError(f"{error} {how}") from error
            raise
        outage.end()
        if ended is not None:
            return ended
        time.sleep(LOOK_SECONDS)


class _Watched:
    """A launch, and what was told of it.

    Parameters
    ----------
    cluster, name, store
        The cluster, the launch's name, and the workspace's store.
    tell
        Receives the events.
    begin_outage
        Is told of a workspace that does not answer at once.
    """

    def __init__(
        self, cluster: Cluster, name: str, store: Store, tell: Tell, begin_outage: Callable[[str], None]
    ) -> None:
        self._cluster, self._name, self._store = cluster, name, store
        self._tell, self._begin_outage = tell, begin_outage
        self._reader = JournalReader(without_patience(store.objects), name)
        self._waits: tuple[Message, ...] = ()
        self._looked_at = float("-inf")

    def look(self) -> RunEnded | None:
        """Tell what is new of it; return its end, if it has one.

        Raises
        ------
        TaskFailed
            If its driver ended without a word of an end.
        """
        ended = self._take()
        if ended is not None or time.monotonic() - self._looked_at <= DRIVER_SECONDS:
            return ended
        driver = judge_driver(self._cluster, self._name)
        self._looked_at = time.monotonic()
        self._tell_waits(driver)
        ended = self._take()  # it may have spoken since
        if ended is None and driver.state != "at work":
            end_launch(self._cluster, self._store, self._name, driver)
            raise TaskFailed(driver.text or "The driver ended and left no word in the workspace.")
        return ended

    def _take(self) -> RunEnded | None:
        """Tell what the journal has gained; return the end, if that is told."""
        with telling_silence(self._begin_outage):
            for event in self._reader.take():
                self._tell(event)
                if isinstance(event, RunEnded):
                    return event
        return None

    def _tell_waits(self, driver: Driver) -> None:
        """Tell why the driver waits if that has changed."""
        if driver.waits != self._waits:
            self._tell(PodsWait(who="driver", whys=driver.waits))
        self._waits = driver.waits


def _tell_ways(launch: Launch) -> str:
    name = launch.runs[0]
    return (
        f"The run goes on in the cluster: `yule status {name}` asks how it stands, `yule stop {name}` stops it, and "
        "the same command follows it again."
    )
