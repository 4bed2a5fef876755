"""Look at a run's learning curves in TensorBoard, also while they grow."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

MIRROR_SECONDS = 2.0

_SHOWN_TAGS = "^(log_loss|auc)/"
_FIRST_CARDS = ("log_loss/valid", "auc/valid")


def watch(folders: Mapping[str, Path], *, mirror: Path, title: str, port: int | None) -> None:
    """Start TensorBoard on a run and keep it up to date until it is interrupted.

    Parameters
    ----------
    folders
        Folder of event files of each fit, by the name it is shown under (``lightgbm/fold-2``).
    mirror
        Folder that TensorBoard reads: it holds the files under those names.
    title
        Title of the window.
    port
        Port on this machine; a free one if None.
    """
    port = port or find_free_port()
    shutil.rmtree(mirror, ignore_errors=True)
    with serve_tensorboard(mirror, title=title, port=port) as server:
        print(f"TensorBoard: {deep_link(port)}\nCtrl-C ends it.", flush=True)
        try:
            while server.poll() is None:
                mirror_events(folders, mirror)
                time.sleep(MIRROR_SECONDS)
        except KeyboardInterrupt:
            return


def mirror_events(folders: Mapping[str, Path], mirror: Path) -> None:
    """Copy what has been added to event files since the last time.

    Files are appended to, never replaced: TensorBoard keeps them open.
    """
    for name, folder in folders.items():
        for source in sorted(folder.glob("events.out.tfevents.*")):
            copy = mirror / name / source.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as reader, copy.open("ab") as writer:
                reader.seek(writer.tell())
                shutil.copyfileobj(reader, writer)


@contextmanager
def serve_tensorboard(folder: Path, *, title: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run TensorBoard on a folder, for this machine only, and end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1"),
        *("--port", str(port), "--reload_interval", "2", "--window_title", title),
        *("--samples_per_plugin", "scalars=5000"),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def deep_link(port: int) -> str:
    """Return the address that shows the curves well at once.

    All folds of a member in one colour, nothing smoothed (smoothing hides overfitting), the validation curves first.
    """
    cards = json.dumps([{"plugin": "scalars", "tag": tag} for tag in _FIRST_CARDS], separators=(",", ":"))
    query = {"smoothing": "0", "runColorGroup": "regex:^([^/]+)", "tagFilter": _SHOWN_TAGS, "pinnedCards": cards}
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return f"http://127.0.0.1:{port}/?{text}#timeseries"


def find_free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
