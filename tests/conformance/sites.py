"""Where the conformance suite runs: on the stand-in, or on a real cluster that the environment names.

``YULE_TEST_KUBECONFIG``, ``YULE_TEST_IMAGE`` (by digest), ``YULE_TEST_NAMESPACE`` and ``YULE_TEST_WORKSPACE`` (an
address that pods and this machine both reach) name the real one; see ``docs/kubernetes/conformance.md``.
"""

import hashlib
import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from standin import StandIn

from yule.runtime.kubernetes.api.client import OfficialCluster, connect_cluster

KUBECONFIG = os.environ.get("YULE_TEST_KUBECONFIG")
IMAGE = os.environ.get("YULE_TEST_IMAGE", f"registry.example/acme/yule@sha256:{'0' * 64}")
NAMESPACE = os.environ.get("YULE_TEST_NAMESPACE", "yule")

POOLS = """\
  pools:
    small: {cpu: 0.5, memory: [512MiB, 768MiB, 1GiB], price: {cpu: 0.03, memory: 0.004}}
    steady: {cpu: 0.5, memory: [512MiB, 768MiB, 1GiB]}
"""


@dataclass
class Site:
    """A project and the cluster it runs on."""

    project: Path
    cluster: OfficialCluster
    stand_in: StandIn | None
    environment: dict[str, str]

    def yule(self, *arguments: str, is_ok: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        done = self.start(*arguments)
        printed, said = done.communicate(timeout=280)
        assert not is_ok or done.returncode == 0, printed + said
        return subprocess.CompletedProcess(arguments, done.returncode, printed, said)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        command = [sys.executable, "-m", "yule", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.project, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def digests(self) -> dict[str, str]:
        """Digest the list and the figures of the run. The page of a run on a cluster tells its costs, too."""
        own = ("run.json", "report.html")
        shown = json.loads(self.yule("runs", "--json").stdout)[-1]["run"]
        self.yule("show", shown)
        folders = [
            *self.project.glob(f"workspace/runs/{shown}"),
            *self.project.glob(f"machine/workspaces/*/runs/{shown}"),
        ]
        files = [file for folder in folders for file in folder.glob("*") if file.name not in own and file.is_file()]
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    def events(self, printed: str, kind: str) -> list[dict[str, object]]:
        """Return the events of a kind that ``--json`` printed."""
        return [event for event in map(json.loads, printed.splitlines()) if event["event"] == kind]


def make_site(project: Path, kubeconfig: Path, stand_in: StandIn | None) -> Site:
    """Tell a project which cluster it runs on."""
    os.environ["KUBECONFIG"] = str(kubeconfig)
    workspace = os.environ.get("YULE_TEST_WORKSPACE")
    workspace = f"{workspace.rstrip('/')}/{uuid.uuid4().hex[:8]}" if workspace else "workspace"
    variables = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    variables |= {"KUBECONFIG": str(kubeconfig)} if stand_in else {}
    text = (project / "project.yaml").read_text().replace("workspace: workspace", f"workspace: {workspace}")
    section = f"image: {IMAGE}\nkubernetes:\n  namespace: {NAMESPACE}\n{POOLS}  environment: {json.dumps(variables)}\n"
    (project / "project.yaml").write_text(text + section)
    environment = {**os.environ, "YULE_CACHE": str(project / "machine"), "OMP_NUM_THREADS": "1"}
    cluster = connect_cluster(context=None, namespace=NAMESPACE)
    return Site(project=project, cluster=cluster, stand_in=stand_in, environment=environment)
