"""The record of a selection: what was kept, what was dropped, and why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from yule.core.settings import read_json, to_json
from yule.features.settings import AggregateKind

_FILE = "selection.json"

_PLAIN = ("count", "days", "recency", "tenure", "sum")

_ELABORATE = {*get_args(AggregateKind), "share", "svd", "text"}.difference(_PLAIN)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a feature or of a group of features.

    Parameters
    ----------
    name
        The feature or the group.
    score
        What it is worth, in the unit of the method; None when it was not scored.
    dropped
        Why it was dropped; empty when it was kept.
    """

    name: str
    score: float | None = None
    dropped: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it was kept."""
        return not self.dropped


@dataclass(frozen=True, kw_only=True)
class SelectionRecord:
    """What one fold kept.

    Parameters
    ----------
    method
        Kind of the selection.
    features
        All features there are, by name.
    groups
        All groups, by name; empty when the method knows none.
    """

    method: str
    features: tuple[Verdict, ...]
    groups: tuple[Verdict, ...] = ()

    @property
    def kept(self) -> frozenset[str]:
        """Names of the features that were kept."""
        return frozenset(verdict.name for verdict in self.features if verdict.is_kept)


@dataclass(frozen=True, kw_only=True)
class MergedVerdict:
    """What became of a feature or a group in all folds.

    Parameters
    ----------
    name
        The feature or the group.
    n_kept, n_folds
        In how many of the folds it was kept.
    score
        Mean of its scores in the folds that scored it; None when none did.
    dropped
        Why it was dropped: each reason once.
    """

    name: str
    n_kept: int
    n_folds: int
    score: float | None
    dropped: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MergedSelection:
    """What all folds kept.

    Parameters
    ----------
    method
        Kind of the selection.
    features, groups
        Those kept in most folds first, then by score, then by name.
    """

    method: str
    features: tuple[MergedVerdict, ...]
    groups: tuple[MergedVerdict, ...]


@dataclass(frozen=True, kw_only=True)
class GroupSummary:
    """What was kept of a group of features.

    Parameters
    ----------
    name
        The group: what its features' names begin with.
    n_features, n_kept
        Features it has, and those of them that some fold kept.
    score
        The group's own score, where groups were judged; else the highest of its features'; None without any.
    best
        The feature with the highest score that some fold kept; empty without any.
    dropped
        Why the group was dropped in some folds; else the most frequent reason for which features that no fold kept
        were; or empty.
    """

    name: str
    n_features: int
    n_kept: int
    score: float | None
    best: str
    dropped: str


def name_group(feature: str) -> str:
    """Return the group of a feature.

    >>> name_group("purchases__sum__spend__28d"), name_group("profile__age")
    ('purchases__sum', 'profile__age')
    >>> name_group("purchases__share__department__BEER__all")
    'purchases__share__department'
    """
    parts = feature.split("__")
    return "__".join(parts[: 3 if parts[1:2] == ["share"] else 2])


def is_plain(feature: str) -> bool:
    """Say whether a feature is a column of a profile, or an aggregate that is worth having for any question.

    >>> [is_plain(name) for name in ("shop__sum__spend__28d", "profile__text", "shop__svd__product__01__all")]
    [True, True, False]
    """
    _, kind, *others = *feature.split("__"), ""
    return kind not in _ELABORATE or others == [""]


def judge(names: Collection[str], scores: Mapping[str, float], dropped: Mapping[str, str]) -> tuple[Verdict, ...]:
    """Return the verdict on each name, by name.

    >>> judge(["b", "a"], {"a": 0.5}, {"b": "always the same"})
    (Verdict(name='a', score=0.5, dropped=''), Verdict(name='b', score=None, dropped='always the same'))
    """
    return tuple(Verdict(name=name, score=scores.get(name), dropped=dropped.get(name, "")) for name in sorted(names))


def merge_selections(records: Sequence[SelectionRecord]) -> MergedSelection:
    """Put the records of all folds together.

    Parameters
    ----------
    records
        One for each fold, at least one, all by the same method.

    >>> one = SelectionRecord(method="gain", features=judge(["a", "b"], {"a": 0.6, "b": 0.4}, {}))
    >>> two = SelectionRecord(method="gain", features=judge(["a", "b"], {"a": 1.0, "b": 0.0}, {"b": "no gain"}))
    >>> for verdict in merge_selections([one, two]).features:
    ...     print(verdict.name, verdict.n_kept, verdict.score, verdict.dropped)
    a 2 0.8 ()
    b 1 0.2 ('no gain',)
    """
    return MergedSelection(
        method=records[0].method,
        features=_merge([record.features for record in records]),
        groups=_merge([record.groups for record in records]),
    )


def summarise_groups(selection: MergedSelection) -> list[GroupSummary]:
    """Return what was kept of each group, the groups with the highest scores first."""
    by_group: dict[str, list[MergedVerdict]] = {}
    for verdict in selection.features:
        by_group.setdefault(name_group(verdict.name), []).append(verdict)
    judged = {verdict.name: verdict for verdict in selection.groups}
    summaries = [_summarise(name, verdicts, judged.get(name)) for name, verdicts in by_group.items()]
    return sorted(summaries, key=lambda group: (group.score is None, -(group.score or 0.0), group.name))


def write_selection(record: SelectionRecord, folder: Path) -> None:
    """Write ``selection.json``."""
    (folder / _FILE).write_text(to_json(record), encoding="utf-8")


def read_selection(folder: Path) -> SelectionRecord:
    """Read what :func:`write_selection` wrote."""
    return read_json(SelectionRecord, folder / _FILE)


def _summarise(name: str, features: Sequence[MergedVerdict], group: MergedVerdict | None) -> GroupSummary:
    scores = {verdict.name: verdict.score for verdict in features if verdict.score is not None}
    kept = [verdict.name for verdict in features if verdict.n_kept and verdict.name in scores]
    reasons = Counter(reason for verdict in features if not verdict.n_kept for reason in verdict.dropped)
    return GroupSummary(
        name=name,
        n_features=len(features),
        n_kept=sum(verdict.n_kept > 0 for verdict in features),
        score=max(scores.values(), default=None) if group is None else group.score,
        best=min(kept, key=lambda feature: (-scores[feature], feature), default=""),
        dropped="; ".join(group.dropped)
        if group and group.dropped
        else min(reasons, key=lambda reason: (-reasons[reason], reason), default=""),
    )


def _merge(folds: Sequence[tuple[Verdict, ...]]) -> tuple[MergedVerdict, ...]:
    by_name: dict[str, list[Verdict]] = {}
    for verdict in (verdict for verdicts in folds for verdict in verdicts):
        by_name.setdefault(verdict.name, []).append(verdict)
    merged = [_merge_verdicts(name, verdicts, n_folds=len(folds)) for name, verdicts in by_name.items()]
    return tuple(sorted(merged, key=lambda row: (-row.n_kept, row.score is None, -(row.score or 0.0), row.name)))


def _merge_verdicts(name: str, verdicts: Sequence[Verdict], *, n_folds: int) -> MergedVerdict:
    scores = [verdict.score for verdict in verdicts if verdict.score is not None]
    return MergedVerdict(
        name=name,
        n_kept=sum(verdict.is_kept for verdict in verdicts),
        n_folds=n_folds,
        score=sum(scores) / len(scores) if scores else None,
        dropped=tuple(sorted({verdict.dropped for verdict in verdicts if verdict.dropped})),
    )
