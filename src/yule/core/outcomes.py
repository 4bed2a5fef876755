"""Outcomes: what kind of thing is predicted of a user."""

from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["yes_no", "amount"]
"""``yes_no``: labels are 0 or 1 and predictions probabilities; ``amount``: labels are numbers and predictions, too."""
