"""The report of a run: its numbers, and the page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yule.session.views.html import make_frame

if TYPE_CHECKING:
    from yule.report.files import AnyNumbers


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report of a run.

    Parameters
    ----------
    numbers
        All its figures: the content of ``report.json``, by the kind of answer.
    page
        The file ``report.html``, which stands for itself.
    """

    numbers: "AnyNumbers"
    page: Path

    def _repr_html_(self) -> str:
        return make_frame(self.page.read_text(encoding="utf-8"))
