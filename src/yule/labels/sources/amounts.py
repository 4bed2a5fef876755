"""Amounts: what events within the horizon add up to, or numbers in a table."""

from dataclasses import dataclass

from yule.labels.observing.counting import check_amounts
from yule.labels.observing.given import find_bad_labels, plan_given
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.observing.rules import advise, plan_rule
from yule.labels.settings import EventRule, LabelTable
from yule.sql.expressions import MILLIONTHS, millionths
from yule.sql.quoting import quote_name


@dataclass(frozen=True)
class Sums:
    """A user's label is the sum of a column over such events; 0 for who has none."""

    rule: EventRule

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        user, (column,) = quote_name(observing.method.user), self.rule.columns
        amount = f"sum({millionths(quote_name(column))}) / {MILLIONTHS}"

        def add_up(events: str) -> str:
            return f"SELECT {user} AS happened, {amount} AS amount {events} GROUP BY 1"

        return plan_rule(observing, self.rule, add_up, "coalesce(amount, 0)")

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        remedy = advise(observed.spec, observed.summary.n_positives, takes_more_events=True)
        check_amounts(observed.summary, min_users=min_users, remedy=remedy)


@dataclass(frozen=True)
class AmountTable:
    """A user's label is a number that a table gives."""

    given: LabelTable

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        number = f"TRY_CAST({quote_name(self.given.label)} AS DOUBLE)"
        problems = find_bad_labels(
            observing, self.given, is_wrong=f"NOT isfinite({number})", what="no amount", remedy="write a number"
        )
        return plan_given(observing, self.given, quote_name(self.given.label), problems)

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        check_amounts(observed.summary, min_users=min_users, remedy="Label more users.")
