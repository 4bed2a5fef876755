"""Settings of the preparation: which features the members see."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True, kw_only=True)
class KeepAll:
    """Every feature is kept."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, kw_only=True)
class DropDuplicates:
    """Features that say nothing, or nothing of their own, are dropped.

    Parameters
    ----------
    max_correlation
        Of two features whose ranks correlate more than this, either way, one is dropped.
    """

    kind: Literal["duplicates"] = "duplicates"
    max_correlation: Annotated[float, Gt(0), Le(1)] = 0.999


@dataclass(frozen=True, kw_only=True)
class SelectByGain:
    """Features by their share in the gain of a quick LightGBM, after duplicates are dropped.

    Parameters
    ----------
    keep
        At most so many features are kept, the best ones; None sets no limit.
    min_score
        A feature needs a larger share of the gain than this.
    max_correlation
        Of two features whose ranks correlate more than this, either way, one is dropped.
    """

    kind: Literal["gain"] = "gain"
    keep: Annotated[int, Ge(1)] | None = None
    min_score: Annotated[float, Ge(0), Le(1)] = 0.0
    max_correlation: Annotated[float, Gt(0), Le(1)] = 0.999


@dataclass(frozen=True, kw_only=True)
class SelectByPermutation:
    """Features by how much the loss of users kept aside rises when they are shuffled, after duplicates are dropped.

    Parameters
    ----------
    keep
        At most so many features are kept, the best ones; None sets no limit.
    min_score
        The loss must rise by more than this, per row: log loss, or squared error in units of the variance of amounts.
    max_correlation
        Of two features whose ranks correlate more than this, either way, one is dropped.
    """

    kind: Literal["permutation"] = "permutation"
    keep: Annotated[int, Ge(1)] | None = None
    min_score: Annotated[float, Ge(0)] = 0.0
    max_correlation: Annotated[float, Gt(0), Le(1)] = 0.999


@dataclass(frozen=True, kw_only=True)
class SelectByNullImportance:
    """Features whose gain is more than chance gives, after duplicates are dropped.

    Parameters
    ----------
    keep
        At most so many features are kept, the best ones; None sets no limit.
    min_score
        A feature's gain must exceed more than this share of its gains with shuffled labels, and of the gains of random
        columns.
    n_rounds
        Fits with true labels, and as many with shuffled ones.
    max_correlation
        Of two features whose ranks correlate more than this, either way, one is dropped.
    """

    kind: Literal["null_importance"] = "null_importance"
    keep: Annotated[int, Ge(1)] | None = None
    min_score: Annotated[float, Ge(0), Lt(1)] = 0.8
    n_rounds: Annotated[int, Ge(2), Le(100)] = 5
    max_correlation: Annotated[float, Gt(0), Le(1)] = 0.999


@dataclass(frozen=True, kw_only=True)
class SelectGroups:
    """Groups of features that pay, after duplicates are dropped: a feature set and a kind of aggregate are a group.

    Parameters
    ----------
    keep
        Of the groups that are kept, at most so many features, those with the most gain; None sets no limit.
    rows_per_feature
        And at most one for so many training rows whose label is not the most frequent one: few labels cannot tell many
        features apart. None sets no limit.
    keep_plain
        Keep the plain features in any case, beside the others: columns of profiles, and of aggregates ``count``,
        ``days``, ``recency``, ``tenure`` and ``sum``. Of the groups only those of shares are dropped then.
    min_score
        A group is kept if the loss rises by more than this many standard errors when it is shuffled.
    max_correlation
        Of two features whose ranks correlate more than this, either way, one is dropped.
    """

    kind: Literal["groups"] = "groups"
    keep: Annotated[int, Ge(1)] | None = None
    rows_per_feature: Annotated[int, Ge(1)] | None = None
    keep_plain: bool = False
    min_score: float = 0.0
    max_correlation: Annotated[float, Gt(0), Le(1)] = 0.999


Selection: TypeAlias = (
    KeepAll | DropDuplicates | SelectByGain | SelectByPermutation | SelectByNullImportance | SelectGroups
)

SelectionName: TypeAlias = Literal["none", "duplicates", "gain", "permutation", "null_importance", "groups"]


def selection(name: SelectionName) -> Selection:
    """Return the selection that a word stands for, with its defaults.

    >>> selection("gain")
    SelectByGain(kind='gain', keep=None, min_score=0.0, max_correlation=0.999)
    """
    return _SELECTIONS[name]


_SELECTIONS: dict[SelectionName, Selection] = {
    "none": KeepAll(),
    "duplicates": DropDuplicates(),
    "gain": SelectByGain(),
    "permutation": SelectByPermutation(),
    "null_importance": SelectByNullImportance(),
    "groups": SelectGroups(),
}


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """Columns that are made of the features, those with the most gain.

    Parameters
    ----------
    targets
        At most so many categorical features are also given as the mean label of their value.
    crosses
        At most so many pairs of categorical features are given as the mean label of their two values.
    arithmetic
        At most so many sums, differences, products and ratios of two numeric features are given.
    components
        At most so many principal components of all numeric features, kept or not, are given.
    components_below
        But only with fewer training rows than this whose label is not the most frequent one: many labels choose better.
        None sets no limit.
    """

    targets: Annotated[int, Ge(0), Le(500)] = 0
    crosses: Annotated[int, Ge(0), Le(500)] = 0
    arithmetic: Annotated[int, Ge(0), Le(2000)] = 0
    components: Annotated[int, Ge(0), Le(500)] = 0
    components_below: Annotated[int, Ge(1)] | None = None


@dataclass(frozen=True, kw_only=True)
class PreparationSettings:
    """What is fitted inside a fold before the members see the features.

    Parameters
    ----------
    select
        Which features are kept.
    derive
        Which columns are made of them.
    """

    select: Selection = KeepAll()
    derive: Derivation = Derivation()


PREPARE_PROPOSED = PreparationSettings(
    select=SelectGroups(keep=200, rows_per_feature=4, keep_plain=True),
    derive=Derivation(components=16, components_below=400),
)
"""How the features that Yule proposes itself are prepared, unless a case says so: there are many hundreds."""
