"""What the API server gets from us, and answers that break off."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from unknown_hosts import ANSWERS, unknown_host

from yule import __version__
from yule.core import patience
from yule.core.patience import is_transient
from yule.runtime.kubernetes.api.client import OfficialCluster, connect_cluster
from yule.runtime.kubernetes.api.protocol import ClusterError


class Server(ThreadingHTTPServer):
    """A server whose first answers break off."""

    n_broken = 0
    agents: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.agents.append(self.headers["User-Agent"])
        answer = json.dumps({"metadata": {"name": "a"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        is_broken = self.server.n_broken > 0
        self.server.n_broken -= 1
        self.wfile.write(answer[:5] if is_broken else answer)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        serving.agents = []
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture
def cluster(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OfficialCluster:
    settings = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": f"http://127.0.0.1:{server.server_address[1]}"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": {}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(settings))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    return connect_cluster(context=None, namespace="default")


def test_requests_name_the_version(server: Server, cluster: OfficialCluster) -> None:
    assert cluster.get("jobs", "a") == {"metadata": {"name": "a"}}
    assert server.agents == [f"yule/{__version__}"]


@pytest.mark.parametrize("answer", list(ANSWERS))
def test_an_api_server_that_is_mistyped_is_told_at_once_and_one_that_cannot_be_looked_up_is_waited_for(
    tmp_path: Path, cluster: OfficialCluster, answer: str
) -> None:
    with unknown_host(answer) as host:
        file = tmp_path / "kubeconfig"
        file.write_text(re.sub("http://127.0.0.1", f"http://{host}", file.read_text()))
        with pytest.raises(ClusterError) as raised:
            connect_cluster(context=None, namespace="default", patience_seconds=0.2).get("jobs", "a")
    assert is_transient(raised.value) is (answer == "not now")
    assert (f"there is no host '{host}': correct its name in the kubeconfig" in str(raised.value)) is (
        answer == "there is none"
    )


def test_an_answer_that_breaks_off_is_asked_for_again(server: Server, cluster: OfficialCluster) -> None:
    server.n_broken = 2
    assert cluster.get("jobs", "a") == {"metadata": {"name": "a"}}
    assert len(server.agents) == 3


def test_a_cluster_that_does_not_answer_is_told_while_it_is_waited_for(
    server: Server, cluster: OfficialCluster, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.05)
    server.n_broken = 1
    cluster.get("jobs", "a")
    told = capfd.readouterr().err
    assert told.count("does not answer (nothing has come for 0 seconds). Waiting.") == 1


@pytest.mark.parametrize("hours", [-1, 0, 2])
def test_waits_are_measured_by_the_clusters_clock(
    cluster: OfficialCluster, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    there = datetime.now(UTC) + timedelta(hours=hours)
    monkeypatch.setattr(Handler, "date_time_string", lambda _self: format_datetime(there, usegmt=True))
    cluster.get("jobs", "a")
    assert abs(cluster.now() - there) < timedelta(minutes=1)


def test_a_clock_that_is_not_told_is_taken_for_this_machines(
    cluster: OfficialCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "date_time_string", lambda _self: "today")
    cluster.get("jobs", "a")
    assert abs(cluster.now() - datetime.now(UTC)) < timedelta(minutes=1)
