import math
import struct
import time
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.kinds.curves import CHANCES
from yule.tracking.events import FLUSH_SECONDS, EventWriter
from yule.tracking.layout import CASE, write_layout
from yule.tracking.records import masked_checksum, scalar_record


def read_events(folder: Path) -> list:
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    return [
        Event.FromString(record) for file in sorted(folder.iterdir()) for record in RawEventFileLoader(str(file)).Load()
    ]


def logged(folder: Path) -> list[tuple[str, float, int]]:
    return [(v.tag, v.simple_value, event.step) for event in read_events(folder) for v in event.summary.value]


@given(data=st.binary(max_size=300))
@settings(deadline=None, max_examples=50)
def test_checksums_are_those_of_tensorboard(data: bytes) -> None:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    assert masked_checksum(data) == masked_crc32c(data)


def test_numbers_come_out_as_they_were_logged(tmp_path: Path) -> None:
    values = [0.5, -1e-30, 0.0, 123456.75, math.inf, -math.inf]
    steps = [1, 127, 128, 16_384, 2**31, 2**40]
    with EventWriter(tmp_path) as tracker:
        for value, step in zip(values, steps, strict=True):
            tracker.log("valid/log_loss", value, step=step)
    expected = [("log_loss/valid", float(np.float32(value)), step) for value, step in zip(values, steps, strict=True)]
    assert logged(tmp_path) == expected


def test_a_diverging_fit_does_not_fail_over_its_curve(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as tracker:
        for value in (1e300, -1e300, math.nan):
            tracker.log("train/log_loss", value, step=1)
    high, low, missing = (value for _, value, _ in logged(tmp_path))
    assert high == -low == struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
    assert math.isnan(missing)


@given(value=st.floats(allow_nan=False))
@settings(max_examples=100)
def test_any_number_can_be_written(value: float) -> None:
    assert scalar_record("auc/valid", value, 0.0, step=1)


def test_a_new_attempt_ends_what_the_one_before_wrote_beyond_its_first_step(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for first, last, value in ((1, 30, 1.0), (21, 40, 2.0)):
        with EventWriter(tmp_path) as tracker:
            for step in range(first, last + 1):
                tracker.log("train/auc", value, step=step)
    shown = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0})
    shown.Reload()
    points = [(event.step, event.value) for event in shown.Scalars("auc/train")]
    assert points == [(step, 1.0 if step < 21 else 2.0) for step in range(1, 41)]


def test_curves_can_be_read_while_they_are_written(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as tracker:
        tracker.log("train/auc", 0.5, step=1)
        time.sleep(FLUSH_SECONDS)
        tracker.log("train/auc", 0.6, step=2)
        assert [step for _, _, step in logged(tmp_path)] == [1, 2]


def test_the_card_and_the_layout_are_what_tensorboard_expects(tmp_path: Path) -> None:
    from tensorboard.plugins.custom_scalar import layout_pb2

    write_layout(tmp_path, card="# Who buys **tea**?", charts=CHANCES)
    layout, card = (event.summary.value[0] for event in read_events(tmp_path / CASE)[1:])
    assert card.metadata.plugin_data.plugin_name == "text"
    assert card.tensor.string_val[0].decode() == "# Who buys **tea**?"
    (group,) = layout_pb2.Layout.FromString(layout.tensor.string_val[0]).category
    assert [tag for chart in group.chart for tag in chart.multiline.tag] == [
        *("^log_loss/valid$", "^log_loss/train$", "^auc/valid$")
    ]


def test_a_run_without_a_card_has_none(tmp_path: Path) -> None:
    write_layout(tmp_path, card="", charts=CHANCES)
    assert [event.summary.value[0].tag for event in read_events(tmp_path / CASE)[1:]] == ["custom_scalars__config__"]
