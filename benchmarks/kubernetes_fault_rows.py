"""What each fault that a run on a cluster is to survive does to it, on the stand-in, with real processes: a row each.

Run with ``PYTHONPATH=tests:tests/conformance python benchmarks/kubernetes_fault_rows.py [SEED [PART_OF_A_NAME]]``. Each
row answers a small case, with its workspace in a bucket and a namespace of its own, while one thing goes wrong. Tasks
are counted by what the pods have printed, those that were killed included.
"""

import logging
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from buckets import new_prefix, serve_s3
from sites import Run, Site, copy_project, documented_quota, finish, make_site, run_here, wait_for, write_small_project
from standin import StandIn, start_cluster
from standin.interpreter import keep_warm
from switch import Switch

from yule.storage.objects.opening import open_objects

N_BESIDE = 3  # rows at once
SPOT = "spot: true, tolerations: [{key: spot}], node_selector: {pool: spot}"
COMMAND = ("run", "beer", "--on", "kubernetes")
BEGUN = re.compile(r"^(\w+)\[(\w+)\] begins$", flags=re.MULTILINE)
CLOCK = re.compile(r"^ *[\d.]+ s  ")
PROGRESS = re.compile(r"(\d+ of \d+ |\d+ tasks to run|time: |pods: |cost: |for nothing)|.*(submitted as|log: )")
NAMES = re.compile(r"\b(yule)-[0-9a-f]{10}(-[a-z]+)?(-[0-9a-z]+)*|\b[0-9a-f]{32,64}\b|beer-[0-9a-f]{8}")


@dataclass
class Scene:
    """A project, its cluster, and what stands between them and the workspace.

    Parameters
    ----------
    buckets
        Switches before the workspace: of the ``follower``, the ``driver`` and the ``work``.
    apis
        Switches before the API server: of the ``follower`` and the ``driver``.
    command
        The command that follows the run.
    runs
        The commands that have ended, for their words.
    sites
        The projects that run; the first is the row's own.
    """

    sites: list[Site]
    cluster: StandIn
    buckets: dict[str, Switch]
    apis: dict[str, Switch]
    chance: random.Random
    commands: list["subprocess.Popen[str]"] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @property
    def site(self) -> Site:
        """The row's own project."""
        return self.sites[0]

    def start(self) -> None:
        """Give the command."""
        self.commands.append(self.site.start(*COMMAND))

    def find(self, step: str) -> str:
        """Wait for a pod that is at a task of a step, and choose one."""
        found: list[str] = []
        wait_for(lambda: found.extend(self.list_pods(step)) or found)
        return self.chance.choice(sorted(found))

    def find_driver(self) -> str:
        """Wait for a driver while tasks are at work, and return it."""
        self.find("train")
        wait_for(lambda: self.cluster.find_pods("driver"))
        return self.cluster.find_pods("driver")[0]

    def see(self, words: str) -> None:
        """Wait until the status tells something, and keep it."""
        seen: list[Run] = []

        def is_told() -> bool:
            seen.append(self.site.yule("status", "beer", is_ok=False))
            return words in seen[-1].printed

        wait_for(is_told)
        lines = [line.strip() for line in seen[-1].printed.splitlines() if words in line]
        self.runs.append(Run(code=0, printed="", said="\n".join(f"`yule status`: {line}" for line in lines)))

    def list_pods(self, step: str) -> list[str]:
        """Return the pods that are at a task of a step."""
        return [pod for pod in self.cluster.find_pods() if f"-{step}-" in pod and self.cluster.is_at_task(pod)]


