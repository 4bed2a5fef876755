"""The gokart task of a download: usable from any gokart pipeline."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import luigi

from yule.core.errors import CorruptedOutput
from yule.core.settings import from_json
from yule.downloads.keeping.fetch import fetch_table, table_files
from yule.downloads.specs import Fetching, TableSpec
from yule.storage.opening import open_store
from yule.storage.setup import find_setup
from yule.storage.target import FolderTarget
from yule.storage.task import Task


class TableTarget(FolderTarget):
    """The folder of a download, and the days that it lists."""

    def verify(self) -> None:
        """See :class:`~yule.storage.target.FolderTarget`."""
        if self._exists():
            self.load_files()

    def load_files(self) -> list[Path]:
        """Return the Parquet files of the table.

        Raises
        ------
        CorruptedOutput
            If the folder or a day that it lists is gone or damaged. It is deleted then, and so is the list of days:
            who needs the table fetches what is missing.
        """
        folder = super()._load()
        try:
            return table_files(folder, self.store)
        except CorruptedOutput:
            with suppress(OSError):  # a workspace that cannot be written is told of by the error that is raised
                self.store.remove(self.key)
            raise


class DownloadTable(Task):
    """Fetch the table of one method.

    Where its source lies is told to the process: it does not decide what the data are.

    Parameters
    ----------
    table
        JSON of a :class:`~yule.downloads.specs.TableSpec`.
    """

    step = "download"

    revision: luigi.IntParameter = luigi.IntParameter(default=3)
    table: luigi.Parameter[str] = luigi.Parameter()

    @property
    def spec(self) -> TableSpec:
        """The table."""
        return from_json(TableSpec, self.table)

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"DownloadTable/{self.spec.method.name}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        until = f" before {self.spec.until:%Y-%m-%d}" if self.spec.until else ""
        return f"download {self.spec.method.name}{until}"

    def output(self) -> TableTarget:
        """See :class:`~yule.storage.task.Task`."""
        return TableTarget(open_store(self.workspace_directory), super().output().key)

    def write(self, folder: Path) -> None:
        """Write ``table.parquet``, or ``days.json``."""
        store = open_store(self.workspace_directory)
        fetch_table(store, self.spec, self.find_fetching(), folder, n_threads=self.n_threads)

    def find_fetching(self) -> Fetching:
        """Return where tables come from and what they may cost."""
        return from_json(Fetching, find_setup().fetching)


class Reader(Task):
    """A task that reads tables."""

    def load_table(self, name: str) -> list[Path]:
        """Return the Parquet files of a table that is required under a name."""
        inputs: Any = self.input()
        files: list[Path] = inputs[name].load_files()
        return files

    def load_tables(self, name: str) -> list[list[Path]]:
        """Return the Parquet files of each of the tables that are required under a name."""
        inputs: Any = self.input()
        return [target.load_files() for target in inputs[name]]
