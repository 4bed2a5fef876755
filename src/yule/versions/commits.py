"""Commits: which one a run uses, and whether what lies in the folder is that commit."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from yule.core.errors import YuleError

SNAPSHOTS = "refs/yule/snapshots"

HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
"""The full hash of a commit."""

# How the names of files end that decide what runs. All else, such as cases, is read where it lies.
_CODE = (".py", "pyproject.toml", "uv.lock", "requirements.txt", "constraints.txt")

# What git sets for its hooks. With these it would look at another repository than the one of the folder.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class CodeError(YuleError):
    """The code that a run asks for cannot be had."""


def find_root(folder: Path) -> Path:
    """Return the top folder of the git repository that a folder is in.

    Raises
    ------
    CodeError
        If it is in none, or git refuses it.
    """
    try:
        return Path(run_git(folder, "rev-parse", "--show-toplevel"))
    except CodeError as error:
        raise CodeError(
            f"{folder} is not in a git repository that can be read ({error}). "
            "Make one: git init && git add . && git commit."
        ) from error


def resolve_commit(folder: Path, code: str) -> str:
    """Return the full hash of what a commit, a prefix of one, a tag or a branch names.

    Parameters
    ----------
    folder
        A folder of the repository.
    code
        The name. A branch may be one of ``origin`` that is not here yet.

    Raises
    ------
    CodeError
        If nothing, or more than one commit, is so named; says what comes close.
    """
    find_root(folder)
    named = {name: _find_commit(folder, f"refs/{name}/{code}") for name in ("tags", "heads")}
    if len({commit for commit in named.values() if commit}) > 1:
        raise CodeError(
            f"`code: {code}` is both a tag and a branch, of different commits. Write tags/{code} or heads/{code}."
        )
    found = _find_commit(folder, code) or _find_commit(folder, f"refs/remotes/origin/{code}")
    if found is None:
        raise CodeError(f"`code: {code}` names no single commit of {folder}. {_suggest(folder, code)}")
    return found


def list_commits(folder: Path, commit: str, *, n_commits: int) -> dict[str, str]:
    """Return the newest commits that lead to a commit, newest first: hash to date and title."""
    lines = run_git(folder, "log", f"--max-count={n_commits}", "--format=%H %cs %s", commit).splitlines()
    return {hash_: told for hash_, _, told in (line.partition(" ") for line in lines)}


def list_dirty(folder: Path, *, apart_from: Sequence[Path] = ()) -> list[str]:
    """Return the files of a repository that differ from its commit, without those below some folders.

    Parameters
    ----------
    folder
        A folder of the repository.
    apart_from
        Absolute folders, such as the workspace.

    Returns
    -------
    list of str
        Paths from the top of the repository, sorted. Files that git ignores are not among them.
    """
    root = find_root(folder)
    # Without renames every entry is one path; without locks the index is not written.
    status = ("--no-optional-locks", "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z")
    files = [entry[3:] for entry in run_git(root, *status).split("\0") if entry]
    others = [other.resolve() for other in apart_from]
    return sorted(file for file in files if not any((root / file).is_relative_to(other) for other in others))


def describe_code(folder: Path, *, apart_from: Sequence[Path] = ()) -> str:
    """Return the commit of a folder, with ``-dirty`` when files below it differ; empty outside git."""
    try:
        commit = resolve_commit(folder, "HEAD")
        inside = folder.resolve().relative_to(find_root(folder).resolve())
        dirty = [file for file in list_dirty(folder, apart_from=apart_from) if Path(file).is_relative_to(inside)]
        return f"{commit}-dirty" if dirty else commit
    except CodeError:
        return ""


def has_code_of(folder: Path, commit: str) -> bool:
    """Say whether the Python files, and what says which libraries are needed, are those of a commit."""
    root = find_root(folder)
    changed = run_git(root, "diff", "--name-only", "--no-renames", "-z", "--end-of-options", commit).split("\0")
    new = run_git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return not any(file.endswith(_CODE) for file in (*changed, *new))


def refuse_dirty(folder: Path, *, apart_from: Sequence[Path] = ()) -> None:
    """Raise a CodeError that lists the files which differ from the commit, if any do."""
    files = list_dirty(folder, apart_from=apart_from)
    if files:
        shown = "\n".join(f"    {file}" for file in files[:20])
        more = f"\n    and {len(files) - 20} more" if len(files) > 20 else ""
        counted = "1 file is" if len(files) == 1 else f"{len(files)} files are"
        raise CodeError(
            f"{counted} not committed, so no commit says what would run:\n{shown}{more}\n"
            "Commit them, or add --snapshot to commit them to a place of their own."
        )


def take_snapshot(folder: Path, *, apart_from: Sequence[Path] = ()) -> str:
    """Commit the files as they lie there beside the branch, and return the commit.

    Neither the branch, the index nor any file is touched; equal files on the same commit give the same snapshot.

    Parameters
    ----------
    folder
        A folder of the repository.
    apart_from
        Absolute folders that are left out, such as the workspace.

    Raises
    ------
    CodeError
        If there is no commit yet, or files lie in a repository inside this one.
    """
    root = find_root(folder)
    head = resolve_commit(root, "HEAD")
    dirty = list_dirty(root, apart_from=apart_from)
    if not dirty:
        return head
    own_index = root / run_git(root, "rev-parse", "--git-path", "index")
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        if own_index.exists():  # with its times: git tells by them which files it need not read again
            shutil.copy2(own_index, index["GIT_INDEX_FILE"])
        _refuse_inner_repositories(root, dirty)
        run_git(root, "update-index", "--add", "--remove", "-z", "--stdin", variables=index, text="\0".join(dirty))
        tree = run_git(root, "write-tree", variables=index)
    if tree == run_git(root, "rev-parse", f"{head}^{{tree}}"):
        return head
    date = run_git(root, "show", "--no-patch", "--format=%cI", head)
    person = {"NAME": "yule", "EMAIL": "yule@localhost", "DATE": date}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    commit = run_git(root, "commit-tree", tree, "-p", head, "-m", "Snapshot", variables=identity)
    run_git(root, "update-ref", f"{SNAPSHOTS}/{commit}", commit)
    return commit


def run_git(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None, text: str = "") -> str:
    """Run git in a folder and return what it prints.

    Parameters
    ----------
    folder
        The folder.
    arguments
        Its arguments.
    variables
        Environment variables besides those of this process.
    text
        Its standard input.

    Raises
    ------
    CodeError
        With git's own words if it fails, or if it is not installed.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            input=os.fsencode(text),
            capture_output=True,  # as bytes: names of files may be any, even ends of lines
            check=True,
            env={**environment, **(variables or {})},
        )
    except FileNotFoundError as error:
        raise CodeError("git is not installed.") from error
    except subprocess.CalledProcessError as error:
        raise CodeError(f"git {arguments[0]}: {os.fsdecode(error.stderr).strip()}") from error
    return os.fsdecode(done.stdout).rstrip("\n")


