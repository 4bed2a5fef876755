"""Tasks that a service does not answer run again; only one that does not answer for long ends a run."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from buckets import new_prefix
from standin import StandIn, start_cluster
from switch import Switch, switch_before

from yule.core.patience import Unanswered, is_transient
from yule.core.settings import to_json
from yule.downloads.keeping.fetch import specify
from yule.downloads.keeping.task import DownloadTable
from yule.downloads.settings import Column, FilesSource, Method
from yule.downloads.specs import Fetching
from yule.messages.telling import tell_message
from yule.remote.journal import Journal, JournalReader
from yule.runtime.damage import remove_unreadable
from yule.runtime.events import RunEvent, RunPlanned, TaskBroken, TaskFinished, TaskRetried
from yule.runtime.execution import execute
from yule.runtime.kubernetes.api.client import OfficialCluster, connect_cluster
from yule.runtime.kubernetes.api.protocol import ClusterError
from yule.runtime.kubernetes.codes import REFUSED, TRANSIENT
from yule.runtime.kubernetes.manifest import Manifest, write_manifest
from yule.runtime.messages import describe_task
from yule.runtime.plan import plan_tasks
from yule.storage.objects.opening import open_objects
from yule.storage.opening import open_store
from yule.storage.setup import Setup, configure
from yule.storage.task import Task

pytestmark = pytest.mark.usefixtures("importable")


def _toys():
    import runtime_toys

    return runtime_toys


def _execute(workspace: str, *roots: Task) -> tuple[tuple[TaskBroken, ...], list[RunEvent]]:
    events: list[RunEvent] = []
    broken = execute(plan_tasks(roots), workspace=workspace, fetching="{}", n_cores=2, tell=events.append)
    return broken, events


@pytest.fixture
def switch(s3: str) -> Iterator[Switch]:
    del s3
    with switch_before("AWS_ENDPOINT_URL") as switch:
        yield switch


@pytest.fixture
def bucket(s3: str, switch: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace behind the switch."""
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    address = new_prefix(s3)
    configure(address, n_threads=1, fetching="{}")
    return address


def test_a_task_that_a_service_did_not_answer_runs_again_and_says_so_once(workspace: Path) -> None:
    broken, events = _execute(str(workspace), _toys().Both(how="away twice"))
    assert not broken
    told = [tell_message(event.why) for event in events if isinstance(event, TaskRetried)]
    assert len(told) == 1
    assert told[0].startswith("[Errno 104] Connection reset by peer; trying again until ")
    finished = [event.family for event in events if isinstance(event, TaskFinished)]
    assert sorted(finished) == ["Both", "Fail", "Number", "Number"]


