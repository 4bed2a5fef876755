"""What was read once is not read again, and what was written to is."""

import time
from pathlib import Path

import pytest

from yule.core.errors import CorruptedOutput
from yule.storage import record
from yule.storage.record import Record, digest_files, verify, write_record

UNIQUE_ID = "0a" * 16


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output that was written a while ago, as far as the clock of the file system can tell."""
    (tmp_path / "counts.npy").write_bytes(b"1234")
    monkeypatch.setattr(record, "_SETTLED_NS", 0)
    time.sleep(0.02)
    written = Record(
        family="Fit",
        module="here",
        unique_id=UNIQUE_ID,
        parameters={},
        requires=(),
        seconds=0.0,
        versions={},
        files=digest_files(tmp_path),
    )
    write_record(tmp_path, written)
    return tmp_path


def test_a_file_that_nobody_has_written_to_is_digested_once(output: Path) -> None:
    before = record._digest_settled.cache_info()
    verify(output, UNIQUE_ID)
    verify(output, UNIQUE_ID)
    after = record._digest_settled.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (2, 0)


def test_a_file_that_was_written_to_is_digested_again(output: Path) -> None:
    verify(output, UNIQUE_ID)
    time.sleep(0.02)
    (output / "counts.npy").write_bytes(b"4321")
    with pytest.raises(CorruptedOutput, match="other content"):
        verify(output, UNIQUE_ID)


def test_a_file_that_was_written_just_now_is_always_read(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_SETTLED_NS", 10**12)
    before = record._digest_settled.cache_info()
    verify(output, UNIQUE_ID)
    assert record._digest_settled.cache_info() == before
