"""The contract of sources finds out a source that does not keep it."""

import subprocess
import sys
from pathlib import Path

SUITE = """
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from yule.downloads.settings import FilesSource
from yule.downloads.sources.files.source import FilesInFolder
from yule.testing import SourceContract

class Careless(FilesInFolder):
    def read(self, query, **said):
        return super().read(query, **said).read_all().slice(1).to_reader()

class Place:
    table = "events.parquet"

    def __init__(self, folder, kind):
        self.folder, self.kind = folder, kind

    @property
    def source(self):
        return self.kind(FilesSource(path=str(self.folder)), cache_folder=None)

    def put(self, table):
        pq.write_table(table, self.folder / self.table)

class TestSound(SourceContract):
    @pytest.fixture
    def place(self, tmp_path):
        return Place(tmp_path, FilesInFolder)

class TestCareless(SourceContract):
    @pytest.fixture
    def place(self, tmp_path):
        return Place(tmp_path, Careless)
"""


def test_a_source_of_others_is_tried_and_one_that_loses_a_row_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_acme.py").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    failed = [line for line in said.splitlines() if line.startswith("FAILED")]
    assert len(failed) >= 5, said
    assert all("TestCareless" in line for line in failed), said
