"""Step: write the report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import luigi
import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import read_findings
from yule.core.meanings import Meaning, find_meaning
from yule.core.settings import from_json, to_json
from yule.core.tables import read_table
from yule.ensemble.files import read_ensemble, read_out_of_fold
from yule.ensemble.prior import read_prior
from yule.labels.observe import EXAMPLES, read_labels, read_summary
from yule.pipeline.checks import checks_task
from yule.pipeline.ensemble import BlendMembers, group_fits, member_fits
from yule.pipeline.labels import CollectLabels, ObserveOutcome
from yule.pipeline.prediction import RankUsers
from yule.pipeline.specs import AnswerSpec, ReportSpec
from yule.pipeline.training import fold_preparations, folds_task
from yule.prediction.ranking import USERS
from yule.preparation.preparation import PREPARATION, read_preparation
from yule.preparation.selection.record import merge_selections, read_selection
from yule.preparation.settings import KeepAll
from yule.report.data import Fact, FeatureImportance, MemberResult, ReportData
from yule.report.files import write_report
from yule.storage.task import Requires, Task
from yule.training.fitting import read_importance
from yule.training.folds import read_folds


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

    revision: luigi.IntParameter = luigi.IntParameter(default=4)
    answer: luigi.Parameter[str] = luigi.Parameter()
    report: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "report"

    def requires(self) -> Requires:
        """Need the list, the blend, the fits, the labels, what the checks have found and what came of the users."""
        spec = from_json(AnswerSpec, self.answer)
        dataset = spec.model.dataset
        return {
            "ranking": RankUsers(answer=self.answer),
            "blend": BlendMembers(model=to_json(spec.model)),
            "fits": list(member_fits(spec.model)),
            "preparations": list(fold_preparations(to_json(dataset))),
            "labels": CollectLabels(labels=to_json(dataset.labels)),
            "checks": checks_task(spec),
            "folds": folds_task(dataset),
            "outcome": outcome_task(spec, from_json(ReportSpec, self.report)),
        }

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.html``."""
        write_report(self._gather(), folder)

    def _gather(self) -> ReportData:
        spec, report = from_json(AnswerSpec, self.answer), from_json(ReportSpec, self.report)
        ensemble, oof = read_ensemble(self.load("blend")), read_out_of_fold(self.load("blend"))
        examples, folds = read_labels(self.load("labels")), read_folds(self.load("folds"))
        users = read_table(self.load("ranking") / USERS)
        members = spec.model.members
        weights = dict(zip((member.name for member in members), ensemble.weights.tolist(), strict=True))
        fits = dict(zip(weights, group_fits(spec.model, self.load("fits")), strict=True))
        features, told_weight = weigh_importances(
            {name: [read_importance(fit) for fit in folders] for name, folders in fits.items()},
            weights,
            find_meanings(self.load("preparations")),
        )
        validated = np.unique(examples.cutoffs[oof.rows])
        cutoffs = spec.model.dataset.labels.settings.cutoffs
        return ReportData(
            case=report.case,
            question=report.question,
            cutoff=spec.population.cutoff,
            horizon=spec.model.dataset.labels.settings.horizon,
            scores=users["score"].to_numpy(),
            outcome=read_outcome(self.load("outcome"), users["user_id"].to_numpy()),
            labels=examples.labels[oof.rows],
            folds=folds.fold[oof.rows],
            validation_cutoffs=tuple(c for c in cutoffs if np.datetime64(c.replace(tzinfo=None), "us") in validated),
            is_later=len(np.unique(examples.cutoffs)) > len(validated),
            ensemble=MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=ensemble.cross_fitted),
            members=tuple(
                MemberResult(name=m.name, kind=m.kind, weight=weights[m.name], predictions=oof.predictions[:, number])
                for number, m in enumerate(members)
            ),
            features=features,
            told_weight=told_weight,
            history=read_summary(self.load("labels")),
            findings=read_findings(self.load("checks")),
            resolved=report.resolved,
            facts=find_facts(spec),
            predicts=examples.loss,
            prior=read_prior(self.load("blend")),
            selection=None
            if isinstance(spec.model.dataset.preparation.select, KeepAll)
            else merge_selections([read_selection(folder) for folder in self.load("preparations")]),
        )


def outcome_task(answer: AnswerSpec, report: ReportSpec) -> ObserveOutcome:
    """Return the task that sees what came of the scored users."""
    labels = replace(
        answer.model.dataset.labels,
        table=report.outcome,
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


def weigh_importances(
    importances: Mapping[str, Sequence[Mapping[str, float]]],
    weights: Mapping[str, float],
    meanings: Mapping[str, Meaning],
) -> tuple[tuple[FeatureImportance, ...], float]:
    """Average the importances of the members' fits by the members' weights in the ensemble.

    Parameters
    ----------
    importances
        For each member the shares of the features in the decisions of its fits.
    weights
        Of the members.
    meanings
        What the features mean.

    Returns
    -------
    tuple
        The features, the strongest first; the weight of the members that can tell.
    """
    told = sum(weights[name] for name, fits in importances.items() if all(fits))
    shares: dict[str, float] = defaultdict(float)
    for name, fits in importances.items():
        for fit in fits if all(fits) else ():
            for feature, part in fit.items():
                shares[feature] += part * weights[name] / (told * len(fits)) if told else 0.0
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    features = tuple(
        FeatureImportance(name=name, meaning=find_meaning(meanings, name), share=part)
        for name, part in ordered
        if part > 0
    )
    return features, told


def find_meanings(preparations: Sequence[Path]) -> dict[str, Meaning]:
    """Return what the features mean that the members of some folds see, by name."""
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
