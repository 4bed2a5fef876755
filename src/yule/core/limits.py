"""When the machine says no: memory, disk, descriptors, rights. No fault of Yule's, and for a person to mend."""

import errno
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NO_MEMORY = re.compile(
    r"out of memory|bad_alloc|bad allocation|can(?:no|')t allocate memory|unable to allocate|not enough memory",
    re.IGNORECASE,
)
"""How libraries say that memory ran out: DuckDB, LightGBM, CatBoost, PyTorch, NumPy, Arrow, the system."""

_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_NO_DESCRIPTORS = re.compile(r"too many open files", re.IGNORECASE)
_NO_TEMPORARY = re.compile(r"no usable temporary directory", re.IGNORECASE)

MEMORY = (
    "Memory ran out. Close other programs, let fewer tasks run at once (--cores 1), use fewer columns or rows, or "
    "take a machine with more of it, then run again: what is finished is kept."
)
SPACE = "Free space, or set TMPDIR to a folder of another disk, then run again: what is finished is kept."


def explain_limit(error: BaseException) -> str | None:
    """Say in a sentence what the machine refuses and what to do; None if an error is about something else.

    >>> explain_limit(OSError(24, "Too many open files", "/data/a.csv"))
    'Too many open files at /data/a.csv. Allow more (ulimit -n 4096), or let fewer tasks run at once (--cores 1).'
    """
    errors = list(list_causes(error))
    for found in errors:
        text = str(found)
        if isinstance(found, MemoryError) or _NO_MEMORY.search(text) or _has_code(found, errno.ENOMEM):
            return MEMORY
        if _NO_TEMPORARY.search(text):
            return f"There is no folder for temporary files that can be written. {SPACE}"
        if _NO_SPACE.search(text) or _has_code(found, errno.ENOSPC, errno.EDQUOT):
            return f"No space left on device{_place(found)}. {SPACE}"
        if _NO_DESCRIPTORS.search(text) or _has_code(found, errno.EMFILE, errno.ENFILE):
            return (
                f"Too many open files{_place(found)}. Allow more (ulimit -n 4096), or let fewer tasks run at once "
                "(--cores 1)."
            )
        if isinstance(found, RecursionError):
            return "Something is nested too deeply to be read: a file, or the record of an output. Write it flatter."
    return _explain_refusal(error) if isinstance(error, OSError) else None


def count_memory_kills(group: Path) -> int:
    """Return how often the kernel has killed a process of a control group for memory; 0 where it does not count.

    Parameters
    ----------
    group
        Where control groups are mounted: that of version 2 itself, or the folder with those of version 1.
    """
    for events in (group / "memory.events", group / "memory" / "memory.oom_control"):
        with suppress(OSError):
            counts = dict(line.split(maxsplit=1) for line in events.read_text(encoding="utf-8").splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


def list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, those it groups, and what they arose from.

    >>> [type(found).__name__ for found in list_causes(ExceptionGroup("tasks", [OSError(), ValueError()]))]
    ['ExceptionGroup', 'OSError', 'ValueError']
    """
    yield error
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from list_causes(inner)
    if error.__cause__ is not None:
        yield from list_causes(error.__cause__)


def _explain_refusal(error: OSError) -> str:
    if error.errno is None:  # of a bucket: what its client says in its own words
        return f"{str(error).rstrip('.')}. Check the network and your login, then run again: what is finished is kept."
    said = error.strerror or str(error)
    return (
        f"The system refused a file operation{_place(error)}: {said}. Grant access or free the place, then run again."
    )


def _has_code(error: BaseException, *codes: int) -> bool:
    return isinstance(error, OSError) and error.errno in codes


def _place(error: BaseException) -> str:
    return f" at {error.filename}" if isinstance(error, OSError) and error.filename else ""
