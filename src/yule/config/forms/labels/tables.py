"""The form of labels in a table: 0 or 1, or numbers."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from yule.config.forms.checks import NUMBERS, Fault, checked_with, find_column_faults
from yule.config.forms.fields import like
from yule.config.forms.labels.given import GivenForm, write_when
from yule.core.losses import LossWord
from yule.core.settings import Json
from yule.downloads.settings import Method
from yule.labels.settings import LabelTable

Kind = Literal["table", "amount"]
_OUTCOMES: dict[Kind, LossWord] = {"table": "yes_no", "amount": "amount"}


def find_label_faults(label: str, method: Method) -> Iterable[Fault]:
    """Find out whether a column can hold labels."""
    return find_column_faults(label, method, (*NUMBERS, "boolean"))


class LabelTableForm(GivenForm):
    """Labels given in a table."""

    kind: Kind = Field(
        "table", description="table: labels are 0 or 1; amount: they are numbers, whose expectation is predicted."
    )
    label: Annotated[str, checked_with("download", find_label_faults)] = like(
        LabelTable, "label", example="is_positive"
    )

    def settings(self) -> LabelTable:
        """Return the settings."""
        return LabelTable(
            download=self.download, label=self.label, outcome=_OUTCOMES[self.kind], cutoffs=self.expand_cutoffs()
        )


def write_table(given: LabelTable) -> dict[str, Json]:
    """Return a table in the written form."""
    (kind,) = (kind for kind, outcome in _OUTCOMES.items() if outcome == given.outcome)
    return {"kind": kind, "download": given.download, "label": given.label, **write_when(given.cutoffs)}
