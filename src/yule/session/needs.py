"""What has to be installed before a case can be run on this machine."""

from collections.abc import Iterator

from yule.config.cases import Case
from yule.models.members import find_uninstalled
from yule.models.neural.needs import REMEDY


def find_needs(case: Case) -> Iterator[str]:
    """Say what has to be installed before a case can be run on this machine."""
    names = find_uninstalled(case.members)
    if names:
        yield (
            f"{', '.join(names)} cannot be trained here without torch: {REMEDY}, or write `models: quick`. "
            "On a cluster it is the image that must have it."
        )
