"""The kinds of source: a plain list."""

from pathlib import Path

from yule.core.settings import digest
from yule.downloads.settings import DuckDBSource, FilesSource, PostgresSource, SnowflakeSource, SourceSettings
from yule.downloads.sources.files.source import FilesInFolder
from yule.downloads.sources.protocol import Source


def open_source(settings: SourceSettings, *, cache_folder: Path | None) -> Source:
    """Open a source.

    Parameters
    ----------
    settings
        What ``project.yaml`` says of it.
    cache_folder
        Where fingerprints of data are remembered; None: nowhere.
    """
    if isinstance(settings, FilesSource):
        return FilesInFolder(settings, cache_folder=cache_folder)
    if isinstance(settings, DuckDBSource):
        from yule.downloads.sources.warehouses.duckdb_file import DuckDBFile

        return DuckDBFile(settings, cache_folder=cache_folder)
    if isinstance(settings, PostgresSource):
        from yule.downloads.sources.warehouses.postgres import PostgresTables

        return PostgresTables(settings)
    if isinstance(settings, SnowflakeSource):
        from yule.downloads.sources.warehouses.snowflake import SnowflakeTables

        return SnowflakeTables(settings)
    from yule.downloads.sources.warehouses.bigquery.source import BigQueryTables

    return BigQueryTables(settings)


def describe_origin(settings: SourceSettings) -> str:
    """Return what tells the place of a source's tables apart from others, whoever is billed."""
    return digest(f"{settings.kind} {settings.origin}")
