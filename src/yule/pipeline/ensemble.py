"""Steps: blend the members, put all that is needed to predict into one bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import luigi

from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.ensemble.blend import blend
from yule.ensemble.files import read_ensemble, read_weights, write_ensemble
from yule.ensemble.prior import write_prior
from yule.ensemble.refits import calibrate_refits
from yule.ensemble.worth import find_worths
from yule.kinds import find_kind
from yule.messages.finding import Finding
from yule.messages.telling import tell
from yule.models.members import find_transferred
from yule.pipeline.fits import Fit, fold_fits
from yule.pipeline.labels import CollectLabels, read_examples
from yule.pipeline.parts import name_part
from yule.pipeline.refits import find_refits
from yule.pipeline.specs import ModelSpec
from yule.pipeline.training import fold_preparations, folds_task, name_class
from yule.prediction.bundle import parts_of_folds, parts_of_refits, write_bundle
from yule.storage.task import Requires, Task
from yule.training.fitting import MODEL, join_out_of_fold
from yule.training.folds import read_folds
from yule.training.members import SKIPPED, read_decisions


class BlendMembers(Task):
    """Choose the members' weights and the calibrator by the out-of-fold predictions.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.specs.ModelSpec`.
    """

    step = "ensemble"

    revision: luigi.IntParameter = luigi.IntParameter(default=4)
    model: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"blend the members{name_class(from_json(ModelSpec, self.model).dataset)}"

    def requires(self) -> Requires:
        """Need the labels, the folds and every fit."""
        spec = from_json(ModelSpec, self.model)
        return {
            "labels": CollectLabels(labels=to_json(spec.dataset.labels)),
            "folds": folds_task(spec.dataset),
            "fits": list(member_fits(spec)),
        }

    def write(self, folder: Path) -> None:
        """Write the ensemble and the out-of-fold predictions of all members."""
        spec = from_json(ModelSpec, self.model)
        examples, folds = read_examples(spec.dataset, self.load("labels")), read_folds(self.load("folds"))
        fits = group_fits(spec, self.load("fits"))
        rows, predictions = join_out_of_fold(list(fits.values()))
        learned_elsewhere = find_transferred(spec.members)
        places = [place for place, name in enumerate(fits) if name in learned_elsewhere]
        known = (predictions, examples.labels[rows], folds.fold[rows], spec.ensemble)
        ensemble = blend(*known, loss=examples.loss, transferred=places)
        worths = find_worths(*known, loss=examples.loss, transferred=places)
        ensemble, prior = find_kind(spec.dataset.labels.settings).calibrate(
            ensemble, predictions, examples.labels[rows]
        )
        if prior is not None:
            write_prior(prior, folder)
        write_ensemble(ensemble, folder, names=tuple(fits), rows=rows, predictions=predictions, worths=worths)


class BuildBundle(Task):
    """Gather the members' fits and the ensemble: all that is needed to predict.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.specs.ModelSpec`.
    """

    step = "ensemble"

    revision: luigi.IntParameter = luigi.IntParameter(default=3)
    model: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"model bundle{name_class(from_json(ModelSpec, self.model).dataset)}"

    def requires(self) -> Requires:
        """Need the blend, every fit and the folds' preparations; of refits also theirs, and the folds."""
        spec = from_json(ModelSpec, self.model)
        return {
            "blend": BlendMembers(model=to_json(spec.judged)),
            "fits": list(member_fits(spec)),
            "preparations": list(fold_preparations(to_json(spec.dataset))),
            **refit_tasks(spec),
        }

    def write(self, folder: Path) -> None:
        """Write the bundle."""
        spec = from_json(ModelSpec, self.model)
        fits, weights = group_fits(spec, self.load("fits")), read_weights(self.load("blend"))
        refits = self._find_refits(spec, weights)
        of_folds = {name: folders for name, folders in fits.items() if name not in refits}
        parts = parts_of_folds(self.load("preparations"), of_folds, weights)
        calibrator = read_ensemble(self.load("blend")).calibrator
        if refits:
            parts += parts_of_refits(self.load("preparation"), refits, weights)
            weight = sum(weights[name] for name in refits)
            calibrator = calibrate_refits(calibrator, read_folds(self.load("folds")), weight=weight)
        write_bundle(folder, parts, calibrator=calibrator, loss=spec.dataset.labels.settings.loss)

    def _find_refits(self, spec: ModelSpec, weights: Mapping[str, float]) -> dict[str, Path]:
        """Return the folders of the refits that there are, by member."""
        found = dict(zip(find_refits(spec), self.load("refits"), strict=True)) if find_refits(spec) else {}
        return {name: folder for name, folder in found.items() if name in weights and (folder / MODEL).exists()}


def refit_tasks(spec: ModelSpec) -> dict[str, Requires]:
    """Return the refits of a model and what prepares their features; nothing where there are none."""
    refits = list(find_refits(spec).values())
    if not refits:
        return {}
    return {"refits": list(refits), "preparation": refits[0].preparation, "folds": folds_task(spec.dataset)}


def member_fits(spec: ModelSpec) -> list[Fit]:
    """Return the fits of all members, member by member and fold by fold."""
    dataset = to_json(spec.dataset)
    return [fit for member in spec.members for fit in fold_fits(dataset, to_json(member))]


def group_fits(spec: ModelSpec, folders: Sequence[Path]) -> dict[str, Sequence[Path]]:
    """Divide the folders of :func:`member_fits` by member; members that are left out are not among them.

    Raises
    ------
    DataError
        If all are.
    """
    of_member = _divide_by_member(spec, folders)
    kept = {name: fits for name, fits in of_member.items() if not (fits[0] / SKIPPED).exists()}
    if not kept:
        told = " ".join(f"{one.title}: {one.seen} {one.remedy}" for one in map(tell, find_left_out(spec, folders)))
        raise DataError(f"No member is left to be fitted. {told}")
    return kept


def find_left_out(spec: ModelSpec, folders: Sequence[Path]) -> list[Finding]:
    """Return why members are left out, by the folders of :func:`member_fits`."""
    first = [fits[0] / SKIPPED for fits in _divide_by_member(spec, folders).values()]
    decisions = [decision for file in first if file.exists() for decision in read_decisions(file)]
    return [replace(decision.why, about=name_part(spec) or None) for decision in decisions]


def _divide_by_member(spec: ModelSpec, folders: Sequence[Path]) -> dict[str, Sequence[Path]]:
    n_folds = spec.dataset.folds.n_folds
    return {
        member.name: folders[number * n_folds : (number + 1) * n_folds] for number, member in enumerate(spec.members)
    }
