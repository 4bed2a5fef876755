"""What a pod leaves behind for the driver: its exit code and its last words."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from toy_cluster import ToyCluster, make_message

from yule.core.limits import count_memory_kills

UNKNOWN = [replace(make_message(number, step="features"), family="Unknown") for number in (1, 2)]
UNKNOWN = [replace(message, log=f"logs/Unknown/{message.unique_id}.log") for message in UNKNOWN]
AT_WORK = [f"Unknown[{message.unique_id}]" for message in UNKNOWN]


@pytest.fixture
def cluster(tmp_path: Path) -> ToyCluster:
    return ToyCluster(tmp_path / "workspace")


def start_pod(cluster: ToyCluster) -> "subprocess.Popen[bytes]":
    """Start the pod of a Job with two tasks that this code does not have; none of them can be done."""
    job = cluster.objects["jobs"][cluster.add_job([UNKNOWN])]
    environment = {
        **os.environ,
        "YULE_WORKSPACE": str(cluster.store.root),
        "YULE_MANIFEST_SHA256": job["metadata"]["annotations"]["yule.dev/manifest-sha256"],
        "JOB_COMPLETION_INDEX": "0",
        "YULE_POD": "pod",
        "YULE_TERMINATION_LOG": str(last_words(cluster)),
    }
    return subprocess.Popen([sys.executable, "-m", "yule.runtime.kubernetes.pod"], env=environment)


def last_words(cluster: ToyCluster) -> Path:
    return cluster.store.root.parent / "termination-log"


def test_a_pod_that_is_killed_whole_has_said_which_task_it_was_at(cluster: ToyCluster) -> None:
    pod = start_pod(cluster)
    deadline = time.monotonic() + 30
    while not (last_words(cluster).exists() and last_words(cluster).read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pod.send_signal(signal.SIGKILL)
    pod.wait()
    assert last_words(cluster).read_text() == AT_WORK[0]


def test_a_pod_says_what_ended_which_task(cluster: ToyCluster) -> None:
    cluster.publish(UNKNOWN[0])
    assert start_pod(cluster).wait(60) == 65
    assert last_words(cluster).read_text().startswith(f"{AT_WORK[1]}: yule.pipeline.training has no task 'Unknown'")


def test_a_pod_that_has_done_all_says_nothing(cluster: ToyCluster) -> None:
    for message in UNKNOWN:
        cluster.publish(message)
    last_words(cluster).write_text(AT_WORK[1])
    assert start_pod(cluster).wait(60) == 0
    assert last_words(cluster).read_text() == ""


def test_the_kernels_kills_are_counted_in_both_kinds_of_control_groups(tmp_path: Path) -> None:
    assert count_memory_kills(tmp_path) == 0
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert count_memory_kills(tmp_path) == 2
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 4\noom_kill 3\n")
    assert count_memory_kills(tmp_path) == 3
