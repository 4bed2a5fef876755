"""The errors a person can fix. Anything else is a bug and crashes.

::

    YuleError
    ├── ConfigError       a case, project, feature set or download file is wrong (exit code 2)
    ├── DataError         a table or a label is not what the files say
    ├── WorkspaceError    the workspace cannot be reached, read or written (exit code 4)
    ├── CorruptedOutput   a cached file is not what its record says
    ├── OutOfReach        a service did not answer for long; the same may succeed later (exit code 75)
    └── TaskFailed        a task of the pipeline failed
"""

from dataclasses import dataclass
from typing import ClassVar


class YuleError(Exception):
    """Something a person can fix. The message says where, what was found and what to do next."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault in a file that a person wrote.

    Parameters
    ----------
    file
        Path of the file as the person named it.
    line, column
        1-based place in the file; 0 when the fault has no place.
    path
        Where in the document, e.g. ``models[0].num_leaves``; empty for the whole file.
    message
        What was found and what to write instead.
    excerpt
        The line of the file with a caret below the place; empty when there is none.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""
    message: str
    excerpt: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        excerpt = f"\n{self.excerpt}" if self.excerpt else ""
        return f"{place}:{path} {self.message}{excerpt}"


class ConfigError(YuleError):
    """One or more files that people write are wrong; all their problems are listed."""

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class DataError(YuleError):
    """A table or a label is not what the files say it is."""


class WorkspaceError(YuleError):
    """The workspace cannot be reached, read or written."""

    exit_code = 4


class CorruptedOutput(YuleError):
    """A cached file is not what its record says: it was changed, cut short, damaged or deleted."""


DELETE_IT = (
    "Delete this output from the workspace (below cache/, in a bucket also below published/) and run the case again."
)
"""What to do about an output whose files are what its record says, and yet cannot be read."""


class OutOfReach(YuleError):
    """A service did not answer for as long as it was waited for; what it is at work on goes on."""

    exit_code = 75


class TaskFailed(YuleError):
    """A task of the pipeline failed."""
