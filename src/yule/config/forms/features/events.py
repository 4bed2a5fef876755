"""The written form of a feature set of events."""

from collections.abc import Iterable
from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel, model_validator

from yule.config.forms.checks import Fault, check_download, check_has_time, checked, find_repeated, raise_faults
from yule.config.forms.features.aggregates import AnyAggregate, find_aggregate_faults
from yule.config.forms.features.joins import check_joined_condition, find_join_faults, with_joined_columns
from yule.config.forms.features.shares import find_repeated_shares, find_share_faults
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.config.forms.values import Window
from yule.features.settings import (
    EventFeatures,
    Join,
    Share,
)


class EventFeaturesForm(BaseModel):
    """A feature set of numbers per user and window, from a table of events. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["events"] = like(EventFeatures, "kind")
    download: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        EventFeatures, "download", example="purchases"
    )
    joins: Annotated[tuple[Join, ...], AfterValidator(find_join_faults)] = like(EventFeatures, "joins")
    where: Annotated[str | None, AfterValidator(check_joined_condition)] = like(EventFeatures, "where")
    windows: Annotated[tuple[Window, ...], MinLen(1), checked(find_repeated)] = like(EventFeatures, "windows")
    aggregates: Annotated[
        tuple[AnyAggregate, ...], with_joined_columns(find_aggregate_faults), checked(find_repeated)
    ] = like(EventFeatures, "aggregates")
    shares: Annotated[tuple[Share, ...], with_joined_columns(find_share_faults), checked(find_repeated_shares)] = like(
        EventFeatures, "shares"
    )
    proposed: bool = like(EventFeatures, "proposed")

    @model_validator(mode="after")
    def _check_whole(self) -> "EventFeaturesForm":
        if not self.aggregates and not self.shares:
            raise ValueError("this computes nothing; write aggregates or shares")
        raise_faults(self._find_window_faults())
        return self

    def _find_window_faults(self) -> Iterable[Fault]:
        """Find aggregates that come to nothing with the windows there are."""
        for index, aggregate in enumerate(self.aggregates):
            if aggregate.kind == "trend" and len(self.windows) < 2:
                message = "a trend compares a window with the next longer one; write two windows or more"
                yield Fault(at=("aggregates", index), message=message)
            if aggregate.kind == "decayed" and self.windows == (None,):
                message = "decayed takes the lengths of the windows as half-lives, and `all` has none; write one more"
                yield Fault(at=("aggregates", index), message=message)

    def settings(self, name: str) -> EventFeatures:
        """Return the feature set."""
        return EventFeatures(
            name=name,
            download=self.download,
            joins=self.joins,
            where=self.where,
            windows=self.windows,
            aggregates=self.aggregates,
            shares=self.shares,
            proposed=self.proposed,
        )
