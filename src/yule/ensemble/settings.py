"""Settings of the ensemble."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le


@dataclass(frozen=True, kw_only=True)
class GreedySelection:
    """Greedy selection with replacement on out-of-fold predictions.

    Parameters
    ----------
    n_steps
        How many times a member is added.
    n_bags
        Resamples of the users on which it is done anew; the weights are averaged. A single selection follows the
        accidents of a few hundred positives.

    References
    ----------
    Caruana et al., Ensemble selection from libraries of models, ICML 2004.
    Differs from the paper: users are resampled, not members.
    """

    kind: Literal["greedy"] = "greedy"
    n_steps: Annotated[int, Ge(1), Le(100)] = 25
    n_bags: Annotated[int, Ge(1), Le(100)] = 20
