"""Files in a bucket of Google Cloud Storage."""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from yule.core.hosts import explain_mistyped, is_mistyped, note_answer
from yule.core.patience import Unanswered, asks_to_come_back, name_cause
from yule.storage.names import check_name, keep_sound
from yule.storage.objects.protocol import MAX_READ_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

EMULATOR = "STORAGE_EMULATOR_HOST"
"""Names a server that stands in for Google's, ``http://HOST:PORT``."""

REQUEST_SECONDS = (10, 20)
"""How long to wait for a connection and for an answer."""

RETRY_SECONDS = 3  # longer outages are for PatientObjects
UPLOAD_SECONDS = (10, 300)  # a piece of a file may be long under way
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
        is_stand_in = EMULATOR in os.environ
        login: Any = AnonymousCredentials() if is_stand_in else None  # type: ignore[no-untyped-call]
        with _telling_os_errors(""):  # nothing is asked of the server yet
            client: Any = storage.Client(project=None, credentials=login)  # a bucket's name is enough to find it
        self._bucket: Any = client.bucket(bucket)
        self._client = client
        self._host = urlsplit(client.api_endpoint).hostname or ""
        self._prefix = prefix
        self._where = f"gs://{bucket}/{prefix}"

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        blobs = self._look(prefix)
        return {name: int(blobs[name].size) for name in blobs}

    def list_times(self, prefix: str) -> dict[str, datetime]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        blobs = self._look(prefix)
        return {name: blobs[name].updated.astimezone(UTC) for name in blobs}

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import NotFound, RequestRangeNotSatisfiable

        with _telling_os_errors(self._host):
            try:
                self._blob(name).download_to_file(sink := _Sink(), start=start or None, **_how())
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

        with _telling_os_errors(self._host):
            try:
                self._blob(name).download_to_filename(str(file), **_how())
            except NotFound:
                file.unlink(missing_ok=True)
                return False
        return True

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import PreconditionFailed

        how = _how()
        if only_if_absent:  # the library would not tell a second try of its own from another's file
            how |= {"if_generation_match": 0, "retry": None}
        with _telling_os_errors(self._host):
            try:
                if isinstance(content, Path):
                    blob = self._bucket.blob(self._key(name), chunk_size=UPLOAD_BYTES)
                    blob.upload_from_filename(str(content), **how | {"timeout": UPLOAD_SECONDS})
                else:
                    self._blob(name).upload_from_string(content, content_type="application/octet-stream", **how)
            except PreconditionFailed:
                return False
        return True

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        from google.api_core.exceptions import NotFound

        with _telling_os_errors(self._host):
            for name in names:
                try:
                    self._blob(name).delete(**_how())
                except NotFound:
                    continue

    def _look(self, prefix: str) -> dict[str, Any]:
        with _telling_os_errors(self._host):
            listed = self._client.list_blobs(
                self._bucket, prefix=self._prefix + prefix, fields="items(name,size,updated),nextPageToken", **_how()
            )
            blobs = {blob.name.removeprefix(self._prefix): blob for blob in listed}
        return {name: blobs[name] for name in keep_sound(blobs, where=self._where)}

    def _blob(self, name: str) -> Any:
        return self._bucket.blob(self._key(name))

    def _key(self, name: str) -> str:
        return self._prefix + check_name(name, where=self._where)


def is_unanswered(error: BaseException) -> bool:
    """Say whether an error of Google's libraries means that a service did not answer, or asked to come back later."""
    import requests
    import urllib3
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError, TransportError

    match error:
        case RetryError():
            return error.cause is None or is_unanswered(error.cause)
        case GoogleAPICallError():
            return error.code is not None and asks_to_come_back(int(error.code))
        case TransportError():
            return True
        case GoogleAuthError():
            return bool(error.retryable)
    network = requests.exceptions
    kinds = (network.ConnectionError, network.Timeout, network.ChunkedEncodingError, network.ContentDecodingError)
    return isinstance(error, (*kinds, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError))


def _how() -> dict[str, Any]:
    """Return how long each request is waited for, and tried again: to do the same once more does no harm."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": REQUEST_SECONDS, "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS)}


@contextmanager
def _telling_os_errors(host: str) -> Iterator[None]:
    """Turn errors of the libraries into OSErrors, as if a disk had failed; of a server that is away into Unanswered."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption

    try:
        yield
        note_answer(host)
    except DataCorruption as error:  # on its way
        raise Unanswered(f"Cloud Storage: {error}") from error
    except Exception as error:
        if is_unanswered(error):
            if is_mistyped(host):
                raise OSError(f"Cloud Storage: {explain_mistyped(host, f'in {EMULATOR}')}") from None
            raise Unanswered(f"Cloud Storage: {name_cause(error)}") from error
        if isinstance(error, GoogleAPIError | GoogleAuthError):
            raise OSError(f"Cloud Storage: {error}") from error
        raise
