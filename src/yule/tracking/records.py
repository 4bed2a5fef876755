"""The records of an event file, encoded with the standard library alone.

An event file is a list of records (length, checksum, data, checksum), each the protocol buffer ``Event`` of
TensorFlow. The numbers of fields below are those of its ``.proto`` files.

References
----------
``tensorflow/core/util/event.proto``, ``tensorflow/core/framework/summary.proto`` and
``tensorflow/core/lib/io/record_writer.h`` of TensorFlow.
"""

import struct
from functools import cache

_CASTAGNOLI = 0x82F63B78
_LARGEST = 3.4028234663852886e38  # of a float of 32 bits
_TEXT = b"\x08\x07"  # TensorProto.dtype = DT_STRING
_IS_TENSOR = b"\x20\x02"  # SummaryMetadata.data_class = DATA_CLASS_TENSOR


def version_record(wall_time: float) -> bytes:
    """Return the record that every event file begins with."""
    return _event(bytes_field(3, b"brain.Event:2"), wall_time, step=0)


def session_record(wall_time: float, *, step: int) -> bytes:
    """Return the record of a new session: what an attempt before it wrote from ``step`` on no longer counts."""
    return _event(bytes_field(7, b"\x08\x01"), wall_time, step=step)  # SessionLog.status = START


def scalar_record(tag: str, value: float, wall_time: float, *, step: int) -> bytes:
    """Return the record of a number. One too large for 32 bits is cut: a diverging fit must not fail over its curve."""
    kept = value if value in (float("inf"), float("-inf")) else max(min(value, _LARGEST), -_LARGEST)
    shown = bytes_field(1, tag.encode()) + b"\x15" + struct.pack("<f", kept)  # Value.simple_value
    return _event(bytes_field(5, bytes_field(1, shown)), wall_time, step=step)


def content_record(tag: str, content: bytes, *, plugin: str, wall_time: float) -> bytes:
    """Return the record of a text, or of the settings of a plugin of TensorBoard."""
    metadata = bytes_field(1, bytes_field(1, plugin.encode())) + _IS_TENSOR
    tensor = _TEXT + bytes_field(2, b"") + bytes_field(8, content)
    shown = bytes_field(1, tag.encode()) + bytes_field(8, tensor) + bytes_field(9, metadata)
    return _event(bytes_field(5, bytes_field(1, shown)), wall_time, step=0)


def bytes_field(number: int, content: bytes) -> bytes:
    """Return a field of a protocol buffer that holds text, bytes or a message; its number is below 16.

    >>> bytes_field(1, b"auc").hex()
    '0a03617563'
    """
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def masked_checksum(data: bytes) -> int:
    """Return the masked CRC-32C that records carry.

    >>> hex(masked_checksum(b"123456789"))
    '0xc78ab0e5'
    """
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _event(content: bytes, wall_time: float, *, step: int) -> bytes:
    event = b"\x09" + struct.pack("<d", wall_time) + b"\x10" + _varint(step) + content
    length = struct.pack("<Q", len(event))
    return length + _checksum(length) + event + _checksum(event)


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked_checksum(data))


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
