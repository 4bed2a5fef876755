"""The form of rules over events: whether one happens, whether none does, or what they add up to."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import model_validator

from yule.config.forms.checks import NUMBERS, Fault, checked_with, find_column_faults
from yule.config.forms.fields import like
from yule.config.forms.labels.rules import RuleForm, write_when
from yule.config.forms.values import format_duration
from yule.core.settings import Json
from yule.downloads.settings import Method
from yule.labels.settings import EventRule


def find_sum_faults(column: str | None, method: Method) -> Iterable[Fault]:
    """Find out whether the numbers of a column can be added up."""
    return () if column is None else find_column_faults(column, method, NUMBERS)


class EventLabelsForm(RuleForm):
    """A rule: whether an event happens within a horizon after the cut-off, or how much such events add up to."""

    kind: Literal["events", "leaving", "amount"] = like(EventRule, "kind")
    of: Annotated[str | None, checked_with("event", find_sum_faults)] = like(EventRule, "of")

    @model_validator(mode="after")
    def _check_of(self) -> "EventLabelsForm":
        if self.kind == "amount" and self.of is None:
            raise ValueError(f"an amount needs to know what is added up; write of: COLUMN, a number of {self.event}")
        if self.kind != "amount" and self.of is not None:
            raise ValueError("'of' is for amounts; write kind: amount with it, or drop it")
        return self

    def find_activity_faults(self, active_within: timedelta | None) -> Iterable[Fault]:
        """Find out whether users who may leave are known to be there: who has been gone for long cannot leave."""
        if self.kind == "leaving" and active_within is None:
            yield Fault(
                at=("..", "predict", "population"),
                message="only who is there can leave: say who counts as active at a cut-off, for example "
                f"population: {{download: {self.event}, within: {format_duration(self.within)}}}",
            )

    def settings(self) -> EventRule:
        """Return the rule."""
        return EventRule(
            kind=self.kind,
            event=self.event,
            of=self.of,
            where=self.where,
            within=self.within,
            cutoffs=self.expand_cutoffs(),
        )


def write_rule(rule: EventRule) -> dict[str, Json]:
    """Return a rule in the written form."""
    of: dict[str, Json] = {} if rule.of is None else {"of": rule.of}
    return {"kind": rule.kind, "event": rule.event, **of, **write_when(rule)}
