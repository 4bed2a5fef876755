"""What a journal in the workspace tells is data."""

from pathlib import Path

import pytest

from yule.core.errors import WorkspaceError
from yule.core.settings import to_json
from yule.remote.journal import Journal, JournalReader
from yule.runtime.events import RunEnded, TaskBroken
from yule.storage.objects.folder import FolderObjects


def _broken(log: str) -> TaskBroken:
    return TaskBroken(unique_id="0", family="FitFold", text="fit", message="no", is_bug=True, log=log)


def test_what_a_driver_tells_is_read(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    journal = Journal(objects, "0123456789")
    told = [_broken("logs/FitFold/0"), RunEnded(is_done=True, text="done\u2028and over")]
    for event in told:
        journal.tell(event)
    journal.flush(is_urgent=True)
    assert list(JournalReader(objects, "0123456789").take()) == told


@pytest.mark.parametrize("content", [b"{", b"[]", b"1", b"null", b'{"event": "nothing"}', b"\xff", b"[" * 100_000])
def test_a_damaged_journal_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    objects = FolderObjects(tmp_path)
    objects.write("launches/0123456789/journal/1.jsonl", content)
    with pytest.raises(WorkspaceError, match=r"journal/1\.jsonl in the workspace is damaged or forged.*Delete it"):
        list(JournalReader(objects, "0123456789").take())


@pytest.mark.parametrize("log", ["/etc/shadow", "../../.ssh/id_rsa", ""])
def test_a_journal_names_no_log_outside_the_workspace(tmp_path: Path, log: str) -> None:
    objects = FolderObjects(tmp_path)
    objects.write("launches/0123456789/journal/1.jsonl", to_json(_broken(log)).encode())
    with pytest.raises(WorkspaceError, match="delete it"):
        list(JournalReader(objects, "0123456789").take())
