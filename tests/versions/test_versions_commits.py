import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from versions_toys import commit_files, git, make_repository

from yule.versions.commits import (
    CodeError,
    find_root,
    list_commits,
    list_dirty,
    refuse_dirty,
    resolve_commit,
    take_snapshot,
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, a tag and a branch."""
    make_repository(tmp_path, {"case.yaml": "version: 1\n"})
    git(tmp_path, "tag", "v1")
    return tmp_path


@pytest.mark.parametrize("name", ["HEAD", "main", "v1", "tags/v1", "prefix", "HEAD^0"])
def test_a_commit_has_many_names(repository: Path, name: str) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert resolve_commit(repository, commit[:9] if name == "prefix" else name) == commit


def test_an_annotated_tag_names_its_commit(repository: Path) -> None:
    git(repository, "tag", "--annotate", "--message", "Two", "v2")
    assert resolve_commit(repository, "v2") == git(repository, "rev-parse", "HEAD")


def test_a_branch_that_only_origin_has_names_a_commit(repository: Path, tmp_path: Path) -> None:
    git(repository, "branch", "winter")
    git(tmp_path, "clone", str(repository), "copy")
    assert resolve_commit(tmp_path / "copy", "winter") == git(repository, "rev-parse", "HEAD")


def test_an_unknown_name_is_an_error_that_names_what_is_near(repository: Path) -> None:
    git(repository, "branch", "summer")
    with pytest.raises(CodeError, match=r"`code: sumer` names no single commit of .* Near to it: summer\. `git fetch`"):
        resolve_commit(repository, "sumer")


@pytest.mark.parametrize("name", ["", "^main", "-h", "--all", "main..v1", "HEAD:case.yaml", "a b", "f" * 40])
def test_what_names_no_commit_is_refused(repository: Path, name: str) -> None:
    with pytest.raises(CodeError, match="names no single commit"):
        resolve_commit(repository, name)


def test_a_prefix_of_several_commits_asks_for_more_digits(repository: Path) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    begins: dict[str, str] = {}
    for number in range(2000):  # two of so many commits share four digits
        commit = (
            git(repository, "commit-tree", tree, "-m", str(number)) if number else git(repository, "rev-parse", "HEAD")
        )
        if commit[:4] in begins:
            break
        begins[commit[:4]] = commit
    with pytest.raises(CodeError, match=r"It begins 2 of them \(.*\): write more digits"):
        resolve_commit(repository, commit[:4])


def test_a_tag_and_a_branch_of_one_name_must_be_told_apart(repository: Path) -> None:
    git(repository, "branch", "v1")
    assert resolve_commit(repository, "v1") == git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "both")
    newer = commit_files(repository, {"case.yaml": "version: 2\n"})
    git(repository, "branch", "both")
    with pytest.raises(CodeError, match="both a tag and a branch"):
        resolve_commit(repository, "both")
    assert resolve_commit(repository, "heads/both") == newer


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init")
    with pytest.raises(CodeError, match="It has no commits yet"):
        resolve_commit(tmp_path, "HEAD")


def test_outside_git_one_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="git init"):
        find_root(tmp_path)


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path / "other", {"other.yaml": ""})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert find_root(repository) == repository.resolve()


def test_commits_are_listed_newest_first(repository: Path) -> None:
    first = resolve_commit(repository, "HEAD")
    second = commit_files(repository, {"case.yaml": "version: 2\n"})
    assert list(list_commits(repository, "HEAD", n_commits=5)) == [second, first]
    assert list_commits(repository, "HEAD", n_commits=1)[second].endswith("A commit")


def test_a_clean_tree_is_not_refused(repository: Path) -> None:
    refuse_dirty(repository)


def test_a_dirty_tree_is_refused_with_its_files(repository: Path) -> None:
    (repository / "case.yaml").write_text("version: 2\n")
    (repository / "new file.yaml").write_text("")
    with pytest.raises(
        CodeError, match=r"(?s)2 files are not committed.*\n    case.yaml\n    new file.yaml\n.*--snapshot"
    ):
        refuse_dirty(repository)


def test_a_renamed_file_is_dirty_under_both_names(repository: Path) -> None:
    commit_files(repository, {"my old case.yaml": "a: 1\nb: 2\n"})
    git(repository, "mv", "my old case.yaml", "new.yaml")
    assert list_dirty(repository) == ["my old case.yaml", "new.yaml"]


def test_looking_does_not_write_the_index(repository: Path) -> None:
    (repository / "case.yaml").touch()
    before = (repository / ".git/index").read_bytes()
    list_dirty(repository)
    assert (repository / ".git/index").read_bytes() == before


def test_the_workspace_does_not_make_a_tree_dirty(repository: Path) -> None:
    (repository / "workspace").mkdir()
    (repository / "workspace" / "run.json").write_text("{}")
    assert list_dirty(repository) == ["workspace/run.json"]
    assert list_dirty(repository, apart_from=[repository / "workspace"]) == []


def test_a_snapshot_leaves_the_workspace_out(repository: Path) -> None:
    (repository / "workspace").mkdir()
    (repository / "workspace" / "run.json").write_text("{}")
    (repository / "new.yaml").write_text("new\n")
    snapshot = take_snapshot(repository, apart_from=[repository / "workspace"])
    assert git(repository, "ls-tree", "-r", "--name-only", snapshot).split() == ["case.yaml", "new.yaml"]


def test_a_snapshot_is_on_top_of_the_commit_and_has_a_ref_of_its_own(repository: Path) -> None:
    (repository / "new.yaml").write_text("new\n")
    head = git(repository, "rev-parse", "HEAD")
    snapshot = take_snapshot(repository)
    assert git(repository, "rev-parse", f"{snapshot}^") == head == git(repository, "rev-parse", "HEAD")
    assert git(repository, "rev-parse", f"refs/yule/snapshots/{snapshot}") == snapshot
    assert resolve_commit(repository, snapshot[:10]) == snapshot


def test_equal_files_give_the_same_snapshot(repository: Path) -> None:
    (repository / "new.yaml").write_text("new\n")
    first = take_snapshot(repository)
    git(repository, "add", ".")
    assert take_snapshot(repository) == first


def test_a_clean_tree_is_its_own_snapshot(repository: Path) -> None:
    assert take_snapshot(repository) == git(repository, "rev-parse", "HEAD")


def test_a_snapshot_is_refused_where_files_lie_in_a_repository_inside(repository: Path) -> None:
    make_repository(repository / "inner", {"file": "1"})
    with pytest.raises(CodeError, match="inner/: a git repository inside"):
        take_snapshot(repository)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
)
FILES = st.dictionaries(
    NAMES.filter(
        lambda name: name not in {".", ".."} and not name.lower().startswith(".git") and len(name.encode()) < 200
    ),
    st.binary(max_size=20),
    max_size=4,
)


@example(before={}, after={"\r": b""}, staged=False)
@settings(max_examples=15, deadline=None)
@given(before=FILES, after=FILES, staged=st.booleans())
def test_a_snapshot_holds_just_the_files_and_touches_nothing(
    before: dict[str, bytes], after: dict[str, bytes], staged: bool
) -> None:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_repository(folder, {"first": ""})
        write_all(folder, before)
        commit_files(folder, {})
        for file in folder.iterdir():
            if file.name != ".git":
                file.unlink()
        write_all(folder, after)
        if staged:
            git(folder, "add", "--all")
        status, index = git(folder, "status", "--porcelain", "-z"), (folder / ".git/index").read_bytes()
        head = git(folder, "rev-parse", "HEAD")
        snapshot = take_snapshot(folder)
        assert read_all(folder, snapshot) == after
        assert {file.name: file.read_bytes() for file in folder.iterdir() if file.name != ".git"} == after
        assert (git(folder, "status", "--porcelain", "-z"), git(folder, "rev-parse", "HEAD")) == (status, head)
        assert not staged or (folder / ".git/index").read_bytes() == index


def write_all(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def read_all(folder: Path, commit: str) -> dict[str, bytes]:
    """Return the files of a commit."""
    with TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy"
        subprocess.run(["git", "-C", folder, "worktree", "add", "-q", "--detach", copy, commit], check=True)
        found = {file.name: file.read_bytes() for file in copy.iterdir() if file.name != ".git"}
        shutil.rmtree(copy)
        return found
