"""Nodes: a scheduler, and kubelets that run a pod's command as a process of this machine."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from standin.processes import CGROUP, begin_counts, find_workers, kill_all, kill_worker, read_peak
from standin.quota import needs
from standin.state import Body, State, condition, now

GRACE_SECONDS = 15.0  # what spot nodes give

Runner = Callable[[Body, dict[str, str]], int]


@dataclass
class Node:
    """A machine."""

    name: str
    cpu: float = 64.0
    memory_mib: int = 1_000_000
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[dict[str, str], ...] = ()
    cgroup: Literal[1, 2] = 2
    is_slow: bool = False
    """Whether it is still pulling images: no pod begins on it."""


@dataclass
class Running:
    """A pod at work."""

    process: subprocess.Popen[bytes] | None
    folder: Path
    verdict: dict[str, str] = field(default_factory=dict)
    is_deleted: bool = False


class Nodes:
    """Schedules pods and runs them."""

    def __init__(
        self, state: State, folder: Path, nodes: list[Node], *, python: str = sys.executable, runner: Runner | None
    ) -> None:
        self.state = state
        self.folder = folder
        self.python = python
        self.nodes = {node.name: node for node in nodes}
        self.running: dict[str, Running] = {}
        self.bad_images: set[str] = set()
        self.secrets: dict[str, dict[str, str]] = {}
        self.variables: dict[str, dict[str, str]] = {}
        """Variables of the pods of a component, ``driver`` or ``work``, as if it had a network of its own."""
        self._runner = runner
        self._threads = ThreadPoolExecutor(16) if runner else None

    def sync(self) -> None:
        """Schedule what is pending, and end what was deleted."""
        pods = self.state.list("pods")
        present = {pod["metadata"]["name"] for pod in pods}
        for name, running in list(self.running.items()):
            if name not in present and not running.is_deleted:
                running.is_deleted = True
                self.signal_pod(name, signal.SIGTERM)
                self.kill_later(name, GRACE_SECONDS)
        used = {name: [0, 0] for name in self.nodes}
        for pod in pods:
            if pod["spec"].get("nodeName") in used and pod["status"]["phase"] in ("Pending", "Running"):
                cpu, memory = needs(pod)
                used[pod["spec"]["nodeName"]][0] += cpu
                used[pod["spec"]["nodeName"]][1] += memory
        for pod in pods:
            if pod["status"]["phase"] == "Pending":
                if "nodeName" not in pod["spec"]:
                    self._schedule(pod, used)
                if pod["spec"].get("nodeName") in self.nodes:
                    self._start(pod)

    def _schedule(self, pod: Body, used: dict[str, list[int]]) -> None:
        cpu, memory = needs(pod)
        why: dict[str, int] = {}
        for node in self.nodes.values():
            problem = self._find_problem(pod, node, used[node.name], cpu, memory)
            if problem is None:
                used[node.name][0] += cpu
                used[node.name][1] += memory
                pod["spec"]["nodeName"] = node.name
                pod["status"]["conditions"] = [condition("PodScheduled")]
                return
            why[problem] = why.get(problem, 0) + 1
        reasons = ", ".join(f"{n} {problem}" for problem, n in why.items())
        message = f"0/{len(self.nodes)} nodes are available: {reasons}. preemption: not helpful."
        message = message if self.nodes else "no nodes available to schedule pods"
        if pod["status"].get("conditions", [{}])[0].get("message") != message:
            pod["status"]["conditions"] = [condition("PodScheduled", "Unschedulable", message, "False")]
            self.state.touch("pods", pod)

    def _find_problem(self, pod: Body, node: Node, used: list[int], cpu: int, memory: int) -> str | None:
        tolerated = pod["spec"].get("tolerations", ())
        for taint in node.taints:
            if not any(item["key"] == taint["key"] for item in tolerated):
                return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
        if any(node.labels.get(key) != value for key, value in pod["spec"].get("nodeSelector", {}).items()):
            return "node(s) didn't match Pod's node affinity/selector"
        if used[0] + cpu > node.cpu * 1000:
            return "Insufficient cpu"
        return "Insufficient memory" if used[1] + memory > node.memory_mib * 1024**2 else None

    def _start(self, pod: Body) -> None:
        waiting = self._find_obstacle(pod)
        if waiting:
            state = {"name": "main", "image": pod["spec"]["containers"][0]["image"], "state": {"waiting": waiting}}
            if pod["status"].get("containerStatuses") != [state]:
                pod["status"]["containerStatuses"] = [state]
                self.state.touch("pods", pod)
            return
        name = pod["metadata"]["name"]
        scratch = Path(tempfile.mkdtemp(prefix=f"{name[:40]}-", dir=self.folder))
        begin_counts(scratch, version=self.nodes[pod["spec"]["nodeName"]].cgroup)
        environment = self._environment(pod, scratch)
        pod["status"] |= {"phase": "Running", "startTime": now()}
        pod["status"]["containerStatuses"] = [{"name": "main", "state": {"running": {"startedAt": now()}}}]
        self.state.touch("pods", pod)
        if self._runner is not None and self._threads is not None and "manifest" in str(environment).lower():
            self.running[name] = Running(process=None, folder=scratch)
            self._threads.submit(self._run_here, pod, environment)
            return
        command = [self.python if part == "python" else part for part in pod["spec"]["containers"][0]["command"]]
        with (scratch / "log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=scratch, start_new_session=True
            )
        self.running[name] = Running(process=process, folder=scratch)
        threading.Thread(target=self._wait, args=(pod,), daemon=True).start()

    def _find_obstacle(self, pod: Body) -> dict[str, str] | None:
        """Say why a pod's container cannot begin on its node yet; None when it can."""
        (container,) = pod["spec"]["containers"]
        if self.nodes[pod["spec"]["nodeName"]].is_slow:
            return {"reason": "ContainerCreating"}
        if container["image"] in self.bad_images:
            return {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{container["image"]}"'}
        sources = [item.get("valueFrom", {}).get("configMapKeyRef") for item in container.get("env", ())]
        missing = [source["name"] for source in sources if source and not self.state.get("configmaps", source["name"])]
        if missing:
            return {"reason": "CreateContainerConfigError", "message": f'configmap "{missing[0]}" not found'}
        return None

    def _run_here(self, pod: Body, environment: dict[str, str]) -> None:
        assert self._runner is not None
        try:
            code = self._runner(pod, environment)
        except Exception:
            traceback.print_exc()
            code = 1
        with self.state.lock:
            self._end(pod, code)

    def _wait(self, pod: Body) -> None:
        process = self.running[pod["metadata"]["name"]].process
        assert process is not None
        code = process.wait()
        kill_all(self.running[pod["metadata"]["name"]].folder)  # a container ends with all its processes
        with self.state.lock:
            self._end(pod, 128 - code if code < 0 else code)

    def _end(self, pod: Body, code: int) -> None:
        running = self.running.pop(pod["metadata"]["name"])
        if pod["status"]["phase"] not in ("Pending", "Running"):
            return
        said = running.folder / "termination-log"
        message = said.read_text() if said.exists() else ""
        began = pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
        reason = running.verdict.get("container", "Completed" if code == 0 else "Error")
        ended = {"exitCode": code, "reason": reason, "message": message, "startedAt": began, "finishedAt": now()}
        status = pod["status"]
        status["phase"] = "Succeeded" if code == 0 else "Failed"
        status["containerStatuses"] = [{"name": "main", "state": {"terminated": ended}}]
        if "reason" in running.verdict:
            status |= {"reason": running.verdict["reason"], "message": running.verdict["message"]}
        if "disruption" in running.verdict and code != 0:
            status.setdefault("conditions", []).append(condition("DisruptionTarget", running.verdict["disruption"]))
        self.state.touch("pods", pod)

    def _environment(self, pod: Body, scratch: Path) -> dict[str, str]:
        """Build the environment; a value that is the path of an emptyDir is replaced by a folder of this machine."""
        (container,) = pod["spec"]["containers"]
        empty = {volume["name"] for volume in pod["spec"].get("volumes", ()) if "emptyDir" in volume}
        folders = {mount["mountPath"]: scratch / mount["name"] for mount in container.get("volumeMounts", ())
                   if mount["name"] in empty}  # fmt: skip
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        environment = {**os.environ, "YULE_CGROUP": str(scratch / CGROUP)}
        environment["YULE_TERMINATION_LOG"] = str(scratch / "termination-log")
        for source in container.get("envFrom", ()):
            environment |= self.secrets.get(source["secretRef"]["name"], {})
        for item in container.get("env", ()):
            value = item["value"] if "value" in item else self._look_up(pod, item["valueFrom"])
            environment[item["name"]] = str(folders.get(value, value))
        environment |= self.variables.get(pod["metadata"]["labels"].get("app.kubernetes.io/component", ""), {})
        index = pod["metadata"]["annotations"].get("batch.kubernetes.io/job-completion-index")
        return environment | {"JOB_COMPLETION_INDEX": str(index)}

    def _look_up(self, pod: Body, source: Body) -> str:
        if "configMapKeyRef" in source:
            found = self.state.get("configmaps", source["configMapKeyRef"]["name"])
            return str(found["data"][source["configMapKeyRef"]["key"]]) if found else ""
        path = source["fieldRef"]["fieldPath"]
        if path.startswith("metadata.annotations["):
            return str(pod["metadata"]["annotations"].get(path.split("'")[1], ""))
        return str(pod["metadata"]["name"] if path == "metadata.name" else pod["spec"]["nodeName"])

    def signal_pod(self, name: str, number: int, **verdict: str) -> None:
        """Send a signal to a pod: to its first process, or with SIGKILL to all at once."""
        running = self.running.get(name)
        if running is None or running.process is None:
            return
        running.verdict |= verdict
        if number == signal.SIGKILL:
            kill_all(running.folder)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.process.pid, number)

    def kill_worker(self, name: str) -> bool:
        """Kill the process of a pod that is at a task, for memory; False when there is none."""
        running = self.running.get(name)
        return running is not None and kill_worker(running.folder)

    def is_at_task(self, name: str) -> bool:
        """Return whether a process of a pod is at a task."""
        running = self.running.get(name)
        return running is not None and bool(find_workers(running.folder))

    def hang(self, name: str) -> None:
        """Stop the processes of a pod that are at tasks; they can only be killed."""
        running = self.running.get(name)
        for process in find_workers(running.folder) if running else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)

    def read_peak(self, name: str) -> int:
        """Return the most memory that a process of a pod has had, in MiB."""
        running = self.running.get(name)
        return read_peak(running.folder) if running else 0

    def kill_later(self, name: str, seconds: float) -> None:
        """Kill a pod that does not end by itself in time."""

        def kill() -> None:
            time.sleep(seconds)
            self.signal_pod(name, signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
