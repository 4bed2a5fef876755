"""Which source days come from: it is part of their key, so that no two sources share days.

Files are told apart by their path as it is seen from the workspace: a project that is moved or copied with its
workspace finds its days again. Earlier versions took the whole path; days that they kept under it are still used.
"""

import os
from dataclasses import replace

from yule.downloads.keeping.days.kept import find_place
from yule.downloads.settings import DuckDBSource, FilesSource, Method, SourceSettings
from yule.downloads.sources.engines import describe_origin
from yule.downloads.specs import FINAL, TableSpec
from yule.storage.names import resolve_below
from yule.storage.objects.opening import is_bucket
from yule.storage.store import LocalStore, Store


def find_origin(settings: SourceSettings, method: Method, store: Store) -> str:
    """Return what tells a source apart from others in the keys of a method's days.

    Parameters
    ----------
    settings
        The source.
    method
        The method, which grows by the day.
    store
        The workspace's store.
    """
    if not isinstance(store, LocalStore):
        return describe_origin(settings)
    *_, before = origins = list_origins(settings, str(store.root))
    place = find_place(TableSpec(method=method.without_notes(), data_version=FINAL, origin=before))
    return before if resolve_below(store.root, place).is_dir() else origins[0]


def list_origins(settings: SourceSettings, workspace: str) -> tuple[str, ...]:
    """Return by what a source may be told apart in a workspace: as it is today, and as it was by earlier versions."""
    whole = describe_origin(settings)
    if isinstance(settings, FilesSource | DuckDBSource) and not is_bucket(workspace):
        return describe_origin(replace(settings, path=os.path.relpath(settings.path, workspace))), whole
    return (whole,)
