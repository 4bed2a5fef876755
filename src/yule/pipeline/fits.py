"""The fits of a case: by which task each member comes to its model of a fold."""

from typing import TypeAlias

from yule.core.settings import from_json, to_json
from yule.models.members import Transferred, read_member
from yule.pipeline.questions import TakePooled
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import FitFold

Fit: TypeAlias = FitFold | TakePooled


def fold_fits(dataset: str, member: str) -> list[Fit]:
    """Return the fits of one member on all folds."""
    spec = from_json(DatasetSpec, dataset)
    if isinstance(read_member(member), Transferred):
        return [TakePooled(dataset=dataset, member=member, fold=fold) for fold in range(spec.folds.n_folds)]
    own = to_json(spec.own)
    return [FitFold(dataset=own, member=member, fold=fold) for fold in range(spec.folds.n_folds)]
