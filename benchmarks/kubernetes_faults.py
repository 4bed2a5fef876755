"""What random faults cost, and whether they change a byte: the beer case of the Complete Journey on the stand-in.

Run with ``PYTHONPATH=tests python benchmarks/kubernetes_faults.py [SEED]``, after ``make demo`` has brought the data.
Every few seconds a pod or the driver is preempted, deleted or killed for memory, or its node is lost. Then the same
case is run on this machine, and every output is compared.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from standin import StandIn, start_cluster

EXAMPLE = Path(__file__).parents[1] / "examples" / "complete-journey"
PAUSE_SECONDS = (5.0, 10.0)

CLUSTER = """
image: registry.example/acme/yule@sha256:{digest}
kubernetes:
  environment: {{KUBECONFIG: {kubeconfig}}}
  max_pods: 3
  pools: {{small: {{cpu: 1, memory: [1GiB, 2GiB, 3GiB, 4GiB, 5GiB, 6GiB], price: {{cpu: 0.03, memory: 0.004}}}}}}
"""


def disturb(cluster: StandIn, seed: int, told: Counter[str], ended: threading.Event) -> None:
    """Hit a pod at random, again and again."""
    chance = random.Random(seed)
    faults = [cluster.preempt, cluster.preempt, cluster.run_out_of_memory, cluster.lose_node, cluster.delete_pod]
    while not ended.wait(chance.uniform(*PAUSE_SECONDS)):
        pods = cluster.find_pods() + cluster.find_pods("driver")
        if pods:
            fault, pod = chance.choice(faults), chance.choice(pods)
            told[f"{fault.__name__} {'driver' if '-driver-' in pod else 'pod'}"] += 1
            fault(pod)


def copy_example(folder: Path, settings: str = "") -> Path:
    """Copy the example without what it has computed."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("workspace"))
    file = folder / "project.yaml"
    file.write_text(file.read_text() + settings)
    return folder


def run(project: Path, *options: str, environment: dict[str, str]) -> list[dict[str, object]]:
    """Answer the case and return the events."""
    command = [sys.executable, "-m", "yule", "run", "beer-buyers", "--json", *options]
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_outputs(project: Path) -> dict[str, object]:
    """Return the digests of all files of all outputs."""
    records = (project / "workspace" / "cache").rglob("task.json")
    return {str(record.parent.name): json.loads(record.read_text())["files"] for record in records}


def main() -> None:
    """Print what happened, as JSON."""
    seed = int(sys.argv[1]) if sys.argv[1:] else 1
    told: Counter[str] = Counter()
    ended = threading.Event()
    with tempfile.TemporaryDirectory() as scratch, start_cluster(Path(scratch) / "cluster") as cluster:
        settings = CLUSTER.format(digest="0" * 64, kubeconfig=cluster.kubeconfig)
        remote = copy_example(Path(scratch) / "remote", settings)
        environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig), "OMP_NUM_THREADS": "1"}
        threading.Thread(target=disturb, args=(cluster, seed, told, ended), daemon=True).start()
        began = time.monotonic()
        events = run(remote, "--on", "kubernetes", environment=environment)
        seconds = time.monotonic() - began
        ended.set()
        here = copy_example(Path(scratch) / "here")
        run(here, environment=environment)
        outputs = [read_outputs(project) for project in (remote, here)]
        finished = Counter(event["unique_id"] for event in events if event["event"] == "finished")
        figures = {
            "seconds": round(seconds),
            "faults": told,
            "tasks": len(finished),
            "finished twice": sum(count > 1 for count in finished.values()),
            "retried": sum(event["event"] == "retried" for event in events),
            "outputs": len(outputs[1]),
            "outputs that differ": sum(outputs[0].get(name) != files for name, files in outputs[1].items()),
        }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
