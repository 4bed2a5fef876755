"""What is raised when steps fail."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from yule.core.errors import ConfigError, DataError, TaskFailed, YuleError

if TYPE_CHECKING:
    from yule.runtime.events import TaskBroken
    from yule.session.views.plans import CheckedCase
    from yule.session.views.results import CaseResult
    from yule.session.views.runs import RunView

Faults: TypeAlias = Mapping[str, YuleError]
"""Why cases cannot be run, by their names."""


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
    errors = {one.case: one.error for one in results if one.error is not None}
    if not errors:
        return runs
    joined = join_errors(errors, n_cases=len(results))
    if isinstance(joined, TasksFailed):
        raise TasksFailed(joined.broken, runs=runs)
    if len(results) > 1 and (runs or not isinstance(joined, ConfigError | DataError)):
        raise CasesFailed(results)
    raise joined


def join_errors(errors: Faults, *, n_cases: int) -> YuleError:
    """Return one error that tells all that is wrong with cases.

    Parameters
    ----------
    errors
        What is wrong, by the names of the cases; at least one.
    n_cases
        How many cases there are, with those that nothing is wrong with.

    >>> print(join_errors({"beer": DataError("no shop"), "tea": DataError("no shop")}, n_cases=3))
    beer, tea: no shop
    """
    found = list(errors.values())
    failed = [error for error in found if isinstance(error, TasksFailed)]
    if len(failed) == len(found):
        return TasksFailed(list({task.unique_id: task for error in failed for task in error.broken}.values()))
    unsound = [error for error in found if isinstance(error, ConfigError)]
    if len(unsound) == len(found):
        return ConfigError(tuple(dict.fromkeys(problem for error in unsound for problem in error.problems)))
    if n_cases == 1:
        return found[0]
    told = "\n".join(
        f"{', '.join(case for case, error in errors.items() if str(error) == text)}: {text}"
        for text in dict.fromkeys(map(str, found))
    )
    return DataError(told) if all(isinstance(error, DataError) for error in found) else TaskFailed(told)


class TasksFailed(TaskFailed):
    """Tasks failed; what is finished is kept.

    Parameters
    ----------
    broken
        All that failed.
    runs, cases
        What was asked for and is finished all the same: runs, or cases that were to be checked.
    """

    def __init__(
        self,
        broken: "Sequence[TaskBroken]",
        *,
        runs: "Sequence[RunView]" = (),
        cases: "Sequence[CheckedCase]" = (),
    ) -> None:
        from yule.pipeline.runs.endings import describe_broken

        self.broken = tuple(broken)
        self.runs = tuple(runs)
        self.cases = tuple(cases)
        super().__init__(
            f"{len(broken)} of the tasks failed:\n{describe_broken(broken)}\n"
            "What is finished is kept: run the same again when the cause is mended."
        )
