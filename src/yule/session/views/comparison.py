"""Two runs beside each other: what was asked otherwise, and how far their lists agree."""

import difflib
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, TypeVar

from yule.core.settings import Json, read_plain
from yule.report.files import NUMBERS
from yule.session.views.html import make_table
from yule.session.views.runs import telling_damage

if TYPE_CHECKING:
    from yule.session.views.runs import RunView

T = TypeVar("T")

TOP_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """What differs between two runs.

    Parameters
    ----------
    a, b
        The runs.
    settings
        Lines of the resolved cases that differ: ``- `` of the first, ``+ `` of the second.
    n_a, n_b, n_common
        Users in each list, and in both.
    rank_correlation
        Spearman's, of the scores of users in both: 0 where a list gives all of them the same; NaN without such users.
    top_overlap
        Of the best tenth of the first list's common users the share that is in the best tenth of the second's;
        NaN when they have no user in common.
    figures
        How good each is out of fold, by the names in ``report.json``; None where one says nothing of it.
    facts
        What differs besides the settings: code, versions and data; empty where one says nothing of it.
    """

    a: str
    b: str
    settings: tuple[str, ...]
    n_a: int
    n_b: int
    n_common: int
    rank_correlation: float
    top_overlap: float
    figures: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    facts: dict[str, tuple[str, str]] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        facts = make_table(
            ["", self.a, self.b, "in both", "rank correlation", "overlap of the best tenth"],
            [["users", self.n_a, self.n_b, self.n_common, self.rank_correlation, self.top_overlap]],
        )
        figures = make_table(["", self.a, self.b], [[name, *pair] for name, pair in self.figures.items()])
        others = make_table(["", self.a, self.b], [[name, *pair] for name, pair in self.facts.items()])
        return facts + figures + others + f"<pre>{escape(chr(10).join(self.settings))}</pre>"


def compare_runs(a: "RunView", b: "RunView") -> RunComparison:
    """Compare the settings and the lists of two finished runs."""
    import numpy as np

    from yule.metrics.ranks import standard_ranks

    lines = difflib.ndiff(a.record.resolved.splitlines(), b.record.resolved.splitlines())
    first, second = a.users.arrow, b.users.arrow
    both = first.select(["user_id", "score"]).join(
        second.select(["user_id", "score"]), "user_id", right_suffix="_b", join_type="inner"
    )
    scores = [both[name].to_numpy() for name in ("score", "score_b")]
    n_top = int(np.ceil(len(both) * TOP_SHARE))
    ranks = [standard_ranks(of) for of in scores]
    tops = [set(np.lexsort((both["user_id"].to_numpy().astype(str), -of))[:n_top]) for of in scores]
    return RunComparison(
        a=a.run_id,
        b=b.run_id,
        settings=tuple(line for line in lines if line[:2] in ("- ", "+ ")),
        n_a=len(first),
        n_b=len(second),
        n_common=len(both),
        rank_correlation=float(np.mean(ranks[0] * ranks[1])) if n_top else float("nan"),
        top_overlap=len(tops[0] & tops[1]) / n_top if n_top else float("nan"),
        figures=_pair(_read_figures(a), _read_figures(b), None),
        facts={name: pair for name, pair in _pair(_tell_facts(a), _tell_facts(b), "").items() if pair[0] != pair[1]},
    )


def _read_figures(run: "RunView") -> dict[str, float | None]:
    """Return the numbers of the validation that a report tells, of whatever kind and whichever version wrote it."""
    told = _take(_take_whole(_read_numbers(run), "body"), "validation")
    return {name: value for name, value in told.items() if isinstance(value, int | float)}


def _tell_facts(run: "RunView") -> dict[str, str]:
    """Return what a run was made with besides its settings."""
    facts = _take_whole(_read_numbers(run), "head").get("facts")
    data = [fact for fact in facts if isinstance(fact, dict)] if isinstance(facts, list) else []
    return {
        "code": run.record.code,
        **run.record.versions,
        **{str(fact.get("name")): str(fact.get("value")) for fact in data},
    }


def _read_numbers(run: "RunView") -> Json:
    file = run.folder / NUMBERS
    with telling_damage(file, run.case):
        return read_plain(file)


def _take_whole(plain: Json, name: str) -> dict[str, Json]:
    """Return a part of a report; of an earlier version, in which it was no part, all of it."""
    return _take(plain, name) or (plain if isinstance(plain, dict) else {})


def _take(plain: Json, name: str) -> dict[str, Json]:
    part = plain.get(name) if isinstance(plain, dict) else None
    return part if isinstance(part, dict) else {}


def _pair(a: dict[str, T], b: dict[str, T], missing: T) -> dict[str, tuple[T, T]]:
    return {name: (a.get(name, missing), b.get(name, missing)) for name in dict.fromkeys((*a, *b))}
