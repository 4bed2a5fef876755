"""The cut-offs of labels: how they are written, and what is to be between them and the predict cut-off."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, Field, Tag, model_validator

from yule.config.forms.checks import Fault, checked
from yule.config.forms.fields import FORM, SHAPE
from yule.config.forms.values import Duration, Instant, format_duration, format_instant
from yule.core.bounds import LAST_YEAR

N_CUTOFFS = 4
"""Label cut-offs where none are written; see docs/experiments.md on what more of them are worth."""


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


def find_cutoff_faults(cutoffs: tuple[datetime, ...]) -> Iterable[Fault]:
    """Find cut-offs that do not come after the one before."""
    for index in range(1, len(cutoffs)):
        before, cutoff = cutoffs[index - 1], cutoffs[index]
        if cutoff <= before:
            what = "stands twice" if cutoff == before else f"comes before {format_instant(before)}"
            yield Fault(
                at=(index,), message=f"{format_instant(cutoff)} {what}; write cut-offs from the earliest to the latest"
            )


AnyCutoffs: TypeAlias = Annotated[
    Annotated[tuple[Instant, ...], MinLen(1), checked(find_cutoff_faults), Tag("list")]
    | Annotated[CutoffSeries, Tag("mapping")],
    SHAPE,
]


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


def find_horizon_faults(cutoffs: tuple[datetime, ...], within: timedelta, predict_cutoff: datetime) -> Iterable[Fault]:
    """Find out whether a label would be observed after the cut-off at which users are scored."""
    last, end = cutoffs[-1], cutoffs[-1] + within
    if end > predict_cutoff:
        observed = (
            f"at {format_instant(last)} are observed until {format_instant(end)}"
            if within
            else f"are of {format_instant(end)}"
        )
        drop = f", or drop label cut-offs after {format_instant(predict_cutoff - within)}" if len(cutoffs) > 1 else ""
        yield Fault(
            at=("..", "predict", "cutoff"),
            message=f"labels would look past the predict cut-off: those {observed}; "
            f"move it to {format_instant(end)} or later{drop}",
        )


def find_validation_faults(cutoffs: tuple[datetime, ...], within: timedelta, n_validation: int) -> Iterable[Fault]:
    """Find out whether a cut-off is left to train on, whose horizon closes before the first validation cut-off."""
    learned_from = cutoffs[:-n_validation]
    if len(cutoffs) == 1 or any(cutoff + within <= cutoffs[len(learned_from)] for cutoff in learned_from):
        return
    yield Fault(
        at=("cutoffs",),
        message=f"none of the {len(cutoffs)} label cut-offs is left to train on: folds.n_validation_cutoffs keeps the "
        f"last {n_validation} for validation, and {format_duration(within)} must be over before; add earlier ones, or "
        "keep fewer",
    )
