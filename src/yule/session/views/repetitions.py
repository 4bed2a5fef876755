"""How the repetition of a run came out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.pipeline.rerun import Comparison


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """How the repetition of a run came out.

    Parameters
    ----------
    comparison
        Which files of the answer and which cached outputs differ.
    folder
        Where what came out this time is kept; None where it is identical.
    """

    comparison: "Comparison"
    folder: Path | None

    @property
    def is_identical(self) -> bool:
        """Whether the list, the report's figures and the model are the same bytes."""
        return self.comparison.is_identical
