"""What 300 and 1,000 shards cost the driver: requests to the API, memory, time of its own.

Run with ``PYTHONPATH=tests:tests/conformance python benchmarks/kubernetes_shards.py``. The cluster is the tests'
stand-in, in another process than the driver. First its pods only publish their outputs, so that what is measured is the
driver; then a whole case of 300 shards runs with a process for each of them.
"""

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import luigi
from sites import finish, make_site, write_small_project
from standin import start_cluster
from standin.interpreter import keep_warm

from yule.core.settings import from_bytes
from yule.runtime.kubernetes.api.client import connect_cluster
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.jobs import driver_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.pods import KubernetesPods
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.runtime.plan import plan_tasks
from yule.runtime.walker import walk
from yule.storage.claims import Claims
from yule.storage.opening import open_store
from yule.storage.setup import configure
from yule.storage.task import Task

N_SHARDS = (300, 1000)
N_PODS = 6  # at once, where they are processes
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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        print(json.dumps({"shards": N_SHARDS[0], "with": "processes", **measure_case(Path(scratch), N_SHARDS[0])}))


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


def measure_case(scratch: Path, n_shards: int) -> dict[str, float]:
    """Return what a case of that many shards costs whose pods are processes."""
    import made_up

    made_up.N_USERS = 10 * n_shards
    project = write_small_project(scratch / "project")
    case = project / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("shards: 3", f"shards: {n_shards}"))
    with keep_warm(scratch / "python") as python, start_cluster(scratch / "cluster", python=python) as stand_in:
        site = make_site(project, stand_in.kubeconfig, stand_in, python=python, workspace="workspace")
        site.change("^  pools:", f"  max_pods: {N_PODS}\n  pools:")
        began = time.monotonic()
        command = site.start("run", "beer", "--on", "kubernetes", "--json")
        with ThreadPoolExecutor(1) as beside:
            ended = beside.submit(finish, command)
            peak_mib = 0
            while not ended.done():
                peak_mib = max(peak_mib, *(stand_in.nodes.read_peak(pod) for pod in stand_in.find_pods("driver")), 0)
                time.sleep(0.5)
        seconds, run = time.monotonic() - began, ended.result()
        pods = [float(str(event["seconds"])) for event in run.events("pod") if event["step"] == "predict"]
        n_requests = sum(stand_in.counts.values())
    return {
        "requests": n_requests,
        "requests_per_shard": round(n_requests / n_shards, 3),
        "seconds": round(seconds, 1),
        "seconds_of_predict_pods": round(sum(pods), 1),
        "driver_peak_mib": peak_mib,
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(drive(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
