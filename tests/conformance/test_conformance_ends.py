"""How a run stands and how it has ended is told also where its driver cannot tell it."""

import json
import signal

from hook import Hook
from sites import Site, finish, wait_for
from standin import StandIn


def test_a_scheduler_asks_until_the_exit_code_says_that_a_run_is_done(site: Site) -> None:
    run = site.yule("run", "beer", "--on", "kubernetes", "--detach").printed.splitlines()[-1]
    asked = site.yule("status", run, "--json", is_ok=False)
    assert asked.code == 3
    assert json.loads(asked.printed)["status"] == "running"
    watched = site.yule("status", "beer", "--watch")
    assert "done as yule-" in watched.printed
    assert site.yule("status", run, "--json").code == 0
    assert site.yule("run", "beer", "--on", "kubernetes", "--detach").printed.splitlines()[-1] == run


def test_the_end_of_a_run_is_told_to_an_address_that_only_a_variable_knows(site: Site, stand_in: StandIn) -> None:
    hook = Hook()
    stand_in.nodes.secrets["hooks"] = {"YULE_NOTIFY": hook.address}
    site.change("^kubernetes:", "notify: ${env:YULE_NOTIFY}\nkubernetes:")
    site.change(r"^  secrets: \[\]", "  secrets: [hooks]")
    site.yule("run", "beer", "--on", "kubernetes")
    hook.stop()
    (told,) = hook.got
    assert (told["case"], told["status"], told["message"]) == ("beer", "done", "")
    assert hook.address not in str(stand_in.state.list("configmaps"))


def test_a_driver_whose_image_cannot_be_pulled_ends_the_launch(site: Site) -> None:
    image = f"registry.invalid/yule@sha256:{'1' * 64}"
    site.change("^image: .*", f"image: {image}")
    if site.stand_in:
        site.stand_in.nodes.bad_images.add(image)
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: site.find("pods", "driver"))
    if site.stand_in:
        wait_for(lambda: "cannot be pulled" in site.status())
        site.stand_in.age(site.find("pods", "driver")[0]["metadata"]["name"], minutes=5)
    ended = finish(command, is_ok=False)
    assert ended.code == 1
    assert f"The driver cannot begin: the image {image} cannot be pulled" in ended.said
    wait_for(lambda: not site.objects())
    asked = site.yule("status", "beer", "--json", is_ok=False)
    assert asked.code == 1
    assert "cannot be pulled" in json.loads(asked.printed)["message"]


def test_a_driver_that_dies_again_and_again_is_told_by_status_and_runs(site: Site, stand_in: StandIn) -> None:
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    for _ in range(7):
        wait_for(lambda: stand_in.find_pods("driver"))
        pod = stand_in.find_pods("driver")[0]
        stand_in.nodes.signal_pod(pod, signal.SIGKILL)
        wait_for(lambda pod=pod: stand_in.phase(pod) != "Running")
    wait_for(lambda: site.yule("status", "beer", is_ok=False).code != 3)
    assert "The driver ended 7 times" in site.yule("runs").printed
    asked = json.loads(site.yule("runs", "--json").printed)[-1]
    assert asked["status"] == "failed"
    assert "run the same command again" in asked["message"]
    site.clear()


def test_a_cluster_that_does_not_answer_is_told_apart_from_a_run_that_failed(site: Site, stand_in: StandIn) -> None:
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    stand_in.api.cut()
    assert site.yule("status", "beer", is_ok=False).code == 75
    stand_in.api.restore()
    site.yule("stop", "beer")
