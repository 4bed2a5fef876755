"""What a run would do, and what was found of cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yule.session.views.html import make_table

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.core.errors import YuleError
    from yule.messages.finding import Finding
    from yule.pipeline.fetching import Fetch
    from yule.runtime.plan import Plan
    from yule.session.views.labels import CaseLabels
    from yule.storage.explain import Difference


@dataclass(frozen=True, kw_only=True)
class CheckedCase:
    """A case that is sound.

    Parameters
    ----------
    case
        The case, as its file says with all defaults filled in.
    notes
        What is missing on this machine to run it; empty when nothing is.
    findings
        What the checks of its data have found, the worst first; empty when none were made.
    """

    case: "Case"
    notes: tuple[str, ...]
    findings: "tuple[Finding, ...]" = ()

    @property
    def name(self) -> str:
        """The name of the case."""
        return self.case.name

    @property
    def question(self) -> str:
        """What it asks."""
        return self.case.question


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """What a run would do.

    Parameters
    ----------
    tasks
        All tasks, each with its state: cached, to run, or not needed.
    fetches
        What would be fetched from sources, and how much they would read.
    methods
        Names of all methods that the cases read.
    labels
        What the labels of the cases look like; empty where that was not asked for.
    faults
        Why other cases cannot be run, or have no labels, by their names.
    """

    tasks: "Plan"
    fetches: "tuple[Fetch, ...]"
    methods: tuple[str, ...] = ()
    labels: "tuple[CaseLabels, ...]" = ()
    faults: "Mapping[str, YuleError]" = field(default_factory=dict)

    @property
    def n_to_run(self) -> int:
        """How many tasks would run."""
        return len(self.tasks.to_run())

    @property
    def n_cached(self) -> int:
        """How many are cached."""
        return self.tasks.n_cached

    def count_states(self) -> dict[str, dict[str, int]]:
        """Return for each step how many of its tasks are in which state."""
        counts: dict[str, dict[str, int]] = {}
        for item in self.tasks.tasks.values():
            states = counts.setdefault(item.task.task_family, {"to run": 0, "cached": 0, "not needed": 0})
            states[item.state] += 1
        return counts

    def _repr_html_(self) -> str:
        rows = [[family, *states.values()] for family, states in self.count_states().items()]
        note = " ".join([f"{self.n_to_run} tasks to run.", *(f"{case}: {why}" for case, why in self.faults.items())])
        return make_table(["step", "to run", "cached", "not needed"], rows, note=note)


@dataclass(frozen=True, kw_only=True)
class Uncached:
    """Why a task would run.

    Parameters
    ----------
    text, unique_id
        The task.
    like
        Unique id of the cached output that is most like it; None where none of its kind is cached.
    differences
        What differs from that; none where only something differs that it reads, or its output was deleted.
    """

    text: str
    unique_id: str
    like: str | None
    differences: "tuple[Difference, ...]"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why tasks are not cached.

    Parameters
    ----------
    first
        Those that no other task which would run comes before.
    n_after
        How many more follow from these.
    """

    first: tuple[Uncached, ...]
    n_after: int

    def _repr_html_(self) -> str:
        rows = [
            [one.text, difference.path, *map("\n".join, difference.find_lines())]
            for one in self.first
            for difference in one.differences
        ]
        note = f"{len(self.first)} tasks are not cached, and {self.n_after} more follow from them."
        return make_table(["task", "setting", "in the cache", "now"], rows, note=note)
