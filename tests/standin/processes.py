"""The processes of a pod: all that work in its folder. They live in no cgroup, but their kernel's counts are kept."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Literal

CGROUP = "cgroup"
"""Folder of a pod's counts, ``YULE_CGROUP``."""


def kill_all(folder: Path) -> None:
    """Kill a whole container, at once: none of its processes sees another one's end."""
    found = _find(folder)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, number)


def begin_counts(folder: Path, *, version: Literal[1, 2]) -> None:
    """Write the counts of a container as its kernel does, for cgroups of either version."""
    counts = folder / CGROUP / ("memory.events" if version == 2 else "memory/memory.oom_control")
    counts.parent.mkdir(parents=True)
    counts.write_text("low 0\nhigh 0\nmax 0\noom_kill 0\n" if version == 2 else "under_oom 0\noom_kill 0\n")


def kill_worker(folder: Path) -> bool:
    """Kill the process that is at a task, as the kernel does when memory has run out; False when there is none."""
    workers = find_workers(folder)
    if workers:
        (counts,) = (file for file in (folder / CGROUP).rglob("*") if file.is_file())
        before, _, kills = counts.read_text().rpartition(" ")
        counts.write_text(f"{before} {int(kills) + 1}\n")
        with suppress(ProcessLookupError):
            os.kill(workers[0], signal.SIGKILL)
    return bool(workers)


def find_workers(folder: Path) -> list[int]:
    """Return the processes of a container that are at tasks."""
    return [process for process in _find(folder) if b"yule.runtime.worker" in _read_command(process)]


def read_peak(folder: Path) -> int:
    """Return the most memory that a process of a container has had, in MiB."""
    peaks = [0]
    for process in _find(folder):
        with suppress(OSError):
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
            peaks += [int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")]
    return max(peaks)


def _find(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
    return found


def _read_command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
