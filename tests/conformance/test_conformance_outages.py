"""A workspace or an API that is out of reach for a time costs that time, whatever else happens meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from buckets import new_prefix
from sites import Site, finish, wait_for
from standin import StandIn
from switch import Switch

OUTAGE_SECONDS = 3
LONG_SECONDS = 17  # a command gives up sooner where nobody has answered it yet


@pytest.fixture
def workspace(bucket: Switch, s3: str) -> str:
    """A prefix of a bucket that can be cut off."""
    return new_prefix(s3)


@contextmanager
def training(site: Site, stand_in: StandIn, local: dict[str, str]) -> Iterator[None]:
    """Give a run that trains, and see that what is done to it repeats nothing and leaves what one machine makes."""
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    yield
    run = finish(command)
    assert run.repeated() == []
    assert site.digests() == local
    site.clear()


def test_a_workspace_that_is_lost_in_the_midst_of_tasks_repeats_nothing(
    site: Site, stand_in: StandIn, bucket: Switch, local: dict[str, str]
) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    for step in ("labels", "train", "predict"):
        wait_for(lambda step=step: any(f"-{step}-" in pod for pod in stand_in.find_pods()))
        with bucket.cut_for(OUTAGE_SECONDS):
            time.sleep(OUTAGE_SECONDS)
    run = finish(command)
    assert run.repeated() == []
    assert any("The run goes on in the cluster" in text for text in run.waits())
    assert site.digests() == local
    site.clear()


def test_an_api_that_is_lost_for_long_ends_no_command_and_repeats_nothing(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    with training(site, stand_in, local), stand_in.api.cut_for(LONG_SECONDS):
        time.sleep(LONG_SECONDS)


def test_a_driver_that_dies_while_the_workspace_is_lost_is_replaced(
    site: Site, stand_in: StandIn, bucket: Switch, local: dict[str, str]
) -> None:
    with training(site, stand_in, local), bucket.cut_for(OUTAGE_SECONDS):
        stand_in.kill(stand_in.find_pods("driver")[0])
        time.sleep(OUTAGE_SECONDS)


def test_an_api_and_a_workspace_may_be_lost_at_once(
    site: Site, stand_in: StandIn, bucket: Switch, local: dict[str, str]
) -> None:
    with training(site, stand_in, local), bucket.cut_for(OUTAGE_SECONDS), stand_in.api.cut_for(2 * OUTAGE_SECONDS):
        time.sleep(2 * OUTAGE_SECONDS)


def test_a_pod_that_is_preempted_while_the_workspace_is_lost_is_replaced(
    site: Site, stand_in: StandIn, bucket: Switch, local: dict[str, str]
) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    with bucket.cut_for(OUTAGE_SECONDS):
        stand_in.preempt(stand_in.find_pods()[0])
        time.sleep(OUTAGE_SECONDS)
    finish(command)
    assert site.digests() == local
    site.clear()


def test_a_follower_that_is_lost_with_the_api_is_replaced_by_the_next_command(
    site: Site, stand_in: StandIn, local: dict[str, str]
) -> None:
    first = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: any("-train-" in pod for pod in stand_in.find_pods()))
    with stand_in.api.cut_for(OUTAGE_SECONDS):
        first.kill()
        first.communicate()
        second = site.start("run", "beer", "--on", "kubernetes", "--json")
        time.sleep(OUTAGE_SECONDS)
    run = finish(second)
    assert run.repeated() == []
    assert site.digests() == local
    site.clear()
