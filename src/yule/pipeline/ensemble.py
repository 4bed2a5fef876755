"""Steps: blend the members, put all that is needed to predict into one bundle."""

from collections.abc import Sequence
from pathlib import Path

import luigi

from yule.core.settings import from_json, to_json
from yule.ensemble.blend import blend
from yule.ensemble.files import read_ensemble, write_ensemble
from yule.ensemble.prior import write_prior
from yule.kinds import find_kind
from yule.pipeline.fits import Fit, fold_fits
from yule.pipeline.labels import CollectLabels, read_examples
from yule.pipeline.specs import ModelSpec
from yule.pipeline.training import fold_preparations, folds_task, name_class
from yule.prediction.bundle import parts_of_folds, write_bundle
from yule.storage.task import Requires, Task
from yule.training.fitting import join_out_of_fold
from yule.training.folds import read_folds


class BlendMembers(Task):
    """Choose the members' weights and the calibrator by the out-of-fold predictions.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.specs.ModelSpec`.
    """

    step = "ensemble"

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
        rows, predictions = join_out_of_fold(group_fits(spec, self.load("fits")))
        ensemble = blend(predictions, examples.labels[rows], folds.fold[rows], spec.ensemble, loss=examples.loss)
        ensemble, prior = find_kind(spec.dataset.labels.settings).calibrate(
            ensemble, predictions, examples.labels[rows]
        )
        if prior is not None:
            write_prior(prior, folder)
        names = tuple(member.name for member in spec.members)
        write_ensemble(ensemble, folder, names=names, rows=rows, predictions=predictions)


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
        """Need the blend, every fit and the folds' preparations."""
        spec = from_json(ModelSpec, self.model)
        return {
            "blend": BlendMembers(model=self.model),
            "fits": list(member_fits(spec)),
            "preparations": list(fold_preparations(to_json(spec.dataset))),
        }

    def write(self, folder: Path) -> None:
        """Write the bundle."""
        spec = from_json(ModelSpec, self.model)
        names = [member.name for member in spec.members]
        members = dict(zip(names, group_fits(spec, self.load("fits")), strict=True))
        ensemble = read_ensemble(self.load("blend"))
        parts = parts_of_folds(self.load("preparations"), members, ensemble.weights)
        write_bundle(folder, parts, calibrator=ensemble.calibrator, loss=spec.dataset.labels.settings.loss)


def member_fits(spec: ModelSpec) -> list[Fit]:
    """Return the fits of all members, member by member and fold by fold."""
    dataset = to_json(spec.dataset)
    return [fit for member in spec.members for fit in fold_fits(dataset, to_json(member))]


def group_fits(spec: ModelSpec, folders: Sequence[Path]) -> list[Sequence[Path]]:
    """Divide the folders of :func:`member_fits` by member."""
    n_folds = spec.dataset.folds.n_folds
    return [folders[start : start + n_folds] for start in range(0, len(folders), n_folds)]
