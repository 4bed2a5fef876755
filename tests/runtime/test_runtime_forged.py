"""A manifest and the API's answers are data: they name only tasks of Yule, and only what a Job can have."""

import gzip
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from yule.core.errors import TaskFailed, WorkspaceError
from yule.runtime.kubernetes import manifest as manifests
from yule.runtime.kubernetes.api.protocol import ClusterError
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.messages import TaskMessage, is_ours, rebuild_task
from yule.storage.names import ForgedName
from yule.storage.objects.folder import FolderObjects
from yule.storage.setup import Setup

ID = "0" * 32
GOOD = TaskMessage(
    module="yule.pipeline.training",
    family="FitFold",
    parameters={},
    unique_id=ID,
    text="fit",
    step="train",
    memory_key="FitFold",
    log=f"logs/FitFold/{ID}.log",
)

FORGED = [
    replace(GOOD, module="os"),
    replace(GOOD, module="evil_module"),
    replace(GOOD, module="yule"),
    replace(GOOD, module="yule.."),
    replace(GOOD, module="yulex.pipeline"),
    replace(GOOD, module="yule.pipeline\n"),
    replace(GOOD, module=".yule"),
    replace(GOOD, family="__class__"),
    replace(GOOD, family="../FitFold"),
    replace(GOOD, family=""),
    replace(GOOD, unique_id="../../x"),
    replace(GOOD, unique_id="0" * 31),
    replace(GOOD, log="../../.bashrc"),
    replace(GOOD, log="/etc/cron.d/x"),
    replace(GOOD, log="logs/FitFold/other.log"),
]


def _manifest(message: TaskMessage) -> Manifest:
    setup = Setup(workspace="w", n_threads=1, fetching="{}")
    return Manifest(setup=setup, step="train", pool="spot", tier=0, attempt=0, batches=((message,),))


@pytest.mark.parametrize("message", FORGED)
def test_a_manifest_asks_only_for_tasks_of_yule(tmp_path: Path, message: TaskMessage) -> None:
    objects = FolderObjects(tmp_path)
    with pytest.raises(WorkspaceError, match="no task of Yule"):
        read_manifest(objects, write_manifest(objects, _manifest(message)))


def test_a_manifest_of_yules_own_tasks_is_read(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    assert read_manifest(objects, write_manifest(objects, _manifest(GOOD))) == _manifest(GOOD)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x1f\x8b", gzip.compress(b"[]", mtime=0)[:-4], gzip.compress(b"[]", mtime=0)]
)
def test_a_manifest_that_is_none_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    objects = FolderObjects(tmp_path)
    for sha256 in ("0" * 64, hashlib.sha256(b"[]").hexdigest()):
        objects.write(f"manifests/{sha256}.json.gz", content)
        with pytest.raises(WorkspaceError, match="is damaged"):
            read_manifest(objects, sha256)


def test_a_manifest_is_unpacked_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = FolderObjects(tmp_path)
    sha256 = write_manifest(objects, _manifest(GOOD))
    monkeypatch.setattr(manifests, "MAX_BYTES", 100)
    with pytest.raises(WorkspaceError, match="is damaged"):
        read_manifest(objects, sha256)


def test_a_manifest_s_name_leads_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ForgedName):
        read_manifest(FolderObjects(tmp_path), "../../x")


def test_a_module_that_is_none_of_yules_is_not_even_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil_module.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.syspath_prepend(str(tmp_path))
    objects = FolderObjects(tmp_path)
    sha256 = write_manifest(objects, _manifest(replace(GOOD, module="evil_module")))
    with pytest.raises(WorkspaceError):
        read_manifest(objects, sha256)
    assert "evil_module" not in sys.modules
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("family", ["open_store", "luigi", "Path", "nothing", "__builtins__"])
def test_only_a_task_is_rebuilt(family: str) -> None:
    with pytest.raises(TaskFailed, match="has no task"):
        rebuild_task(replace(GOOD, family=family))


def test_yules_own_messages_are_ours() -> None:
    assert is_ours(GOOD)


@pytest.mark.parametrize("text", ["0-99999999999", "a", "-1", "1-", "0,,1", "0-1-2", "0;1", " ", "1" * 100_000])
def test_a_set_of_indexes_that_no_job_has_is_refused(text: str) -> None:
    with pytest.raises(ClusterError, match="indexes"):
        read_ranges(text)
