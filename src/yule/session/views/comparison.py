"""Two runs beside each other: what was asked otherwise, and how far their lists agree."""

import difflib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from yule.session.views.html import make_table

if TYPE_CHECKING:
    from yule.session.views.runs import RunView

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
    """

    a: str
    b: str
    settings: tuple[str, ...]
    n_a: int
    n_b: int
    n_common: int
    rank_correlation: float
    top_overlap: float

    def _repr_html_(self) -> str:
        facts = make_table(
            ["", self.a, self.b, "in both", "rank correlation", "overlap of the best tenth"],
            [["users", self.n_a, self.n_b, self.n_common, self.rank_correlation, self.top_overlap]],
        )
        return facts + f"<pre>{escape(chr(10).join(self.settings))}</pre>"


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
    )
