"""What a kind of source must offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Protocol

import pyarrow as pa

from yule.downloads.settings import Engine, Method
from yule.downloads.specs import Query


@dataclass(frozen=True, kw_only=True)
class TableState:
    """What a source knows of a table without reading it.

    Parameters
    ----------
    columns
        The source's own name of each column's type, by column.
    n_rows, n_bytes
        How large it is; None when the source does not say.
    """

    columns: Mapping[str, str]
    n_rows: int | None = None
    n_bytes: int | None = None


class Source(Protocol):
    """A place that tables are fetched from."""

    engine: ClassVar[Engine]
    """Which SQL it takes."""

    is_free: ClassVar[bool]
    """Whether nobody pays for what it reads, so that it may be read just to compare."""

    def data_version(self, method: Method) -> str:
        """Return a fingerprint of the data behind a method: equal data, equal fingerprint.

        Raises
        ------
        DataError
            If there are none.
        """

    def estimate(self, query: Query) -> int | None:
        """Return how many bytes the source would read, without reading them; None when it cannot say.

        Raises
        ------
        DataError
            If the query is wrong: a table, a column or the SQL.
        """

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """Read the columns that are asked for, in their order and with their declared types, as a stream.

        Users are text, whatever the source has; timestamps are in UTC; there is no NaN and no -0.0; a value that
        does not fit is an error. The order of rows is not defined.

        Parameters
        ----------
        query
            What is wanted.
        n_threads
            Threads it may use.
        max_bytes
            The most that the source may read; it refuses to read more.
        labels
            Written on the source's bill: run, case and method.

        Raises
        ------
        DataError
            Lists every column that is missing and every column with values that do not fit.
        """

    def changed_at(self, method: Method) -> datetime | None:
        """Return when the table was last written to; None when the source does not say.

        No row is of a later time, so what comes after it is not fetched, nor taken for final.

        Raises
        ------
        DataError
            If there is no such table.
        """

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """Return when days were last written to, or a later time; those are left out of which it cannot say.

        Parameters
        ----------
        method
            A table that grows by the day.
        days
            The days, in UTC.

        Raises
        ------
        DataError
            If there is no such table.
        """

    def describe(self, method: Method) -> TableState:
        """Say what is known of the table without reading it.

        Raises
        ------
        DataError
            If there is no such table.
        """
