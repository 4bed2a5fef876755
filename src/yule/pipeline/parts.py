"""Parts: the models that a case has. Most have one; of several classes there is one for each, against the rest.

Every step from PrepareFold to PredictShard runs once for each of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from yule.kinds import find_kind
from yule.pipeline.specs import ModelSpec
from yule.storage.names import name_part as name_file


def find_parts(model: ModelSpec) -> tuple[ModelSpec, ...]:
    """Return the models of a case: those of its classes, in their order, or the only one."""
    labels = model.dataset.labels.settings
    names = find_kind(labels).name_parts(labels)
    return tuple(replace(model, dataset=replace(model.dataset, one_class=name or None)) for name in names)


def name_part(model: ModelSpec) -> str:
    """Return the class that a model tells from the rest; an empty text for the only model of a case."""
    return model.dataset.one_class or ""


def name_folder(model: ModelSpec) -> str:
    """Return what the folders of a class are called: its name, if a folder can have it."""
    return name_file(name_part(model))


def divide(folders: Sequence[Path], n_parts: int) -> list[Sequence[Path]]:
    """Divide what was loaded for all models of a case, one after the other, by model."""
    size = len(folders) // n_parts
    return [folders[start : start + size] for start in range(0, len(folders), size)]
