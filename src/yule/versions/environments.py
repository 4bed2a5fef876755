"""Environments: a commit's files with a Python of their own, for machines that cannot run images.

``CACHE/worktrees/COMMIT`` is a git worktree, ``CACHE/python/KEY`` a virtual environment. Commits that ask for the same
libraries share one. Each has a file ``.lock`` beside it, held by who makes or uses it, and a file ``.done``, written
when it is whole and touched when it is used.
"""

import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from yule.storage.bucket import find_cache_folder
from yule.storage.permissions import make_folder
from yule.versions.commits import CodeError, find_root, resolve_commit, run_git
from yule.versions.requirements import find_requirements, install

N_KEPT = 5


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What a commit runs in.

    Parameters
    ----------
    commit
        The full hash.
    worktree
        Folder with the files of the commit.
    project
        The project's folder in it.
    python
        Folder of the virtual environment.
    """

    commit: str
    worktree: Path
    project: Path
    python: Path


def prepare_environment(folder: Path, commit: str, *, cache: Path | None = None) -> Environment:
    """Make the environment of a commit, or find the one that was made before.

    Two processes that ask for the same one make it once. One that was left half made is made anew.

    Parameters
    ----------
    folder
        The project's folder in its repository.
    commit
        The full hash.
    cache
        Folder of all environments; see :func:`~yule.storage.bucket.find_cache_folder`.

    Raises
    ------
    CodeError
        If the commit does not say what to install, or it cannot be installed.
    """
    cache = (cache or find_cache_folder()).resolve()
    root = find_root(folder)
    commit = resolve_commit(root, commit)
    worktree = cache / "worktrees" / commit
    _make_once(worktree, lambda: _check_out(root, commit, worktree), is_sound=lambda: _is_commit(worktree, commit))
    project = worktree / folder.resolve().relative_to(root.resolve())
    requirements = find_requirements(project, worktree, commit)
    python = cache / "python" / requirements.key
    _make_once(python, lambda: install(requirements, python), is_sound=(python / "bin" / "python").exists)
    return Environment(commit=commit, worktree=worktree, project=project, python=python)


def run_in(environment: Environment, arguments: Sequence[str], variables: Mapping[str, str] = os.environ) -> int:
    """Run ``yule`` with the code of an environment, in the current folder, and return its exit code.

    Cases, ``project.yaml``, data and workspace are those of the current folder: only the code is the commit's.

    Parameters
    ----------
    environment
        The environment.
    arguments
        Arguments of ``yule``.
    variables
        Environment variables; ``YULE_COMMIT`` is added to them.
    """
    own = {name: value for name, value in variables.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    paths = [environment.project / "src", environment.project]
    own |= {
        "YULE_COMMIT": environment.commit,
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths if path.is_dir()),
        "PYTHONSAFEPATH": "1",  # what lies in the current folder is not of this commit
        "PYTHONDONTWRITEBYTECODE": "1",  # the worktree stays what the commit is
        "PATH": os.pathsep.join([str(environment.python / "bin"), own.get("PATH", os.defpath)]),
    }
    with ExitStack() as in_use:
        for folder in (environment.worktree, environment.python):
            in_use.enter_context(_locked(folder, fcntl.LOCK_SH))
        program = environment.python / "bin" / "python"
        if not (program.exists() and environment.worktree.exists()):
            raise CodeError(f"The environment of the commit {environment.commit} was deleted. Run the command again.")
        return _wait_for(subprocess.Popen([str(program), "-m", "yule", *arguments], env=own))


def sweep(cache: Path | None = None, *, n_kept: int = N_KEPT) -> list[Path]:
    """Delete the environments that were not used for the longest time, unless they are in use.

    Parameters
    ----------
    cache
        Folder of all environments; see :func:`~yule.storage.bucket.find_cache_folder`.
    n_kept
        How many worktrees, and how many virtual environments, are kept.

    Returns
    -------
    list of Path
        The folders that are gone.
    """
    gone = []
    for kind in ("worktrees", "python"):
        markers = sorted((cache or find_cache_folder()).glob(f"{kind}/*.done"), key=lambda file: file.stat().st_mtime)
        for marker in markers[: max(len(markers) - n_kept, 0)]:
            folder = marker.with_suffix("")
            try:
                with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    marker.unlink(missing_ok=True)
                    _remove(folder)
                    gone.append(folder)
            except BlockingIOError:
                continue
    return gone


def _make_once(folder: Path, make: Callable[[], object], *, is_sound: Callable[[], bool]) -> None:
    """Make a folder unless it is there and whole; note that it was used."""
    marker = folder.with_name(f"{folder.name}.done")
    make_folder(folder.parent, root=folder.parent.parent)
    with _locked(folder, fcntl.LOCK_SH):  # shared with the runs that use it
        if marker.exists() and is_sound():
            marker.touch()
            return
    with _locked(folder, fcntl.LOCK_EX):
        if not (marker.exists() and is_sound()):  # another process may have made it meanwhile
            marker.unlink(missing_ok=True)
            _remove(folder)
            make()
        marker.touch()


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with folder.with_name(f"{folder.name}.lock").open("ab") as file:
        fcntl.flock(file, how)
        yield


def _check_out(root: Path, commit: str, worktree: Path) -> None:
    run_git(root, "worktree", "prune")
    no_hooks = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": os.devnull}
    run_git(root, "worktree", "add", "--detach", "--force", str(worktree), commit, variables=no_hooks)


def _is_commit(worktree: Path, commit: str) -> bool:
    """Say whether a worktree still has the files of its commit: its repository may be gone, people may edit."""
    try:
        run_git(worktree, "diff", "--quiet", "HEAD")
        return run_git(worktree, "rev-parse", "HEAD") == commit
    except CodeError:
        return False


def _wait_for(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process that answers to signals by itself, and return its exit code as shells do."""
    before = signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    try:
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:  # the terminal has told the process, too
                continue
            return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, before)


def _remove(folder: Path) -> None:
    """Delete a worktree or a virtual environment, and what git keeps of a worktree."""
    if not folder.exists():
        return
    if (folder / ".git").is_file():
        with suppress(CodeError):  # its repository may be gone
            run_git(folder, "worktree", "remove", "--force", "--force", str(folder))
    shutil.rmtree(folder, ignore_errors=True)
