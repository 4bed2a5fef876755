"""Steps on one of several classes: each class has a model of its own, and what they say becomes one answer.

::

    PredictShard, shards of each class ─► RankClasses ─► WriteClassReport ◄─ BlendMembers, one for each class

A class's model is that of a case which asks for this class against the rest: its steps are those of any other case.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import luigi
import numpy as np

from yule.checks.finding import read_findings
from yule.core.settings import from_json, to_json
from yule.core.tables import read_table
from yule.ensemble.classes import normalise
from yule.ensemble.files import read_ensemble, read_out_of_fold
from yule.labels.observe import read_labels, read_summary
from yule.pipeline.checks import checks_task
from yule.pipeline.ensemble import BlendMembers, group_fits, member_fits
from yule.pipeline.labels import CollectLabels
from yule.pipeline.prediction import PredictShard
from yule.pipeline.report import find_facts, find_meanings, outcome_task, read_outcome, weigh_importances
from yule.pipeline.specs import AnswerSpec, ModelSpec, ReportSpec
from yule.pipeline.training import fold_preparations
from yule.prediction.classes import rank_classes
from yule.prediction.ranking import USERS
from yule.prediction.shards import SCORES
from yule.preparation.selection.record import merge_selections, read_selection
from yule.preparation.settings import KeepAll
from yule.report.classes.data import ClassesData, ClassResult
from yule.report.data import MemberResult
from yule.report.files import write_report
from yule.storage.names import name_part
from yule.storage.task import Requires, Task
from yule.training.fitting import read_importance


class RankClasses(Task):
    """Give every user of the population the chances of all classes, and every class its ranked list.

    Parameters
    ----------
    answer
        JSON of an :class:`~yule.pipeline.specs.AnswerSpec` of all classes.
    """

    step = "predict"

    answer: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "rank the users of each class"

    def requires(self) -> Requires:
        """Need all shards of all classes."""
        spec = from_json(AnswerSpec, self.answer)
        answers = [to_json(replace(spec, model=model)) for model in class_models(spec.model)]
        return {"shards": [PredictShard(answer=one, shard=shard) for one in answers for shard in range(spec.shards)]}

    def write(self, folder: Path) -> None:
        """Write ``users`` and ``lists``, each as Parquet and CSV."""
        spec = from_json(AnswerSpec, self.answer)
        files = [shard / SCORES for shard in self.load("shards")]
        names = [str(model.dataset.one_class) for model in class_models(spec.model)]
        rank_classes(_divide(files, spec.shards), names, folder)


class WriteClassReport(Task):
    """Write the report of a case that asks for classes: the task that requires all others.

    Parameters
    ----------
    answer
        JSON of an :class:`~yule.pipeline.specs.AnswerSpec` of all classes.
    report
        JSON of a :class:`~yule.pipeline.specs.ReportSpec`.
    """

    step = "report"

    answer: luigi.Parameter[str] = luigi.Parameter()
    report: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "report"

    def requires(self) -> Requires:
        """Need the lists, the blends and fits of every class, the labels, the checks and what came of the users."""
        spec = from_json(AnswerSpec, self.answer)
        models = class_models(spec.model)
        return {
            "ranking": RankClasses(answer=self.answer),
            "blends": [BlendMembers(model=to_json(one)) for one in models],
            "fits": [fit for one in models for fit in member_fits(one)],
            "preparations": [task for one in models for task in fold_preparations(to_json(one.dataset))],
            "labels": CollectLabels(labels=to_json(spec.model.dataset.labels)),
            "checks": checks_task(spec),
            "outcome": outcome_task(spec, from_json(ReportSpec, self.report)),
        }

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.html``."""
        write_report(self._gather(), folder)

    def _gather(self) -> ClassesData:
        spec, report = from_json(AnswerSpec, self.answer), from_json(ReportSpec, self.report)
        models, labels = class_models(spec.model), spec.model.dataset.labels.settings
        examples, blends = read_labels(self.load("labels")), self.load("blends")
        rows = read_out_of_fold(blends[0]).rows
        users = read_table(self.load("ranking") / USERS)
        names = [str(one.dataset.one_class) for one in models]
        validated = np.unique(examples.cutoffs[rows])
        return ClassesData(
            case=report.case,
            question=report.question,
            cutoff=spec.population.cutoff,
            horizon=labels.horizon,
            classes=tuple(
                _read_class(one, blend, fits, preparations)
                for one, blend, fits, preparations in zip(
                    models,
                    blends,
                    _divide(self.load("fits"), len(member_fits(models[0]))),
                    _divide(self.load("preparations"), spec.model.dataset.folds.n_folds),
                    strict=True,
                )
            ),
            chances=np.column_stack([users[f"score_{name}"].to_numpy() for name in names]),
            outcome=read_outcome(self.load("outcome"), users["user_id"].to_numpy()),
            labels=examples.labels[rows],
            held_out=normalise(np.column_stack([read_ensemble(blend).cross_fitted for blend in blends])),
            all_labels=examples.labels,
            all_cutoffs=examples.cutoffs,
            validation_cutoffs=tuple(
                cutoff for cutoff in labels.cutoffs if np.datetime64(cutoff.replace(tzinfo=None), "us") in validated
            ),
            is_later=len(np.unique(examples.cutoffs)) > len(validated),
            history=read_summary(self.load("labels")),
            findings=read_findings(self.load("checks")),
            resolved=report.resolved,
            facts=find_facts(spec),
        )


def class_models(model: ModelSpec) -> list[ModelSpec]:
    """Return the models that tell each class from the rest, in the order of the classes; none for other labels."""
    names = model.dataset.labels.settings.class_names
    return [replace(model, dataset=replace(model.dataset, one_class=name)) for name in names]


def name_folder(model: ModelSpec) -> str:
    """Return what the folders of a class are called: its name, if a folder can have it."""
    return name_part(str(model.dataset.one_class))


def _read_class(model: ModelSpec, blend: Path, fits: Sequence[Path], preparations: Sequence[Path]) -> ClassResult:
    ensemble, oof = read_ensemble(blend), read_out_of_fold(blend)
    weights = dict(zip(oof.names, ensemble.weights.tolist(), strict=True))
    of_member = dict(zip(oof.names, group_fits(model, fits), strict=True))
    features, told_weight = weigh_importances(
        {name: [read_importance(fit) for fit in folders] for name, folders in of_member.items()},
        weights,
        find_meanings(preparations),
    )
    return ClassResult(
        name=str(model.dataset.one_class),
        members=tuple(
            MemberResult(name=m.name, kind=m.kind, weight=weights[m.name], predictions=oof.predictions[:, number])
            for number, m in enumerate(model.members)
        ),
        features=features,
        told_weight=told_weight,
        selection=None
        if isinstance(model.dataset.preparation.select, KeepAll)
        else merge_selections([read_selection(folder) for folder in preparations]),
    )


def _divide(folders: Sequence[Path], size: int) -> list[Sequence[Path]]:
    """Divide what was loaded for all classes, one after the other, by class."""
    return [folders[start : start + size] for start in range(0, len(folders), size)]
