"""What 300 and 1,000 shards cost the driver: requests to the API, memory, time of its own.

Run with ``PYTHONPATH=tests python benchmarks/kubernetes_shards.py``. The cluster is the tests' stand-in, in another
process; its pods only publish their outputs, so what is measured is the driver.
"""

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import luigi
from standin import start_cluster

from yule.core.settings import from_bytes
from yule.runtime.kubernetes.api.client import connect_cluster
from yule.runtime.kubernetes.jobs import Frame, driver_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.pods import KubernetesPods
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.runtime.plan import plan_tasks
from yule.runtime.walker import walk
from yule.storage.claims import Claims
from yule.storage.opening import open_store
from yule.storage.task import Task, configure

N_SHARDS = (300, 1000)
PARAMETER_BYTES = 10_000  # an answer of a real case, as JSON


class Shard(Task):
    """A shard that is only named here; the stand-in's runner publishes it."""

    step = "predict"
    shard: luigi.IntParameter = luigi.IntParameter()
    answer: luigi.Parameter[str] = luigi.Parameter(default="x" * PARAMETER_BYTES)


def drive(workspace: str, n_shards: int) -> dict[str, float]:
    """Walk the shards as a driver does; return what it took."""
    configure(workspace, n_threads=1, fetching="{}")
    cluster = connect_cluster(context=None, namespace="yule")
    settings = ClusterSettings(
        pools={"cpu": Pool(name="cpu", cpu=0.01, memory_mib=(16,))},
        steps={"predict": "cpu"},
        driver_pool="cpu",
        max_pods=200,
    )
    frame = Frame(launch="0123456789", project="p", image="i", commit="", workspace=workspace, settings=settings)
    uid = cluster.create("jobs", driver_job(frame, ()))["metadata"]["uid"]
    plan = plan_tasks([Shard(shard=number) for number in range(n_shards)])
    began, used = time.monotonic(), time.process_time()
    store = open_store(workspace)
    pods = KubernetesPods(cluster, frame=frame, anchor_uid=uid, fetching="{}", store=store, tell=lambda _event: None)
    broken = walk(
        plan,
        workers=pods,
        claims=Claims(Path(workspace) / "claims"),
        find_log=lambda task: task.task_family,
        tell=lambda _event: None,
        check_interrupt=lambda: None,
    )
    pods.stop()
    assert not broken
    return {
        "seconds": round(time.monotonic() - began, 1),
        "driver_cpu_seconds": round(time.process_time() - used, 1),
        "driver_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Run a cluster and a driver, and print what the shards cost."""
    for n_shards in N_SHARDS:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps({"shards": n_shards, **measure(Path(scratch), n_shards)}), flush=True)


def measure(scratch: Path, n_shards: int) -> dict[str, float]:
    """Return what a number of shards costs."""
    workspace = str(scratch / "workspace")
    store = open_store(workspace)

    @cache
    def read(sha256: str) -> Manifest:  # as it is: the shards' class is none of Yule's
        return from_bytes(Manifest, gzip.decompress(store.objects.read(f"manifests/{sha256}.json.gz") or b""))

    def run(_pod: dict[str, Any], environment: dict[str, str]) -> int:
        manifest = read(environment["YULE_MANIFEST_SHA256"])
        for message in manifest.batches[int(environment["JOB_COMPLETION_INDEX"])]:
            with store.staging() as folder:
                store.publish(folder, f"cache/{message.family}/{message.unique_id}")
        return 0

    with start_cluster(scratch / "cluster", runner=run) as stand_in:
        environment = {**os.environ, "KUBECONFIG": str(stand_in.kubeconfig)}
        command = [sys.executable, __file__, workspace, str(n_shards)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        n_requests = sum(stand_in.counts.values())
    return {"requests": n_requests, "requests_per_shard": n_requests / n_shards, **json.loads(done.stdout)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(drive(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
