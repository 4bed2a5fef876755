import threading

import luigi
import pytest

from yule.storage.setup import Setup, find_setup, using_setup

pytestmark = pytest.mark.usefixtures("importable")


def _setup(workspace: str) -> Setup:
    return Setup(workspace=workspace, n_threads=1, fetching="{}")


def _shout() -> str:
    from storage_toys import Shout

    task = Shout(word="beer")
    (required,) = luigi.task.flatten(task.requires())
    return f"{task.workspace_directory} {required.workspace_directory} {task.unique_id}"


def test_tasks_of_two_threads_have_the_workspaces_of_each() -> None:
    both, found = threading.Barrier(2), {}

    def build(name: str) -> None:
        with using_setup(_setup(name)):
            both.wait()
            found[name] = _shout().split()

    threads = [threading.Thread(target=build, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[name][:2] for name in ("a", "b")] == [["a", "a"], ["b", "b"]]
    assert found["a"][2] == found["b"][2]


def test_a_setup_ends_where_it_began() -> None:
    with using_setup(_setup("outer")):
        with using_setup(_setup("inner")):
            assert _shout().startswith("inner inner")
        assert _shout().startswith("outer outer")


def test_a_thread_has_no_setup_of_another() -> None:
    missing = []

    def look() -> None:
        try:
            find_setup()
        except LookupError as error:
            missing.append(error)

    with using_setup(_setup("a")):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert missing
