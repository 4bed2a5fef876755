"""Tables of users as Arrow, and one call away from pandas and polars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yule.core.errors import DataError
from yule.session.views.html import make_table

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Users:
    """A table of users. DuckDB, polars, pandas and pyarrow take it as it is: it has Arrow's stream interface.

    Parameters
    ----------
    arrow
        The table: user_id, rank and score first.
    """

    arrow: "pa.Table"

    def to_pandas(self) -> "pd.DataFrame":
        """Return it as a data frame of pandas.

        Raises
        ------
        DataError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise _explain_missing("pandas") from error
        found: pd.DataFrame = self.arrow.to_pandas(types_mapper=None)
        return found

    def to_polars(self) -> "pl.DataFrame":
        """Return it as a data frame of polars.

        Raises
        ------
        DataError
            If polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise _explain_missing("polars") from error
        return pl.DataFrame(self.arrow)

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        names: list[str] = self.arrow.column_names
        return names

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        first = self.arrow.slice(0, SHOWN).to_pylist()
        return make_table(self.columns, [list(row.values()) for row in first], note=f"{len(self):,} users")


def _explain_missing(package: str) -> DataError:
    return DataError(
        f"{package} is not installed: pip install {package}. Without it, `.arrow` is the same table as pyarrow.Table."
    )
