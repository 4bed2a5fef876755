"""The gokart task of a download: usable from any gokart pipeline."""

import json
from pathlib import Path

import luigi

from yule.core.errors import DataError
from yule.core.settings import from_json, from_plain
from yule.downloads.settings import SourceSettings, TableSpec
from yule.downloads.sources import open_source
from yule.downloads.tables import TABLE, write_download
from yule.storage.opening import open_store
from yule.storage.task import Process, Task


class DownloadTable(Task):
    """Fetch the table of one method.

    Where its source lies is told to the process: it does not decide what the data are.

    Parameters
    ----------
    table
        JSON of a :class:`~yule.downloads.settings.TableSpec`.
    """

    step = "download"

    table: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"download {from_json(TableSpec, self.table).method.name}"

    def write(self, folder: Path) -> None:
        """Write ``table.parquet``."""
        spec = from_json(TableSpec, self.table)
        method = spec.method
        sources = json.loads(Process().sources)
        settings = from_plain(SourceSettings, sources[method.source])
        source = open_source(settings, cache_folder=open_store(self.workspace_directory).root)
        if source.data_version(method) != spec.data_version:
            raise DataError(f"The data of {method.name} changed while the run was going on. Run again.")
        write_download(source, method, folder, n_threads=self.n_threads)


def table_file(folder: Path) -> Path:
    """Return the Parquet file in the folder of a download."""
    return folder / TABLE