def nothing(_: Scene) -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens in a row.

    Parameters
    ----------
    name
        What it is called in the table.
    strike
        Lets it happen to a run that has begun.
    prepare
        What is done before the command is given.
    mend
        What a person does after a command that ended with a sentence, before giving it again.
    note
        Of time that passes on the cluster's clock alone.
    """

    name: str
    strike: Callable[[Scene], object] = nothing
    prepare: Callable[[Scene], object] = nothing
    mend: Callable[[Scene], object] = nothing
    note: str = ""


def cut(place: str, who: str, seconds: float) -> Callable[[Scene], None]:
    """Cut the workspace or the API off for one of those that use it, in the midst of tasks."""

    def strike(scene: Scene) -> None:
        scene.find("train")
        switches = scene.buckets if place == "workspace" else scene.apis
        with switches[who].cut_for(seconds):
            time.sleep(seconds)

    return strike


def hit(fault: Callable[[StandIn, str], object], step: str = "train") -> Callable[[Scene], None]:
    """Let something happen to a pod that is at a task."""
    return lambda scene: fault(scene.cluster, scene.find(step)) and None


def hit_driver(fault: Callable[[StandIn, str], object]) -> Callable[[Scene], None]:
    """Let something happen to the driver while tasks are at work."""
    return lambda scene: fault(scene.cluster, scene.find_driver()) and None


def take_over_out_of_memory(scene: Scene) -> None:
    """Kill the driver and a container that has run out of memory, while nobody can see it."""
    pod = scene.find("train")
    with scene.cluster.api.cut_for(5):
        scene.cluster.run_out_of_memory(pod)
        scene.cluster.kill(scene.cluster.find_pods("driver")[0])
        time.sleep(5)


def take_over_second_attempt(scene: Scene) -> None:
    """Kill the driver while the second attempt of a task that ran out of memory is at work."""
    first = scene.find("train")
    scene.cluster.run_out_of_memory(first)
    job = first.rsplit("-", 2)[0]
    wait_for(lambda: [pod for pod in scene.cluster.find_pods() if "-train-" in pod and not pod.startswith(job)])
    scene.cluster.kill(scene.cluster.find_pods("driver")[0])


def use_spot_nodes(scene: Scene) -> None:
    """Have work begin on the spot node and move to the steady one."""
    scene.site.change("    small: .*\n", f"    small: {{cpu: 0.5, memory: [512MiB], {SPOT}}}\n")
    scene.site.change("^  pools:", "  on_demand: steady\n  preemption_budget: 2\n  spot_wait: 1 minute\n  pools:")


def empty_spot_pool(scene: Scene) -> None:
    """Have no spot node, and a cluster in which a minute is over at once."""
    use_spot_nodes(scene)
    scene.cluster.remove_node("spot")
    scene.cluster.state.age_seconds = 58


def preempt_again_and_again(scene: Scene) -> None:
    """Preempt every fit on the spot node until one runs on the steady one."""
    seen: set[str] = set()
    while scene.commands[-1].poll() is None:
        bodies = [(pod, scene.cluster.state.get("pods", pod)) for pod in scene.list_pods("train")]
        nodes = {pod: body["spec"]["nodeName"] for pod, body in bodies if body is not None}
        if "steady" in nodes.values():
            return
        for pod in nodes.keys() - seen:
            seen.add(pod)
            scene.cluster.preempt(pod)
        time.sleep(0.05)


def use_up_quota(scene: Scene) -> None:
    """Have others take the whole quota until the status says so."""
    wait_for(lambda: scene.cluster.find_pods("driver"))
    other = scene.cluster.occupy(cpu="397400m", memory="1Gi")
    scene.see("quota is used up")
    scene.cluster.delete_pod(other)


def ask_for_too_much(scene: Scene) -> None:
    """Have pods ask for more than the quota."""
    scene.site.change("small: {cpu: 0.5", "small: {cpu: 1000")
    scene.site.change("^  pools:", "  driver_pool: steady\n  pools:")


IMAGE = f"registry.invalid/yule@sha256:{'1' * 64}"


def name_bad_image(scene: Scene) -> None:
    """Have an image that nobody can pull."""
    scene.site.change("^image: .*", f"image: {IMAGE}")
    scene.cluster.nodes.bad_images.add(IMAGE)


def wait_for_image(scene: Scene) -> None:
    """Wait until the status tells of the image, and let five minutes pass on the cluster's clock."""
    wait_for(lambda: scene.site.find("pods", "driver"))
    scene.see("cannot be pulled")
    scene.cluster.age(scene.site.find("pods", "driver")[0]["metadata"]["name"], minutes=5)


def kill_all_drivers(scene: Scene) -> None:
    """Kill every driver that begins."""
    for _ in range(7):
        wait_for(lambda: scene.cluster.find_pods("driver"))
        pod = scene.cluster.find_pods("driver")[0]
        scene.cluster.nodes.signal_pod(pod, signal.SIGKILL)
        wait_for(lambda pod=pod: scene.cluster.phase(pod) != "Running")


