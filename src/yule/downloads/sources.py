"""The kinds of source: a plain list."""

from pathlib import Path

from yule.downloads.files import FilesInFolder
from yule.downloads.protocol import Source
from yule.downloads.settings import SourceSettings


def open_source(settings: SourceSettings, *, cache_folder: Path | None) -> Source:
    """Open a source.

    Parameters
    ----------
    settings
        What ``project.yaml`` says of it.
    cache_folder
        Where fingerprints of data are remembered; None: nowhere.
    """
    return FilesInFolder(settings, cache_folder=cache_folder)
