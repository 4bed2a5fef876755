"""What the machine refuses is told in a sentence, whoever noticed it."""

import errno
import os

import numpy as np
import pytest

from yule.core.limits import explain_limit


class OutOfMemoryException(Exception):
    """DuckDB's own, by name and words."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryException("Out of Memory Error: failed to allocate data of size 1.0 GiB (1.0 GiB/1.0 GiB used)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("std::bad_alloc"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ],
)
def test_memory_that_runs_out_is_no_bug(error: Exception) -> None:
    told = explain_limit(error)
    assert told is not None
    assert told.startswith("Memory ran out. ")


def test_memory_that_numpy_cannot_have_is_no_bug() -> None:
    with pytest.raises(MemoryError) as raised:
        np.zeros(1 << 60, dtype=np.int8)
    assert (explain_limit(raised.value) or "").startswith("Memory ran out. ")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data"), "No space left on device at /data."),
        (RuntimeError("IO Error: Could not write file: No space left on device"), "No space left on device."),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files."),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "There is no folder for temporary"),
        (
            PermissionError(13, "Permission denied", "/root/x"),
            "The system refused a file operation at /root/x: Permiss",
        ),
        (OSError("S3: Could not connect to the endpoint."), "S3: Could not connect to the endpoint. Check the network"),
        (RecursionError("maximum recursion depth exceeded"), "Something is nested too deeply to be read"),
    ],
)
def test_other_limits_are_told_with_their_place(error: Exception, told: str) -> None:
    assert (explain_limit(error) or "").startswith(told)


def test_a_limit_behind_an_error_is_the_one_that_is_told() -> None:
    error = ValueError("cannot read")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert (explain_limit(error) or "").startswith("No space left on device.")
    assert (explain_limit(ExceptionGroup("all", [ValueError(), MemoryError()])) or "").startswith("Memory ran out.")


def test_other_errors_are_bugs() -> None:
    assert explain_limit(ZeroDivisionError("division by zero")) is None
    error = ValueError("wrong")
    error.__cause__ = FileNotFoundError(2, "No such file")
    assert explain_limit(error) is None
