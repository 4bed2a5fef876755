"""The base of every task of ours: a gokart task whose value is a folder of files."""

import time
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import gokart
import luigi
from gokart.utils import FlattenableItems

from yule.core.libraries import find_loaded_versions
from yule.core.steps import Step
from yule.storage.opening import open_store
from yule.storage.record import Record, digest_files, write_record
from yule.storage.setup import find_setup
from yule.storage.target import FolderTarget

_NO_SECTION = ""
"""No section of a configuration file can have this name."""


Requires: TypeAlias = FlattenableItems[gokart.TaskOnKart[Any]]
"""What a task requires: tasks, or lists and dictionaries of them."""


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

    @classmethod
    @cache
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """Return the parameters of the class, by name: luigi would look at all attributes of it for every task."""
        found: list[tuple[str, luigi.Parameter[Any]]] = super().get_params()  # type: ignore[no-untyped-call]
        return found

    @classmethod
    def get_param_values(
        cls, params: list[tuple[str, luigi.Parameter[Any]]], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> list[tuple[str, object]]:
        """Return all parameters: what is not given has its default, and the workspace is that of the bound setup.

        What a ``luigi.cfg`` says is not asked: it is that of another program, or was put into a folder by somebody,
        and would change results.
        """
        given = {*kwargs, *[name for name, parameter in params if parameter.positional][: len(args)]}
        missing = ((name, parameter) for name, parameter in params if name not in given)
        defaults = {name: value for name, parameter in missing for value in _find_default(parameter)}
        if "workspace_directory" not in given:
            defaults["workspace_directory"] = find_setup().workspace
        found: list[tuple[str, object]] = super().get_param_values(params, args, defaults | kwargs)  # type: ignore[no-untyped-call]
        return found

    @classmethod
    def _add_configuration(cls, kwargs: dict[str, object], section: str) -> None:
        """Take nothing from gokart's section of a ``luigi.cfg`` either."""

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
        return find_setup().n_threads

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
            versions=find_loaded_versions(),
            files=digest_files(folder),
        )


@cache
def _find_default(parameter: luigi.Parameter[Any]) -> tuple[object, ...]:
    """Return the default of a parameter, or nothing: luigi would read its configuration for it at every task."""
    has_default = parameter.has_task_value(_NO_SECTION, "")
    return (parameter.task_value(_NO_SECTION, ""),) if has_default else ()


def forget_tasks() -> None:
    """Forget the tasks that were built in this process; whoever has one can go on with it."""
    luigi.Task.clear_instance_cache()
