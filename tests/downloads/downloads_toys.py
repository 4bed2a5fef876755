"""Small tables and the methods that fetch them."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from yule.downloads.keeping.rows.tables import TABLE, write_download
from yule.downloads.settings import Column, FilesSource, Method, SourceSettings
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import Query

COLUMNS = (
    Column(name="user", type="string"),
    Column(name="at", type="timestamp"),
    Column(name="product", type="string"),
    Column(name="price", type="number"),
    Column(name="n", type="integer"),
)
EVENTS = Method(name="events", source="shop", table="events.*", user="user", time="at", columns=COLUMNS)
USERS = Method(
    name="users",
    source="shop",
    table="users.csv",
    user="user",
    columns=(COLUMNS[0], Column(name="age", type="integer")),
)


def events(**changed: list[object]) -> pa.Table:
    """Return three events; columns may be changed."""
    columns: dict[str, list[object]] = {
        "user": ["b", "a", "a"],
        "at": [datetime(2024, 1, 3, 12), datetime(2024, 1, 2), datetime(2024, 1, 1)],
        "product": ["beer", "tea", None],
        "price": [1.5, 2.0, None],
        "n": [1, 2, 3],
    }
    return pa.table(columns | changed)


def utc(*parts: int) -> datetime:
    """Return an instant."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def fetch(folder: Path, method: Method = EVENTS, *, n_threads: int = 1) -> pa.Table:
    """Download what lies in a folder."""
    return pq.read_table(fetch_file(folder, method, n_threads=n_threads))


def fetch_file(folder: Path, method: Method = EVENTS, *, n_threads: int = 1) -> Path:
    """Download what lies in a folder; return the file."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return download_from(FilesSource(path=str(folder)), method, out, n_threads=n_threads)


def download_from(settings: SourceSettings, method: Method, out: Path, *, n_threads: int = 1) -> Path:
    """Download a whole table from a source; return the file."""
    query = Query(method=method, columns=tuple(column.name for column in method.columns))
    reader = open_source(settings, cache_folder=None).read(query, n_threads=n_threads)
    write_download(method, reader, out, n_threads=n_threads)
    return out / TABLE


def write_parquet(table: pa.Table, folder: Path, name: str = "events.parquet") -> None:
    """Put a table into a source."""
    pq.write_table(table, folder / name)


def write_csv(table: pa.Table, folder: Path, name: str = "events.csv") -> None:
    """Put a table into a source as text."""
    pacsv.write_csv(table, folder / name)
