"""The record of a selection: what was kept, what was dropped, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yule.core.meanings import OF_PROFILE, Meaning, find_group
from yule.core.settings import read_json, to_json
from yule.messages.message import Message, sort_messages

_FILE = "selection.json"

_PLAIN = frozenset(("count", "days", "recency", "tenure", "sum", OF_PROFILE))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a feature or of a group of features.

    Parameters
    ----------
    name
        The feature or the group.
    meaning
        What it tells.
    score
        What it is worth, in the unit of the method; None when it was not scored.
    dropped
        Why it was dropped; None when it was kept.
    """

    name: str
    meaning: Meaning
    score: float | None = None
    dropped: Message | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it was kept."""
        return self.dropped is None


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
    meaning
        What it tells.
    n_kept, n_folds
        In how many of the folds it was kept.
    score
        Mean of its scores in the folds that scored it; None when none did.
    dropped
        Why it was dropped: each reason once, the most frequent first.
    """

    name: str
    meaning: Meaning
    n_kept: int
    n_folds: int
    score: float | None
    dropped: tuple[Message, ...]


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
        The group.
    meaning
        What its features have in common.
    n_features, n_kept
        Features it has, and those of them that some fold kept.
    score
        The group's own score, where groups were judged; else the highest of its features'; None without any.
    best
        The feature with the highest score that some fold kept; None without any.
    dropped
        Why the group was dropped in some folds; else the most frequent reason for which features that no fold kept
        were; or nothing.
    """

    name: str
    meaning: Meaning
    n_features: int
    n_kept: int
    score: float | None
    best: MergedVerdict | None
    dropped: tuple[Message, ...]


def name_group(group: Meaning) -> str:
    """Return the name of a group of features, by what they have in common.

    >>> name_group(Meaning(feature_set="shop", aggregate="share", column="department"))
    'shop__share__department'
    >>> name_group(Meaning(feature_set="profile", aggregate="column", column="age"))
    'profile__age'
    """
    aggregate = "" if group.aggregate == OF_PROFILE else group.aggregate
    return "__".join(part for part in (group.feature_set, aggregate, group.column) if part)


def is_plain(meaning: Meaning) -> bool:
    """Say whether a feature is a column of a profile, or an aggregate that is worth having for any question.

    >>> is_plain(Meaning(aggregate="sum", column="spend")), is_plain(Meaning(aggregate="svd", column="product"))
    (True, False)
    """
    return meaning.aggregate in _PLAIN or not meaning.aggregate


def judge(
    meanings: Mapping[str, Meaning], scores: Mapping[str, float], dropped: Mapping[str, Message]
) -> tuple[Verdict, ...]:
    """Return the verdict on each feature or group, by name.

    Parameters
    ----------
    meanings
        What they mean, by name.
    scores, dropped
        The scores of those that have one, and why some were dropped.
    """
    return tuple(
        Verdict(name=name, meaning=meanings[name], score=scores.get(name), dropped=dropped.get(name))
        for name in sorted(meanings)
    )


def merge_selections(records: Sequence[SelectionRecord]) -> MergedSelection:
    """Put the records of all folds together.

    Parameters
    ----------
    records
        One for each fold, at least one, all by the same method.

    >>> known = {"a": Meaning(column="a"), "b": Meaning(column="b")}
    >>> one = SelectionRecord(method="gain", features=judge(known, {"a": 0.6, "b": 0.4}, {}))
    >>> dropped = {"b": Message(code="of-no-use")}
    >>> two = SelectionRecord(method="gain", features=judge(known, {"a": 1.0, "b": 0.0}, dropped))
    >>> for verdict in merge_selections([one, two]).features:
    ...     print(verdict.name, verdict.n_kept, verdict.score, [reason.code for reason in verdict.dropped])
    a 2 0.8 []
    b 1 0.2 ['of-no-use']
    """
    return MergedSelection(
        method=records[0].method,
        features=_merge([record.features for record in records]),
        groups=_merge([record.groups for record in records]),
    )


def summarise_groups(selection: MergedSelection) -> list[GroupSummary]:
    """Return what was kept of each group, the groups with the highest scores first."""
    by_group: dict[Meaning, list[MergedVerdict]] = {}
    for verdict in selection.features:
        by_group.setdefault(find_group(verdict.meaning), []).append(verdict)
    judged = {verdict.name: verdict for verdict in selection.groups}
    summaries = [_summarise(group, verdicts, judged.get(name_group(group))) for group, verdicts in by_group.items()]
    return sorted(summaries, key=lambda group: (group.score is None, -(group.score or 0.0), group.name))


def write_selection(record: SelectionRecord, folder: Path) -> None:
    """Write ``selection.json``."""
    (folder / _FILE).write_text(to_json(record), encoding="utf-8")


def read_selection(folder: Path) -> SelectionRecord:
    """Read what :func:`write_selection` wrote."""
    return read_json(SelectionRecord, folder / _FILE)


def _summarise(meaning: Meaning, features: Sequence[MergedVerdict], group: MergedVerdict | None) -> GroupSummary:
    scores = {verdict.name: verdict.score for verdict in features if verdict.score is not None}
    kept = [verdict for verdict in features if verdict.n_kept and verdict.name in scores]
    reasons = sort_messages(reason for verdict in features if not verdict.n_kept for reason in verdict.dropped)
    return GroupSummary(
        name=name_group(meaning),
        meaning=meaning,
        n_features=len(features),
        n_kept=sum(verdict.n_kept > 0 for verdict in features),
        score=max(scores.values(), default=None) if group is None else group.score,
        best=min(kept, key=lambda verdict: (-scores[verdict.name], verdict.name), default=None),
        dropped=group.dropped if group and group.dropped else reasons[:1],
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
        meaning=verdicts[0].meaning,
        n_kept=sum(verdict.is_kept for verdict in verdicts),
        n_folds=n_folds,
        score=sum(scores) / len(scores) if scores else None,
        dropped=sort_messages(verdict.dropped for verdict in verdicts if verdict.dropped),
    )
