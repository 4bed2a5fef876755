"""Settings of training: how labelled users are divided into folds."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le

MAX_FOLDS = 20

Refits: TypeAlias = Literal["auto", "none", "all"]
"""Which members are fitted once more: all where there are enough labels, none, or all that can be."""


@dataclass(frozen=True, kw_only=True)
class FoldSettings:
    """How labelled users are divided.

    Parameters
    ----------
    n_folds
        Number of folds. A user stays in one fold.
    n_validation_cutoffs
        With several cut-offs, the last ones are held out in time: models learn from the earlier ones.
    """

    n_folds: Annotated[int, Ge(2), Le(MAX_FOLDS)] = 5
    n_validation_cutoffs: Annotated[int, Ge(1)] = 1
