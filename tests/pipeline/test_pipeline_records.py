"""Facts about what is known of runs."""

from pathlib import Path

import pytest

from yule.core.errors import WorkspaceError
from yule.pipeline.runs import find_run, read_runs
from yule.storage.opening import open_store


def test_a_run_of_another_version_is_passed_over_and_named_when_asked_for(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.objects.write(
        "runs/beer-00000001/run.json", b'{"run_id": "beer-00000001", "code": "abc123", "spice": "salt"}'
    )
    store.objects.write("runs/beer-00000003/run.json", b'{"run_id": ')
    assert read_runs(store) == []
    with pytest.raises(WorkspaceError, match=r"beer-00000001 was made by another version of Yule"):
        find_run(store, "beer-00000001")
    with pytest.raises(WorkspaceError, match=r"run\.json is damaged"):
        find_run(store, "beer-00000003")
    with pytest.raises(WorkspaceError, match="There is no run 'beer-00000002'"):
        find_run(store, "beer-00000002")
