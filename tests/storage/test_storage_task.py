from pathlib import Path

import gokart
import pytest

from yule.core.errors import CorruptedOutput
from yule.storage.explain import Difference, explain_task
from yule.storage.record import RECORD, read_record
from yule.storage.setup import configure
from yule.storage.task import Task

pytestmark = pytest.mark.usefixtures("importable", "workspace")


def _build(task: Task) -> Path:
    return gokart.build(task, reset_register=False)


def _toys():
    import storage_toys

    return storage_toys


def test_a_task_s_value_is_the_folder_it_wrote() -> None:
    folder = _build(_toys().Shout(word="beer"))
    assert (folder / "word.txt").read_text() == "BEER"


def test_the_record_says_what_made_the_output(workspace: Path) -> None:
    task = _toys().Shout(word="wine")
    record = read_record(_build(task))
    assert (record.family, record.module, record.unique_id) == ("Shout", "storage_toys", task.unique_id)
    assert record.parameters["word"] == "wine"
    assert record.requires == (_toys().WriteWord(word="wine").unique_id,)
    assert record.files["word.txt"].n_bytes == 4
    assert record.seconds >= 0
    assert "python" in record.versions


def test_nothing_is_pickled(workspace: Path) -> None:
    _build(_toys().Shout(word="milk"))
    names = {path.name for path in workspace.rglob("*") if path.is_file()}
    assert names == {"word.txt", RECORD}


def test_the_unique_id_depends_on_meaning_alone(tmp_path: Path) -> None:
    before = _toys().Shout(word="beer").unique_id
    configure(str(tmp_path / "elsewhere"), n_threads=7, fetching='{"a": 1}')
    assert _toys().Shout(word="beer").unique_id == before
    assert _toys().Shout(word="wine").unique_id != before


@pytest.mark.parametrize("damage", ["change", "cut", "delete", "record"])
def test_a_damaged_output_is_named_when_it_is_read(damage: str) -> None:
    folder = _build(_toys().WriteWord(word="cider"))
    match damage:
        case "change":
            (folder / "word.txt").write_text("sider")
        case "cut":
            (folder / "word.txt").write_text("cid")
        case "delete":
            (folder / "word.txt").unlink()
        case "record":
            (folder / RECORD).write_text("{")
    with pytest.raises(CorruptedOutput, match=RECORD if damage == "record" else "word.txt"):
        _toys().WriteWord(word="cider").output().load()


def test_the_most_similar_cached_output_explains_what_differs() -> None:
    _build(_toys().Shout(word="rum"))
    _build(_toys().Shout(word="gin", loud='{"marks":3}'))
    found = explain_task(_toys().Shout(word="gin", loud='{"marks":2}'))
    assert found is not None
    assert found[1] == (Difference(path="loud.marks", cached="3", wanted="2"),)
    assert explain_task(_toys().WriteWord(word="tea")) is not None
