"""What keys the tasks: just the settings that decide a result, nested as the steps build on each other."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from yule.core.settings import ADDED
from yule.downloads.specs import TableSpec
from yule.ensemble.settings import EnsembleSettings
from yule.features.settings import FeatureSpec
from yule.labels.settings import LabelSpec, Population
from yule.models.members import MemberSettings
from yule.preparation.settings import PreparationSettings
from yule.questions.settings import QuestionSpec
from yule.training.settings import FoldSettings, Refits


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """Labelled users, their folds and their features.

    Parameters
    ----------
    labels
        Who is labelled how, as of when.
    features
        The feature sets, in the order of their columns.
    preparation
        What is fitted in each fold before the members see the features.
    folds
        How users are divided.
    seed
        The case's seed: of fits, and of draws of unlabelled users.
    one_class
        The class that is told from all others; None where labels are no classes, or all classes are meant.
    questions
        What Yule asks of the log itself, for members that learn from it; None where there are none.
    has_taken
        The models that were fitted to these questions are taken from the shelf: none is fitted anew.
    """

    labels: LabelSpec
    features: tuple[FeatureSpec, ...]
    preparation: PreparationSettings
    folds: FoldSettings
    seed: int
    one_class: str | None = None
    questions: QuestionSpec | None = field(default=None, metadata=ADDED)
    has_taken: bool = field(default=False, metadata=ADDED)

    @property
    def own(self) -> "DatasetSpec":
        """What all but the members that learn from other questions see: they are fitted once, whatever others take."""
        return replace(self, questions=None, has_taken=False)


@dataclass(frozen=True, kw_only=True)
class StackSpec:
    """Labelled users and their features; folds, seeds and classes share them."""

    labels: LabelSpec
    features: tuple[FeatureSpec, ...]


@dataclass(frozen=True, kw_only=True)
class Members:
    """Members that are asked for."""

    members: tuple[MemberSettings, ...]


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A dataset, the members fitted on it and how they are blended.

    Parameters
    ----------
    dataset, members, ensemble
        What the members learn from, their settings, and those of the blend.
    refit
        Which members are fitted once more, on all labelled users, to predict in the place of their folds' models.
    """

    dataset: DatasetSpec
    members: tuple[MemberSettings, ...]
    ensemble: EnsembleSettings
    refit: Refits = field(default="none", metadata=ADDED)

    @property
    def judged(self) -> "ModelSpec":
        """What is judged: the models of the folds, whatever is fitted once more."""
        return replace(self, refit="none")


@dataclass(frozen=True, kw_only=True)
class PopulationSpec:
    """Users at a cut-off.

    Parameters
    ----------
    population
        Who they are.
    table
        The table they come from.
    cutoff
        As of when.
    known
        A list of known positives, who are left out: they are not to be found any more. None where there is no list.
    """

    population: Population
    table: TableSpec
    cutoff: datetime
    known: TableSpec | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerSpec:
    """A model and whom it scores.

    Parameters
    ----------
    model
        The model.
    features
        The feature sets with the tables to score from; those of the model unless new data are scored.
    population
        Who is scored, as of when.
    shards
        In how many slices; their number never changes a score.
    """

    model: ModelSpec
    features: tuple[FeatureSpec, ...]
    population: PopulationSpec
    shards: int


@dataclass(frozen=True, kw_only=True)
class ScoringSpec:
    """Whom a model that is there scores.

    Parameters
    ----------
    kind
        Name of the kind of answer.
    features, population, shards
        See :class:`AnswerSpec`.
    parts
        Folders of the model's parts: ``.``, or one for each class.
    classes
        The classes, in the order of the parts; empty for other labels.
    """

    kind: str
    features: tuple[FeatureSpec, ...]
    population: PopulationSpec
    shards: int
    parts: tuple[str, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """What is checked before anything is trained: a dataset, and the users to score with their features."""

    dataset: DatasetSpec
    features: tuple[FeatureSpec, ...]
    population: PopulationSpec


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """What a report says besides the numbers.

    Parameters
    ----------
    case
        Name of the case.
    question
        The question, as asked.
    resolved
        The resolved case, as YAML.
    outcome
        The table that tells what came of the scored users: that of the labels, until their horizon has closed.
    """

    case: str
    question: str
    resolved: str
    outcome: TableSpec
