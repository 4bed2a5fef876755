"""What is raised when steps fail."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yule.core.errors import TaskFailed

if TYPE_CHECKING:
    from yule.runtime.events import TaskBroken
    from yule.session.views.labels import CaseLabels
    from yule.session.views.plans import CheckedCase
    from yule.session.views.runs import RunView


class TasksFailed(TaskFailed):
    """Tasks failed; what is finished is kept.

    Parameters
    ----------
    broken
        All that failed.
    runs, cases, labels
        What was asked for and is finished all the same: runs, cases that were to be checked, or their labels.
    """

    def __init__(
        self,
        broken: "Sequence[TaskBroken]",
        *,
        runs: "Sequence[RunView]" = (),
        cases: "Sequence[CheckedCase]" = (),
        labels: "Sequence[CaseLabels]" = (),
    ) -> None:
        from yule.pipeline.runs.endings import describe_broken

        self.broken = tuple(broken)
        self.runs = tuple(runs)
        self.cases = tuple(cases)
        self.labels = tuple(labels)
        super().__init__(
            f"{len(broken)} of the tasks failed:\n{describe_broken(broken)}\n"
            "What is finished is kept: run the same again when the cause is mended."
        )
