"""Steps: fit a member that sees what users have had."""

from pathlib import Path

import luigi
import numpy as np

from yule.core.dataset import Features, Labelled
from yule.core.meanings import EMBEDDINGS
from yule.core.schema import describe_features
from yule.core.seeds import derive_seed
from yule.core.settings import from_json
from yule.features.stacked import map_stacked
from yule.models.members import read_member
from yule.models.protocol import FitContext
from yule.pipeline.labels import find_draw, read_examples
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import dataset_tasks, events_folder, name_class
from yule.preparation.preparation import Preparation, prepare, write_preparation
from yule.storage.task import Requires, Task
from yule.tracking.events import EventWriter
from yule.training.bags import draw_bag
from yule.training.fitting import FoldFit, write_fold_fit
from yule.training.folds import read_folds, split_fold
from yule.training.members import leave_out


class FitEmbedded(Task):
    """Fit a member on the embeddings of one fold's training users, as they are; predict the users it did not see.

    No embedding has seen a label. Nobody has to be kept aside to say when to stop.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec`.
    member
        JSON of an :class:`~yule.models.linear.embedded.Embedded`.
    fold
        The fold that is held out.
    """

    step = "train"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"fit {read_member(self.member).name} fold {self.fold}{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels, the folds and the features."""
        return dataset_tasks(from_json(DatasetSpec, self.dataset))

    def write(self, folder: Path) -> None:
        """Write the model, its out-of-fold predictions, ``fit.json``, and ``preparation.json``: it sees embeddings.

        ``skipped.json`` where there are none.
        """
        spec, member = from_json(DatasetSpec, self.dataset), read_member(self.member)
        examples = read_examples(spec, self.load("labels"))
        features = map_stacked(self.load("stacked"), n_rows=examples.n_examples)
        names = find_embeddings(features)
        if not names:
            leave_out(member, examples, "member-without-embeddings", folder)
            return
        rows = split_fold(examples, read_folds(self.load("folds")), self.fold)
        draw = find_draw(spec, "fit", member.name, self.fold)
        bag = rows if draw is None else draw_bag(rows, examples.labels, draw)
        learned = np.union1d(bag.train, bag.stop)
        preparation = Preparation(kept=describe_features(features).only(names))
        seen, held_out = (prepare(preparation, features.take(part)) for part in (learned, rows.held_out))
        train = Labelled(features=seen, labels=examples.labels[learned], loss=examples.loss)
        with EventWriter(events_folder(self)) as tracker:
            seed = derive_seed(spec.seed, "fit", member.name, self.fold)
            model = member.fit(train, 1, context=FitContext(seed=seed, n_threads=self.n_threads, tracker=tracker))
        scores = model.predict(held_out, n_threads=self.n_threads)
        write_fold_fit(FoldFit(model=model, rows=rows.held_out, scores=scores), folder)
        write_preparation(preparation, folder)


def find_embeddings(features: Features) -> set[str]:
    """Return the names of the features that are dimensions of an embedding."""
    return {name for name in features.numeric_names if features.meaning_of(name).aggregate in EMBEDDINGS}
