"""Memory that runs out moves what was at work to the next size, and nothing else, whoever else fails meanwhile."""

import time

import pytest
from sites import Run, Site, finish, wait_for
from standin import Node, StandIn


def enlarged(run: Run) -> list[str]:
    """Return the families of the tasks that were given more memory."""
    return [line.split(":")[0] for line in run.repeated() if "MiB now" in line]


@pytest.mark.parametrize("version", [1, 2])
def test_a_process_that_is_killed_for_memory_moves_its_task_only(
    site: Site, stand_in: StandIn, local: dict[str, str], version: int
) -> None:
    for node in stand_in.nodes.nodes.values():
        node.cgroup = version  # type: ignore[assignment]
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any(stand_in.kill_worker(pod) for pod in stand_in.find_pods() if "-features-" in pod), seconds=60)
    run = finish(command)
    assert enlarged(run) == ["ComputeFeatures"]
    assert site.digests() == local


def test_a_container_that_is_killed_whole_moves_the_task_at_work_only(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    site.change("^  pools:", "  tasks_per_pod: {features: 3}\n  pools:")
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any(stand_in.is_at_task(pod) for pod in stand_in.find_pods() if "-features-" in pod))
    stand_in.run_out_of_memory(next(pod for pod in stand_in.find_pods() if "-features-" in pod))
    run = finish(command)
    assert enlarged(run) == ["ComputeFeatures"]
    assert site.digests() == local


def test_a_driver_that_takes_over_leaves_the_second_attempt_of_a_task_alone(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    first = next(pod for pod in stand_in.find_pods() if "-train-" in pod)
    stand_in.run_out_of_memory(first)
    wait_for(lambda: any("-train-" in pod and pod.split("-")[3] != first.split("-")[3] for pod in stand_in.find_pods()))
    for _ in range(2):
        stand_in.kill(stand_in.find_pods("driver")[0])
        time.sleep(0.5)
        wait_for(lambda: stand_in.find_pods("driver"))
    finish(command)
    assert len([job for job in site.find("jobs", "work") if job["metadata"]["labels"]["yule.dev/tier"] == "1"]) == 1
    assert site.digests() == local


def test_a_driver_that_takes_over_in_an_outage_of_the_api_knows_what_memory_was_needed(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    with stand_in.api.cut_for(5):
        stand_in.run_out_of_memory(next(pod for pod in stand_in.find_pods() if "-train-" in pod))
        stand_in.kill(stand_in.find_pods("driver")[0])
        time.sleep(5)
    run = finish(command)
    assert len(enlarged(run)) == 1
    assert site.digests() == local


def test_memory_that_a_node_lacks_is_no_fault_of_the_task_at_first(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    stand_in.add_node(Node(name="another"))
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    stand_in.evict(next(pod for pod in stand_in.find_pods() if "-train-" in pod))
    run = finish(command)
    assert enlarged(run) == []
    assert site.digests() == local
