"""The steps of a case."""

from typing import Literal, TypeAlias

Step: TypeAlias = Literal["download", "features", "labels", "train", "ensemble", "predict", "report"]
"""What a task is part of; machines are chosen by it."""
