"""The written form of ``cases/NAME.yaml``."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, MinLen
from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, ValidationInfo, model_validator

from yule.config.forms.checks import (
    NAME,
    Fault,
    check_download,
    checked,
    checked_with,
    find_condition_faults,
    find_repeated,
    find_time_faults,
    known,
    raise_faults,
)
from yule.config.forms.fields import FORM, SHAPE, Version, like, version_field
from yule.config.forms.labels import LabelsForm
from yule.config.forms.labels.cutoffs import default_cutoffs, find_horizon_faults, find_validation_faults
from yule.config.forms.values import Due, Duration, Instant
from yule.core.spelling import suggest
from yule.downloads.settings import Method
from yule.ensemble.settings import EnsembleSettings, GreedySelection, Stacking
from yule.labels.settings import Labels, Population
from yule.models.linear.embedded import Embedded
from yule.models.linear.refined import Refined
from yule.models.members import MemberSettings, Transferred, find_kinds
from yule.models.pooled import Pooled
from yule.prediction.settings import PredictSettings
from yule.preparation.settings import (
    PREPARE_PROPOSED,
    Derivation,
    PreparationSettings,
    Selection,
    SelectionName,
    selection,
)
from yule.training.portfolios import PortfolioName, portfolio
from yule.training.settings import FoldSettings, Refits


def find_count_faults(count: int, method: Method) -> Iterable[Fault]:
    """Find out whether rows can be counted as of a cut-off: without a time there is one row per user."""
    if count > 1 and method.time is None:
        yield Fault(
            message=f"counting rows needs a time, and downloads/{method.name}.yaml has no 'time'; add one there, or "
            "drop this"
        )


class PopulationForm(BaseModel):
    """The users who are labelled by a rule and who get a score."""

    model_config = FORM

    download: Annotated[str, AfterValidator(check_download)] = like(Population, "download", example="purchases")
    where: Annotated[str | None, checked_with("download", find_condition_faults)] = like(Population, "where")
    within: Annotated[Duration | None, checked_with("download", find_time_faults)] = like(Population, "within")
    at_least: Annotated[int, checked_with("download", find_count_faults)] = like(Population, "at_least")

    def settings(self) -> Population:
        """Return the population."""
        return Population(download=self.download, where=self.where, within=self.within, at_least=self.at_least)


class PredictForm(BaseModel):
    """For whom and for when the question is answered."""

    model_config = FORM

    cutoff: Instant = like(PredictSettings, "cutoff", example="2017-12-03")
    population: Annotated[
        Annotated[str, AfterValidator(check_download), Tag("name")] | Annotated[PopulationForm, Tag("mapping")], SHAPE
    ] = Field(
        description="Who is labelled and scored: a download whose users count, or a mapping that says who is active.",
        examples=["purchases"],
    )
    shards: int = like(PredictSettings, "shards")

    def population_settings(self) -> Population:
        """Return the population."""
        if isinstance(self.population, str):
            return Population(download=self.population)
        return self.population.settings()

    def settings(self) -> PredictSettings:
        """Return when and in how many slices the population is scored."""
        return PredictSettings(cutoff=self.cutoff, shards=self.shards)


def check_feature_sets(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Refuse feature sets that the project does not have."""
    sets = known(info).feature_sets
    unknown = [
        Fault(at=(index,), message=f"there is no features/{name}.yaml{suggest(name, sets)}")
        for index, name in enumerate(names)
        if sets is not None and name not in sets
    ]
    raise_faults([*unknown, *find_repeated(names)])
    return names


class UsedFeaturesForm(BaseModel):
    """Which features the models see."""

    model_config = FORM

    sets: Annotated[tuple[str, ...], AfterValidator(check_feature_sets)] = Field(
        (), description="Names of feature sets: files in features/.", examples=["[purchases]"]
    )
    auto: Annotated[tuple[Annotated[str, AfterValidator(check_download)], ...], checked(find_repeated)] = Field(
        (), description="Downloads whose feature sets Yule proposes itself.", examples=["[purchases]"]
    )
    history: bool = Field(
        False, description="Also compute each user's own history of what the labels ask for; `auto` always does."
    )
    select: (
        Annotated[
            Annotated[SelectionName, Tag("name")]
            | Annotated[Annotated[Selection, Discriminator("kind")], Tag("mapping")],
            SHAPE,
        ]
        | None
    ) = Field(
        None,
        description="Which features the members see: none (all of them), duplicates, gain, permutation, "
        "null_importance, groups, or one of these with settings. Unless written, with `auto` those of groups that "
        "pay, else all.",
    )

    derive: Derivation | None = Field(
        None,
        description="Which columns are made of the features in each fold. Unless written, with `auto` "
        f"{PREPARE_PROPOSED.derive.components} components where labels are few, else none.",
    )

    def preparation(self) -> PreparationSettings:
        """Return what is fitted in each fold before the members see the features."""
        select = selection(self.select) if isinstance(self.select, str) else self.select
        by_default = PREPARE_PROPOSED if self.auto else PreparationSettings()
        return PreparationSettings(select=select or by_default.select, derive=self.derive or by_default.derive)

    @model_validator(mode="after")
    def _check_whole(self, info: ValidationInfo) -> "UsedFeaturesForm":
        if not (self.sets or self.auto or self.history):
            raise ValueError("models need something to see; write features: auto, or sets: [NAME, ...]")
        kept = [name for name in self.sets if name in known(info).proposed_sets]
        if kept and (self.auto or self.history):
            raise ValueError(
                f"{kept[0]} is named as a feature set that Yule proposed, and auto or history proposes it again; "
                "write either the names of all sets, or auto and history without them"
            )
        return self


