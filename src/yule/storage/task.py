"""The base of every task of ours: a gokart task whose value is a folder of files."""

import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import gokart
import luigi
from gokart.utils import FlattenableItems

from yule import __version__
from yule.core.steps import Step
from yule.storage.opening import open_store
from yule.storage.record import Record, digest_files, write_record
from yule.storage.target import FolderTarget

_LIBRARIES = ("duckdb", "numpy", "pyarrow", "sklearn", "lightgbm", "catboost", "torch")
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}


Requires: TypeAlias = FlattenableItems[gokart.TaskOnKart[Any]]
"""What a task requires: tasks, or lists and dictionaries of them."""


class Process(luigi.Config):
    """What a process is told once and no task is keyed by; see :func:`configure`.

    Parameters
    ----------
    n_threads
        Threads a task may use.
    fetching
        What downloads are told, as JSON of a `yule.downloads.specs.Fetching`.
    """

    n_threads: luigi.IntParameter = luigi.IntParameter(default=1)
    fetching: luigi.Parameter[str] = luigi.Parameter(default="{}")


class Task(gokart.TaskOnKart[Path]):
    """A step of the pipeline. Its value is a folder; :meth:`write` fills it.

    A subclass says what it requires, which parameters decide its result, and how the folder is written. What must
    not change the result (the workspace's path, threads) is no significant parameter. ``revision`` is raised when the
    meaning of an output changes.
    """

    revision: luigi.IntParameter = luigi.IntParameter(default=1)
    should_dump_supplementary_log_files: luigi.Parameter[bool] = gokart.ExplicitBoolParameter(
        default=False, significant=False
    )

    step: ClassVar[Step]

    @property
    def memory_key(self) -> str:
        """Name that tasks have in common which need about as much memory when what they read has the same size."""
        return str(self.task_family)

    def write(self, folder: Path) -> None:
        """Write the task's files into an empty folder."""
        raise NotImplementedError

    def describe(self) -> str:
        """Say in a few words what the task does, for the people who watch it."""
        return str(self.task_family)

    def output(self) -> FolderTarget:
        """Return the folder of this task in the workspace."""
        return FolderTarget(open_store(self.workspace_directory), f"cache/{self.task_family}/{self.unique_id}")

    def run(self) -> None:
        """Write the folder and its record, and publish them together."""
        with open_store(self.workspace_directory).staging() as folder:
            started = time.monotonic()
            self.write(folder)
            write_record(folder, self._record(folder, seconds=time.monotonic() - started))
            self.dump(folder)

    @property
    def n_threads(self) -> int:
        """Threads this task may use."""
        return int(Process().n_threads)

    @property
    def key_parameters(self) -> dict[str, str]:
        """The significant parameters, as strings."""
        parameters: dict[str, str] = self.to_str_params(only_significant=True)  # type: ignore[no-untyped-call]
        return dict(parameters)

    @property
    def unique_id(self) -> str:
        """The unique id: a digest of the significant parameters of this task and of all it requires."""
        return str(self.make_unique_id())

    def __repr__(self) -> str:
        # luigi's own form prints every parameter of every task below, which doubles with each level.
        return f"{self.task_family}[{self.unique_id}]"

    __str__ = __repr__

    def _record(self, folder: Path, *, seconds: float) -> Record:
        return Record(
            family=self.task_family,
            module=type(self).__module__,
            unique_id=self.unique_id,
            parameters=self.key_parameters,
            requires=tuple(sorted({task.unique_id for task in luigi.task.flatten(self.requires())})),
            seconds=round(seconds, 3),
            versions=_versions(),
            files=digest_files(folder),
        )


def configure(workspace: str, *, n_threads: int, fetching: str) -> None:
    """Tell this process what its tasks are not keyed by, and nothing else.

    What a ``luigi.cfg`` in the current folder says is forgotten: it is that of another program, or was put into a
    workspace by somebody, and would change results.

    Parameters
    ----------
    workspace
        The workspace's path.
    n_threads
        Threads a task may use.
    fetching
        What downloads are told, as JSON of a `yule.downloads.specs.Fetching`.
    """
    settings = luigi.configuration.get_config()
    for section in settings.sections():
        settings.remove_section(section)
    settings.defaults().clear()
    settings.set("TaskOnKart", "workspace_directory", workspace.replace("%", "%%"))
    settings.set("Process", "n_threads", str(n_threads))
    settings.set("Process", "fetching", fetching.replace("%", "%%"))
    luigi.Task.clear_instance_cache()  # luigi would hand out tasks that were built with the settings before


def _versions() -> dict[str, str]:
    loaded = [name for name in _LIBRARIES if name in sys.modules]
    return {
        "python": platform.python_version(),
        "yule": __version__,
        **{name: version(_DISTRIBUTIONS.get(name, name)) for name in loaded},
    }
