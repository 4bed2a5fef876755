"""The answer to a question of which no label was used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from yule.session.views.users import Users, save_list

if TYPE_CHECKING:
    from yule.config.questions import Question
    from yule.prediction.answer import Evidence


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a question of which no label was used.

    Parameters
    ----------
    question
        As it was asked.
    cutoff
        As of when users are scored; UTC.
    folder
        Folder of this machine with the list; it lies in the cache.
    """

    question: str
    cutoff: datetime
    folder: Path
    _asked: "Question" = field(repr=False)
    _root: Path = field(repr=False)

    @property
    def users(self) -> Users:
        """The ranked list, best first: user_id, rank, score."""
        from yule.core.tables import read_table
        from yule.prediction.ranking import USERS

        return Users(arrow=read_table(self.folder / USERS))

    @property
    def evidence(self) -> "Evidence":
        """What the list rests on, in figures."""
        from yule.prediction.answer import read_evidence

        return read_evidence(self.folder)

    @property
    def formulas(self) -> str:
        """What to know of ids that a spreadsheet would take for formulas; empty where there are none."""
        from yule.prediction.formulas import describe_formulas
        from yule.prediction.ranking import USERS

        return describe_formulas(self.folder / USERS)

    def describe(self) -> Sequence[str]:
        """Say what to expect of the list, what it rests on, and how such a list did a horizon earlier."""
        from yule.messages.telling import tell_message
        from yule.prediction.answer import describe_evidence

        return [tell_message(message) for message in describe_evidence(self.evidence)]

    def save(self, file: str | Path) -> None:
        """Write the list to a .csv or .parquet file.

        Raises
        ------
        DataError
            If the name ends in neither.
        """
        save_list(self.folder, file)

    def write_case(self, name: str) -> Path:
        """Write a case that asks the same, so that labels refine the answer; return its file.

        Raises
        ------
        ConfigError
            If the project has such a case, or the name is none for one.
        """
        from yule.config.questions import write_case

        return write_case(self._asked, self._root, name, cutoff=self.cutoff)

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.describe())
        return f"<h3>{escape(self.question)}, as of {self.cutoff:%Y-%m-%d}</h3>{sentences}{self.users._repr_html_()}"
