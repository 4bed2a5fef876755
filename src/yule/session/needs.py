"""What a case needs of this machine before it can be run."""

from collections.abc import Iterator
from pathlib import Path

from yule.config.cases import Case
from yule.config.projects import Project
from yule.downloads.settings import DuckDBSource, FilesSource
from yule.models.members import Selective, find_uninstalled
from yule.models.neural.needs import REMEDY


def find_needs(case: Case) -> Iterator[str]:
    """Say what has to be installed before a case can be run on this machine."""
    names = find_uninstalled(case.members)
    if names:
        yield (
            f"{', '.join(names)} cannot be trained here without torch: {REMEDY}, or write `models: quick`. "
            "On a cluster it is the image that must have it."
        )


def find_notes(case: Case) -> Iterator[str]:
    """Say what has to be known of a case before it is run, what it needs first."""
    yield from find_needs(case)
    if case.wants_transfer and not any(isinstance(member, Selective) for member in case.members):
        yield "`transfer: auto` adds nothing: no other question of a log is like one whose amounts are given."


def find_missing_sources(project: Project) -> list[str]:
    """Return the sources of this machine's files that are not here, with their places."""
    return [
        f"{name} ({source.path})"
        for name, source in project.sources.items()
        if isinstance(source, FilesSource | DuckDBSource) and not Path(source.path).exists()
    ]
