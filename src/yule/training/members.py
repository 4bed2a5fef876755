"""Members: which of those that a case asks for are fitted, by the size of its data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yule.core.examples import Examples
from yule.core.settings import read_json, to_json
from yule.messages.finding import Finding
from yule.messages.values import Count, Value, name_one
from yule.models.members import MemberSettings, find_least_users

DECISION, SKIPPED = "members.json", "skipped.json"


@dataclass(frozen=True, kw_only=True)
class DataSize:
    """How much there is to learn from.

    Parameters
    ----------
    n_labelled
        Labelled users, over all cut-offs.
    n_users
        Users among them, each counted once.
    n_positives
        Labelled users whose label is not 0.
    n_features
        Features, before any selection.
    """

    n_labelled: int
    n_users: int
    n_positives: int
    n_features: int


@dataclass(frozen=True, kw_only=True)
class MemberDecision:
    """Whether a member is fitted.

    Parameters
    ----------
    member
        Its name.
    is_kept
        Whether it is.
    why
        The reason; where it is left out, a reader of the report is told.
    size
        What that rests on.
    """

    member: str
    is_kept: bool
    why: Finding
    size: DataSize


@dataclass(frozen=True, kw_only=True)
class DecisionsFile:
    """The content of ``members.json``, and of ``skipped.json`` in the place of a fit."""

    decisions: tuple[MemberDecision, ...]


def measure_size(examples: Examples, *, n_features: int) -> DataSize:
    """Return how much there is to learn from."""
    return DataSize(
        n_labelled=examples.n_examples,
        n_users=len(np.unique(examples.user_ids.astype(str))),
        n_positives=int(np.count_nonzero(examples.labels)),
        n_features=n_features,
    )


def decide_members(members: Sequence[MemberSettings], size: DataSize) -> tuple[MemberDecision, ...]:
    """Decide which members are fitted: all that can learn anything from so much.

    Nothing but counts decides, so that everybody who has the same data decides the same.

    >>> from yule.models.gbdt.light_gbm import LightGBM
    >>> from yule.models.linear.logistic import LogisticRegression
    >>> size = DataSize(n_labelled=30, n_users=30, n_positives=12, n_features=4)
    >>> [(one.member, one.is_kept) for one in decide_members([LightGBM(), LogisticRegression()], size)]
    [('lightgbm', False), ('logistic', True)]
    """
    return tuple(_decide(member, size) for member in members)


def leave_out(member: MemberSettings, examples: Examples, code: str, folder: Path) -> None:
    """Write that a member is left out which sees nothing: there is no other question, or no embedding."""
    why = Finding(check="members", code=code, severity="warn", values={"member": name_one(member.name)})
    decision = MemberDecision(member=member.name, is_kept=False, why=why, size=measure_size(examples, n_features=0))
    write_decisions([decision], folder / SKIPPED)


def write_decisions(decisions: Sequence[MemberDecision], file: Path) -> None:
    """Write decisions; in the place of a fit, that of its member which is left out."""
    file.write_text(to_json(DecisionsFile(decisions=tuple(decisions))), encoding="utf-8")


def read_decisions(file: Path) -> tuple[MemberDecision, ...]:
    """Read what :func:`write_decisions` wrote."""
    return read_json(DecisionsFile, file).decisions


def _decide(member: MemberSettings, size: DataSize) -> MemberDecision:
    least = find_least_users(member)
    values: dict[str, Value] = {
        "member": name_one(member.name),
        "n_labelled": Count(size.n_labelled),
        "least": Count(least),
    }
    if size.n_labelled < least:
        why = Finding(check="members", code="member-learns-nothing", severity="warn", values=values)
        return MemberDecision(member=member.name, is_kept=False, why=why, size=size)
    why = Finding(check="members", code="member-fitted", severity="ok", values=values)
    return MemberDecision(member=member.name, is_kept=True, why=why, size=size)
