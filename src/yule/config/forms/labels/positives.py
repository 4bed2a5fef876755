"""The form of a list of known positives."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from yule.config.forms.checks import check_download
from yule.config.forms.fields import like
from yule.config.forms.labels.given import GivenForm, write_when
from yule.core.settings import Json
from yule.labels.settings import PositiveList


class PositiveListForm(GivenForm):
    """Known positives and nothing else: the others of the population are unlabelled."""

    kind: Literal["positives"] = like(PositiveList, "kind")
    download: Annotated[str, AfterValidator(check_download)] = like(PositiveList, "download", example="seeds")
    per_positive: int = like(PositiveList, "per_positive")

    def settings(self) -> PositiveList:
        """Return the settings."""
        return PositiveList(download=self.download, cutoffs=self.expand_cutoffs(), per_positive=self.per_positive)


def write_positives(listed: PositiveList) -> dict[str, Json]:
    """Return a list in the written form."""
    when = write_when(listed.cutoffs)
    return {"kind": listed.kind, "download": listed.download, **when, "per_positive": listed.per_positive}
