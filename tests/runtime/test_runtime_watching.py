"""What is known of a cluster's objects stays up to date, whatever becomes of the watches."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yule.runtime.kubernetes.api import watching
from yule.runtime.kubernetes.api.client import connect_cluster
from yule.runtime.kubernetes.api.watching import Watcher

SELECTOR = "app=a"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster without nodes, whose watches last one second."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from standin import start_cluster

    monkeypatch.setattr(watching, "WATCH_SECONDS", (1, 1))
    with start_cluster(tmp_path / "cluster") as cluster:
        monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
        yield cluster


def anchor(name: str) -> dict[str, Any]:
    """Return an object that nothing else in the cluster takes notice of."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "a"}},
        "data": {},
    }


@pytest.mark.slow
def test_news_come_although_the_watch_breaks_is_silent_or_too_old(stand_in: Any) -> None:
    cluster = connect_cluster(context=None, namespace="default")
    watcher = Watcher(cluster, ("configmaps",), SELECTOR)
    seen: dict[str, bool] = {}

    def wait_for(name: str, *, is_there: bool) -> None:
        until = time.monotonic() + 20
        while seen.get(name) is not is_there:
            assert time.monotonic() < until, f"no news of {name}: {seen}"
            for news in watcher.take(0.2):
                seen[news.name] = news.object is not None

    uid = cluster.create("configmaps", anchor("first"))["metadata"]["uid"]
    wait_for("first", is_there=True)
    stand_in.faults.silent_watches = True
    cluster.create("configmaps", anchor("second"))
    cluster.delete("configmaps", "first", uid=uid)
    wait_for("second", is_there=True)
    wait_for("first", is_there=False)
    stand_in.faults.silent_watches = False
    stand_in.faults.answers[:] = [(500, ""), (429, "1"), (503, "")]
    cluster.create("configmaps", anchor("third"))
    wait_for("third", is_there=True)
    cluster.create("configmaps", anchor("fourth"))
    stand_in.state.forget()
    wait_for("fourth", is_there=True)
    watcher.stop()
