"""The key of digests that stand for values which say who a person is.

It comes from the environment and is written nowhere; a short digest of it tells downloads with different keys apart.
"""

import hashlib
import os

from yule.core.errors import DataError
from yule.core.variables import explain_variables
from yule.downloads.settings import Method

VARIABLE = "YULE_PII_KEY"


def read_key() -> str:
    """Return the key, stretched to 64 hexadecimal digits.

    Raises
    ------
    DataError
        If it is not set.
    """
    secret = os.environ.get(VARIABLE, "")
    if not secret:
        raise DataError(
            f"A column with `pii: hash` needs a key: set the environment variable {VARIABLE} to a long random text, "
            f"the same for all who share the workspace, and keep it secret.{explain_variables()}"
        )
    return hashlib.sha256(f"key {secret}".encode()).hexdigest()


def name_key(method: Method) -> str:
    """Return what tells the key apart from other keys; empty when none of the columns is a digest."""
    if not any(column.pii == "hash" for column in method.columns):
        return ""
    return hashlib.sha256(f"name {read_key()}".encode()).hexdigest()[:8]
