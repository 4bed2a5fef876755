"""Where the conformance suite runs: on the stand-in, or on a real cluster that the environment names.

``YULE_TEST_KUBECONFIG``, ``YULE_TEST_IMAGE`` (by digest), ``YULE_TEST_NAMESPACE`` and ``YULE_TEST_WORKSPACE`` (an
address that pods and this machine both reach) name the real one, ``YULE_TEST_SECRET`` a Secret of it with the login of
that workspace, which is made of the ``AWS_`` variables where none is named; see ``docs/kubernetes/conformance.md``.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from standin import StandIn

from yule.core.settings import from_json
from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.runtime.kubernetes.api.client import OfficialCluster, connect_cluster
from yule.runtime.kubernetes.api.protocol import Body, Kind
from yule.runtime.kubernetes.jobs import select_project
from yule.runtime.kubernetes.namespace import describe_namespace

sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))

KUBECONFIG = os.environ.get("YULE_TEST_KUBECONFIG")
IMAGE = os.environ.get("YULE_TEST_IMAGE", f"registry.example/acme/yule@sha256:{'0' * 64}")
NAMESPACE = os.environ.get("YULE_TEST_NAMESPACE", "yule")
KINDS: tuple[Kind, ...] = ("configmaps", "jobs", "pods")
OWN = ("run.json", "report.html")
"""What differs between two runs: where and when they ran, and what they took."""

CLUSTER = """\
image: {image}
kubernetes:
  namespace: {namespace}
  pools:
    small: {{cpu: 0.5, memory: [512MiB, 768MiB, 1GiB], price: {{cpu: 0.03, memory: 0.004}}}}
    steady: {{cpu: 0.5, memory: [512MiB, 768MiB, 1GiB]}}
  environment: {environment}
  secrets: {secrets}
"""


@dataclass
class Run:
    """A command that has ended."""

    code: int
    printed: str
    said: str

    def events(self, kind: str) -> list[dict[str, object]]:
        """Return the events of a kind that ``--json`` printed."""
        lines = [json.loads(line) for line in self.printed.splitlines() if line.startswith("{")]
        return [event for event in lines if event["event"] == kind]

    def repeated(self) -> list[str]:
        """Return the tasks that were tried again, and why."""
        return [f"{event['family']}: {_tell(event['why'])}" for event in self.events("retried")]

    def waits(self) -> list[str]:
        """Return why something was not at work."""
        whys = [why for event in self.events("waiting") for why in event["whys"]]  # type: ignore[attr-defined]
        return [_tell(why) for why in whys]


def _tell(message: object) -> str:
    return tell_message(from_json(Message, json.dumps(message)))


@dataclass
class Site:
    """A project and the cluster it runs on."""

    project: Path
    workspace: str
    cluster: OfficialCluster
    stand_in: StandIn | None
    environment: Mapping[str, str]
    python: str

    def yule(self, *arguments: str, is_ok: bool = True) -> Run:
        """Run a command to its end."""
        return finish(self.start(*arguments), is_ok=is_ok)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        command = [self.python, "-m", "yule", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.project, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def status(self) -> str:
        """Return what ``yule status`` tells of the run; nothing before there is one."""
        return self.yule("status", "beer", is_ok=False).printed

    def change(self, old: str, new: str) -> None:
        """Replace what a pattern finds in project.yaml."""
        file = self.project / "project.yaml"
        text, n_found = re.subn(old, lambda _: new, file.read_text(), flags=re.MULTILINE)
        assert n_found
        file.write_text(text)

    def digests(self) -> dict[str, str]:
        """Digest the list and the figures of the run. The page of a run on a cluster tells its costs, too."""
        shown = json.loads(self.yule("runs", "--json").printed)[-1]["run"]
        self.yule("show", shown)
        folders = [
            *self.project.glob(f"workspace/runs/{shown}"),
            *self.project.glob(f"cache/workspaces/*/runs/{shown}"),
        ]
        files = [file for folder in folders for file in folder.glob("*") if file.name not in OWN and file.is_file()]
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    def objects(self) -> list[str]:
        """Return all that the project has in the cluster; what others have there is none of its business."""
        selector = select_project(read_name(self.project))
        return [
            f"{kind}/{body['metadata']['name']}" for kind in KINDS for body in self.cluster.list(kind, selector).items
        ]

    def find(self, kind: Kind, component: str) -> list[Body]:
        """Return the project's objects of a kind: of ``driver`` or ``work``."""
        selector = f"{select_project(read_name(self.project))},app.kubernetes.io/component={component}"
        return list(self.cluster.list(kind, selector).items)

    def clear(self) -> None:
        """Remove the driver's Job as its lifetime does, an hour after its end, and wait until nothing is left."""
        for job in self.find("jobs", "driver"):
            self.cluster.delete("jobs", job["metadata"]["name"], uid=job["metadata"]["uid"])
        wait_for(lambda: not self.objects())


