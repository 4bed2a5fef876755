"""Work leaves nodes that are taken away or never come, and what no namespace or node can hold is told."""

import time

from sites import Site, finish, wait_for
from standin import Node, StandIn

SPOT = "spot: true, tolerations: [{key: spot}], node_selector: {pool: spot}"


def use_spot_nodes(site: Site) -> None:
    """Have the case's work begin on the spot node and move to the steady one."""
    site.change("    small: .*\n", f"    small: {{cpu: 0.5, memory: [512MiB], {SPOT}}}\n")
    site.change("^  pools:", "  on_demand: steady\n  preemption_budget: 2\n  spot_wait: 1 minute\n  pools:")


def find_fits(stand_in: StandIn, node: str) -> set[str]:
    """Return the pods that are at fits on a node; one that is taken away before it begins has not been heard."""
    fits = [pod for pod in stand_in.find_pods() if "-train-" in pod and stand_in.is_at_task(pod)]
    bodies = [(pod, stand_in.state.get("pods", pod)) for pod in fits]
    return {pod for pod, body in bodies if body is not None and body["spec"]["nodeName"] == node}


def test_a_task_that_is_preempted_too_often_moves_to_nodes_that_stay(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    use_spot_nodes(site)
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    seen: set[str] = set()
    while command.poll() is None and not find_fits(stand_in, "steady"):
        for pod in find_fits(stand_in, "spot") - seen:
            seen.add(pod)
            stand_in.hang(pod)  # fits are over before the notice is
            stand_in.preempt(pod)
        time.sleep(0.01)
    run = finish(command)
    assert any("moves to the pool steady" in why for why in run.repeated())
    assert site.digests() == local


def test_work_leaves_a_spot_pool_that_has_no_nodes(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    use_spot_nodes(site)
    stand_in.remove_node("spot")
    stand_in.state.age_seconds = 58
    run = site.yule("run", "beer", "--on", "kubernetes", "--json")
    assert len(run.repeated()) == 6, "what becomes ready later does not wait again"
    assert all(
        "no node of the pool small came for 1 minute, it moves to the pool steady" in why for why in run.repeated()
    )
    assert site.digests() == local
    site.clear()


def test_work_leaves_a_spot_node_that_goes_before_its_pods_have_begun(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    use_spot_nodes(site)
    stand_in.nodes.nodes["spot"].is_slow = True
    stand_in.state.age_seconds = 58
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("work", "Pending"))
    stand_in.remove_node("spot")
    run = finish(command)
    assert any("moves to the pool steady" in why for why in run.repeated())
    assert site.digests() == local


def test_nodes_that_come_later_are_waited_for(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    site.change("small: {cpu: 0.5", "small: {node_selector: {pool: later}, cpu: 0.5")
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: "no node can take it" in site.status())
    stand_in.add_node(Node(name="later", labels={"pool": "later"}))
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local


def test_a_quota_that_others_have_used_up_is_waited_for(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("driver"))
    other = stand_in.occupy(cpu="397400m", memory="1Gi")
    wait_for(
        lambda: (
            "quota is used up (yule: limited to requests.cpu=400, a pod asks for requests.cpu=500m)" in site.status()
        )
    )
    stand_in.kill(stand_in.find_pods("driver")[0])
    stand_in.delete_pod(other)
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local


def test_a_pod_that_asks_for_more_than_the_whole_quota_is_told_as_such(site: Site) -> None:
    site.change("small: {cpu: 0.5", "small: {cpu: 1000")
    site.change("^  pools:", "  driver_pool: steady\n  pools:")
    run = site.yule("run", "beer", "--on", "kubernetes", "--json", is_ok=False)
    assert run.code == 1
    texts = {str(event["message"]) for event in run.events("failed")}
    assert all("a pod asks for requests.cpu=1k, more than the 400 of the whole quota yule" in text for text in texts)
    assert texts
    site.clear()
