"""Settings of prediction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from annotated_types import Ge, Le

MAX_SHARDS = 10_000


@dataclass(frozen=True, kw_only=True)
class PredictSettings:
    """For when, and in how many slices, the population is scored.

    Parameters
    ----------
    cutoff
        Users are scored as of this instant, UTC.
    shards
        Slices the population is scored in; their number never changes a score.
    """

    cutoff: datetime
    shards: Annotated[int, Ge(1), Le(MAX_SHARDS)] = 1