def run_in_two_workspaces(scene: Scene) -> None:
    """Submit the same project with another workspace into the same namespace, at the same time."""
    own = scene.site
    project = copy_project(own.project, own.project.with_name("another"))
    text = (project / "project.yaml").read_text()
    other = new_prefix("s3://yule-tests")
    (project / "project.yaml").write_text(text.replace(own.workspace, other))
    environment = {**own.environment, "YULE_CACHE": str(project / "cache")}
    scene.sites.append(
        Site(
            project=project,
            workspace=other,
            cluster=own.cluster,
            stand_in=own.stand_in,
            environment=environment,
            python=own.python,
        )
    )
    scene.commands.append(scene.sites[-1].start(*COMMAND))


def lose_follower(scene: Scene) -> None:
    """Kill the command that follows, and give it again."""
    scene.find("train")
    scene.commands[-1].kill()
    scene.commands.pop().communicate()
    scene.start()


def stop(scene: Scene) -> None:
    """Stop the run in the midst of tasks, and wait until nothing is left of it."""
    scene.find("train")
    n_before = len(scene.site.objects())
    ended = scene.site.yule("stop", "beer")
    began = time.monotonic()
    wait_for(lambda: not (scene.site.objects() or scene.cluster.nodes.running))
    left = f"(of {n_before} objects and their processes nothing is left {time.monotonic() - began:.1f} s later)"
    scene.runs.append(Run(code=0, printed="", said=f"`yule stop`: {ended.printed.strip()}\n{left}"))


def group_tasks(scene: Scene) -> None:
    """Have three tasks in a pod."""
    scene.site.change("^  pools:", "  tasks_per_pod: {features: 3}\n  pools:")


def end_jobs_at_once(scene: Scene) -> None:
    """Have every Job's lifetime be over when it ends."""
    scene.cluster.jobs.ttl_seconds = 0.0


def run_with_what_was_learned(scene: Scene) -> None:
    """Run out of memory in a fit, lose all outputs, and run again; say what the fits ask for from the beginning."""
    hit(StandIn.run_out_of_memory)(scene)
    finish(scene.commands.pop())
    scene.site.clear()
    for folder in scene.cluster.folder.glob("*-*"):
        shutil.rmtree(folder)
    objects = open_objects(scene.site.workspace)
    objects.delete([name for place in ("published", "cache", "runs") for name in objects.list(f"{place}/")])
    again = scene.site.yule(*COMMAND)
    fits = [pod for pod in scene.site.find("pods", "work") if "-train-" in pod["metadata"]["name"]]
    asked = Counter(pod["spec"]["containers"][0]["resources"]["requests"]["memory"] for pod in fits)
    sizes = " and ".join(f"{n} for {size}" for size, n in sorted(asked.items()))
    scene.runs += [
        again,
        Run(code=0, printed="", said=f"(of the pods of the step train ask {sizes}, from the beginning)"),
    ]


