"""How a launch stands by what the cluster says."""

from pathlib import Path

import pytest
from launches import full_cluster, make_launch

from yule.remote.standing import judge_driver
from yule.remote.submission import describe_objects, submit
from yule.storage.opening import open_store


def test_a_driver_that_waits_for_room_is_not_given_up_while_its_pods_are_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = make_launch(str(tmp_path / "workspace"))
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):
        submit(cluster, launch, (), open_store(launch.workspace))
        driver = cluster.get("jobs", launch.frame.anchor)
        assert driver is not None
        while not stand_in.find_pods("driver", "Pending") or not judge_driver(cluster, launch.name).waits:
            pass
        stand_in.age(stand_in.find_pods("driver", "Pending")[0], minutes=60)
        assert judge_driver(cluster, launch.name).state == "hopeless"
        work = describe_objects(launch)[-1]
        work["metadata"]["ownerReferences"][0]["uid"] = driver["metadata"]["uid"]
        cluster.create("jobs", work)
        while stand_in.find_pods("work", "Pending") == []:
            pass
        assert judge_driver(cluster, launch.name).state == "at work"


def test_a_launch_that_the_cluster_does_not_know_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with full_cluster(tmp_path / "cluster", monkeypatch) as (_, cluster):
        assert judge_driver(cluster, "0123456789").state == "gone"
