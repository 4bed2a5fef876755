"""From a workspace to its store."""

from functools import cache
from pathlib import Path

from yule.storage.bucket import BucketStore
from yule.storage.objects.opening import is_bucket, open_objects
from yule.storage.store import LocalStore, Store


@cache
def open_store(workspace: str) -> Store:
    """Open the store of a workspace.

    Parameters
    ----------
    workspace
        Path of a folder, ``gs://bucket/prefix`` or ``s3://bucket/prefix``. The same object comes back for the same
        text.

    Raises
    ------
    WorkspaceError
        If a bucket cannot be opened.
    """
    return BucketStore(workspace, open_objects(workspace)) if is_bucket(workspace) else LocalStore(Path(workspace))
