"""What a run on a cluster must do: unchanged on the stand-in and on a real one."""

import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import KUBECONFIG, Site, make_site
from standin import StandIn, start_cluster

from yule.runtime.kubernetes.jobs import PLAN
from yule.runtime.kubernetes.placement import read_learned
from yule.storage.objects.opening import open_objects

pytestmark = pytest.mark.slow

sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))


def wait_for(find: Callable[[], object], *, seconds: float = 120) -> None:
    """Wait until something is found."""
    deadline = time.monotonic() + seconds
    while not find():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A small project whose beer case is to be run on a cluster."""
    from made_up import write_made_up_project

    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    text = case.read_text().replace("sets: [profile, shopping]", "sets: [profile]")
    case.write_text(text.replace("  - {kind: lightgbm, max_trees: 30}\n", ""))
    if KUBECONFIG:
        yield make_site(project, Path(KUBECONFIG), None)
        return
    with start_cluster(tmp_path / "cluster") as stand_in:
        yield make_site(project, stand_in.kubeconfig, stand_in)


@pytest.fixture
def stand_in(site: Site) -> StandIn:
    """The stand-in, for faults that only it can have."""
    if site.stand_in is None:
        pytest.skip("a fault that a real cluster cannot be told to have")
    return site.stand_in


def run_locally(site: Site) -> dict[str, str]:
    """Answer the same case without a cluster, in a copy of the project."""
    import shutil

    copy = site.project.parent / "local"
    shutil.copytree(site.project, copy, ignore=shutil.ignore_patterns("workspace", "machine"))
    text = (copy / "project.yaml").read_text()
    (copy / "project.yaml").write_text(re.sub("workspace: .*", "workspace: workspace", text, count=1))
    here = Site(project=copy, cluster=site.cluster, stand_in=None, environment=site.environment)
    here.yule("run", "beer")
    return here.digests()


def test_a_run_gives_the_same_bytes_as_on_one_machine_and_is_not_repeated(site: Site) -> None:
    printed = site.yule("run", "beer", "--on", "kubernetes", "--json").stdout
    assert site.events(printed, "ended")[0]["is_done"]
    bills = json.loads(site.yule("downloads", "cost", "--json").stdout)
    assert {entry["method"] for entry in bills} == {"profiles", "purchases"}
    assert [payer["case"] for entry in bills for payer in entry["payers"]] == ["beer"] * len(bills)
    assert site.digests() == run_locally(site)
    again = site.yule("run", "beer", "--on", "kubernetes", "--json").stdout
    assert not site.events(again, "started")
    assert "done as yule-" in site.yule("status", "beer").stdout
    assert "FitFold" in site.yule("logs", "beer", "FitFold").stdout


def test_what_is_damaged_or_gone_is_computed_again(site: Site, stand_in: StandIn) -> None:
    site.yule("run", "beer", "--on", "kubernetes")
    cache = site.project / "workspace" / "cache"
    for family in ("WriteReport", "RankUsers"):
        shutil.rmtree(cache / family)
    for scores in cache.glob("PredictShard/*/scores.parquet"):  # which the pods find
        scores.write_bytes(scores.read_bytes()[:-1])
    printed = site.yule("run", "beer", "--on", "kubernetes", "--json").stdout
    assert site.events(printed, "ended")[0]["is_done"]
    assert sum(int(str(event["n_tasks"])) for event in site.events(printed, "lost")) == 3
    assert site.digests() == run_locally(site)


def test_faults_cost_only_the_work_in_flight(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    faults = [stand_in.preempt, stand_in.lose_node, stand_in.delete_pod, stand_in.run_out_of_memory, stand_in.evict]
    for fault in faults:
        known = set(stand_in.find_pods())
        wait_for(lambda known=known: set(stand_in.find_pods()) - known)
        fault(min(set(stand_in.find_pods()) - known))
    printed, said = run.communicate(timeout=280)
    assert run.returncode == 0, printed + said
    finished = [event["unique_id"] for event in site.events(printed, "finished")]
    assert len(finished) == len(set(finished))
    assert site.digests() == run_locally(site)


def test_another_driver_takes_over_from_one_that_is_killed(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    for _ in range(2):
        wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()) and stand_in.find_pods("driver"))
        stand_in.nodes.signal_pod(stand_in.find_pods("driver")[0], signal.SIGKILL)
        time.sleep(1)
    printed, said = run.communicate(timeout=280)
    assert run.returncode == 0, printed + said
    assert site.digests() == run_locally(site)


def test_two_drivers_at_once_do_no_harm(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("work"))
    (plan,) = stand_in.state.list("configmaps")
    other = {**site.environment, "YULE_LAUNCH": plan["data"][PLAN]}
    second = subprocess.run([sys.executable, "-m", "yule.remote.driver"], env=other, check=False, timeout=280)
    printed, said = run.communicate(timeout=280)
    assert (second.returncode, run.returncode) == (0, 0), printed + said
    assert site.digests() == run_locally(site)


def test_memory_that_was_needed_is_remembered(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-labels-" in pod for pod in stand_in.find_pods()))
    stand_in.run_out_of_memory(next(pod for pod in stand_in.find_pods() if "-labels-" in pod))
    printed, said = run.communicate(timeout=280)
    assert run.returncode == 0, printed + said
    whys = [str(event["why"]) for event in site.events(printed, "retried")]
    assert any("ran out of memory, it gets 768 MiB now" in why for why in whys)
    assert 768 in read_learned(open_objects(str(site.project / "workspace"))).values()
    assert "for nothing, by memory" in str(site.events(printed, "ended")[0]["text"])
    (report,) = (site.project / "workspace" / "runs").glob("*/report.html")
    assert "What the run took" in report.read_text()
    assert "for nothing, by memory" in report.read_text()


def test_a_task_that_is_preempted_too_often_moves_to_nodes_that_stay(site: Site, stand_in: StandIn) -> None:
    text = (site.project / "project.yaml").read_text()
    spot = (
        "    small: {cpu: 0.5, memory: [512MiB], spot: true, tolerations: [{key: spot}], node_selector: {pool: spot}}\n"
    )
    text = re.sub(r"    small: .*\n", spot, text).replace(
        "  pools:", "  on_demand: steady\n  preemption_budget: 2\n  pools:"
    )
    (site.project / "project.yaml").write_text(text)
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    seen: set[str] = set()
    while len(seen) < 2:
        fits = {pod for pod in stand_in.find_pods() if "-train-" in pod and re.search(r"-0-\w+$", pod)} - seen
        for pod in fits:
            seen.add(pod)
            stand_in.preempt(pod)
        time.sleep(0.05)
    printed, said = run.communicate(timeout=280)
    assert run.returncode == 0, printed + said
    assert any("moves to the pool steady" in str(event["why"]) for event in site.events(printed, "retried"))


def test_a_cluster_that_answers_badly_is_borne_with(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    answers = itertools.cycle([(429, "1"), (500, ""), (503, "")])
    while run.poll() is None:
        stand_in.faults.answers[:] = [next(answers)]
        stand_in.state.forget()
        time.sleep(3)
    printed, said = run.communicate()
    assert run.returncode == 0, printed + said


def test_jobs_that_vanish_before_they_are_looked_at_are_no_failure(site: Site, stand_in: StandIn) -> None:
    stand_in.jobs.ttl_seconds = 0.0
    printed = site.yule("run", "beer", "--on", "kubernetes", "--json").stdout
    assert site.events(printed, "ended")[0]["is_done"]


def test_a_run_that_is_stopped_leaves_nothing_in_the_cluster_and_goes_on_later(site: Site) -> None:
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    selector = "app.kubernetes.io/managed-by=yule"
    wait_for(lambda: site.cluster.list("pods", selector).items)
    assert "Stopped: beer-" in site.yule("stop", "beer").stdout
    wait_for(lambda: not site.cluster.list("jobs", selector).items and not site.cluster.list("pods", selector).items)
    assert "interrupted" in site.yule("runs").stdout
    site.yule("run", "beer", "--on", "kubernetes")


def test_an_image_that_cannot_be_pulled_is_explained(site: Site) -> None:
    text = (site.project / "project.yaml").read_text()
    image = f"registry.invalid/yule@sha256:{'1' * 64}"
    (site.project / "project.yaml").write_text(re.sub("image: .*", f"image: {image}", text))
    if site.stand_in:
        site.stand_in.nodes.bad_images.add(image)
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    wait_for(lambda: f"the image {image} cannot be pulled" in site.yule("status", "beer").stdout)
    site.yule("stop", "beer")


def test_pods_that_fit_no_node_are_explained(site: Site) -> None:
    text = (site.project / "project.yaml").read_text()
    (site.project / "project.yaml").write_text(text.replace("small: {cpu: 0.5", "small: {cpu: 4000"))
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    wait_for(lambda: "no node can take it" in site.yule("status", "beer").stdout)
    assert "Insufficient cpu" in site.yule("status", "beer").stdout
    site.yule("stop", "beer")


def test_pods_that_are_never_created_are_explained(site: Site, stand_in: StandIn) -> None:
    run = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("driver"))
    stand_in.jobs.never_create = True
    wait_for(lambda: "its pods cannot be created" in site.yule("status", "beer").stdout)
    stand_in.jobs.never_create = False
    printed, said = run.communicate(timeout=280)
    assert run.returncode == 0, printed + said


def test_what_is_not_allowed_is_told_before_anything_is_created(site: Site, stand_in: StandIn) -> None:
    stand_in.faults.forbidden |= {"create jobs", "list pods"}
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.returncode == 1
    assert "you may not create jobs" in refused.stderr
    assert "you may not list pods" in refused.stderr
    assert stand_in.state.list("configmaps") == []


def test_manifests_can_be_looked_at_first(site: Site) -> None:
    from ruamel.yaml import YAML

    printed = site.yule("run", "beer", "--on", "kubernetes", "--print-manifests").stdout
    driver, plan, work = YAML(typ="safe").load_all(printed)
    assert [body["kind"] for body in (driver, plan, work)] == ["Job", "ConfigMap", "Job"]
    assert [body["metadata"]["ownerReferences"][0]["name"] for body in (plan, work)] == [driver["metadata"]["name"]] * 2
    pod = work["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert len(work["metadata"]["name"]) <= 52
