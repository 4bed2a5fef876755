"""What random faults do to a run on a cluster: sequences of faults that overlap, on the stand-in, with real processes.

Run with ``PYTHONPATH=tests:tests/conformance python benchmarks/kubernetes_faults.py [FIRST_SEED [N_SEQUENCES]]``. Each
sequence answers a small case with its workspace in a bucket, while pods and drivers are struck and the API, the bucket,
the nodes or the quota are lost for a time. It ends with the bytes of a run on one machine, or with one sentence that
says how to go on, and then the same command does. A table tells each sequence; its last rows count them.
"""

import contextlib
import logging
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from buckets import new_prefix, serve_s3
from sites import Run, Site, copy_project, documented_quota, finish, make_site, run_here, wait_for, write_small_project
from standin import Node, StandIn, start_cluster
from standin.interpreter import keep_warm
from switch import Switch, switch_before

N_BESIDE = 4  # sequences at once
N_COMMANDS = 4  # how often a command that ended with a sentence is given again
LASTING_SECONDS = (2.0, 6.0)
PAUSE_SECONDS = (0.3, 7.0)

SPOT = "{spot: true, tolerations: [{key: spot}], node_selector: {pool: spot}, cpu: 0.5"


@dataclass
class Trouble:
    """The things that faults happen to.

    Parameters
    ----------
    cluster, bucket
        The cluster, and the switch before the workspace.
    follower
        The command that follows the run, and all that its predecessors printed.
    told
        The faults that have happened.
    """

    site: Site
    cluster: StandIn
    bucket: Switch
    chance: random.Random
    ended: threading.Event = field(default_factory=threading.Event)
    told: list[str] = field(default_factory=list)

    def strike(self) -> bool:
        """Strike a pod at random; False when there is none."""
        faults: list[Callable[[str], object]] = [
            self.cluster.preempt, self.cluster.kill, self.cluster.delete_pod, self.cluster.lose_node,
            self.cluster.run_out_of_memory, self.cluster.kill_worker, self.cluster.evict, self.cluster.double,
        ]  # fmt: skip
        fault = self.chance.choice(faults)
        component = "driver" if fault == self.cluster.double or self.chance.random() < 0.3 else "work"
        pods = sorted(self.cluster.find_pods(component))
        if not pods:
            return False
        pod = self.chance.choice(pods)
        if fault(pod) is False:  # it had no process at a task
            return False
        self.told.append(f"{fault.__name__} {'driver' if component == 'driver' else pod.split('-')[2]}")
        return True

    def last(self, name: str, seconds: float) -> AbstractContextManager[None]:
        """Begin a fault that lasts; it ends with the context."""
        self.told.append(f"{name} {seconds:.0f} s")
        match name:
            case "no API":
                return self.cluster.api.cut_for(seconds)
            case "no workspace":
                return self.bucket.cut_for(seconds)
            case "late API":
                return self._late()
            case "failing API":
                return self._failing()
            case "no quota":
                return self._used_up()
            case "no spot node":
                return self._without("spot")
            case "no node":
                return self._without("spot", "steady")
            case _:
                return self._slow()

    @contextmanager
    def _late(self) -> Iterator[None]:
        self.cluster.faults.delay_seconds = 0.4
        yield
        self.cluster.faults.delay_seconds = 0.0

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Answer badly now and then, and forget all old versions."""
        self.cluster.faults.answers[:] = [(429, "1"), (500, ""), (503, "")] * 2
        self.cluster.state.forget()
        yield
        self.cluster.faults.answers.clear()

    @contextmanager
    def _used_up(self) -> Iterator[None]:
        other = self.cluster.occupy(cpu="400", memory="1Gi")
        yield
        self.cluster.delete_pod(other)

    @contextmanager
    def _without(self, *names: str) -> Iterator[None]:
        nodes = [self.cluster.remove_node(name) for name in names if name in self.cluster.nodes.nodes]
        yield
        for node in nodes:
            self.cluster.add_node(node)

    @contextmanager
    def _slow(self) -> Iterator[None]:
        nodes = list(self.cluster.nodes.nodes.values())
        for node in nodes:
            node.is_slow = True
        yield
        for node in nodes:
            node.is_slow = False


LASTING = ("no API", "no workspace", "late API", "failing API", "no quota", "no spot node", "no node", "slow nodes")


def disturb(trouble: Trouble) -> None:
    """Let faults happen, at least two at once: one lasts, others strike or begin meanwhile."""
    chance = trouble.chance
    wait_for(lambda: trouble.cluster.find_pods("driver") or trouble.ended.is_set())
    for _ in range(chance.randint(1, 3)):
        time.sleep(chance.uniform(*PAUSE_SECONDS))
        first, second = chance.sample(LASTING, 2)
        seconds = chance.uniform(*LASTING_SECONDS)
        is_pair = chance.random() < 0.4
        if trouble.ended.is_set():
            return
        with trouble.last(first, seconds):
            time.sleep(chance.uniform(0, seconds / 2))
            has_struck = not is_pair and trouble.strike()
            with contextlib.nullcontext() if has_struck else trouble.last(second, seconds / 2):
                time.sleep(chance.uniform(0, seconds / 2))
                trouble.strike()
                time.sleep(seconds / 4)


def follow(trouble: Trouble) -> list[Run]:
    """Give the command until it is done; now and then it is killed and given again."""
    runs: list[Run] = []
    is_lost = trouble.chance.random() < 0.2
    while len(runs) < N_COMMANDS:
        command = trouble.site.start("run", "beer", "--on", "kubernetes", "--json")
        if is_lost:
            is_lost = False
            wait_for(lambda: trouble.cluster.find_pods() or trouble.ended.is_set(), seconds=60)
            trouble.told.append("no follower")
            command.kill()
            command.communicate()
            continue
        runs.append(finish(command, is_ok=False))
        if runs[-1].code == 0:
            break
    return runs


@dataclass
class Row:
    """What came of a sequence."""

    seed: int
    faults: list[str]
    outcome: str
    sentences: list[str]
    seconds: float
    n_repeated: int
    left: list[str]


def run_sequence(seed: int, made_up: Path, python: str, local: dict[str, str]) -> Row:
    """Run a sequence from its beginning to its end."""
    chance = random.Random(seed)
    spot = Node(name="spot", labels={"pool": "spot"}, taints=({"key": "spot", "value": "true"},))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        switch_before("AWS_ENDPOINT_URL") as bucket,
        start_cluster(Path(scratch) / "cluster", [Node(name="steady"), spot], python=python) as cluster,
    ):
        cluster.jobs.quota = documented_quota()
        cluster.state.age_seconds = 56  # a minute without a spot node is over in four seconds
        project = copy_project(made_up, Path(scratch) / "project")
        site = make_site(project, cluster.kubeconfig, cluster, python=python, workspace=new_prefix("s3://yule-tests"))
        site.change("small: {cpu: 0.5", f"small: {SPOT}")
        site.change(
            "^  pools:",
            "  on_demand: steady\n  driver_pool: steady\n  preemption_budget: 2\n  spot_wait: 1 minute\n  pools:",
        )
        trouble = Trouble(site, cluster, bucket, chance)
        began = time.monotonic()
        disturber = threading.Thread(target=disturb, args=(trouble,))
        disturber.start()
        runs = follow(trouble)
        trouble.ended.set()
        disturber.join()
        seconds = time.monotonic() - began
        sentences = [run.said.strip().splitlines()[-1] for run in runs if run.code != 0]
        outcome = judge(runs, site, local)
        with contextlib.suppress(AssertionError):
            site.clear()
        left = site.objects() + sorted(cluster.nodes.running)
    return Row(seed, trouble.told, outcome, sentences, seconds, sum(len(run.repeated()) for run in runs), left)


def judge(runs: list[Run], site: Site, local: dict[str, str]) -> str:
    """Say what came of the commands."""
    if any("Traceback" in run.said for run in runs):
        return "TRACEBACK"
    if runs[-1].code != 0:
        return "NOT DONE"
    if site.digests() != local:
        return "OTHER BYTES"
    return "identical" if len(runs) == 1 else "a sentence, then identical"


def print_row(row: Row) -> None:
    """Print a row of the table."""
    sentences = "".join(f"<br>{sentence}" for sentence in row.sentences)
    cells = (
        row.seed,
        ", ".join(row.faults),
        row.outcome + sentences,
        f"{row.seconds:.0f}",
        row.n_repeated,
        len(row.left),
    )
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    """Run the sequences, some beside each other, and print a table."""
    first, n_sequences = (int(text) for text in (*sys.argv[1:], *("1", "200")[len(sys.argv) - 1 :]))
    os.environ["OMP_NUM_THREADS"] = "1"
    logging.getLogger("werkzeug").addHandler(logging.NullHandler())  # the S3 server's own slips are answers of 500
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, keep_warm(Path(scratch) / "python") as python, serve_s3():
        made_up = write_small_project(Path(scratch) / "made-up")
        local = run_here(copy_project(made_up, Path(scratch) / "local"))
        print("| seed | faults | outcome | seconds | tasks repeated | objects left |\n|---|---|---|---|---|---|")
        rows = []
        with ProcessPoolExecutor(N_BESIDE, mp_context=multiprocessing.get_context("spawn")) as pool:
            seeds = range(first, first + n_sequences)
            for row in pool.map(run_sequence, seeds, *([value] * n_sequences for value in (made_up, python, local))):
                print_row(row)
                rows.append(row)
    outcomes, n_faults = Counter(row.outcome for row in rows), sum(len(row.faults) for row in rows)
    n_repeated, n_left = sum(row.n_repeated for row in rows), sum(len(row.left) for row in rows)
    print(f"\n{len(rows)} sequences, {n_faults} faults, {time.monotonic() - began:.0f} s: {dict(outcomes)}")
    print(f"{n_repeated} tasks repeated, {n_left} objects and pods left")


if __name__ == "__main__":
    main()