def test_a_service_that_does_not_answer_for_long_ends_the_task_with_its_words(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YULE_PATIENCE_SECONDS", "0.5")
    broken, _ = _execute(str(workspace), _toys().Both(how="away"))
    assert [(task.family, task.is_bug) for task in broken] == [("Fail", False)]
    assert broken[0].message == (
        "The source cannot be reached. It was tried again and again. Run the case again once that is mended: what is "
        "finished is kept."
    )


def test_a_run_goes_on_after_an_outage_of_its_bucket(bucket: str, switch: Switch) -> None:
    root = _toys().Sum(n=4, seconds=0.5)
    configured = plan_tasks([root])
    events: list[RunEvent] = []
    outages = []

    def tell(event: RunEvent) -> None:
        events.append(event)
        if isinstance(event, TaskFinished) and not outages:
            outages.append(switch.cut_for(3))
            outages[0].__enter__()

    broken = execute(configured, workspace=bucket, fetching="{}", n_cores=2, tell=tell)
    outages[0].__exit__(None, None, None)
    assert not broken
    assert (root.output().load() / "sum.txt").read_text() == "6"
    assert len([event for event in events if isinstance(event, TaskFinished)]) == 5
    logs = open_objects(bucket).list("logs/")
    assert len(logs) == 5


USER = Column(name="user", type="string")
METHOD = Method(name="events", source="web", table="events.csv", user="user", columns=(USER,))


@contextmanager
def _pod(bucket: str, folder: Path, *, patience_seconds: float = 600) -> Iterator["subprocess.Popen[str]"]:
    """Start a pod that is to fetch a table of this machine."""
    (folder / "events.csv").write_text("user\n" + "".join(f"u{number}\n" for number in range(1000)))
    sources = Fetching(sources={"web": FilesSource(path=str(folder))})
    fetching = to_json(sources)
    configure(bucket, n_threads=1, fetching=fetching)
    task = DownloadTable(table=to_json(specify(METHOD, sources, open_store(bucket))))
    manifest = Manifest(
        setup=Setup(workspace=bucket, n_threads=1, fetching=fetching),
        step="download",
        pool="small",
        tier=0,
        attempt=0,
        batches=((describe_task(task),),),
    )
    sha256 = write_manifest(open_objects(bucket), manifest)
    own = {
        "YULE_WORKSPACE": bucket,
        "YULE_MANIFEST_SHA256": sha256,
        "JOB_COMPLETION_INDEX": "0",
        "YULE_POD": "pod-0",
        "YULE_TERMINATION_LOG": str(folder / "said"),
        "YULE_CACHE": str(folder / "pod"),
        "YULE_PATIENCE_SECONDS": str(patience_seconds),
    }
    command = [sys.executable, "-m", "yule.runtime.kubernetes.pod"]
    process = subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@pytest.mark.parametrize("wait_seconds", [0.0, 3.0])
def test_a_pod_outlives_an_outage_from_its_beginning_or_in_its_midst(
    bucket: str, switch: Switch, tmp_path: Path, wait_seconds: float
) -> None:
    with _pod(bucket, tmp_path) as pod:
        time.sleep(wait_seconds)
        with switch.cut_for(3):
            _, said = pod.communicate(timeout=60)
    assert pod.returncode == 0, said
    assert len(open_objects(bucket).list("published/DownloadTable/")) == 1


def test_a_pod_whose_workspace_does_not_answer_for_long_leaves_to_be_started_again(
    bucket: str, switch: Switch, tmp_path: Path
) -> None:
    with _pod(bucket, tmp_path, patience_seconds=0.5) as pod:
        switch.cut()
        _, said = pod.communicate(timeout=60)
    assert pod.returncode == TRANSIENT, said
    assert "S3: " in (tmp_path / "said").read_text()


def test_a_pod_whose_workspace_is_not_there_is_not_started_again(s3: str, tmp_path: Path) -> None:
    del s3
    own = {"YULE_WORKSPACE": "s3://no-such-bucket/a", "YULE_MANIFEST_SHA256": "0" * 64, "JOB_COMPLETION_INDEX": "0"}
    environment = {**os.environ, **own, "YULE_POD": "pod-0", "YULE_TERMINATION_LOG": str(tmp_path / "said")}
    command = [sys.executable, "-m", "yule.runtime.kubernetes.pod"]
    assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode == REFUSED
    assert "NoSuchBucket" in (tmp_path / "said").read_text()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[tuple[Switch, StandIn]]:
    """A cluster without nodes, behind a switch."""
    with start_cluster(tmp_path / "cluster") as cluster:
        settings = json.loads(cluster.kubeconfig.read_text())
        switch = Switch(settings["clusters"][0]["cluster"]["server"])
        settings["clusters"][0]["cluster"]["server"] = switch.address
        cluster.kubeconfig.write_text(json.dumps(settings))
        yield switch, cluster
        switch.close()


def _connect(cluster: StandIn, monkeypatch: pytest.MonkeyPatch, patience_seconds: float) -> OfficialCluster:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    return connect_cluster(context=None, namespace="default", patience_seconds=patience_seconds)


@pytest.mark.slow
def test_requests_outlive_an_outage_of_the_api(api: tuple[Switch, StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    switch, cluster = api
    connected = _connect(cluster, monkeypatch, 60)
    with switch.cut_for(3):
        assert connected.list("jobs", "").items == ()
        assert connected.get("jobs", "absent") is None


@pytest.mark.slow
def test_a_driver_says_once_that_the_api_does_not_answer_and_once_that_it_does(
    api: tuple[Switch, StandIn], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    switch, cluster = api
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    connected = connect_cluster(context=None, namespace="yule", patience_seconds=60, tells_outages=True)
    with switch.cut_for(3):
        assert connected.list("jobs", "").items == ()
    first, last = capfd.readouterr().err.splitlines()
    assert re.fullmatch(
        rf"The API server does not answer \(the cluster at {switch.address} cannot be reached: Connection refused\)\. "
        r"Trying again until \d\d:\d\d\.",
        first,
    )
    assert last == "The API server answers again."


def test_an_api_that_does_not_answer_for_long_is_an_error_that_is_transient(
    api: tuple[Switch, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch, cluster = api
    connected = _connect(cluster, monkeypatch, 0.5)
    switch.cut()
    with pytest.raises(ClusterError, match="cannot be reached") as raised:
        connected.list("jobs", "")
    assert is_transient(raised.value)


def test_what_the_api_refuses_is_not_transient(api: tuple[Switch, StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    _, cluster = api
    cluster.faults.forbidden.add("list jobs")
    with pytest.raises(ClusterError) as raised:
        _connect(cluster, monkeypatch, 60).list("jobs", "")
    assert not is_transient(raised.value)


def test_the_journal_loses_and_doubles_nothing_in_an_outage(bucket: str, switch: Switch) -> None:
    objects = open_objects(bucket)
    journal, reader = Journal(objects, "a"), JournalReader(objects, "a")
    events = [RunPlanned(n_tasks=number, n_cached=0, n_workers=1, n_threads=1) for number in range(4)]
    heard: list[RunEvent] = []
    for number, event in enumerate(events):
        journal.tell(event)
        if number % 2:
            with switch.cut_for(2):
                journal.flush(is_urgent=True)
        else:
            switch.cut()
            journal.hurry()
            switch.restore()
        heard += reader.take()
    assert heard == events


def test_an_outage_is_not_taken_for_a_disk_that_cannot_be_read(workspace: Path) -> None:
    _execute(str(workspace), _toys().Number(number=3))
    away = _toys().Unreachable(number=3)
    with pytest.raises(Unanswered):
        remove_unreadable([away])
    assert away.complete()
