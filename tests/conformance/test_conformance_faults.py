"""What happens to pods, to the driver and to the cluster's API while a case runs changes no byte of its answer."""

import itertools
import time

from sites import Site, finish, wait_for
from standin import StandIn


def test_faults_cost_only_the_work_in_flight(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    faults = [
        stand_in.preempt,
        stand_in.lose_node,
        stand_in.delete_pod,
        stand_in.run_out_of_memory,
        stand_in.evict,
        stand_in.kill,
    ]
    for fault in faults:
        known = set(stand_in.find_pods())
        wait_for(lambda known=known: set(stand_in.find_pods()) - known)
        fault(min(set(stand_in.find_pods()) - known))
    run = finish(command)
    finished = [event["unique_id"] for event in run.events("finished")]
    assert len(finished) == len(set(finished))
    assert site.digests() == local


def test_a_pod_that_somebody_deletes_is_replaced(site: Site, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: site.find("pods", "work"))
    pod = site.find("pods", "work")[0]["metadata"]
    site.cluster.delete("pods", pod["name"], uid=pod["uid"])
    finish(command)
    assert site.digests() == local


def test_another_driver_takes_over_from_one_that_is_gone(site: Site, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: site.find("pods", "work"))
    pod = site.find("pods", "driver")[0]["metadata"]
    site.cluster.delete("pods", pod["name"], uid=pod["uid"])
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local


def test_another_driver_takes_over_from_one_that_is_killed(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    for fault in (stand_in.kill, stand_in.preempt):
        wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()) and stand_in.find_pods("driver"))
        fault(stand_in.find_pods("driver")[0])
        time.sleep(1)
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local


def test_two_drivers_at_once_do_no_harm(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("work"))
    second = stand_in.double(stand_in.find_pods("driver")[0])
    run = finish(command)
    wait_for(lambda: stand_in.phase(second) == "Succeeded")
    assert run.repeated() == []
    assert site.digests() == local


def test_a_cluster_that_answers_badly_is_borne_with(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    answers = itertools.cycle([(429, "1"), (500, ""), (503, "")])
    while command.poll() is None:
        stand_in.faults.answers[:] = [next(answers)]
        stand_in.state.forget()
        time.sleep(2)
    finish(command)
    assert site.digests() == local


def test_a_cluster_that_answers_late_is_borne_with(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    stand_in.faults.delay_seconds = 0.3
    run = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert run.repeated() == []
    assert site.digests() == local


def test_jobs_that_vanish_before_they_are_looked_at_are_no_failure(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    stand_in.jobs.ttl_seconds = 0.0
    run = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert run.events("ended")[0]["is_done"]
    assert site.digests() == local
    wait_for(lambda: not site.objects())


def test_an_upgrade_of_the_control_plane_repeats_nothing(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("work"))
    stand_in.upgrade(3)
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local
