"""Who is at work: folders that belong to a process, and whether the process is gone.

A host's name says nothing: containers share names and have process numbers of their own, numbers are given out again,
and clocks differ. What the kernel knows is asked of the kernel; what it cannot know is left to time that passes here.
"""

import fcntl
import os
import re
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

OWNER = "owner"
WORK = "work"
SILENT_SECONDS = 24 * 3600  # after which a folder that nobody has written into is given up, if nothing else is known

_NAME = re.compile(r"yule-[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process, so that it can be recognised.

    Parameters
    ----------
    host, pid
        Name of its machine and its number, for people.
    boot
        Which start of which kernel it runs on; empty where the system does not say.
    namespace
        Whose numbers its number is one of: containers count apart.
    started
        When it began, in the kernel's own count: a number that was given out again is another process.
    """

    host: str
    pid: int
    boot: str
    namespace: str
    started: str


def describe_process() -> Holder:
    """Return what this process is recognised by."""
    return Holder(
        host=socket.gethostname(),
        pid=os.getpid(),
        boot=_find_boot(),
        namespace=_find_namespace(),
        started=_find_start(os.getpid()) or "",
    )


def has_ended(holder: Holder) -> bool:
    """Say whether a process is known to be gone; False also where that cannot be known from here."""
    return _is_ours_to_judge(holder) and _find_start(holder.pid) != holder.started


def is_at_work(holder: Holder) -> bool:
    """Say whether a process is known to be there; False also where that cannot be known from here."""
    return _is_ours_to_judge(holder) and _find_start(holder.pid) == holder.started


def _is_ours_to_judge(holder: Holder) -> bool:
    """Say whether a process's number is one of those that this process sees."""
    is_here = holder.boot and (holder.boot, holder.namespace) == (_find_boot(), _find_namespace())
    return bool(is_here and holder.started)


@contextmanager
def own_folder(parent: Path, *, mode: int = 0o700) -> Iterator[Path]:
    """Give a new folder that belongs to this process, until it is closed or the process ends.

    The process holds a lock on the file ``owner`` beside it. The kernel drops the lock when the process ends, however
    it ends, and knows of it in all containers of a machine.

    Parameters
    ----------
    parent
        Where; it exists.
    mode
        Who may enter, as for ``mkdir``.
    """
    place = parent / f"yule-{uuid.uuid4().hex[:16]}"
    place.mkdir(mode)
    with _deleting(place), _holding_lock(place, mode):
        work = place / WORK
        work.mkdir(mode)
        yield work


def temporary_folder() -> AbstractContextManager[Path]:
    """Give a new folder of this process where the system keeps what is temporary."""
    return own_folder(Path(tempfile.gettempdir()))


def sweep_temporary() -> None:
    """Delete the temporary folders of processes of ours that are gone."""
    sweep_folders(Path(tempfile.gettempdir()), is_shared_with_others=True)


def sweep_folders(parent: Path, *, is_shared_with_others: bool = False) -> None:
    """Delete the folders made by :func:`own_folder` whose processes are gone. Nothing that goes wrong here matters.

    Parameters
    ----------
    parent
        Where they lie.
    is_shared_with_others
        Whether other programs have folders there, too; otherwise folders without owner are given up in time.
    """
    with suppress(OSError):
        for place in parent.iterdir():
            is_ours = _NAME.fullmatch(place.name) and (place / OWNER).exists()
            if (is_ours or not is_shared_with_others) and _is_abandoned(place):
                _delete(place)


def sweep_unused(parent: Path, *, seconds: float) -> None:
    """Delete what lies in a folder and was not written to for so long. Nothing that goes wrong here matters."""
    with suppress(OSError):
        for place in parent.iterdir():
            if _is_silent(place, seconds):
                _delete(place)


def _is_abandoned(place: Path) -> bool:
    """Say whether nobody is at work in a folder.

    The lock is believed if this kernel gave it. Of another machine, on a disk that both see, a free lock may mean that
    locks do not travel; then only a long silence tells.
    """
    try:
        descriptor = os.open(place / OWNER, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:  # it was killed before it had a lock, or is of a version that had none, or is not ours to delete
        return _is_silent(place)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        owner = os.read(descriptor, 100).decode(errors="replace")
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        owner = ""
    finally:
        os.close(descriptor)
    return bool(owner and owner == _find_boot()) or _is_silent(place)


def _is_silent(place: Path, seconds: float = SILENT_SECONDS) -> bool:
    """Say whether nothing in a folder was written to for long; what seems to be of the future tells nothing."""
    newest = 0.0
    for path in (place, *place.rglob("*")):
        with suppress(OSError):
            newest = max(newest, path.lstat().st_mtime)
    return abs(time.time() - newest) > seconds


def _delete(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


@contextmanager
def _deleting(place: Path) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _holding_lock(place: Path, mode: int) -> Iterator[None]:
    """Hold a lock on the owner file of a folder; the file has its name only once it is locked."""
    unnamed = place / f"{OWNER}.new"
    descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode & 0o660)
    try:
        with suppress(OSError):  # a disk without locks: it is given up in time
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, _find_boot().encode())
        unnamed.rename(place / OWNER)
        yield
    finally:
        os.close(descriptor)


def _find_boot() -> str:
    return _read("/proc/sys/kernel/random/boot_id")


def _find_namespace() -> str:
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")
    return ""


def _find_start(pid: int) -> str | None:
    """Return when a process began, in the kernel's own count; None when there is none, or it has ended."""
    _, _, rest = _read(f"/proc/{pid}/stat").rpartition(")")
    fields = rest.split()
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else None


def _read(file: str) -> str:
    with suppress(OSError):
        return Path(file).read_text(encoding="utf-8", errors="replace").strip()
    return ""
