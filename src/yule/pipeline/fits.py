"""The fits of a case: by which task each member comes to its model of a fold."""

from typing import TypeAlias

from yule.core.settings import from_json, to_json
from yule.models.linear.embedded import Embedded
from yule.models.members import Transferred, read_member
from yule.pipeline.embedded import FitEmbedded
from yule.pipeline.questions import TakePooled
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import FitFold

Fit: TypeAlias = FitFold | TakePooled | FitEmbedded


def fold_fits(dataset: str, member: str) -> list[Fit]:
    """Return the fits of one member on all folds."""
    spec = from_json(DatasetSpec, dataset)
    folds, own, settings = range(spec.folds.n_folds), to_json(spec.own), read_member(member)
    if isinstance(settings, Transferred):
        return [TakePooled(dataset=dataset, member=member, fold=fold) for fold in folds]
    fit = FitEmbedded if isinstance(settings, Embedded) else FitFold
    return [fit(dataset=own, member=member, fold=fold) for fold in folds]
