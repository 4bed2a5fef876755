"""The written form of a case's labels."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, model_validator

from yule.config.forms.checks import (
    Fault,
    check_download,
    check_has_time,
    checked,
    checked_with,
    find_class_faults,
    find_condition_faults,
    find_cutoff_faults,
    find_label_faults,
    find_repeated,
    find_sum_faults,
    find_time_faults,
)
from yule.config.forms.fields import FORM, SHAPE, like
from yule.config.forms.values import LAST_YEAR, Duration, Instant
from yule.core.losses import LossWord
from yule.labels.settings import NONE, ClassRule, ClassTable, EventRule, LabelTable, PositiveList


class CutoffSeries(BaseModel):
    """Cut-offs at equal distances."""

    model_config = FORM

    first: Instant = Field(alias="from", description="The first cut-off, UTC.", examples=["2017-04-02"])
    every: Duration = Field(description="From one cut-off to the next.", examples=["28 days"])
    count: Annotated[int, Ge(1), Le(1000)] = Field(description="How many there are.", examples=[8])

    @model_validator(mode="after")
    def _check_last(self) -> "CutoffSeries":
        if (self.count - 1) * self.every > datetime(LAST_YEAR, 1, 1, tzinfo=UTC) - self.first:
            raise ValueError(f"the last cut-off would be after {LAST_YEAR}; write fewer, or less far apart")
        return self


AnyCutoffs: TypeAlias = Annotated[
    Annotated[tuple[Instant, ...], MinLen(1), checked(find_cutoff_faults), Tag("list")]
    | Annotated[CutoffSeries, Tag("mapping")],
    SHAPE,
]


N_CUTOFFS = 4
"""Label cut-offs where none are written; see docs/experiments.md on what more of them are worth."""


def default_cutoffs(within: timedelta, predict_cutoff: datetime) -> tuple[datetime, ...]:
    """Return cut-offs a horizon apart, the last one a horizon before the predict cut-off.

    >>> [str(cutoff.date()) for cutoff in default_cutoffs(timedelta(days=28), datetime(2017, 12, 3))]
    ['2017-08-13', '2017-09-10', '2017-10-08', '2017-11-05']
    """
    return tuple(predict_cutoff - number * within for number in range(N_CUTOFFS, 0, -1))


def expand_cutoffs(cutoffs: tuple[datetime, ...] | CutoffSeries) -> tuple[datetime, ...]:
    """Return cut-offs one by one."""
    if isinstance(cutoffs, CutoffSeries):
        return tuple(cutoffs.first + index * cutoffs.every for index in range(cutoffs.count))
    return cutoffs


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

    def expand_cutoffs(self) -> tuple[datetime, ...]:
        """Return the cut-offs one by one; none where none are written."""
        return () if self.cutoffs is None else expand_cutoffs(self.cutoffs)


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

    def expand_cutoffs(self) -> tuple[datetime, ...]:
        """Return the cut-offs one by one; refuse none, and both forms."""
        if self.cutoff is not None and self.cutoffs is None:
            return (self.cutoff,)
        if self.cutoffs is not None and self.cutoff is None:
            return expand_cutoffs(self.cutoffs)
        raise ValueError("labels of a table need a cut-off: write either 'cutoff: DATE' or 'cutoffs: [DATE, ...]'")


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


class LabelTableForm(GivenForm):
    """Labels given in a table."""

    kind: Literal["table", "amount"] = Field(
        "table", description="table: labels are 0 or 1; amount: they are numbers, whose expectation is predicted."
    )
    label: Annotated[str, checked_with("download", find_label_faults)] = like(
        LabelTable, "label", example="is_positive"
    )

    def settings(self) -> LabelTable:
        """Return the settings."""
        outcome: LossWord = "amount" if self.kind == "amount" else "yes_no"
        return LabelTable(download=self.download, label=self.label, outcome=outcome, cutoffs=self.expand_cutoffs())


class PositiveListForm(GivenForm):
    """Known positives and nothing else: the others of the population are unlabelled."""

    kind: Literal["positives"] = like(PositiveList, "kind")
    download: Annotated[str, AfterValidator(check_download)] = like(PositiveList, "download", example="seeds")
    per_positive: int = like(PositiveList, "per_positive")

    def settings(self) -> PositiveList:
        """Return the settings."""
        return PositiveList(download=self.download, cutoffs=self.expand_cutoffs(), per_positive=self.per_positive)


def find_reserved(classes: tuple[str, ...]) -> Iterable[Fault]:
    """Find a class that has the name of those who have none."""
    for index, name in enumerate(classes):
        if name == NONE:
            yield Fault(
                at=(index,), message=f"{NONE!r} is the class of users without any such event; leave it out here"
            )


class ClassRuleForm(RuleForm):
    """A rule: a user is of the class that most of the events within a horizon have; of `none` without any."""

    kind: Literal["class"] = like(ClassRule, "kind")
    of: Annotated[str, checked_with("event", find_class_faults)] = like(ClassRule, "of", example="department")
    classes: Annotated[tuple[str, ...], checked(find_repeated), checked(find_reserved)] = like(
        ClassRule, "classes", example="[BEER, WINE, SPIRITS]"
    )

    def settings(self) -> ClassRule:
        """Return the rule."""
        return ClassRule(
            event=self.event,
            of=self.of,
            classes=self.classes,
            where=self.where,
            within=self.within,
            cutoffs=self.expand_cutoffs(),
        )


class ClassTableForm(GivenForm):
    """Classes given in a table."""

    kind: Literal["class"] = like(ClassTable, "kind")
    label: Annotated[str, checked_with("download", find_class_faults)] = like(ClassTable, "label", example="segment")
    classes: Annotated[tuple[str, ...], checked(find_repeated)] = like(
        ClassTable, "classes", example="[loyal, new, gone]"
    )

    def settings(self) -> ClassTable:
        """Return the settings."""
        return ClassTable(download=self.download, label=self.label, classes=self.classes, cutoffs=self.expand_cutoffs())


def find_kind(written: object) -> str:
    """Say which form of labels is written."""
    if not isinstance(written, dict):
        return "rule"
    if written.get("kind") == "positives":
        return "positives"
    source = "table" if {"download", "label"} & set(written) else "rule"
    return f"class_{source}" if written.get("kind") == "class" else source


LabelsForm: TypeAlias = Annotated[
    Annotated[EventLabelsForm, Tag("rule")]
    | Annotated[LabelTableForm, Tag("table")]
    | Annotated[PositiveListForm, Tag("positives")]
    | Annotated[ClassRuleForm, Tag("class_rule")]
    | Annotated[ClassTableForm, Tag("class_table")],
    Discriminator(find_kind),
]
