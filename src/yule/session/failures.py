"""What is raised when steps fail."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yule.core.errors import ConfigError, DataError, TaskFailed

if TYPE_CHECKING:
    from yule.runtime.events import TaskBroken
    from yule.session.views.labels import CaseLabels
    from yule.session.views.plans import CheckedCase
    from yule.session.views.results import CaseResult
    from yule.session.views.runs import RunView


class CasesFailed(TaskFailed):
    """Cases have no answer, for various reasons; the others do.

    Parameters
    ----------
    results
        What came of each case.
    """

    def __init__(self, results: "Sequence[CaseResult]") -> None:
        self.results = tuple(results)
        missing = {one.case: one.error for one in results if one.error is not None}
        told = "\n".join(f"{case}: {error}" for case, error in missing.items())
        super().__init__(f"{len(missing)} of {len(results)} cases have no answer:\n{told}")


def find_runs(results: "Sequence[CaseResult]") -> "list[RunView]":
    """Return the runs of cases.

    Raises
    ------
    YuleError
        If some have none: why, of all of them.
    """
    runs = [one.run for one in results if one.run is not None]
    errors = list({str(one.error): one.error for one in results if one.error is not None}.values())
    if not errors:
        return runs
    broken = [task for error in errors if isinstance(error, TasksFailed) for task in error.broken]
    if all(isinstance(error, TasksFailed) for error in errors):
        raise TasksFailed(list({task.unique_id: task for task in broken}.values()), runs=runs)
    problems = [problem for error in errors if isinstance(error, ConfigError) for problem in error.problems]
    if all(isinstance(error, ConfigError) for error in errors) and not runs:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    if len(results) == 1:
        raise errors[0]
    if all(isinstance(error, DataError) for error in errors) and not runs:
        raise DataError("\n".join(map(str, errors)))
    raise CasesFailed(results)


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
