"""Which of several classes users are of, as a table gives it."""

from collections.abc import Iterator
from dataclasses import dataclass

from yule.labels.observing.classes import N_SHOWN, class_number_sql, list_values
from yule.labels.observing.counting import check_classes
from yule.labels.observing.given import plan_given
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.settings import ClassTable


@dataclass(frozen=True)
class ClassesGiven:
    """A user's label is the number of the class in the table."""

    given: ClassTable

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        label = class_number_sql(self.given, self.given.label)
        return plan_given(observing, self.given, label, self._find_other_values(observing))

    def check(self, observed: Observed, *, min_users: int) -> None:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        check_classes(self.given, observed.examples.labels, min_users=min_users, advise=_advise)

    def _find_other_values(self, observing: Observing) -> Iterator[str]:
        """Find values of the label column that are none of the classes."""
        given = self.given
        values = list_values(observing.connection, given.label, "true")
        others = [value for value in values if value not in given.classes]
        if others:
            more = f" and {len(others) - N_SHOWN} more" if len(others) > N_SHOWN else ""
            yield (
                f"{given.label} has values that are not among labels.classes: {', '.join(map(repr, others[:N_SHOWN]))}"
                f"{more}; add them there, or leave these rows empty"
            )


def _advise(few: list[str]) -> str:  # noqa: ARG001
    return "Label more users, or put rare classes together."
