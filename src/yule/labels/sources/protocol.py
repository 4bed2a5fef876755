"""What every source of labels can do."""

from typing import Protocol

from yule.core.examples import Examples
from yule.labels.observing.plans import Observing, Plan
from yule.labels.settings import LabelSpec
from yule.labels.summary import CutoffSummary


class LabelSource(Protocol):
    """A way to know labels."""

    def plan(self, observing: Observing) -> Plan:
        """Say how labels are observed; refuse what is wrong with them, or with the settings."""
        ...

    def count(self, examples: Examples) -> tuple[CutoffSummary, ...]:
        """Count what was observed, cut-off by cut-off."""
        ...

    def check(self, spec: LabelSpec, plan: Plan, examples: Examples, *, min_users: int) -> None:
        """Refuse labels that nothing can be learnt from; ``plan.summary`` holds what was counted.

        Of what is needed to learn there are at least ``min_users``; 0 for labels that nothing is learnt from.
        """
        ...
