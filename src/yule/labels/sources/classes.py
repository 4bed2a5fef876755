"""Which of several classes most of a user's events within the horizon are of; `none` without any."""

from dataclasses import dataclass, replace

from yule.core.errors import DataError
from yule.core.spelling import find_close
from yule.labels.observing.classes import N_SHOWN, class_number_sql, list_values
from yule.labels.observing.counting import check_classes
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.observing.rules import meets_sql, plan_rule
from yule.labels.settings import NONE, ClassRule
from yule.sql.quoting import quote_name


@dataclass(frozen=True)
class MostFrequent:
    """A user is of the class that most of the events have; of equally many, the one written first."""

    rule: ClassRule

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        user, number = quote_name(observing.method.user), class_number_sql(self.rule, self.rule.of)

        def find_most(events: str) -> str:
            counted = f"SELECT {user} AS happened, {number} AS number, count(*) AS n_events {events} GROUP BY 1, 2"
            return (
                f"SELECT happened, number FROM ({counted}) WHERE number IS NOT NULL "
                "QUALIFY row_number() OVER (PARTITION BY happened ORDER BY n_events DESC, number) = 1"
            )

        plan = plan_rule(observing, self.rule, find_most, f"coalesce(number, {self.rule.negative})")
        values = list_values(observing.connection, self.rule.of, meets_sql(observing, self.rule))
        self._check_values(values, observing.method.name)
        return replace(plan, summary=replace(plan.summary, near_classes=self._find_near(values)))

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        check_classes(self.rule, observed.examples.labels, min_users=min_users, advise=_advise)

    def _check_values(self, values: list[str], event: str) -> None:
        """Refuse classes that no event has."""
        missing = [name for name in self.rule.classes if name not in values]
        if missing:
            guesses = [close for name in missing if (close := find_close(name, values))]
            guess = f" Did you mean {', '.join(map(repr, guesses))}?" if guesses else ""
            raise DataError(
                f"No event of {event} has the {self.rule.of} {', '.join(map(repr, missing))}. It has values such as "
                f"{', '.join(map(repr, values[:N_SHOWN]))}.{guess}"
            )

    def _find_near(self, values: list[str]) -> tuple[str, ...]:
        """Find values that are a class but for case and blanks, and so are of none."""
        classes = self.rule.classes
        spelt = {name.strip().casefold() for name in classes}
        return tuple(value for value in values if value not in classes and value.strip().casefold() in spelt)


def _advise(few: list[str]) -> str:
    """Say what brings more users of some classes."""
    if few == [NONE]:
        return f"Hardly anybody has none of these events: take a shorter horizon (`within`) for users of {NONE!r}."
    return "Take a longer horizon (`within`) or more cut-offs, or leave rare classes out of `classes`."
