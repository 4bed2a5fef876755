"""What a kind of source must offer."""

from typing import Protocol

import pyarrow as pa

from yule.downloads.settings import Method


class Source(Protocol):
    """A place that tables are fetched from."""

    def data_version(self, method: Method) -> str:
        """Return a fingerprint of the data behind a method: equal data, equal fingerprint.

        Raises
        ------
        DataError
            If there are none.
        """

    def read(self, method: Method, *, n_threads: int) -> pa.RecordBatchReader:
        """Read the declared columns, in the declared order and types.

        Users are text, whatever the source has; timestamps are in UTC; a value that does not fit is an error.

        Raises
        ------
        DataError
            Lists every column that is missing and every column with values that do not fit.
        """
