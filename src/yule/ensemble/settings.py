"""Settings of the ensemble."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True, kw_only=True)
class Stacking:
    """Stacking of calibrated members, with weights that are not negative and are drawn to equal ones.

    Parameters
    ----------
    spread
        Standard deviation, around equal weights, of what weights are expected to be before any label is seen. The
        fewer the labels, the closer they stay; 0.1 keeps them close, 3 leaves them to the labels.
    half
        With so many labels of the rarer kind, a member that learns from the case's own labels is expected to weigh half
        of one that learns from other questions; less with fewer, more with more. 0: as much.
    least
        Members that get a smaller part of an equal weight are left out, and the others weighed anew: they would cost
        their time for each user.

    References
    ----------
    Breiman, Stacked regressions, Machine Learning 1996.
    Differs from the paper: weights have a prior.
    """

    kind: Literal["stacking"] = "stacking"
    spread: Annotated[float, Gt(0), Le(100)] = 0.2
    half: Annotated[float, Ge(0), Le(1_000_000)] = 30.0
    least: Annotated[float, Ge(0), Lt(1)] = 0.2


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


EnsembleSettings: TypeAlias = Stacking | GreedySelection
