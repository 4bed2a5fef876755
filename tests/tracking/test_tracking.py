import html
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from yule.kinds.curves import CHANCES
from yule.storage.objects.folder import FolderObjects
from yule.tracking.events import EventWriter
from yule.tracking.layout import write_card
from yule.tracking.view import deep_link, find_free_port, mirror_events, serve_tensorboard


def _write_curve(folder: Path, n_steps: int) -> None:
    with EventWriter(folder) as tracker:
        for step in range(1, n_steps + 1):
            tracker.log("train/log_loss", 1 / step, step=step)
            tracker.log("valid/log_loss", 1 / step + 0.1, step=step)


def _ask(address: str) -> object:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, address
            time.sleep(0.3)


def test_tensorboard_itself_checks_and_reads_the_file(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    _write_curve(tmp_path, 300)
    (file,) = tmp_path.iterdir()
    events = list(EventFileLoader(str(file)).Load())
    assert events[0].file_version == "brain.Event:2"
    assert events[1].session_log.status == 1
    curve = {
        event.step: event.summary.value[0].tensor.float_val[0]
        for event in events[2:]
        if event.summary.value[0].tag == "log_loss/valid"
    }
    assert len(curve) == 300
    assert abs(curve[300] - (1 / 300 + 0.1)) < 1e-6


def test_tensorboard_shows_curves_while_they_grow(tmp_path: Path) -> None:
    folders = {"lightgbm/fold-0": tmp_path / "events" / "a", "mlp/fold-1": tmp_path / "events" / "b"}
    _write_curve(folders["lightgbm/fold-0"], 20)
    mirror = tmp_path / "mirror"
    objects, places = FolderObjects(tmp_path), {"lightgbm/fold-0": "events/a/", "mlp/fold-1": "events/b/"}
    mirror_events(objects, places, mirror)
    port = find_free_port()
    with serve_tensorboard(mirror, title="test", port=port):
        base = f"http://127.0.0.1:{port}/data/plugin/scalars"
        while not (tags := _ask(f"{base}/tags")):
            time.sleep(0.3)
        assert set(tags) == {"lightgbm/fold-0"}
        assert set(tags["lightgbm/fold-0"]) == {"log_loss/train", "log_loss/valid"}
        _write_curve(folders["mlp/fold-1"], 5)
        mirror_events(objects, places, mirror)
        while "mlp/fold-1" not in _ask(f"{base}/tags"):
            time.sleep(0.3)
        points = _ask(f"{base}/scalars?run=lightgbm%2Ffold-0&tag=log_loss%2Ftrain")
        assert [point[1] for point in points] == list(range(1, 21))


def test_mirroring_copies_only_what_is_new(tmp_path: Path) -> None:
    source = tmp_path / "events" / "a"
    source.mkdir(parents=True)
    file = source / "events.out.tfevents.1.host.1"
    file.write_bytes(b"first")
    mirror_events(FolderObjects(tmp_path), {"m/fold-0": "events/a/"}, tmp_path / "mirror")
    file.write_bytes(b"first and second")
    mirror_events(FolderObjects(tmp_path), {"m/fold-0": "events/a/", "m/fold-1": "events/absent/"}, tmp_path / "mirror")
    assert (tmp_path / "mirror" / "m/fold-0" / file.name).read_bytes() == b"first and second"


def test_the_link_shows_every_member_in_one_colour() -> None:
    assert deep_link(6006, CHANCES).startswith(
        "http://127.0.0.1:6006/?smoothing=0&runColorGroup=regex%3A%5E%28%5B%5E/%5D%2B%29"
    )


def test_a_card_cannot_be_left_by_what_it_shows() -> None:
    card = write_card("Who?\n# <script>x</script>\x1b[2J", "a: |\n  ```\n  <b>\n  ````\n")
    title, _, *body = card.split("\n")
    assert "<" not in title
    assert "\x1b" not in card
    assert (body[0], body[-1]) == ("`````yaml", "`````")


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.sampled_from("`*_<&~é日"), min_size=1))
@example("Who buys *tea* & <b>snake_case</b> [50% off]? #1!")
@example("# 1. `- who` #")
def test_a_question_is_shown_as_it_was_asked(question: str) -> None:
    from tensorboard.plugin_util import markdown_to_safe_html

    title, _, _ = write_card(question, "seed: 1").partition("\n")
    shown = markdown_to_safe_html(title).removeprefix("<h1>").removesuffix("</h1>")
    assert "<" not in shown
    assert html.unescape(shown).strip() == question.strip()
