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
    reader = JournalReader(without_patience(store.objects), launch.name)
    how = _tell_ways(launch)
    outage = CommandOutage(
        lambda why: tell(PodsWait(who="command", whys=() if why is None else (why,))), how=how, seconds=outage_seconds
    )
    waits: tuple[Message, ...] = ()
    looked_at = float("-inf")
    while True:
        try:
            with telling_silence(outage.begin):
                ended = _take(reader, tell)
            if ended is None and time.monotonic() - looked_at > DRIVER_SECONDS:
                driver = judge_driver(cluster, launch.name)
                looked_at = time.monotonic()
                waits = _tell_waits(driver, waits, tell)
                with telling_silence(outage.begin):
                    ended = _take(reader, tell)  # it may have spoken since
                if ended is None and driver.state != "at work":
                    end_launch(cluster, store, launch.name, driver)
                    raise TaskFailed(driver.text or "The driver ended and left no word in the workspace.")
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


def _tell_ways(launch: Launch) -> str:
    name = launch.runs[0]
    return (
        f"The run goes on in the cluster: `yule status {name}` asks how it stands, `yule stop {name}` stops it, and "
        "the same command follows it again."
    )


def _take(reader: JournalReader, tell: Tell) -> RunEnded | None:
    """Tell what the journal has gained; return the end, if that is told."""
    for event in reader.take():
        tell(event)
        if isinstance(event, RunEnded):
            return event
    return None


def _tell_waits(driver: Driver, told: tuple[Message, ...], tell: Tell) -> tuple[Message, ...]:
    """Tell why the driver waits if that has changed; return what is told now."""
    if driver.waits != told:
        tell(PodsWait(who="driver", whys=driver.waits))
    return driver.waits