FAULTS = (
    Fault(name="nothing"),
    Fault(name="the workspace is out of reach for 65 s inside tasks", strike=cut("workspace", "work", 65)),
    Fault(name="… for 65 s for the driver", strike=cut("workspace", "driver", 65)),
    Fault(name="… for 65 s for the command that follows", strike=cut("workspace", "follower", 65)),
    Fault(name="the API server is down for 15 s for the driver", strike=cut("API", "driver", 15)),
    Fault(name="… for 60 s for the driver", strike=cut("API", "driver", 60)),
    Fault(name="… for 15 s for the command that follows", strike=cut("API", "follower", 15)),
    Fault(name="… for 60 s for the command that follows", strike=cut("API", "follower", 60)),
    Fault(name="the driver is killed while tasks run", strike=hit_driver(StandIn.kill)),
    Fault(name="the driver is deleted while tasks run", strike=hit_driver(StandIn.delete_pod)),
    Fault(name="the driver is preempted while tasks run", strike=hit_driver(StandIn.preempt)),
    Fault(name="a second driver runs beside the first", strike=hit_driver(StandIn.double)),
    Fault(name="a pod is deleted", strike=hit(StandIn.delete_pod)),
    Fault(name="a pod is killed from outside", strike=hit(StandIn.kill)),
    Fault(name="a pod is evicted, its node lacks memory", strike=hit(StandIn.evict)),
    Fault(name="a pod is preempted", strike=hit(StandIn.preempt)),
    Fault(
        name="a spot pod is preempted more often than the budget of two",
        prepare=use_spot_nodes,
        strike=preempt_again_and_again,
    ),
    Fault(name="a node vanishes with its pods", strike=hit(StandIn.lose_node)),
    Fault(name="a container runs out of memory", strike=hit(StandIn.run_out_of_memory)),
    Fault(name="… in an earlier run, whose outputs are lost", strike=run_with_what_was_learned),
    Fault(
        name="one process of a container runs out of memory",
        strike=lambda scene: wait_for(lambda: scene.cluster.kill_worker(scene.find("train"))),
    ),
    Fault(
        name="a container with three tasks runs out of memory",
        prepare=group_tasks,
        strike=hit(StandIn.run_out_of_memory, "features"),
    ),
    Fault(
        name="a container runs out of memory and the driver dies, the API out of reach for 5 s",
        strike=take_over_out_of_memory,
    ),
    Fault(name="the driver dies in the attempt with more memory", strike=take_over_second_attempt),
    Fault(name="the spot pool has no nodes", prepare=empty_spot_pool, note="and 1 minute on the cluster's clock"),
    Fault(name="the quota is used up by others", strike=use_up_quota),
    Fault(
        name="a pod asks for more than the whole quota",
        prepare=ask_for_too_much,
        mend=lambda scene: scene.site.change("cpu: 1000", "cpu: 0.5"),
    ),
    Fault(
        name="the driver's image cannot be pulled",
        prepare=name_bad_image,
        strike=wait_for_image,
        mend=lambda scene: scene.cluster.nodes.bad_images.clear(),
        note="and 5 minutes on the cluster's clock",
    ),
    Fault(name="the driver dies seven times", strike=kill_all_drivers),
    Fault(name="a run of the same name in another workspace, in one namespace", strike=run_in_two_workspaces),
    Fault(name="the command that follows is killed", strike=lose_follower),
    Fault(name="`yule stop` in the midst of tasks", strike=stop),
    Fault(name="Jobs are removed as soon as they have ended", prepare=end_jobs_at_once),
)


@dataclass
class Row:
    """What came of a fault."""

    name: str
    words: list[str]
    seconds: str
    is_equal: bool
    repeated: Counter[str]
    left: str


def run_row(number: int, seed: int, made_up: Path, python: str, local: dict[str, str]) -> Row:
    """Let a fault happen to a run, and see to what end it comes."""
    fault = FAULTS[number]
    with set_scene(made_up, python, random.Random(f"{seed} {fault.name}")) as scene:
        fault.prepare(scene)
        began = time.monotonic()
        scene.start()
        fault.strike(scene)
        ended = [finish(command, is_ok=False) for command in scene.commands]
        scene.runs += ended
        if any(run.code != 0 for run in ended):
            fault.mend(scene)
            scene.runs.append(scene.site.yule(*COMMAND))
        seconds = time.monotonic() - began
        is_equal = all(site.digests() == local for site in scene.sites)
        n_left = len(scene.site.objects())
        scene.site.clear()
        left = f"{n_left}, then {len(scene.site.objects()) + len(scene.cluster.nodes.running)}" if n_left else "0"
        words = merge_words([*gather_words(scene.runs), *gather_logs(scene)])
        repeated = count_repeated(scene)
    return Row(fault.name, words, f"{seconds:.0f} s {fault.note}".strip(), is_equal, repeated, left)


