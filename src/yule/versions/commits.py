"""Commits: which one a run uses, and whether what lies in the folder is that commit."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from yule.core.errors import YuleError

SNAPSHOTS = "refs/yule/snapshots"


class CodeError(YuleError):
    """The code that a run asks for cannot be had."""


def find_root(folder: Path) -> Path:
    """Return the top folder of the git repository that a folder is in.

    Raises
    ------
    CodeError
        If it is in none.
    """
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel"))
    except CodeError as error:
        raise CodeError(
            f"{folder} is not in a git repository. Make one: git init && git add . && git commit."
        ) from error


def resolve_commit(folder: Path, code: str) -> str:
    """Return the full hash of what a commit, a prefix of one, a tag or a branch names.

    Raises
    ------
    CodeError
        If nothing, or more than one commit, is so named; says what comes close.
    """
    for name in (code, f"origin/{code}"):
        try:
            return _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except CodeError:
            continue
    names = _git(folder, "for-each-ref", "--format=%(refname:short)", "refs/tags", "refs/heads").splitlines()
    known = f" Tags and branches: {', '.join(names[:8])}." if names else ""
    raise CodeError(f"`code: {code}` names no commit of {folder}, or several.{known} `git fetch` may bring it.")


def list_dirty(folder: Path, *, apart_from: Sequence[Path] = ()) -> list[str]:
    """Return the files of a repository that differ from its commit, without those below some folders."""
    root = find_root(folder)
    lines = _git(root, "status", "--porcelain", "--untracked-files=all", "-z").split("\0")
    files = [line[3:] for line in lines if len(line) > 3 and line[2] == " "]
    return [file for file in files if not any((root / file).is_relative_to(other) for other in apart_from)]


def refuse_dirty(folder: Path, *, apart_from: Sequence[Path] = ()) -> None:
    """Raise a CodeError that lists the files which differ from the commit, if any do."""
    files = list_dirty(folder, apart_from=apart_from)
    if files:
        shown = "\n".join(f"    {file}" for file in files[:20])
        more = f"\n    and {len(files) - 20} more" if len(files) > 20 else ""
        raise CodeError(
            f"{len(files)} files are not committed, so no commit says what would run:\n{shown}{more}\n"
            "Commit them, or add --snapshot to commit them to a place of their own."
        )


def take_snapshot(folder: Path) -> str:
    """Commit all files as they lie there beside the branch, and return the commit.

    Neither the branch nor the index is touched; equal files give the same commit.
    """
    root = find_root(folder)
    head = _git(root, "rev-parse", "HEAD")
    date = _git(root, "show", "--no-patch", "--format=%cI", head)
    person = {"NAME": "yule", "EMAIL": "yule@localhost", "DATE": date}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(root, "read-tree", head, environment=index)
        _git(root, "add", "--all", environment=index)
        tree = _git(root, "write-tree", environment=index)
    if tree == _git(root, "rev-parse", f"{head}^{{tree}}"):
        return head
    commit = _git(root, "commit-tree", tree, "-p", head, "-m", "Snapshot", environment=identity)
    _git(root, "update-ref", f"{SNAPSHOTS}/{commit}", commit)
    return commit


def _git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, **(environment or {})}
        )
    except FileNotFoundError as error:
        raise CodeError("git is not installed.") from error
    except subprocess.CalledProcessError as error:
        raise CodeError(f"git {arguments[0]}: {error.stderr.strip()}") from error
    return done.stdout.rstrip("\n")
