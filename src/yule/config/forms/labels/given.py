"""What the forms of all tables of labels have in common."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from yule.config.forms.checks import Fault, check_download, checked_with, find_time_faults
from yule.config.forms.fields import FORM, like
from yule.config.forms.labels.cutoffs import AnyCutoffs, expand_cutoffs
from yule.config.forms.values import Instant, format_instant
from yule.core.settings import Json
from yule.labels.settings import LabelTable


class GivenForm(BaseModel):
    """What all tables of labels have in common."""

    model_config = FORM

    download: Annotated[str, AfterValidator(check_download)] = like(LabelTable, "download", example="survey")
    cutoff: Instant | None = Field(None, description="The one cut-off of all rows.", examples=["2017-04-02"])
    cutoffs: Annotated[AnyCutoffs | None, checked_with("download", find_time_faults)] = Field(
        None, description="The cut-offs of the rows, where the download's time tells which row is of which."
    )

    @model_validator(mode="after")
    def _check_cutoffs(self) -> "GivenForm":
        self.expand_cutoffs()
        return self

    @property
    def within(self) -> timedelta:
        """What a table says is known at its cut-off."""
        return timedelta(0)

    @property
    def unseen(self) -> str:
        """The download that features are not made of by themselves: it holds the answers."""
        return self.download

    def expand_cutoffs(self) -> tuple[datetime, ...]:
        """Return the cut-offs one by one; refuse none, and both forms."""
        if self.cutoff is not None and self.cutoffs is None:
            return (self.cutoff,)
        if self.cutoffs is not None and self.cutoff is None:
            return expand_cutoffs(self.cutoffs)
        raise ValueError("labels of a table need a cut-off: write either 'cutoff: DATE' or 'cutoffs: [DATE, ...]'")

    def find_activity_faults(self, active_within: timedelta | None) -> Iterable[Fault]:  # noqa: ARG002
        """Find out whether users are known to be there, where that matters: it does not."""
        return ()


def write_when(cutoffs: tuple[datetime, ...]) -> dict[str, Json]:
    """Return the written form of a table's cut-offs."""
    written: list[Json] = [format_instant(cutoff) for cutoff in cutoffs]
    return {"cutoff": written[0]} if len(written) == 1 else {"cutoffs": written}
