"""What is recorded of a run is data that anybody who may write the workspace may have forged: it is checked here.

Belongs here: what a record must be before its names become paths, arguments of commands, or SQL.
Does not belong here: whether it can be read at all (:mod:`yule.pipeline.runs.record`).
"""

import re
from collections.abc import Iterator, Sequence

from yule.config.forms.checks import NAME
from yule.config.forms.download import check_zone
from yule.core.bounds import find_out_of_bounds
from yule.core.errors import WorkspaceError
from yule.downloads.settings import Method
from yule.downloads.specs import TableSpec
from yule.features.settings import FeatureSpec, ProfileFeatures
from yule.pipeline.runs.record import RUN, Run, run_place
from yule.pipeline.specs import AnswerSpec, DatasetSpec, ModelSpec
from yule.prediction.settings import MAX_SHARDS
from yule.sql.conditions import condition_problems
from yule.storage.names import name_fault
from yule.storage.record import UNIQUE_ID
from yule.storage.store import Store
from yule.versions.commits import HASH

RUN_ID = re.compile(rf"(?P<case>{NAME})-[0-9a-f]{{8}}")
LAUNCH = re.compile(r"[0-9a-f]{10}")

_CODE = re.compile(rf"{HASH.pattern}(-dirty)?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?")
_FIT = re.compile(rf"(?P<member>{NAME})/.*fold-[0-9]{{1,4}}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?\+00:00")


def check_run(run: Run) -> Run:
    """Return a run whose record can be computed with; refuse one whose names, numbers or conditions no case could have.

    Raises
    ------
    WorkspaceError
        With all that is wrong.
    """
    outcome = _find_method_faults(run.outcome.method) if run.outcome else ()
    problems = list(dict.fromkeys([*_find_answer_faults(run.asked), *outcome]))
    if problems:
        raise WorkspaceError(
            f"{run_place(run.run_id)}/{RUN} is not one that Yule writes: {'; '.join(problems[:5])}. Nothing of it "
            "is used: look who can write the workspace, delete the run's folder and run the case again."
        )
    return run


def find_forgery(store: Store, run: Run, folder: str) -> str:
    """Say what shows that a record is not one that Yule wrote into its folder; empty when nothing does."""
    faults = list(_find_name_faults(run, folder))
    if not faults:
        return ""
    return (
        f"{store.describe(run_place(folder))}/{RUN} is forged: {'; '.join(faults[:3])}. Nothing of it is used: look "
        "who can write there, delete the folder and run the case again."
    )


def _find_name_faults(run: Run, folder: str) -> Iterator[str]:
    """Say what is wrong with the names in a record."""
    if run.run_id != folder:
        yield f"its run_id is {run.run_id!r}"
    match = RUN_ID.fullmatch(run.run_id)
    if match is None or match["case"] != run.case:
        yield f"its case is {run.case!r}"
    named = {
        "code": (run.code, _CODE),
        "image": (run.image, _IMAGE),
        "launch": (run.launch, LAUNCH),
        "started_at": (run.started_at, _INSTANT),
        "ended_at": (run.ended_at, _INSTANT),
    }
    for key, (name, pattern) in named.items():
        if name and not pattern.fullmatch(name):
            yield f"its {key} is {name!r}"
    for name, unique_id in run.fits.items():
        if name_fault(name) or not _FIT.fullmatch(name) or not UNIQUE_ID.fullmatch(unique_id):
            yield f"it has a fit {name!r}: {unique_id!r}"


def _find_answer_faults(answer: AnswerSpec) -> Iterator[str]:
    yield from find_out_of_bounds(answer)
    if not 1 <= answer.shards <= MAX_SHARDS:
        yield f"it has {answer.shards} shards"
    yield from _find_label_faults(answer.model.dataset)
    yield from _find_member_faults(answer.model)
    yield from _find_feature_faults(answer)
    for table in _list_tables(answer):
        yield from _find_method_faults(table.method)
    for condition, methods in _list_conditions(answer):
        for problem in condition_problems(condition, methods):
            yield f"the condition {condition!r}: {problem}"


def _list_tables(answer: AnswerSpec) -> list[TableSpec]:
    """Return all tables that an answer names."""
    labels = answer.model.dataset.labels
    known = [answer.population.known] if answer.population.known else []
    read = [table for spec in _list_features(answer) for table in (spec.table, *spec.joined, *spec.learn_from)]
    return [labels.table, labels.population_table, answer.population.table, *known, *read]


def _list_features(answer: AnswerSpec) -> list[FeatureSpec]:
    """Return all feature sets that an answer names, with the roles of what its log is asked."""
    questions = answer.model.dataset.questions
    return [*answer.model.dataset.features, *answer.features, *([questions.roles] if questions else [])]


def _find_label_faults(dataset: DatasetSpec) -> Iterator[str]:
    labels, table = dataset.labels.settings, dataset.labels.table
    if dataset.one_class is not None:
        yield f"it is of the class {dataset.one_class!r} alone"
    if len(set(labels.class_names)) < len(labels.class_names):
        yield f"a class is named twice among {', '.join(map(repr, labels.class_names))}"
    if not labels.cutoffs or sorted(set(labels.cutoffs)) != list(labels.cutoffs):
        yield "its labels have no cut-offs, or these are not in their order"
    if labels.target == "regression" and not labels.columns:
        yield "its labels are sums of nothing"
    there = {column.name for column in table.method.columns}
    yield from (
        f"its labels are of a column {name!r} that is not there" for name in labels.columns if name not in there
    )


def _find_member_faults(model: ModelSpec) -> Iterator[str]:
    labels, names = model.dataset.labels.settings, [member.name for member in model.members]
    if not names:
        yield "it has no members"
    for number, member in enumerate(model.members):
        if not re.fullmatch(NAME, member.name):
            yield f"a member is called {member.name!r}"
        if member.name in names[:number]:
            yield f"two members are called {member.name!r}"
        if labels.loss not in member.losses:
            yield f"the member {member.name!r} is no model of {labels.target} labels"


def _find_feature_faults(answer: AnswerSpec) -> Iterator[str]:
    learned, scored = ([spec.settings for spec in specs] for specs in (answer.model.dataset.features, answer.features))
    if not learned:
        yield "it has no features"
    if learned != scored:
        yield "its users are scored by other features than its model learned"
    yield from (f"a feature set is called {one.name!r}" for one in learned if not re.fullmatch(NAME, one.name))


def _find_method_faults(method: Method) -> Iterator[str]:
    if not re.fullmatch(NAME, method.name):
        yield f"a download is called {method.name!r}"
    try:
        check_zone(method.time_zone)
    except ValueError as error:
        yield str(error)


def _list_conditions(answer: AnswerSpec) -> Iterator[tuple[str, Sequence[Method]]]:
    """Yield all conditions with the methods whose columns they may use."""
    labels = answer.model.dataset.labels
    asked: list[tuple[str | None, Sequence[Method]]] = [
        (labels.population.where, [labels.population_table.method]),
        (labels.settings.where, [labels.table.method]),
        (answer.population.population.where, [answer.population.table.method]),
    ]
    for spec in _list_features(answer):
        if not isinstance(spec.settings, ProfileFeatures):
            asked.append((spec.settings.where, spec.methods))
    yield from ((where, methods) for where, methods in asked if where is not None)
