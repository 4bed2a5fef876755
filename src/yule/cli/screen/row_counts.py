"""How many rows the files of tables have: what is read is seen to be all there is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from yule.config.projects import Project

FEW = 4
"""So many files are listed one by one."""


def print_row_counts(project: "Project", downloads: Iterable[str]) -> None:
    """Print, for each table that lies in files, how many there are and how many rows they have."""
    from yule.downloads.settings import FilesSource
    from yule.downloads.sources.files.source import FilesInFolder

    for name in sorted(set(downloads)):
        method = project.downloads[name]
        source = project.sources.get(method.source)
        if method.sql or not isinstance(source, FilesSource):
            continue
        table = FilesInFolder(source, cache_folder=None)
        counts = table.count_rows(method)
        listed = ", ".join(f"{file} {n_rows:,}" for file, n_rows in counts.items()) if 1 < len(counts) <= FEW else ""
        files = f"{len(counts)} file{'s' * (len(counts) > 1)}"
        typer.echo(f"{name}: {files}, {sum(counts.values()):,} rows{f' ({listed})' if listed else ''}")
        for file, copy in table.find_copies(method):
            if counts.get(copy):
                typer.echo(
                    f"    Note: {file} and {copy} hold the same, byte for byte: their rows count twice. Is one a copy?"
                )
