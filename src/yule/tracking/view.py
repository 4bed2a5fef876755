"""Look at a run's learning curves in TensorBoard, also while they grow."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from yule.core.errors import WorkspaceError, YuleError
from yule.kinds.curves import Chart
from yule.storage.names import resolve_below
from yule.storage.objects.protocol import Objects
from yule.storage.permissions import make_folder, restrict
from yule.tracking.events import EVENT_FILE, EVENTS
from yule.tracking.layout import write_layout

MIRROR_SECONDS = 2.0


def watch(
    objects: Objects,
    places: Mapping[str, str],
    *,
    mirror: Path,
    title: str,
    port: int | None,
    charts: Sequence[Chart],
    card: str = "",
) -> None:
    """Start TensorBoard on a run and keep it up to date until it is interrupted.

    Parameters
    ----------
    objects
        The workspace's files.
    places
        What the names of each fit's event files begin with, by the name it is shown under (``lightgbm/fold-2``).
    mirror
        Folder that TensorBoard reads: it holds the files under those names.
    title
        Title of the window.
    port
        Port on this machine; a free one if None.
    charts
        Which curves are laid side by side.
    card
        Markdown for the tab Text, e.g. the question and the case; empty for none.

    Raises
    ------
    YuleError
        TensorBoard ended by itself; its last words are in the message.
    """
    port = port or find_free_port()
    if mirror.is_symlink() or mirror.parent.is_symlink():
        raise WorkspaceError(f"{mirror} is, or lies in, a link. Yule makes none there: look who did, and delete it.")
    shutil.rmtree(mirror, ignore_errors=True)
    make_folder(mirror, root=mirror)
    write_layout(mirror, card=card, charts=charts)
    with _end_in_order(), serve_tensorboard(mirror, title=title, port=port) as server:
        print(f"TensorBoard: {deep_link(port, charts)}\nCtrl-C ends it.", flush=True)
        try:
            while server.process.poll() is None:
                try:
                    mirror_events(objects, places, mirror)
                except OSError as error:  # a bucket may not answer for a while
                    print(f"The curves cannot be read, trying again: {error}", flush=True)
                time.sleep(MIRROR_SECONDS)
        except KeyboardInterrupt:
            return
        raise YuleError(
            f"TensorBoard ended by itself. {server.last_words()}\nIs port {port} taken? Choose another one."
        )


def mirror_events(objects: Objects, places: Mapping[str, str], mirror: Path) -> None:
    """Copy what has been added to event files below ``events`` since the last time.

    What is not called as an event file is left where it is. Only the new bytes are read. The copies are appended to,
    never replaced: TensorBoard keeps them open.
    """
    sizes = objects.list(f"{EVENTS}/")  # one request for all fits
    for name, place in places.items():
        for source, size in sizes.items():
            file = source.removeprefix(place)
            if file == source or not EVENT_FILE.fullmatch(file):
                continue
            copy = resolve_below(mirror, f"{name}/{file}")
            make_folder(copy.parent, root=mirror)
            with copy.open("ab") as writer:
                restrict(copy, root=mirror)
                if size > writer.tell():
                    writer.write(objects.read(source, start=writer.tell()) or b"")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running TensorBoard and what it writes to its error output."""

    process: "subprocess.Popen[bytes]"
    log: IO[bytes]

    def last_words(self, *, n_lines: int = 3) -> str:
        """Return the last lines it wrote."""
        self.log.seek(0)
        return "\n".join(self.log.read().decode(errors="replace").strip().splitlines()[-n_lines:])


@contextmanager
def serve_tensorboard(folder: Path, *, title: str, port: int) -> Iterator[Server]:
    """Run TensorBoard on a folder, for this machine only, and end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as log:
        # A session of its own: Ctrl-C reaches us alone, and we end it in order.
        process = subprocess.Popen(
            tensorboard_command(folder, title=title, port=port),
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield Server(process=process, log=log)
        finally:
            process.terminate()
            process.wait()


def tensorboard_command(folder: Path, *, title: str, port: int) -> list[str]:
    """Return the command that runs TensorBoard on a folder, for this machine only.

    >>> tensorboard_command(Path("mirror"), title="beer", port=6006)[1:6]
    ['-P', '-m', 'tensorboard.main', '--logdir', 'mirror']
    """
    return [
        *(sys.executable, "-P", "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1"),
        *("--port", str(port), "--reload_interval", "2", "--window_title", title),
        # A fit that was started again has several files; without its fast loader TensorBoard would follow one.
        *("--samples_per_plugin", "scalars=5000", "--reload_multifile", "true"),
    ]


def deep_link(port: int, charts: Sequence[Chart]) -> str:
    """Return the address that shows the curves well at once.

    All folds of a member in one colour, nothing smoothed (smoothing hides overfitting), the validation curves first.
    No filter of tags: with one, TensorBoard leaves out what is pinned.
    """
    cards = json.dumps(
        [{"plugin": "scalars", "tag": chart.tag} for chart in charts if chart.is_of_users_kept_aside],
        separators=(",", ":"),
    )
    query = {"smoothing": "0", "runColorGroup": "regex:^([^/]+)", "pinnedCards": cards}
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return f"http://127.0.0.1:{port}/?{text}#timeseries"


def find_free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _end_in_order() -> Iterator[None]:
    """Take being told to end (SIGTERM) for Ctrl-C, so that TensorBoard does not outlive us."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
