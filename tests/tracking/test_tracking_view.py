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

from yule.core.errors import WorkspaceError, YuleError
from yule.kinds.curves import CHANCES
from yule.storage.names import ForgedName
from yule.storage.objects.folder import FolderObjects
from yule.tracking.events import EventWriter, name_file
from yule.tracking.view import deep_link, find_free_port, mirror_events, tensorboard_command, watch

WATCH = """
import signal, sys; from pathlib import Path; from yule.tracking.view import watch
from yule.kinds.curves import CHANCES
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what it runs in the background without it
from yule.storage.objects.folder import FolderObjects
root, mirror, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
watch(FolderObjects(root), {"mlp/fold-0": "events/"}, mirror=mirror, title="tea", port=port, charts=CHANCES,
      card="# Tea")
"""


def ask(address: str) -> dict:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return json.load(answer)


def test_the_link_asks_for_the_curves_as_they_are() -> None:
    link = urlsplit(deep_link(6006, CHANCES))
    query = parse_qs(link.query)
    assert (link.hostname, link.port, link.fragment) == ("127.0.0.1", 6006, "timeseries")
    assert query["smoothing"] == ["0"]
    assert [card["tag"] for card in json.loads(query["pinnedCards"][0])] == ["log_loss/valid", "auc/valid"]
    assert "tagFilter" not in query


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
            watch(FolderObjects(tmp_path), {}, mirror=tmp_path / "mirror", title="tea", port=port, charts=CHANCES)


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
        assert watcher.stdout.readline() == f"TensorBoard: {deep_link(port, CHANCES)}\n"
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
        assert ask(f"{base}/text/tags") == {"case": ["case"]}
        assert ask(f"{base}/custom_scalars/layout")["category"][0]["chart"][0]["title"] == "Log loss, users kept aside"
        os.kill(watcher.pid, told)
        assert watcher.wait(timeout=20) == 0
    with pytest.raises(OSError, match="refused"):
        ask(f"{base}/scalars/tags")


EVIL = [
    "a.events.out.tfevents.b.pth",
    "events.out.tfevents.1.2.host.3.pth",
    "events.out.tfevents.1.2.host.pth",
    "sub/events.out.tfevents.1.2.host.3",
    "events.out.tfevents.",
    "usercustomize.py",
]


def test_only_what_is_called_as_an_event_file_is_mirrored(tmp_path: Path) -> None:
    good = name_file()
    for name in (*EVIL, good):
        (tmp_path / "events" / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "events" / "a" / name).write_text("x")
    mirror_events(FolderObjects(tmp_path), {"mlp/fold-0": "events/a/"}, tmp_path / "mirror")
    assert [file.name for file in (tmp_path / "mirror").rglob("*") if file.is_file()] == [good]


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "mlp/../../outside", "link/fold-0"])
def test_nothing_is_mirrored_outside_the_mirror(tmp_path: Path, name: str) -> None:
    (tmp_path / "events" / "a").mkdir(parents=True)
    (tmp_path / "events" / "a" / name_file()).write_text("x")
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "link").symlink_to("..")
    with pytest.raises(ForgedName):
        mirror_events(FolderObjects(tmp_path), {name: "events/a/"}, tmp_path / "mirror")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("link", ["tensorboard", "tensorboard/tea-00000000"])
def test_a_mirror_that_is_a_link_is_neither_removed_nor_written(tmp_path: Path, link: str) -> None:
    (tmp_path / "runs" / "tea-00000000").mkdir(parents=True)
    (tmp_path / "runs" / "tea-00000000" / "run.json").write_text("{}")
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "runs")
    with pytest.raises(WorkspaceError, match="link"):
        watch(
            FolderObjects(tmp_path),
            {},
            mirror=tmp_path / "tensorboard" / "tea-00000000",
            title="tea",
            port=None,
            charts=(),
        )
    assert [file.name for file in (tmp_path / "runs").rglob("*")] == ["tea-00000000", "run.json"]
