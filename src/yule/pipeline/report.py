"""Step: write the report."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import luigi
import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import read_findings
from yule.core.meanings import Meaning
from yule.core.settings import from_json, to_json
from yule.core.tables import read_table
from yule.downloads.specs import TableSpec
from yule.ensemble.files import read_ensemble, read_out_of_fold, read_weights, read_worths
from yule.ensemble.prior import read_prior
from yule.kinds import find_kind
from yule.kinds.reports import compute_report, write_report
from yule.labels.observe import EXAMPLES, read_labels, read_summary
from yule.messages.finding import Finding
from yule.pipeline.checks import checks_task
from yule.pipeline.ensemble import BlendMembers, find_left_out, group_fits, member_fits
from yule.pipeline.labels import CollectLabels, ObserveOutcome, read_examples
from yule.pipeline.parts import divide, find_parts, name_part
from yule.pipeline.prediction import RankUsers
from yule.pipeline.refits import find_refits
from yule.pipeline.specs import AnswerSpec, ModelSpec, ReportSpec
from yule.pipeline.training import fold_preparations, folds_task
from yule.prediction.ranking import USERS
from yule.preparation.preparation import PREPARATION, read_preparation
from yule.preparation.selection.record import merge_selections, read_selection
from yule.preparation.settings import KeepAll
from yule.report.data import Fact, MemberResult, PartResult, ReportData
from yule.report.drivers import weigh_importances
from yule.storage.task import Requires, Task
from yule.training.fitting import MODEL, read_importance
from yule.training.folds import read_folds
from yule.training.refits import describe_refits


class WriteReport(Task):
    """Write the report of a case: the task that requires all others.

    Parameters
    ----------
    answer
        JSON of an :class:`~yule.pipeline.specs.AnswerSpec`.
    report
        JSON of a :class:`~yule.pipeline.specs.ReportSpec`.
    """

    step = "report"

    revision: luigi.IntParameter = luigi.IntParameter(default=8)
    answer: luigi.Parameter[str] = luigi.Parameter()
    report: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "report"

    def requires(self) -> Requires:
        """Need the list, the blends, the fits, the labels, what the checks have found and what came of the users."""
        spec = from_json(AnswerSpec, self.answer)
        dataset, parts = spec.model.dataset, find_parts(spec.model)
        return {
            "ranking": RankUsers(answer=self.answer),
            "blends": [BlendMembers(model=to_json(part.judged)) for part in parts],
            "fits": [fit for part in parts for fit in member_fits(part)],
            "preparations": [task for part in parts for task in fold_preparations(to_json(part.dataset))],
            "labels": CollectLabels(labels=to_json(dataset.labels)),
            "checks": checks_task(spec),
            "folds": folds_task(dataset),
            "outcome": outcome_task(spec, outcome=from_json(ReportSpec, self.report).outcome),
            **_list_refits(parts),
        }

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.html``."""
        kind = find_kind(from_json(AnswerSpec, self.answer).model.dataset.labels.settings)
        write_report(compute_report(kind, self._gather()), folder)

    def _gather(self) -> ReportData:
        spec, report = from_json(AnswerSpec, self.answer), from_json(ReportSpec, self.report)
        examples, folds = read_labels(self.load("labels")), read_folds(self.load("folds"))
        rows = read_out_of_fold(self.load("blends")[0]).rows
        users = read_table(self.load("ranking") / USERS)
        parts = self._read_parts(spec)
        labels, validated = spec.model.dataset.labels.settings, np.unique(examples.cutoffs[rows])
        return ReportData(
            case=report.case,
            question=report.question,
            cutoff=spec.population.cutoff,
            horizon=labels.horizon,
            parts=parts,
            scores=np.column_stack(
                [users[f"score_{part.name}" if part.name else "score"].to_numpy() for part in parts]
            ),
            outcome=read_outcome(self.load("outcome"), users["user_id"].to_numpy()),
            labels=examples.labels[rows],
            folds=folds.fold[rows],
            all_labels=examples.labels,
            all_cutoffs=examples.cutoffs,
            validation_cutoffs=tuple(
                cutoff for cutoff in labels.cutoffs if np.datetime64(cutoff.replace(tzinfo=None), "us") in validated
            ),
            is_later=len(np.unique(examples.cutoffs)) > len(validated),
            history=read_summary(self.load("labels")),
            findings=(*read_findings(self.load("checks")), *self._find_left_out(spec), *self._find_refits(spec)),
            resolved=report.resolved,
            facts=find_facts(spec),
        )

    def _find_left_out(self, spec: AnswerSpec) -> list[Finding]:
        parts = find_parts(spec.model)
        fits = divide(self.load("fits"), len(parts))
        return [told for model, folders in zip(parts, fits, strict=True) for told in find_left_out(model, folders)]

    def _find_refits(self, spec: AnswerSpec) -> list[Finding]:
        """Tell what the models learned from that predict; nothing where none may be fitted once more."""
        parts = find_parts(spec.model)
        if not _list_refits(parts):
            return []
        folds, refits = read_folds(self.load("folds")), divide(self.load("refits"), len(parts))
        found = []
        for part, folders, blend in zip(parts, refits, self.load("blends"), strict=True):
            weights = read_weights(blend)
            members = [
                name
                for name, folder in zip(find_refits(part), folders, strict=True)
                if weights.get(name) and (folder / MODEL).exists()
            ]
            examples = read_examples(part.dataset, self.load("labels"))
            told = describe_refits(members, examples, folds, cutoff=spec.population.cutoff)
            found.append(replace(told, about=name_part(part) or None))
        return found

    def _read_parts(self, spec: AnswerSpec) -> tuple[PartResult, ...]:
        """Read how the models of the case did; what their blends say is brought together as that of the list is."""
        parts, blends = find_parts(spec.model), self.load("blends")
        combine = find_kind(spec.model.dataset.labels.settings).combine
        held_out = combine(np.column_stack([read_ensemble(blend).cross_fitted for blend in blends]))
        fits, preparations = (divide(self.load(name), len(parts)) for name in ("fits", "preparations"))
        return tuple(
            _read_part(model, blends[number], fits[number], preparations[number], held_out[:, number])
            for number, model in enumerate(parts)
        )


