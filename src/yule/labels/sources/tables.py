"""Whether something is so of a user, as a table gives it."""

from dataclasses import dataclass

from yule.labels.observing.counting import check_enough
from yule.labels.observing.given import find_bad_labels, plan_given
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.settings import LabelTable
from yule.sql.quoting import quote_name


@dataclass(frozen=True)
class AnswerTable:
    """A user's label is 0 or 1."""

    given: LabelTable

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        number = f"TRY_CAST({quote_name(self.given.label)} AS DOUBLE)"
        problems = find_bad_labels(
            observing, self.given, is_wrong=f"{number} NOT IN (0, 1)", what="no label", remedy="write 0 or 1"
        )
        return plan_given(observing, self.given, quote_name(self.given.label), problems)

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        summary = observed.summary
        for kind, n_users in (("positive", summary.n_positives), ("negative", summary.n_users - summary.n_positives)):
            what = f"are {kind}"
            check_enough(summary, n_users, what=what, min_users=min_users, remedy="Label more users.")