def find_member_faults(members: tuple[MemberSettings, ...]) -> Iterable[Fault]:
    """Find members whose names are taken, or cannot name a folder."""
    names = [member.name for member in members]
    for index, name in enumerate(names):
        if not re.fullmatch(NAME, name):
            yield Fault(
                at=(index, "name"), message=f"{name!r} cannot be a name; use letters, digits, '-' and single '_'"
            )
        if name in names[:index]:
            yield Fault(
                at=(index, "name"), message=f"a member before is called {name!r} too; give this one a 'name' of its own"
            )


MembersForm: TypeAlias = Annotated[
    Annotated[PortfolioName, Tag("name")]
    | Annotated[
        tuple[Annotated[MemberSettings, Discriminator("kind")], ...],
        MinLen(1),
        checked(find_member_faults),
        Tag("list"),
    ],
    SHAPE,
]


def find_transfer_faults(members: tuple[MemberSettings, ...], labels: Labels) -> Iterable[Fault]:
    """Find members that learn from other questions, where the log does not ask any that are like the case's own."""
    for index, member in enumerate(members):
        if isinstance(member, Transferred) and not can_transfer(labels):
            yield Fault(
                at=(index, "kind"),
                message=f"a {member.kind} member learns from what else a log asks, and these labels are not made of "
                "its events, so drop it",
            )


def can_transfer(labels: Labels) -> bool:
    """Say whether a log asks questions like a case's own: whether an event happens, of which class, or how much."""
    return labels.is_rule


class TransferForm(BaseModel):
    """Where members that learn from other questions come from."""

    model_config = FORM

    source: Annotated[str, MinLen(1)] = Field(
        alias="from",
        description="auto, none, or the name of models that `yule models` lists, which are taken as they are.",
        examples=["purchases-28d-2017-10-15"],
    )


def check_transfer(
    transfer: Literal["auto", "none"] | TransferForm, info: ValidationInfo
) -> Literal["auto", "none"] | TransferForm:
    """Refuse models of other questions where a log asks none that are like the case's own, or fits some beside them."""
    labels: LabelsForm | None = info.data.get("labels")
    members: MembersForm | None = info.data.get("models")
    if labels is None or isinstance(transfer, str) or transfer.source in ("auto", "none"):
        return transfer
    faults = []
    asked = labels.settings()
    if not can_transfer(asked):
        text = "models of other questions answer what these labels do not ask; write transfer: auto"
        faults.append(Fault(at=("from",), message=text))
    elif asked.target != "binary":
        text = "models that are taken answer whether something happens, and these labels ask more; write transfer: auto"
        faults.append(Fault(at=("from",), message=text))
    fitted = [member.name for member in members or () if isinstance(member, Transferred)]
    if fitted:
        text = f"they bring members of their own; drop {' and '.join(fitted)} from models, or write transfer: auto"
        faults.append(Fault(at=("from",), message=text))
    raise_faults(faults)
    return transfer


def check_members(members: MembersForm, info: ValidationInfo) -> MembersForm:
    """Refuse members that are not fitted by the loss that the labels ask for."""
    labels: LabelsForm | None = info.data.get("labels")
    if labels is not None and not isinstance(members, str):
        settings = labels.settings()
        kinds = ", ".join(sorted(find_kinds(settings.loss)))
        raise_faults(
            Fault(
                at=(index, "kind"),
                message=f"{member.kind} is no model of {settings.target} labels; choose from {kinds}",
            )
            for index, member in enumerate(members)
            if settings.loss not in member.losses
        )
        raise_faults(find_transfer_faults(members, settings))
    return members


