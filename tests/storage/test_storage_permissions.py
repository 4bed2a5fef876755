"""Who may read what lies in a workspace."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from yule.storage.claims import Claims
from yule.storage.store import LocalStore


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def _modes(root: Path) -> dict[str, set[str]]:
    modes: dict[str, set[str]] = {"folders": set(), "files": set()}
    for path in (root, *root.rglob("*")):
        modes["folders" if path.is_dir() else "files"].add(oct(stat.S_IMODE(path.stat().st_mode)))
    return modes


def _fill(root: Path) -> None:
    store = LocalStore(root)
    with store.staging() as folder:
        (folder / "part").mkdir()
        (folder / "part/data.txt").write_text("beer")
        store.publish(folder, "cache/A/1")
    store.objects.write("runs/beer-1/run.json", b"{}")
    store.objects.write("leases/a/1", b"{}", only_if_absent=True)
    Claims(root / "claims")


def test_a_workspace_is_its_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    _fill(tmp_path / "team" / "workspace")
    assert _modes(tmp_path / "team") == {"folders": {"0o700"}, "files": {"0o600"}}


def test_a_workspace_whose_root_the_group_may_write_is_the_teams(tmp_path: Path, umask: int) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    root.chmod(0o770)
    _fill(root)
    assert _modes(root) == {"folders": {"0o770"}, "files": {"0o660"}}


def test_a_folder_open_to_all_is_not_a_reason_to_open_what_is_made_in_it(tmp_path: Path, umask: int) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    root.chmod(0o755)
    _fill(root)
    assert _modes(root / "cache") == {"folders": {"0o700"}, "files": {"0o600"}}


def test_new_folders_of_a_team_keep_its_group(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    root.chmod(0o2770)
    _fill(root)
    assert _modes(root)["folders"] == {"0o2770"}
