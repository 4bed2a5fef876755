"""What came of each of several cases."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.core.errors import YuleError
    from yule.session.views.runs import RunView


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """What came of a case: a finished run, or why there is none. It has either.

    Parameters
    ----------
    case
        The case's name.
    run
        Its finished run; None when it has no answer.
    error
        Why it has no answer; None when it has one.
    """

    case: str
    run: "RunView | None" = None
    error: "YuleError | None" = None
