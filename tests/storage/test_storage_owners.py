"""Whose folder it is, and whether its process is gone: what the kernel knows, and what only time can tell."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from yule.storage import owners
from yule.storage.owners import OWNER, describe_process, has_ended, own_folder, sweep_folders

HOLD = (
    "import pathlib, sys, time; from yule.storage.owners import own_folder;"
    "held = own_folder(pathlib.Path(sys.argv[1])); print(held.__enter__().parent.name, flush=True); time.sleep(60)"
)
LONG_AGO = time.time() - 2 * owners.SILENT_SECONDS


@contextmanager
def held_elsewhere(parent: Path) -> Iterator[Path]:
    """Have another process hold a folder; at the end it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield parent / process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def age(folder: Path, *, to: float = LONG_AGO) -> None:
    """Have all in a folder be written to long ago."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (to, to))


def test_a_folder_is_there_while_it_is_owned(tmp_path: Path) -> None:
    with own_folder(tmp_path) as folder:
        assert folder.is_dir()
        sweep_folders(tmp_path)
        assert folder.is_dir()
    assert not list(tmp_path.iterdir())


def test_a_folder_of_a_living_process_stays_however_old_it_is(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as place:
        age(place)
        sweep_folders(tmp_path)
        assert place.is_dir()


def test_a_folder_of_a_killed_process_is_deleted_at_once(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as place:
        assert place.is_dir()
    sweep_folders(tmp_path)
    assert not place.exists()


def test_a_folder_that_was_moved_into_place_is_no_longer_owned(tmp_path: Path) -> None:
    with own_folder(tmp_path) as folder:
        (folder / "file").touch()
        folder.rename(tmp_path / "published")
    assert (tmp_path / "published" / "file").exists()


def test_a_lock_of_another_kernel_is_not_believed_to_be_free(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as place:
        (place / OWNER).write_text("another boot")
    sweep_folders(tmp_path)
    assert place.is_dir()
    age(place)
    sweep_folders(tmp_path)
    assert not place.exists()


@pytest.mark.parametrize("name", ["node-3999999-0123456789ab", "yule-0123456789abcdef", "anything"])
def test_a_folder_without_an_owner_is_given_up_in_time(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "work").mkdir(parents=True)
    sweep_folders(tmp_path)
    assert (tmp_path / name).is_dir()
    age(tmp_path / name)
    sweep_folders(tmp_path)
    assert not (tmp_path / name).exists()


def test_a_folder_of_the_future_is_given_up_too(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    age(tmp_path / "odd", to=time.time() + 2 * owners.SILENT_SECONDS)
    sweep_folders(tmp_path)
    assert not (tmp_path / "odd").exists()


def test_among_folders_of_other_programs_only_those_with_an_owner_of_ours_are_looked_at(tmp_path: Path) -> None:
    for name in ("yule-0123456789abcdef", "yule-demo", "tmpabc"):
        (tmp_path / name).mkdir()
        age(tmp_path / name)
    with held_elsewhere(tmp_path) as place:
        pass
    sweep_folders(tmp_path, is_shared_with_others=True)
    assert {path.name for path in tmp_path.iterdir()} == {"yule-0123456789abcdef", "yule-demo", "tmpabc"}
    assert not place.exists()


def test_sweeping_what_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    sweep_folders(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    sweep_folders(tmp_path / "file")


def test_this_process_has_not_ended() -> None:
    assert not has_ended(describe_process())


def test_a_killed_process_has_ended_also_before_anyone_asked_for_its_exit_code() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = replace(describe_process(), pid=process.pid, started=owners._find_start(process.pid) or "")
    assert not has_ended(holder)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now
    assert has_ended(holder)
    process.communicate()
    assert has_ended(holder)


def test_a_number_that_was_given_out_again_is_another_process() -> None:
    assert has_ended(replace(describe_process(), started="1"))


@pytest.mark.parametrize("change", [{"boot": "another"}, {"namespace": "pid:[1]"}, {"boot": ""}, {"started": ""}])
def test_what_this_kernel_and_container_do_not_count_is_not_judged(change: dict[str, str]) -> None:
    assert not has_ended(replace(describe_process(), pid=2**22 + 1, **change))


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs to make a container")
def test_a_folder_of_another_container_of_this_machine_is_judged_by_the_kernel(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from yule.storage.owners import own_folder, sweep_folders\n"
        "sweep_folders(pathlib.Path(sys.argv[1]))"
    )
    with held_elsewhere(tmp_path) as place:
        command = ["unshare", "--pid", "--fork", "--mount-proc", "--uts", sys.executable, "-c", code, str(tmp_path)]
        if subprocess.run(command, check=False).returncode:
            pytest.skip("no containers here")
        assert place.is_dir()
