"""Users that were scored with the model of a run."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from yule.session.views.users import Users, save_list

if TYPE_CHECKING:
    from yule.config.scaffold import Unusable
    from yule.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Users that were scored with the model of a run.

    Parameters
    ----------
    run_id
        The run.
    cutoff
        As of when they were scored; UTC.
    name
        The day, or the table's name.
    folder
        Folder of this machine with the lists; it lies in the cache.
    unusable
        Values of a table that the model sees as missing, by column.
    """

    run_id: str
    cutoff: datetime
    name: str
    folder: Path
    unusable: "tuple[Unusable, ...]"
    _store: "Store" = field(repr=False)

    @property
    def users(self) -> Users:
        """The ranked list, best first: user_id, rank, score."""
        from yule.core.tables import read_table
        from yule.prediction.ranking import USERS

        return Users(arrow=read_table(self.folder / USERS))

    @property
    def formulas(self) -> str:
        """What to know of ids that a spreadsheet would take for formulas; empty where there are none."""
        from yule.prediction.formulas import describe_formulas
        from yule.prediction.ranking import USERS

        return describe_formulas(self.folder / USERS)

    def save(self, file: str | Path | None = None) -> str:
        """Write the list to a file; return where it is.

        Parameters
        ----------
        file
            A .csv or .parquet file; None for ``predictions/NAME.csv`` in the run's folder, of classes with their lists.

        Raises
        ------
        DataError
            If the name ends in neither.
        """
        from yule.pipeline.runs.record import run_place

        if file is not None:
            save_list(self.folder, file)
            return str(file)
        place = f"{run_place(self.run_id)}/predictions/{self.name}"
        self._store.objects.write(f"{place}.csv", self.folder / "users.csv")
        if (self.folder / "lists.csv").exists():
            self._store.objects.write(f"{place}-lists.csv", self.folder / "lists.csv")
        return self._store.describe(f"{place}.csv")

    def _repr_html_(self) -> str:
        return f"<h3>{self.run_id}, as of {self.cutoff:%Y-%m-%d}</h3>{self.users._repr_html_()}"
