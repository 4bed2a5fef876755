import subprocess
from pathlib import Path

import pytest

from yule.versions.commits import CodeError, find_root, list_dirty, refuse_dirty, resolve_commit, take_snapshot


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, a tag and a branch."""
    git(tmp_path, "init", "--initial-branch", "main")
    (tmp_path / "case.yaml").write_text("version: 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "First")
    git(tmp_path, "tag", "v1")
    return tmp_path


@pytest.mark.parametrize("name", ["HEAD", "main", "v1", "prefix"])
def test_a_commit_has_many_names(repository: Path, name: str) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert resolve_commit(repository, commit[:9] if name == "prefix" else name) == commit


def test_an_unknown_name_is_an_error_that_names_tags_and_branches(repository: Path) -> None:
    with pytest.raises(CodeError, match=r"`code: v2` names no commit .* Tags and branches: main, v1"):
        resolve_commit(repository, "v2")


def test_a_clean_tree_is_not_refused(repository: Path) -> None:
    refuse_dirty(repository)


def test_a_dirty_tree_is_refused_with_its_files(repository: Path) -> None:
    (repository / "case.yaml").write_text("version: 2\n")
    (repository / "new file.yaml").write_text("")
    with pytest.raises(
        CodeError, match=r"(?s)2 files are not committed.*\n    case.yaml\n    new file.yaml\n.*--snapshot"
    ):
        refuse_dirty(repository)


def test_the_workspace_does_not_make_a_tree_dirty(repository: Path) -> None:
    (repository / "workspace").mkdir()
    (repository / "workspace" / "run.json").write_text("{}")
    assert list_dirty(repository) == ["workspace/run.json"]
    assert list_dirty(repository, apart_from=[repository / "workspace"]) == []


def test_a_snapshot_holds_the_files_and_leaves_the_branch_alone(repository: Path) -> None:
    (repository / "case.yaml").write_text("version: 2\n")
    (repository / "new.yaml").write_text("new\n")
    head, status = git(repository, "rev-parse", "HEAD"), git(repository, "status", "--porcelain")
    snapshot = take_snapshot(repository)
    assert git(repository, "show", f"{snapshot}:new.yaml") == "new"
    assert git(repository, "show", f"{snapshot}:case.yaml") == "version: 2"
    assert (git(repository, "rev-parse", "HEAD"), git(repository, "status", "--porcelain")) == (head, status)
    assert resolve_commit(repository, snapshot[:10]) == snapshot


def test_equal_files_give_the_same_snapshot(repository: Path) -> None:
    (repository / "new.yaml").write_text("new\n")
    assert take_snapshot(repository) == take_snapshot(repository)


def test_a_clean_tree_is_its_own_snapshot(repository: Path) -> None:
    assert take_snapshot(repository) == git(repository, "rev-parse", "HEAD")


def test_outside_git_one_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="git init"):
        find_root(tmp_path)
