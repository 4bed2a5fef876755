"""Whether an event happens within the horizon, or none does."""

from dataclasses import dataclass

from yule.labels.observing.counting import check_enough
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.observing.rules import advise, plan_rule
from yule.labels.settings import EventRule
from yule.sql.quoting import quote_name


@dataclass(frozen=True)
class Events:
    """Users with such an event are positive; where leaving is asked for, those without."""

    rule: EventRule

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        user = quote_name(observing.method.user)
        label = "happened IS NULL" if self._is_leaving else "happened IS NOT NULL"
        return plan_rule(observing, self.rule, lambda events: f"SELECT DISTINCT {user} AS happened {events}", label)

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        summary = observed.summary
        for kind, n_users in (("positive", summary.n_positives), ("negative", summary.n_users - summary.n_positives)):
            remedy = advise(observed.spec, n_users, takes_more_events=(kind == "negative") == self._is_leaving)
            check_enough(summary, n_users, what=f"are {kind}", min_users=min_users, remedy=remedy)

    @property
    def _is_leaving(self) -> bool:
        return self.rule.kind == "leaving"