@contextmanager
def set_scene(made_up: Path, python: str, chance: random.Random) -> Iterator[Scene]:
    """Start a cluster, and give the command, the driver and the work ways of their own to what they need."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        cluster = stack.enter_context(start_cluster(scratch / "cluster", python=python))
        cluster.jobs.quota = documented_quota()
        cluster.occupy(cpu="2", memory="1Gi")
        buckets = {who: Switch(os.environ["AWS_ENDPOINT_URL"]) for who in ("follower", "driver", "work")}
        apis = {who: Switch(cluster.api.address) for who in ("follower", "driver")}
        for switch in (*buckets.values(), *apis.values()):
            stack.callback(switch.close)
        for who, api in apis.items():
            text = cluster.kubeconfig.read_text().replace(cluster.api.address, api.address)
            (scratch / who).write_text(text)
        project = copy_project(made_up, scratch / "project")
        site = make_site(project, cluster.kubeconfig, cluster, python=python, workspace=new_prefix("s3://yule-tests"))
        cluster.nodes.variables = {who: {"AWS_ENDPOINT_URL": buckets[who].address} for who in ("driver", "work")}
        cluster.nodes.variables["driver"]["KUBECONFIG"] = str(scratch / "driver")
        site.environment = {
            **site.environment,
            "AWS_ENDPOINT_URL": buckets["follower"].address,
            "KUBECONFIG": str(scratch / "follower"),
        }
        yield Scene([site], cluster, buckets, apis, chance)


def gather_words(runs: Sequence[Run]) -> list[str]:
    """Return what commands have said but for how far they were, names and clocks left out, each line once."""
    lines = [CLOCK.sub("", line).strip() for run in runs for line in run.said.splitlines()]
    return [shorten(line) for line in lines if line and not PROGRESS.match(line)]


def gather_logs(scene: Scene) -> list[str]:
    """Return what drivers and pods have printed of services that did not answer."""
    words = []
    for file in sorted(scene.cluster.folder.glob("*/log")):
        who = "`yule logs`" if "-driver-" in file.parent.name else "the task's pod"
        lines = [line for line in file.read_text().splitlines() if "answer" in line or "tried again" in line]
        words += [f"{who}: {shorten(line)}" for line in lines]
    return words


def merge_words(lines: Sequence[str]) -> list[str]:
    """Leave out what was said before, and say once what was said of several tasks."""
    heads: dict[tuple[bool, str], list[str]] = {}
    for line in dict.fromkeys(lines):
        head, _, tail = line.partition(": ")
        place = heads.setdefault((head.startswith("FAILED"), tail or line), [])
        place += [head] if tail else []
    merged = []
    for (_, tail), first in heads.items():
        more = f" and {len(first) - 1} more" if len(first) > 1 else ""
        merged.append(f"{first[0]}{more}: {tail}" if first else tail)
    return merged


def shorten(line: str) -> str:
    """Leave out what is another one in every run."""
    line = re.sub(r"(s3|http)://[^\s\"]+", r"\1://…", line)
    line = re.sub(r"until \d\d:\d\d(:\d\d)?", "until 12:34", line)
    return NAMES.sub(lambda found: f"{found[1]}-…{found[2] or ''}" if found[1] else "…", line)


def count_repeated(scene: Scene) -> Counter[str]:
    """Count by family how often tasks of a launch began again, by what all pods have printed."""
    begun = Counter(
        (file.parent.name.split("-")[1], *task)
        for file in scene.cluster.folder.glob("*/log")
        for task in BEGUN.findall(file.read_text())
    )
    return Counter({family: n for (_, family, _), n in begun.items() if n > 1}) - Counter()


def print_row(row: Row) -> None:
    """Print a row of the table."""
    cells = (
        row.name,
        "<br>".join(row.words) or "–",
        row.seconds,
        "yes" if row.is_equal else "NO",
        ", ".join(f"{n - 1} {family}" for family, n in sorted(row.repeated.items())) or "0",
        row.left,
    )
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Run the rows, some beside each other, and print a table."""
    seed, part = (*sys.argv[1:], *("1", "")[len(sys.argv) - 1 :])
    numbers = [number for number, fault in enumerate(FAULTS) if part in fault.name]
    os.environ["OMP_NUM_THREADS"] = "1"
    logging.getLogger("werkzeug").addHandler(logging.NullHandler())  # the S3 server's own slips are answers of 500
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, keep_warm(Path(scratch) / "python") as python, serve_s3():
        made_up = write_small_project(Path(scratch) / "made-up")
        local = run_here(copy_project(made_up, Path(scratch) / "local"))
        print("| what happens | what is said | how long | same bytes | repeated | left |\n|---|---|---|---|---|---|")
        with ProcessPoolExecutor(N_BESIDE, mp_context=multiprocessing.get_context("spawn")) as pool:
            same = ([value] * len(numbers) for value in (int(seed), made_up, python, local))
            for row in pool.map(run_row, numbers, *same):
                print_row(row)
    print(f"\n{len(numbers)} rows, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
