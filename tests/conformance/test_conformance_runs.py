"""What a run on a cluster is, from its beginning to its end: unchanged on the stand-in and on a real one."""

import json
import shutil

import pytest
from sites import Site, finish, wait_for
from standin import StandIn


def test_a_run_gives_the_same_bytes_as_on_one_machine_and_is_not_repeated(site: Site, local: dict[str, str]) -> None:
    run = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert run.events("ended")[0]["is_done"]
    assert run.repeated() == []
    bills = json.loads(site.yule("downloads", "cost", "--json").printed)
    assert {entry["method"] for entry in bills} == {"profiles", "purchases"}
    assert [payer["case"] for entry in bills for payer in entry["payers"]] == ["beer"] * len(bills)
    assert site.digests() == local
    again = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert not again.events("started")
    assert [event["is_done"] for event in again.events("ended")] == [True]
    assert "done as yule-" in site.yule("status", "beer").printed
    assert "FitFold" in site.yule("logs", "beer", "FitFold").printed
    site.clear()


def test_what_is_damaged_or_gone_is_computed_again(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    site.yule("run", "beer", "--on", "kubernetes")
    cache = site.project / "workspace" / "cache"
    for family in ("WriteReport", "RankUsers"):
        shutil.rmtree(cache / family)
    for scores in cache.glob("PredictShard/*/scores.parquet"):  # which the pods find
        scores.write_bytes(scores.read_bytes()[:-1])
    run = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert run.events("ended")[0]["is_done"]
    assert sum(int(str(event["n_tasks"])) for event in run.events("lost")) == 3
    assert site.digests() == local


def test_a_run_that_is_stopped_leaves_nothing_in_the_cluster_and_goes_on_later(
    site: Site, local: dict[str, str]
) -> None:
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    wait_for(lambda: site.find("pods", "work"))
    assert "Stopped: beer-" in site.yule("stop", "beer").printed
    wait_for(lambda: not site.objects())
    assert "interrupted" in site.yule("runs").printed
    site.yule("run", "beer", "--on", "kubernetes")
    assert site.digests() == local


def test_a_command_that_is_killed_is_no_harm_and_the_next_one_follows(site: Site, local: dict[str, str]) -> None:
    first = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: site.find("pods", "work"))
    first.kill()
    first.communicate()
    second = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert "is running already" in second.said
    assert second.events("ended")[0]["is_done"]
    assert len(site.find("jobs", "driver")) == 1
    assert second.repeated() == []
    assert site.digests() == local


def test_manifests_can_be_looked_at_first(site: Site) -> None:
    from ruamel.yaml import YAML

    printed = site.yule("run", "beer", "--on", "kubernetes", "--print-manifests").printed
    driver, plan, work = YAML(typ="safe").load_all(printed)
    assert [body["kind"] for body in (driver, plan, work)] == ["Job", "ConfigMap", "Job"]
    assert [body["metadata"]["ownerReferences"][0]["name"] for body in (plan, work)] == [driver["metadata"]["name"]] * 2
    pod = work["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert len(work["metadata"]["name"]) <= 52
    assert site.objects() == []


@pytest.mark.usefixtures("stand_in")
def test_what_is_not_allowed_is_told_before_anything_is_created(site: Site, stand_in: StandIn) -> None:
    stand_in.faults.forbidden |= {"create jobs", "list pods"}
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.code == 1
    assert "you may not create jobs" in refused.said
    assert "you may not list pods" in refused.said
    assert stand_in.state.list("configmaps") == []


def test_memory_that_was_needed_is_remembered(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    from yule.runtime.kubernetes.placement import read_learned
    from yule.storage.objects.opening import open_objects

    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-labels-" in pod for pod in stand_in.find_pods()))
    stand_in.run_out_of_memory(next(pod for pod in stand_in.find_pods() if "-labels-" in pod))
    run = finish(command)
    assert any("ran out of memory, it gets 768 MiB now" in why for why in run.repeated())
    assert 768 in read_learned(open_objects(str(site.project / "workspace"))).values()
    assert "for nothing, by memory" in str(run.events("ended")[0]["text"])
    (report,) = (site.project / "workspace" / "runs").glob("*/report.html")
    assert "What the run took" in report.read_text()
    assert "for nothing, by memory" in report.read_text()
    assert site.digests() == local


def test_drivers_and_pods_log_json_where_that_is_asked_for(site: Site) -> None:
    site.change("environment: {", 'environment: {"YULE_LOG": "json", ')
    site.yule("run", "beer", "--on", "kubernetes")
    lines = [json.loads(line) for line in site.yule("logs", "beer").printed.splitlines()]
    assert {line["level"] for line in lines} >= {"info"}
    (driver,) = site.find("pods", "driver")
    assert {line["pod"] for line in lines} == {driver["metadata"]["name"]}
    assert any(line.get("task", "").startswith("FitFold[") and "done in" in line["message"] for line in lines)
    works = [site.cluster.read_log(pod["metadata"]["name"], n_lines=100) for pod in site.find("pods", "work")]
    told = [json.loads(line) for text in works for line in text.splitlines()]
    assert told
    assert all({"time", "level", "launch", "pod", "task", "message"} <= set(line) for line in told)
