"""Settings of auxiliary questions: which log is asked, when, and how far ahead."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from yule.core.losses import Loss
from yule.features.settings import FeatureSpec, RoleFeatures

N_CUTOFFS = 5
"""Auxiliary questions are asked at so many cut-offs, a horizon apart."""

_CALENDAR = datetime(2001, 1, 1, tzinfo=UTC)
"""A Monday."""


@dataclass(frozen=True, kw_only=True)
class QuestionSpec:
    """Auxiliary questions of a log, and when they are asked: nothing of a case, so that cases share them.

    Parameters
    ----------
    roles
        The feature set of roles, without a condition; its table reaches a horizon beyond the last cut-off.
    cutoffs
        When they are asked, sorted, UTC. Every answer is known before a case that learns from them is judged.
    kind
        What is asked of each value of a column: ``events``, who has such an event; ``leaving``, who has none;
        ``amount``, what such events add up to.
    """

    roles: FeatureSpec
    cutoffs: tuple[datetime, ...]
    kind: Literal["events", "leaving", "amount"] = "events"

    @property
    def loss(self) -> Loss:
        """What models of the answers are fitted by."""
        return "squared_error" if self.kind == "amount" else "log_loss"

    @property
    def settings(self) -> RoleFeatures:
        """The settings of the roles."""
        assert isinstance(self.roles.settings, RoleFeatures)
        return self.roles.settings


def choose_cutoffs(first_validation: datetime, horizon: timedelta) -> tuple[datetime, ...]:
    """Return when auxiliary questions are asked for cases that are judged from an instant on.

    >>> from datetime import UTC
    >>> [f"{cutoff:%m-%d}" for cutoff in choose_cutoffs(datetime(2024, 7, 1, tzinfo=UTC), timedelta(days=28))]
    ['02-12', '03-11', '04-08', '05-06', '06-03']
    """
    return tuple(first_validation - number * horizon for number in range(N_CUTOFFS, 0, -1))


def align_cutoff(latest: datetime, horizon: timedelta) -> datetime:
    """Return the last instant by a calendar of horizons: what is asked on days that are close shares its models.

    >>> from datetime import UTC
    >>> [f"{align_cutoff(datetime(2024, 7, day, tzinfo=UTC), timedelta(days=7)):%m-%d}" for day in (1, 7, 8)]
    ['07-01', '07-01', '07-08']
    """
    return latest - (latest - _CALENDAR) % horizon
