"""What every source of labels can do."""

from typing import Protocol

from yule.labels.observing.plans import Observed, Observing, Plan


class LabelSource(Protocol):
    """A way to know labels."""

    def plan(self, observing: Observing) -> Plan:
        """Say how labels are observed; refuse what is wrong with them, or with the settings."""
        ...

    def check(self, observed: Observed, *, min_users: int) -> None:
        """Refuse labels that nothing can be learned from.

        Of what is needed to learn there are at least ``min_users``; 0 for labels that nothing is learned from.
        """
        ...
