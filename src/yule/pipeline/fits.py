"""The fits of a case: by which task each member comes to its model of a fold."""

from typing import TypeAlias

from yule.core.settings import from_json
from yule.models.members import Transferred, read_member
from yule.pipeline.questions import TakePooled
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import FitFold

Fit: TypeAlias = FitFold | TakePooled


def fold_fits(dataset: str, member: str) -> list[Fit]:
    """Return the fits of one member on all folds."""
    fit = TakePooled if isinstance(read_member(member), Transferred) else FitFold
    n_folds = from_json(DatasetSpec, dataset).folds.n_folds
    return [fit(dataset=dataset, member=member, fold=fold) for fold in range(n_folds)]
