"""Steps: blend the members, put all that is needed to predict into one bundle."""

from pathlib import Path

import luigi

from yule.core.settings import from_json, to_json
from yule.ensemble.blend import blend
from yule.ensemble.files import read_ensemble, write_ensemble
from yule.labels.observe import read_labels
from yule.pipeline.labels import CollectLabels
from yule.pipeline.specs import ModelSpec
from yule.pipeline.training import RefitMember, fold_fits, folds_task
from yule.prediction.bundle import write_bundle
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

    model: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "blend the members"

    def requires(self) -> Requires:
        """Need the labels, the folds and every fit."""
        spec = from_json(ModelSpec, self.model)
        dataset = to_json(spec.dataset)
        return {
            "labels": CollectLabels(labels=to_json(spec.dataset.labels)),
            "folds": folds_task(spec.dataset),
            "fits": [fit for member in spec.members for fit in fold_fits(dataset, to_json(member))],
        }

    def write(self, folder: Path) -> None:
        """Write the ensemble and the out-of-fold predictions of all members."""
        spec = from_json(ModelSpec, self.model)
        examples, folds = read_labels(self.load("labels")), read_folds(self.load("folds"))
        fits, n_folds = self.load("fits"), spec.dataset.folds.n_folds
        by_member = [fits[start : start + n_folds] for start in range(0, len(fits), n_folds)]
        rows, predictions = join_out_of_fold(by_member)
        ensemble = blend(predictions, examples.labels[rows], folds.fold[rows], spec.ensemble)
        names = tuple(member.name for member in spec.members)
        write_ensemble(ensemble, folder, names=names, rows=rows, predictions=predictions)


class BuildBundle(Task):
    """Gather the refitted members and the ensemble: all that is needed to predict.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.specs.ModelSpec`.
    """

    model: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "model bundle"

    def requires(self) -> Requires:
        """Need the blend and the refitted members."""
        spec = from_json(ModelSpec, self.model)
        dataset = to_json(spec.dataset)
        return {
            "blend": BlendMembers(model=self.model),
            "members": [RefitMember(dataset=dataset, member=to_json(member)) for member in spec.members],
        }

    def write(self, folder: Path) -> None:
        """Write the bundle."""
        spec = from_json(ModelSpec, self.model)
        ensemble = read_ensemble(self.load("blend"))
        members = dict(zip((member.name for member in spec.members), self.load("members"), strict=True))
        write_bundle(folder, members=members, ensemble=ensemble)
