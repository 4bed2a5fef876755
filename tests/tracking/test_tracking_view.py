import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from yule.core.errors import YuleError
from yule.storage.objects.folder import FolderObjects
from yule.tracking.events import EventWriter
from yule.tracking.view import deep_link, find_free_port, mirror_events, tensorboard_command, watch

WATCH = """
import signal, sys; from pathlib import Path; from yule.tracking.view import watch
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what it runs in the background without it
from yule.storage.objects.folder import FolderObjects
root, mirror, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
watch(FolderObjects(root), {"mlp/fold-0": "events/"}, mirror=mirror, title="tea", port=port, card="# Tea")
"""


def ask(address: str) -> dict:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return json.load(answer)


def test_the_link_asks_for_the_curves_as_they_are() -> None:
    link = urlsplit(deep_link(6006))
    query = parse_qs(link.query)
    assert (link.hostname, link.port, link.fragment) == ("127.0.0.1", 6006, "timeseries")
    assert query["smoothing"] == ["0"]
    assert [card["tag"] for card in json.loads(query["pinnedCards"][0])] == ["log_loss/valid", "auc/valid"]


def test_tensorboard_listens_to_this_machine_only() -> None:
    command = tensorboard_command(Path("mirror"), title="tea", port=6006)
    assert command[command.index("--host") + 1] == "127.0.0.1"


def test_a_mirror_follows_files_that_grow_and_fits_that_begin(tmp_path: Path) -> None:
    folders = {"a/fold-0": tmp_path / "events" / "a", "a/fold-1": tmp_path / "events" / "b"}
    objects, places = FolderObjects(tmp_path), {"a/fold-0": "events/a/", "a/fold-1": "events/b/"}
    mirror = tmp_path / "mirror"
    with EventWriter(folders["a/fold-0"]) as tracker:
        for step in range(1, 200):
            tracker.log("train/auc", 0.5, step=step)
            if step % 50 == 0:
                mirror_events(objects, places, mirror)
    with EventWriter(folders["a/fold-1"]) as tracker:
        tracker.log("train/auc", 0.5, step=1)
    mirror_events(objects, places, mirror)
    for name, folder in folders.items():
        (source,), (copy,) = folder.iterdir(), (mirror / name).iterdir()
        assert copy.read_bytes() == source.read_bytes()


def test_a_port_that_is_taken_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(YuleError, match=f"Is port {port} taken"):
            watch(FolderObjects(tmp_path), {}, mirror=tmp_path / "mirror", title="tea", port=port)


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_watching_shows_the_curves_and_the_card_until_it_is_told_to_end(tmp_path: Path, told: signal.Signals) -> None:
    with EventWriter(tmp_path / "events") as tracker:
        for step in range(1, 11):
            tracker.log("valid/log_loss", 1 / step, step=step)
    port = find_free_port()
    command = [sys.executable, "-c", WATCH, str(tmp_path), str(tmp_path / "mirror"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == f"TensorBoard: {deep_link(port)}\n"
        base, deadline = f"http://127.0.0.1:{port}/data/plugin", time.monotonic() + 60
        while True:
            try:
                if "mlp/fold-0" in ask(f"{base}/scalars/tags"):
                    break
            except OSError:
                assert time.monotonic() < deadline
            time.sleep(0.3)
        points = ask(f"{base}/scalars/scalars?run=mlp%2Ffold-0&tag=log_loss%2Fvalid")
        assert [(step, round(value, 6)) for _, step, value in points] == [(k, round(1 / k, 6)) for k in range(1, 11)]
        assert ask(f"{base}/text/tags") == {".": ["case"]}
        assert ask(f"{base}/custom_scalars/layout")["category"][0]["chart"][0]["title"] == "Log loss, users kept aside"
        os.kill(watcher.pid, told)
        assert watcher.wait(timeout=20) == 0
    with pytest.raises(OSError, match="refused"):
        ask(f"{base}/scalars/tags")
