"""Event files for TensorBoard, written with the standard library alone.

TensorBoard's own writer needs 150 MB of libraries in every worker. An event file is a list of records
(length, checksum, data, checksum), each the protocol buffer ``Event`` of TensorFlow.

References
----------
``tensorflow/core/util/event.proto``, ``summary.proto`` and ``tensorflow/core/lib/io/record_writer.h`` of TensorFlow.
"""

import os
import socket
import struct
import time
from functools import cache
from pathlib import Path
from types import TracebackType

FLUSH_SECONDS = 1.0

_FILE_VERSION = b"brain.Event:2"
_SESSION_START = b"\x08\x01"  # SessionLog.status = START
_CASTAGNOLI = 0x82F63B78


class EventWriter:
    """A tracker that writes an event file; use it as a context manager.

    The file begins with the mark of a new session, so that TensorBoard drops what an attempt before it has written
    beyond the step at which this one starts.

    Parameters
    ----------
    folder
        Folder of the file; made when it is not there. Each attempt adds a file.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}.{os.getpid()}"
        self._file = (folder / name).open("wb")
        self._flushed_at = time.monotonic()
        self._has_started = False
        self._write(_bytes_field(3, _FILE_VERSION), step=0)

    def log(self, tag: str, value: float, *, step: int) -> None:
        """See :class:`~yule.core.tracker.Tracker`; ``valid/auc`` is shown as ``auc/valid``, beside ``auc/train``."""
        if not self._has_started:
            self._write(_bytes_field(7, _SESSION_START), step=step)
            self._has_started = True
        split, metric = tag.split("/")
        shown = _bytes_field(1, f"{metric}/{split}".encode()) + b"\x15" + struct.pack("<f", value)
        self._write(_bytes_field(5, _bytes_field(1, shown)), step=step)
        if time.monotonic() - self._flushed_at > FLUSH_SECONDS:
            self._file.flush()
            self._flushed_at = time.monotonic()

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, content: bytes, *, step: int) -> None:
        event = b"\x09" + struct.pack("<d", time.time()) + b"\x10" + _varint(step) + content
        length = struct.pack("<Q", len(event))
        self._file.write(length + _checksum(length) + event + _checksum(event))


def _bytes_field(number: int, content: bytes) -> bytes:
    """Write a field of text, bytes or a message within a message."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CASTAGNOLI if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


def _checksum(data: bytes) -> bytes:
    """Return the masked CRC-32C that record files carry."""
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
