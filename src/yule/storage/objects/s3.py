"""Files in a bucket of S3 or of what speaks its language."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yule.core.hosts import explain_mistyped, is_mistyped, note_answer
from yule.core.patience import Unanswered, asks_to_come_back, name_cause
from yule.storage.names import check_name, keep_sound
from yule.storage.objects.protocol import MAX_READ_BYTES

ABSENT = ("404", "NoSuchKey", "NotFound")
TAKEN = ("412", "PreconditionFailed")
CONFLICT = ("409", "ConditionalRequestConflict")  # another write was at it: S3 asks to try again
MAX_TRIES = 6
MAX_DELETE = 1000
BUSY = ("SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "RequestLimitExceeded", "InternalError")
"""Codes by which the server asks to come back, of which some are sent with the status 400, or for one file of many."""


class S3Objects:
    """See :class:`~yule.storage.objects.protocol.Objects`. Logins and endpoint come from boto3's own settings.

    Parameters
    ----------
    bucket
        The bucket.
    prefix
        What all names begin with: empty, or ending in a slash.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        import boto3
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config

        retries = {"mode": "standard", "max_attempts": 3}  # longer outages are for PatientObjects
        config = Config(retries=retries, connect_timeout=10, read_timeout=20, max_pool_connections=32)
        self._client: Any = boto3.client("s3", config=config)
        self._transfer = TransferConfig(max_concurrency=4)
        self._bucket = bucket
        self._prefix = prefix
        self._where = f"s3://{bucket}/{prefix}"
        self._host = urlsplit(self._client.meta.endpoint_url).hostname or ""

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        items = self._look(prefix)
        return {name: items[name]["Size"] for name in items}

    def list_times(self, prefix: str) -> dict[str, datetime]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        items = self._look(prefix)
        return {name: items[name]["LastModified"].astimezone(UTC) for name in items}

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        part = {"Range": f"bytes={start}-"} if start else {}
        with _telling_os_errors(self._host):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name), **part)
            except self._client.exceptions.ClientError as error:
                if _code(error) in ABSENT:
                    return None
                if _code(error) in ("InvalidRange", "416"):  # nothing has grown
                    return b""
                raise
            is_whole = answer["ContentLength"] <= MAX_READ_BYTES
            content: bytes = answer["Body"].read() if is_whole else answer["Body"].read(MAX_READ_BYTES)
        return content

    def download(self, name: str, file: Path) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        with _telling_os_errors(self._host):
            try:
                self._client.download_file(self._bucket, self._key(name), str(file))
            except self._client.exceptions.ClientError as error:
                if _code(error) in ABSENT:
                    return False
                raise
        return True

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        key = self._key(name)
        with _telling_os_errors(self._host):
            body = content.read_bytes() if isinstance(content, Path) and only_if_absent else content
            if isinstance(body, Path):  # never whole in memory; large files in parts
                self._client.upload_file(str(body), self._bucket, key, Config=self._transfer)
            elif only_if_absent:
                return self._create(name, body)
            else:
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        return True

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        with _telling_os_errors(self._host):
            left = iter(names)
            while keys := [{"Key": self._key(name)} for name in islice(left, MAX_DELETE)]:
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True})
                for fault in answer.get("Errors", ()):  # which the library does not raise
                    kind = Unanswered if fault["Code"] in BUSY else OSError
                    raise kind(f"S3: {fault['Key']} cannot be deleted: {fault['Message']}")

    def _look(self, prefix: str) -> dict[str, Any]:
        with _telling_os_errors(self._host):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            items = {
                item["Key"].removeprefix(self._prefix): item for page in pages for item in page.get("Contents", ())
            }
        return {name: items[name] for name in keep_sound(items, where=self._where)}

    def _key(self, name: str) -> str:
        return self._prefix + check_name(name, where=self._where)

    def _create(self, name: str, body: bytes) -> bool:
        """Write an object that is not there; False when it is."""
        for n_tries in range(1, MAX_TRIES + 1):
            try:
                self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=body, IfNoneMatch="*")
            except self._client.exceptions.ClientError as error:
                if _code(error) in TAKEN:  # perhaps by a try of ours, or of the library's, whose answer was lost
                    return (n_tries > 1 or _was_repeated(error)) and self.read(name) == body
                if _code(error) not in CONFLICT or n_tries == MAX_TRIES:
                    raise
                time.sleep(0.1 * n_tries)
            else:
                break
        return True


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _was_repeated(error: Any) -> bool:
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))


@contextmanager
def _telling_os_errors(host: str) -> Iterator[None]:
    """Turn errors of the library into OSErrors, as if a disk had failed; of a server that is away into Unanswered."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
        note_answer(host)
    except (Boto3Error, BotoCoreError, ClientError) as error:
        if not _is_unanswered(error):
            raise OSError(f"S3: {name_cause(error)}") from error
        if is_mistyped(host):
            raise OSError(f"S3: {explain_mistyped(host, 'or the region, in the AWS settings')}") from None
        raise Unanswered(f"S3: {name_cause(error)}") from error


def _is_unanswered(error: BaseException) -> bool:
    from boto3.exceptions import RetriesExceededError, S3UploadFailedError
    from botocore import exceptions as core

    match error:
        case S3UploadFailedError():  # the library names the server's answer in words alone
            return error.__context__ is not None and _is_unanswered(error.__context__)
        case core.ClientError():
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            return asks_to_come_back(status) or _code(error) in BUSY
    return isinstance(
        error,
        RetriesExceededError
        | core.HTTPClientError
        | core.ConnectionError
        | core.IncompleteReadError
        | core.FlexibleChecksumError
        | core.MetadataRetrievalError
        | core.CredentialRetrievalError,
    )