def _find_commit(folder: Path, name: str) -> str | None:
    try:
        found = run_git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except CodeError:  # without words from git: it names no commit
        return None
    return found if HASH.fullmatch(found) else None  # `^main` names all but one


def _suggest(folder: Path, code: str) -> str:
    """Say what may be meant by a name that names no commit."""
    if re.fullmatch(r"[0-9a-f]{4,64}", code.lower()):
        begin = run_git(folder, "rev-parse", f"--disambiguate={code.lower()}").splitlines()
        commits = [found for found in begin if _find_commit(folder, found)]
        if len(commits) > 1:
            return f"It begins {len(commits)} of them ({', '.join(commits[:5])}): write more digits."
    spaces = ("refs/tags", "refs/heads", "refs/remotes/origin")
    lines = run_git(folder, "for-each-ref", "--sort=-creatordate", "--format=%(refname)", *spaces).splitlines()
    names = list(dict.fromkeys(line.split("/", 2)[2].removeprefix("origin/") for line in lines))
    near = get_close_matches(code, names, n=5, cutoff=0.4) or names[:5]
    if not near:
        return "It has no commits yet: git add . && git commit."
    return f"Near to it: {', '.join(near)}. `git fetch` may bring it."


def _refuse_inner_repositories(root: Path, dirty: Sequence[str]) -> None:
    inner = [file for file in dirty if (root / file).is_dir() and not (root / file).is_symlink()]
    if inner:
        raise CodeError(
            f"{', '.join(inner)}: a git repository inside {root}, whose files no snapshot holds. "
            "Commit there, or name it in .gitignore."
        )
