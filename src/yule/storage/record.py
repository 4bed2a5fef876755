"""The record of an output: what made it, how long it took, and the digest of every file.

It is the last file written into an output's folder. Reading an output checks its files against it.
"""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from yule.core.errors import CorruptedOutput
from yule.core.files import digest_file, read_bounded
from yule.core.secrets import redact
from yule.core.settings import from_bytes, to_json
from yule.storage.names import leads_out, name_fault
from yule.storage.objects.folder import ABSENT
from yule.storage.store import RECORD

FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,99}")
UNIQUE_ID = re.compile(r"[0-9a-f]{32}")

_SETTLED_NS = 2_000_000_000
"""After a file was written: a file system tells what is written later from it, by the clock."""

_N_DIGESTS = 1024


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """Size in bytes and SHA-256 of one file."""

    n_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What made an output.

    Parameters
    ----------
    family, module
        Name of the task and the Python module that defines it.
    unique_id
        gokart's unique id of the task: the key of the output.
    parameters
        The significant parameters, as strings.
    requires
        Unique ids of the tasks whose outputs were read.
    seconds
        Wall time of the task.
    versions
        Name and version of Python, Yule and the libraries loaded.
    files
        Digest of every file of the output, by its path in the folder.
    """

    family: str
    module: str
    unique_id: str
    parameters: dict[str, str]
    requires: tuple[str, ...]
    seconds: float
    versions: dict[str, str]
    files: dict[str, FileDigest]


def digest_files(folder: Path) -> dict[str, FileDigest]:
    """Digest every file below a folder except the record itself."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / RECORD)
    return {str(path.relative_to(folder)): _digest(path) for path in files}


def write_record(folder: Path, record: Record) -> None:
    """Write the record into an output's folder."""
    (folder / RECORD).write_text(redact(to_json(record)) + "\n", encoding="utf-8")


def read_record(folder: Path) -> Record:
    """Read the record of an output.

    Raises
    ------
    CorruptedOutput
        If it is missing or unreadable.
    """
    try:
        return from_bytes(Record, read_bounded(folder / RECORD))
    except (*ABSENT, ValueError) as error:
        raise CorruptedOutput(_tell(f"{folder / RECORD} is missing or unreadable")) from error


def parse_records(texts: Iterable[str]) -> Iterator[Record]:
    """Yield the records of outputs that can be read; what is wrong with another is for the commands about it to say."""
    for text in texts:
        with suppress(ValueError):
            record = from_bytes(Record, text.encode())
            if FAMILY.fullmatch(record.family) and UNIQUE_ID.fullmatch(record.unique_id):
                yield record


def verify(folder: Path, unique_id: str) -> None:
    """Check every file of an output against its record.

    Parameters
    ----------
    folder
        The output.
    unique_id
        What it must be the output of.

    Raises
    ------
    CorruptedOutput
        Names each file that is missing, changed or cut short.
    """
    record = read_record(folder)
    if record.unique_id != unique_id:
        raise CorruptedOutput(_tell(f"{folder / RECORD} is that of {record.family}/{record.unique_id}"))
    faults = []
    for name, file in record.files.items():
        path = folder / name
        if name_fault(name) or leads_out(folder, path):
            faults.append(f"{folder / RECORD} names the file {name!r}, which is not in the folder")
        elif not path.is_file():
            faults.append(f"{path} is missing")
        elif path.stat().st_size != file.n_bytes:
            faults.append(f"{path} has {path.stat().st_size} bytes instead of {file.n_bytes}")
        elif _digest(path) != file:
            faults.append(f"{path} has other content than when it was written")
    if faults:
        raise CorruptedOutput(_tell("; ".join(faults)))


def _digest(path: Path) -> FileDigest:
    """Digest a file; what this process has digested before and nobody has written to since is not read again.

    All fits of a fold read the same arrays, of many gigabytes.
    """
    status = path.stat()
    is_settled = time.time_ns() - status.st_ctime_ns > _SETTLED_NS
    digest = _digest_settled if is_settled else _digest_state
    return digest(path, inode=status.st_ino, n_bytes=status.st_size, changed_ns=status.st_ctime_ns)


def _digest_state(path: Path, *, inode: int, n_bytes: int, changed_ns: int) -> FileDigest:
    del inode, changed_ns  # they tell one content of a place from the next
    return FileDigest(n_bytes=n_bytes, sha256=digest_file(path))


_digest_settled = lru_cache(maxsize=_N_DIGESTS)(_digest_state)


def _tell(fault: str) -> str:
    return f"A cached output is damaged: {fault}."
