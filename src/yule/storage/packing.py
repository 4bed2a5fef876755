"""Arrays on their way to and from a bucket: packed there, so that less is sent and kept; on this machine as they are.

Many features are counts, most of them zero: packed, a file of them is two fifths of its size or less. What is mapped
into memory cannot be packed, so a copy on this machine never is.
"""

from pathlib import Path

import pyarrow as pa

from yule.core.errors import CorruptedOutput

PACKED = ".zst"
"""What is added to the name of a file that is packed."""

_CODEC = "zstd"
_PART_BYTES = 1 << 20


def is_worth_packing(name: str) -> bool:
    """Say whether a file is to be packed, by its name: tables are packed already, and all others are small.

    >>> is_worth_packing("numeric.npy"), is_worth_packing("users.parquet")
    (True, False)
    """
    return name.endswith(".npy")


def pack_file(file: Path, packed: Path) -> None:
    """Pack a file; the same bytes are packed alike."""
    with (
        file.open("rb") as content,
        pa.OSFile(str(packed), "wb") as sink,
        pa.CompressedOutputStream(sink, _CODEC) as stream,
    ):
        while part := content.read(_PART_BYTES):
            stream.write(part)


def unpack_file(packed: Path, file: Path, *, n_bytes: int) -> None:
    """Unpack a file that anybody may have written.

    Parameters
    ----------
    packed
        The packed file.
    file
        Where to.
    n_bytes
        How large it was. No more is ever written: a few bytes can be packed so that they fill a disk.

    Raises
    ------
    CorruptedOutput
        If it cannot be unpacked, or is larger or smaller.
    """
    left = n_bytes
    with (
        pa.OSFile(str(packed)) as source,
        pa.CompressedInputStream(source, _CODEC) as stream,
        file.open("wb") as content,
    ):
        while part := _read_part(stream, packed):
            left -= len(part)
            if left < 0:
                break
            content.write(part)
    if left:
        raise CorruptedOutput(f"{packed.name} does not unpack to {n_bytes} bytes.")


def _read_part(stream: pa.CompressedInputStream, packed: Path) -> bytes:
    try:
        part: bytes = stream.read(_PART_BYTES)
    except OSError as error:
        raise CorruptedOutput(f"{packed.name} cannot be unpacked: {error}.") from error
    return part