def finish(command: "subprocess.Popen[str]", *, is_ok: bool = True) -> Run:
    """Wait for the end of a command."""
    printed, said = command.communicate(timeout=280)
    assert not is_ok or command.returncode == 0, printed + said
    return Run(code=command.returncode, printed=printed, said=said)


def wait_for(find: Callable[[], object], *, seconds: float = 120) -> None:
    """Wait until something is found."""
    deadline = time.monotonic() + seconds
    while not find():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def make_site(project: Path, kubeconfig: Path, stand_in: StandIn | None, *, python: str, workspace: str) -> Site:
    """Tell a project which cluster it runs on."""
    name = f"conformance-{uuid.uuid4().hex[:8]}"
    os.environ["KUBECONFIG"] = str(kubeconfig)
    login = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    if stand_in:
        secrets, variables = [], {**login, "KUBECONFIG": str(kubeconfig)}
    else:
        own = os.environ.get("YULE_TEST_SECRET") or (keep_login(kubeconfig, login) if login else None)
        secrets, variables = [own] if own else [], {}
    text = (project / "project.yaml").read_text().replace("name: made-up", f"name: {name}")
    text = text.replace("workspace: workspace", f"workspace: {workspace}")
    section = CLUSTER.format(
        image=IMAGE, namespace=NAMESPACE, environment=json.dumps(variables), secrets=json.dumps(secrets)
    )
    (project / "project.yaml").write_text(text + section)
    return Site(
        project=project,
        workspace=workspace,
        cluster=connect_cluster(context=None, namespace=NAMESPACE),
        stand_in=stand_in,
        environment={**os.environ, "YULE_CACHE": str(project / "cache"), "OMP_NUM_THREADS": "1"},
        python=python,
    )


def keep_login(kubeconfig: Path, login: dict[str, str]) -> str:
    """Put the login to the workspace into a Secret of the namespace, for pods, and return its name."""
    from kubernetes import client, config

    api = client.CoreV1Api(config.new_client_from_config(config_file=str(kubeconfig)))
    name = f"conformance-{hashlib.sha256(json.dumps(login, sort_keys=True).encode()).hexdigest()[:8]}"
    try:
        api.create_namespaced_secret(
            NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name=name), string_data=login)
        )
    except client.ApiException as error:
        if error.status != 409:  # of an earlier test
            raise
    return name


def write_small_project(folder: Path) -> Path:
    """Write a small project whose beer case is to be run on a cluster."""
    from made_up import write_made_up_project

    project = write_made_up_project(folder)
    case = project / "cases" / "beer.yaml"
    text = case.read_text().replace("sets: [profile, shopping]", "sets: [profile]").replace("count: 5", "count: 2")
    case.write_text(text.replace("  - {kind: lightgbm, max_trees: 30}\n", "").replace("n_folds: 3", "n_folds: 2"))
    return project


def copy_project(project: Path, copy: Path) -> Path:
    """Copy a project that has not been run."""
    return shutil.copytree(project, copy)


def run_here(project: Path) -> dict[str, str]:
    """Run the case without a cluster, by the usual Python, and return its digests."""
    here = Site(
        project=project,
        workspace="workspace",
        cluster=None,  # type: ignore[arg-type]
        stand_in=None,
        environment={**os.environ, "OMP_NUM_THREADS": "1"},
        python=sys.executable,
    )
    here.yule("run", "beer")
    return here.digests()


def documented_quota() -> dict[str, str]:
    """Return the quota of the namespace that ``yule kubernetes manifests`` describes."""
    bodies = describe_namespace(
        namespace="yule", driver="yule-driver", worker="yule-worker", max_pods=200, max_cpu=400, max_memory_gib=1600
    )
    return next(dict(body["spec"]["hard"]) for body in bodies if body["kind"] == "ResourceQuota")


def read_name(project: Path) -> str:
    """Return a project's name."""
    found = re.search("^name: (.*)$", (project / "project.yaml").read_text(), flags=re.MULTILINE)
    assert found
    return found[1]
