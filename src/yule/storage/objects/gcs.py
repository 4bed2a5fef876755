"""Files in a bucket of Google Cloud Storage."""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yule.storage.names import check_name, keep_sound
from yule.storage.objects.protocol import MAX_READ_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

UPLOAD_SECONDS = 300
UPLOAD_BYTES = 8 * 2**20  # of a file that are in memory at once; the library's own choice is 100 MiB


class _SinkFull(Exception):
    """More came than is read at once."""


class _Sink(io.BytesIO):
    """Takes as much as is read at once, also of what is small only as long as it is packed."""

    def write(self, part: "ReadableBuffer") -> int:
        room = MAX_READ_BYTES - self.tell()
        n_written = super().write(memoryview(part)[:room])
        if memoryview(part).nbytes > room:
            raise _SinkFull
        return n_written


class CloudStorageObjects:
    """See :class:`~yule.storage.objects.protocol.Objects`. Logins come from the environment, as for gcloud.

    Parameters
    ----------
    bucket
        The bucket.
    prefix
        What all names begin with: empty, or ending in a slash.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage  # type: ignore[attr-defined, unused-ignore]

        # A server that stands in for Google's takes no logins.
        is_stand_in = "STORAGE_EMULATOR_HOST" in os.environ
        login: Any = AnonymousCredentials() if is_stand_in else None  # type: ignore[no-untyped-call]
        client: Any = storage.Client(project=None, credentials=login)  # a bucket's name is enough to find it
        self._bucket: Any = client.bucket(bucket)
        self._client = client
        self._prefix = prefix
        self._where = f"gs://{bucket}/{prefix}"

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        with _telling_os_errors():
            blobs = self._client.list_blobs(
                self._bucket, prefix=self._prefix + prefix, fields="items(name,size),nextPageToken"
            )
            sizes = {blob.name.removeprefix(self._prefix): int(blob.size) for blob in blobs}
        return {name: sizes[name] for name in keep_sound(sizes, where=self._where)}

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import NotFound, RequestRangeNotSatisfiable

        with _telling_os_errors():
            try:
                self._blob(name).download_to_file(sink := _Sink(), start=start or None)
            except _SinkFull:
                pass
            except NotFound:
                return None
            except RequestRangeNotSatisfiable:  # nothing has grown
                return b""
        return sink.getvalue()

    def download(self, name: str, file: Path) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import NotFound

        with _telling_os_errors():
            try:
                self._blob(name).download_to_filename(str(file))
            except NotFound:
                file.unlink(missing_ok=True)
                return False
        return True

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import PreconditionFailed
        from google.cloud.storage.retry import DEFAULT_RETRY

        # To write a file anew gives the same file, so it may always be tried again.
        how = {"if_generation_match": 0 if only_if_absent else None, "retry": DEFAULT_RETRY}
        with _telling_os_errors():
            try:
                if isinstance(content, Path):
                    blob = self._bucket.blob(self._key(name), chunk_size=UPLOAD_BYTES)
                    blob.upload_from_filename(str(content), timeout=UPLOAD_SECONDS, **how)
                else:
                    self._blob(name).upload_from_string(content, content_type="application/octet-stream", **how)
            except PreconditionFailed:
                return False
        return True

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import NotFound

        with _telling_os_errors():
            for name in names:
                try:
                    self._blob(name).delete()
                except NotFound:
                    continue

    def _blob(self, name: str) -> Any:
        return self._bucket.blob(self._key(name))

    def _key(self, name: str) -> str:
        return self._prefix + check_name(name, where=self._where)


@contextmanager
def _telling_os_errors() -> Iterator[None]:
    """Turn errors of the library into OSErrors, as if a disk had failed."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    try:
        yield
    except (GoogleAPIError, GoogleAuthError) as error:
        raise OSError(f"Cloud Storage: {error}") from error