def check_labels(labels: LabelsForm, info: ValidationInfo) -> LabelsForm:
    """Refuse labels that cannot be learned from: none to train on, known too late, or of users who may be gone.

    Cut-offs that are left out are filled in.
    """
    folds: FoldSettings | None = info.data.get("folds")
    predict: PredictForm | None = info.data.get("predict")
    within = labels.within
    if predict is not None and not labels.expand_cutoffs():
        labels = labels.model_copy(update={"cutoffs": default_cutoffs(within, predict.cutoff)})
    cutoffs = labels.expand_cutoffs()
    if not cutoffs:
        return labels
    faults: list[Fault] = []
    if folds is not None:
        faults += find_validation_faults(cutoffs, within, folds.n_validation_cutoffs)
    if predict is not None:
        faults += find_horizon_faults(cutoffs, within, predict.cutoff)
        faults += labels.find_activity_faults(predict.population_settings().within)
    raise_faults(faults)
    return labels


class CaseForm(BaseModel):
    """One business question. Its name is the name of the file."""

    # A check sees only the fields above its own: labels are checked against the folds and the prediction.
    model_config = FORM

    version: Version = version_field()
    extends: str | None = Field(
        None,
        description="Another case file, beside this one, that this one is laid over: mappings merge, lists do not.",
    )
    question: Annotated[str, MinLen(1)] = Field(
        description="The question, in words.", examples=["Who will buy beer in the next 28 days?"]
    )
    due: Due | None = Field(
        None,
        description="By when the answer is needed: a day, by its end, or an instant. Of cases that run together the "
        "nearest is finished first. It changes no answer.",
        examples=["2026-12-24"],
    )
    code: str | None = Field(None, description="Commit, prefix, tag or branch whose code runs the case.")
    folds: FoldSettings = Field(FoldSettings(), description="How labelled users are divided.")
    predict: PredictForm = Field(
        description="For whom and for when the question is answered.",
        examples=["{cutoff: 2017-12-03, population: purchases}"],
    )
    labels: Annotated[LabelsForm, AfterValidator(check_labels)] = Field(
        description="What is predicted: a rule over events, or a table of labels.",
        examples=["{event: purchases, within: 28 days, cutoffs: [2017-04-02]}"],
    )
    features: Annotated[
        Annotated[Literal["auto"], Tag("name")] | Annotated[UsedFeaturesForm, Tag("mapping")], SHAPE
    ] = Field(
        description="What the models see: auto, for features of all downloads that have a time, or a mapping.",
        examples=["auto"],
    )
    models: Annotated[MembersForm, AfterValidator(check_members)] = Field(
        description="The members of the ensemble: quick, standard, best, or a list of members with their settings.",
        examples=["standard"],
    )
    transfer: Annotated[
        Annotated[Annotated[Literal["auto", "none"], Tag("name")] | Annotated[TransferForm, Tag("mapping")], SHAPE],
        AfterValidator(check_transfer),
    ] = Field(
        "none",
        description="Whether members learn from what else a log tells, and compete with the others: auto, from other "
        "questions of the same log where labels are made of its events, else from what users have had; or none; "
        "{from: NAME} takes models that `yule models` lists.",
    )
    ensemble: Annotated[
        Annotated[Literal["stacking", "greedy"], Tag("name")]
        | Annotated[Annotated[EnsembleSettings, Discriminator("kind")], Tag("mapping")],
        SHAPE,
    ] = Field(
        Stacking(), description="How the members are blended: stacking, greedy, or one of them with its settings."
    )
    refit: Refits = Field(
        "auto",
        description="Which members are fitted once more, on all labelled users of all cut-offs, to predict in the "
        "place of the models of their folds: auto, where there are labels enough, none, or all.",
    )
    seed: Annotated[int, Ge(0)] = Field(0, description="Seed of all that is random.")

    def used_features(self, downloads: Mapping[str, Method | None]) -> UsedFeaturesForm:
        """Return which features the models see, when these are the project's downloads."""
        if not isinstance(self.features, str):
            return self.features
        with_time = (name for name, method in downloads.items() if method is not None and method.time is not None)
        names = tuple(sorted(name for name in with_time if name != self.labels.unseen))
        return UsedFeaturesForm.model_construct(auto=names, history=True)

    def members(self) -> tuple[MemberSettings, ...]:
        """Return the members."""
        labels = self.labels.settings()
        members = portfolio(self.models, labels.loss) if isinstance(self.models, str) else self.models
        if self.source != "auto":
            return members
        kinds = {member.kind for member in members}
        added = (Pooled(), Refined()) if can_transfer(labels) else (Embedded(),)
        fitting = (member for member in added if labels.loss in member.losses)
        return (*members, *(member for member in fitting if member.kind not in kinds))

    @property
    def source(self) -> str:
        """Where members that learn from other questions come from: auto, none, or a name."""
        return self.transfer if isinstance(self.transfer, str) else self.transfer.source

    @property
    def takes(self) -> str | None:
        """The models of other questions that are named."""
        return None if self.source in ("auto", "none") else self.source

    def ensemble_settings(self) -> EnsembleSettings:
        """Return how the members are blended."""
        if isinstance(self.ensemble, str):
            return Stacking() if self.ensemble == "stacking" else GreedySelection()
        return self.ensemble
