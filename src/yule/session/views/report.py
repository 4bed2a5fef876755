"""The report of a run: its numbers, and the page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yule.session.views.html import make_frame

if TYPE_CHECKING:
    from yule.kinds import reports


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report of a run.

    Parameters
    ----------
    page
        The file ``report.html``, which stands for itself, whichever version of Yule wrote it.
    """

    page: Path

    @property
    def numbers(self) -> "reports.Report":
        """All its figures: the content of ``report.json``, a head that all have and a body by the kind of answer.

        Raises
        ------
        CorruptedOutput
            If they are damaged, or another version of Yule wrote other ones.
        """
        from yule.kinds.reports import read_report

        return read_report(self.page.parent)

    def _repr_html_(self) -> str:
        return make_frame(self.page.read_text(encoding="utf-8"))
