"""From a workspace to its files."""

from pathlib import Path
from urllib.parse import urlsplit

from yule.core.errors import WorkspaceError
from yule.core.patience import Unanswered
from yule.storage.objects.folder import FolderObjects
from yule.storage.objects.patient import open_patiently
from yule.storage.objects.protocol import Objects

SCHEMES = {"gs": "gcs", "s3": "s3"}
"""The schemes of workspaces in buckets, and the extra that each needs."""


def is_bucket(workspace: str) -> bool:
    """Return whether a workspace is in a bucket rather than in a folder."""
    return "://" in workspace


def open_objects(workspace: str) -> Objects:
    """Open the files of a workspace: ``gs://bucket/prefix``, ``s3://bucket/prefix`` or the path of a folder.

    Those of a bucket are patient, see :class:`~yule.storage.objects.patient.PatientObjects`.

    Raises
    ------
    WorkspaceError
        If the scheme is unknown or its library is not installed.
    Unanswered
        If the service that logs in does not answer.
    """
    if not is_bucket(workspace):
        return FolderObjects(Path(workspace))
    return open_patiently(workspace, lambda: _open_bucket(workspace))


def _open_bucket(workspace: str) -> Objects:
    scheme, bucket, path, *_ = urlsplit(workspace)
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    try:
        match scheme:
            case "gs":
                from yule.storage.objects.gcs import CloudStorageObjects

                return CloudStorageObjects(bucket, prefix)
            case "s3":
                from yule.storage.objects.s3 import S3Objects

                return S3Objects(bucket, prefix)
    except ImportError as error:
        raise WorkspaceError(f"{scheme}:// workspaces need the extra: pip install 'yule[{SCHEMES[scheme]}]'") from error
    except Unanswered:
        raise
    except Exception as error:  # logins fail in as many ways as there are libraries
        raise WorkspaceError(f"The workspace {workspace} cannot be opened: {error}") from error
    raise WorkspaceError(f"A workspace is a folder, gs://bucket/prefix or s3://bucket/prefix, not {workspace}.")
