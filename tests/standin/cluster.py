"""The cluster as tests use it."""

import copy
import json
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from switch import Switch

from standin.jobs import UNCOUNTED, JobController
from standin.nodes import GRACE_SECONDS, Node, Nodes, Runner
from standin.server import Faults, serve
from standin.state import Body, State, condition, now, owner_of


class StandIn:
    """A cluster of this machine.

    Parameters
    ----------
    folder
        Where it keeps its files.
    nodes
        Its machines.
    python
        The Python of its images.
    runner
        Runs the pods that do the work in place of processes, for measurements.
    backoff_seconds
        How long a pod's replacement waits; 10 s in a real cluster.
    """

    def __init__(
        self, folder: Path, nodes: Sequence[Node], *, python: str, runner: Runner | None, backoff_seconds: float
    ) -> None:
        self.state = State()
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.nodes = Nodes(self.state, folder, list(nodes), python=python, runner=runner)
        self.jobs = JobController(self.state, backoff_seconds=backoff_seconds)
        self._server = serve(self.state, self.faults, self.counts, self._read_log)
        host, port = self._server.server_address[:2]
        self.api = Switch(f"http://{host}:{port}")
        """Stands before the API server and can be cut."""
        self._ended = False
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self._write_kubeconfig()
        threading.Thread(target=self._loop, daemon=True).start()

    def preempt(self, pod: str) -> None:
        """Take a pod's node away with the notice that spot nodes give."""
        self.nodes.signal_pod(pod, signal.SIGTERM, disruption="TerminationByKubelet")
        self.nodes.kill_later(pod, GRACE_SECONDS)

    def hang(self, pod: str) -> None:
        """Have the processes of a pod that are at tasks get no further, as if they had much to do."""
        self.nodes.hang(pod)

    def evict(self, pod: str) -> None:
        """Evict a pod since its node has run out of memory."""
        message = "The node was low on resource: memory."
        self.nodes.signal_pod(pod, signal.SIGKILL, disruption="TerminationByKubelet", reason="Evicted", message=message)

    def run_out_of_memory(self, pod: str) -> None:
        """Kill a whole container as the kernel does when it has used up its memory."""
        self.nodes.signal_pod(pod, signal.SIGKILL, container="OOMKilled")

    def kill_worker(self, pod: str) -> bool:
        """Kill for memory only the process that is at a task, where there is one; the kernel's count says so."""
        return self.nodes.kill_worker(pod)

    def is_at_task(self, pod: str) -> bool:
        """Return whether a process of a pod is at a task."""
        return self.nodes.is_at_task(pod)

    def kill(self, pod: str) -> None:
        """Kill a pod from outside, for no reason that is told."""
        self.nodes.signal_pod(pod, signal.SIGKILL)

    def lose_node(self, pod: str) -> None:
        """Make the node of a pod vanish with it; another of its name takes its place."""
        with self.state.lock:
            body = self.state.get("pods", pod)
            if body is not None and body["status"]["phase"] in ("Pending", "Running"):
                self.nodes.signal_pod(pod, signal.SIGKILL)
                body["status"] |= {"phase": "Failed", "containerStatuses": []}
                body["status"].setdefault("conditions", []).append(condition("DisruptionTarget", "DeletionByPodGC"))
                self.state.touch("pods", body)

    def remove_node(self, name: str) -> Node:
        """Take a node out of the cluster, with all pods on it, also those that have not begun."""
        with self.state.lock:
            node = self.nodes.nodes.pop(name)
            for pod in self.state.list("pods", lambda pod: pod["spec"].get("nodeName") == name):
                self.lose_node(pod["metadata"]["name"])
        return node

    def add_node(self, node: Node) -> None:
        """Add a node."""
        with self.state.changed:
            self.nodes.nodes[node.name] = node
            self.state.changed.notify_all()

    def occupy(self, *, cpu: str, memory: str) -> str:
        """Have a pod that is none of Yule's run in the namespace; return its name."""
        request = {"requests": {"cpu": cpu, "memory": memory}}
        spec = {"containers": [{"name": "main", "image": "other", "resources": request}]}
        name = f"other-{uuid.uuid4().hex[:5]}"
        metadata = {"name": name, "labels": {"app": "other"}, "annotations": {}}
        self.state.create("pods", {"metadata": metadata, "spec": spec, "status": {"phase": "Running"}})
        return name

    def double(self, pod: str) -> str:
        """Have a pod run twice, as when a node that was given up comes back; return the second one's name."""
        with self.state.lock:
            body = copy.deepcopy(self.state.get("pods", pod))
            assert body is not None
            body["metadata"]["name"] += "-again"
            body["metadata"]["annotations"][UNCOUNTED] = "true"
            del body["spec"]["nodeName"]
            self.state.create("pods", {**body, "status": {"phase": "Pending"}})
        return str(body["metadata"]["name"])

    def upgrade(self, seconds: float) -> None:
        """Replace the control plane: it is away for some time, all watches end, and old versions are gone."""
        with self.api.cut_for(seconds):
            self.state.forget()
            time.sleep(seconds)

    def delete_pod(self, pod: str) -> None:
        """Delete a pod as a person does."""
        self.nodes.signal_pod(pod, signal.SIGKILL)
        self.state.delete("pods", pod)

    def find_pods(self, component: str = "work", phase: str = "Running") -> list[str]:
        """Return the names of the pods in a phase."""

        def is_asked(pod: Body) -> bool:
            label = pod["metadata"]["labels"].get("app.kubernetes.io/component")
            return label == component and pod["status"].get("phase") == phase

        return [pod["metadata"]["name"] for pod in self.state.list("pods", is_asked)]

    def phase(self, pod: str) -> str:
        """Return the phase a pod is in."""
        body = self.state.get("pods", pod)
        return str(body["status"].get("phase")) if body else "gone"

    def age(self, pod: str, *, minutes: float) -> None:
        """Have a pod have waited longer."""
        body = self.state.get("pods", pod)
        assert body is not None
        with self.state.lock:
            body["metadata"]["creationTimestamp"] = now(60 * minutes)
            for item in body["status"].get("conditions", ()):
                item["lastTransitionTime"] = now(60 * minutes)
            self.state.touch("pods", body)

    def stop(self) -> None:
        """End all processes."""
        self._ended = True
        for name in list(self.nodes.running):
            self.nodes.signal_pod(name, signal.SIGKILL)
        self.api.close()
        self._server.shutdown()

    def _loop(self) -> None:
        version = -1
        while not self._ended:
            with self.state.changed:
                if self.state.version == version:
                    self.state.changed.wait(0.05)
                version = self.state.version
                self._collect_garbage()
                self.jobs.sync()
                self.nodes.sync()

    def _collect_garbage(self) -> None:
        uids = {body["metadata"]["uid"] for body in self.state.list("jobs")} | {""}
        for kind in ("configmaps", "jobs", "pods"):
            for body in self.state.list(kind, lambda body: owner_of(body) not in uids):
                self.state.delete(kind, body["metadata"]["name"])

    def _read_log(self, pod: str, n_lines: int) -> bytes:
        for folder in self.folder.glob(f"{pod[:40]}-*"):
            return b"".join((folder / "log").read_bytes().splitlines(keepends=True)[-n_lines:])
        return b""

    def _write_kubeconfig(self) -> None:
        settings = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "stand-in",
            "clusters": [{"name": "stand-in", "cluster": {"server": self.api.address}}],
            "users": [{"name": "tester", "user": {"token": "secret"}}],
            "contexts": [{"name": "stand-in", "context": {"cluster": "stand-in", "user": "tester"}}],
        }
        self.kubeconfig.write_text(json.dumps(settings))


@contextmanager
def start_cluster(
    folder: Path,
    nodes: Sequence[Node] = (),
    *,
    python: str = sys.executable,
    runner: Runner | None = None,
    backoff_seconds: float = 0.2,
) -> Iterator[StandIn]:
    """Run a cluster; without nodes it has two, of which the second is a tainted spot node."""
    spot = Node(name="spot", labels={"pool": "spot"}, taints=({"key": "spot", "value": "true"},))
    folder.mkdir(parents=True, exist_ok=True)
    machines = nodes or [Node(name="steady"), spot]
    cluster = StandIn(folder, machines, python=python, runner=runner, backoff_seconds=backoff_seconds)
    try:
        yield cluster
    finally:
        cluster.stop()