def _read_part(
    model: ModelSpec,
    blend: Path,
    fits: Sequence[Path],
    preparations: Sequence[Path],
    held_out: NDArray[np.float64],
) -> PartResult:
    oof = read_out_of_fold(blend)
    kinds = {member.name: member.kind for member in model.members}
    weights = read_weights(blend)
    worths = read_worths(blend)
    by_member = group_fits(model, fits)
    own = [fit for folders in by_member.values() for fit in folders if (fit / PREPARATION).exists()]
    features, told_weight = weigh_importances(
        {name: [read_importance(fit) for fit in folders] for name, folders in by_member.items()},
        weights,
        find_meanings([*preparations, *own]),
    )
    return PartResult(
        name=name_part(model),
        ensemble=MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=held_out),
        members=tuple(
            MemberResult(
                name=name,
                kind=kinds[name],
                weight=weights[name],
                predictions=oof.predictions[:, number],
                worth=worths.get(name),
            )
            for number, name in enumerate(oof.names)
        ),
        features=features,
        told_weight=told_weight,
        selection=None
        if isinstance(model.dataset.preparation.select, KeepAll)
        else merge_selections([read_selection(folder) for folder in preparations]),
        prior=read_prior(blend),
    )


def _list_refits(parts: Sequence[ModelSpec]) -> dict[str, Requires]:
    """Return the refits of all models of a case; nothing where there are none."""
    refits = [refit for part in parts for refit in find_refits(part).values()]
    return {"refits": list(refits)} if refits else {}


def outcome_task(answer: AnswerSpec, *, outcome: TableSpec) -> ObserveOutcome:
    """Return the task that sees in a table what came of the scored users."""
    labels = replace(
        answer.model.dataset.labels,
        table=outcome,
        population=answer.population.population,
        population_table=answer.population.table,
    )
    return ObserveOutcome(labels=to_json(labels), cutoff=answer.population.cutoff.isoformat())


def find_facts(spec: AnswerSpec) -> tuple[Fact, ...]:
    """Return what is to be known when a run is looked into. No clock and no commit: equal inputs, equal report."""
    dataset = spec.model.dataset
    tables = [dataset.labels.table, spec.population.table, *(feature.table for feature in spec.features)]
    versions = {table.method.name: table.data_version for table in tables}
    data = tuple(Fact(name=f"data of {name}", value=version) for name, version in sorted(versions.items()))
    return (Fact(name="seed", value=str(dataset.seed)), *data)


def find_meanings(preparations: Sequence[Path]) -> dict[str, Meaning]:
    """Return what features mean, by name: those of folds, and those of members with a preparation of their own."""
    found = (read_preparation(folder / PREPARATION).meanings for folder in preparations)
    return {name: meaning for meanings in found for name, meaning in meanings.items()}


def read_outcome(folder: Path, user_ids: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Read what came of some users: labels in their order, NaN where unknown; None when nothing is known yet."""
    if not (folder / EXAMPLES).exists():
        return None
    examples = read_labels(folder)
    places = np.minimum(np.searchsorted(examples.user_ids, user_ids), len(examples.user_ids) - 1)
    found = examples.user_ids[places] == user_ids
    return np.where(found, examples.labels[places], np.nan)
