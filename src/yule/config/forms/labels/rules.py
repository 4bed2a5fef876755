"""What the forms of all rules over events have in common."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from yule.config.forms.checks import Fault, check_download, check_has_time, checked_with, find_condition_faults
from yule.config.forms.fields import FORM, like
from yule.config.forms.labels.cutoffs import N_CUTOFFS, AnyCutoffs, expand_cutoffs
from yule.config.forms.values import Duration, format_duration, format_instant
from yule.core.settings import Json
from yule.labels.settings import EventRule, Rule


class RuleForm(BaseModel):
    """What all rules over events have in common."""

    model_config = FORM

    event: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        EventRule, "event", example="purchases"
    )
    where: Annotated[str | None, checked_with("event", find_condition_faults)] = like(EventRule, "where")
    within: Duration = like(EventRule, "within", example="28 days")
    cutoffs: AnyCutoffs | None = Field(
        None,
        description="When users are labelled. Where it is left out, "
        f"{N_CUTOFFS} times, a horizon apart, the last one a horizon before the predict cut-off.",
        examples=["{from: 2017-04-02, every: 28 days, count: 8}"],
    )

    @property
    def unseen(self) -> None:
        """The download that features are not made of by themselves: none."""
        return

    def expand_cutoffs(self) -> tuple[datetime, ...]:
        """Return the cut-offs one by one; none where none are written."""
        return () if self.cutoffs is None else expand_cutoffs(self.cutoffs)

    def find_activity_faults(self, active_within: timedelta | None) -> Iterable[Fault]:  # noqa: ARG002
        """Find out whether users are known to be there, where that matters: of most rules it does not."""
        return ()


def write_when(rule: Rule) -> dict[str, Json]:
    """Return the written form of a rule's condition, horizon and cut-offs."""
    where: dict[str, Json] = {} if rule.where is None else {"where": rule.where}
    cutoffs: list[Json] = [format_instant(cutoff) for cutoff in rule.cutoffs]
    return {**where, "within": format_duration(rule.within), "cutoffs": cutoffs}
