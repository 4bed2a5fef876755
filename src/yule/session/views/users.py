"""Tables of users as Arrow, and one call away from pandas and polars."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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


def save_list(folder: Path, file: str | Path) -> None:
    """Write the list of users of a folder to a file, in the format that its ending says.

    Raises
    ------
    DataError
        If it says none.
    """
    from yule.core.files import write_whole

    place = check_list_path(file)
    write_whole(place, folder / f"users{place.suffix}")


def check_list_path(file: str | Path) -> Path:
    """Return where a list is to be written; refuse a name that does not say in which of two formats.

    >>> check_list_path("users.xlsx")
    Traceback (most recent call last):
    ...
    yule.core.errors.DataError: 'users.xlsx' does not say what to write; let it end in .csv or .parquet.
    """
    path = Path(file)
    if path.suffix not in {".csv", ".parquet"}:
        raise DataError(f"{path.name!r} does not say what to write; let it end in .csv or .parquet.")
    return path


def _explain_missing(package: str) -> DataError:
    return DataError(
        f"{package} is not installed: pip install {package}. Without it, `.arrow` is the same table as pyarrow.Table."
    )
