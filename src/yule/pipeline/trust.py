"""What is recorded of a run is data that anybody who may write the workspace may have forged: it is checked here.

Belongs here: what a record must be before its names become paths, arguments of commands, or SQL.
Does not belong here: whether it can be read at all (:mod:`yule.pipeline.runs`).
"""

import re
from collections.abc import Iterator, Sequence

from yule.config.forms.checks import NAME
from yule.config.forms.download import check_zone
from yule.core.errors import WorkspaceError
from yule.downloads.settings import Method
from yule.downloads.specs import TableSpec
from yule.features.settings import ProfileFeatures
from yule.pipeline.specs import AnswerSpec
from yule.prediction.settings import MAX_SHARDS
from yule.sql.conditions import condition_problems
from yule.storage.names import name_fault
from yule.storage.record import UNIQUE_ID
from yule.training.settings import MAX_FOLDS
from yule.versions.commits import HASH

RUN_ID = re.compile(rf"(?P<case>{NAME})-[0-9a-f]{{8}}")
LAUNCH = re.compile(r"[0-9a-f]{10}")

_CODE = re.compile(rf"{HASH.pattern}(-dirty)?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?")
_FIT = re.compile(rf"(?P<member>{NAME})/.*fold-[0-9]{{1,4}}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?\+00:00")


def find_name_faults(named: dict[str, str], fits: dict[str, str], *, folder: str) -> Iterator[str]:
    """Say what is wrong with the names in a record.

    Parameters
    ----------
    named
        ``run_id``, ``case``, ``code``, ``image``, ``launch``, ``started_at`` and ``ended_at``.
    fits
        Unique ids by member and fold.
    folder
        Name of the folder that the record lies in.
    """
    if named["run_id"] != folder:
        yield f"its run_id is {named['run_id']!r}"
    match = RUN_ID.fullmatch(named["run_id"])
    if match is None or match["case"] != named["case"]:
        yield f"its case is {named['case']!r}"
    patterns = {"code": _CODE, "image": _IMAGE, "launch": LAUNCH, "started_at": _INSTANT, "ended_at": _INSTANT}
    for key, pattern in patterns.items():
        if named[key] and not pattern.fullmatch(named[key]):
            yield f"its {key} is {named[key]!r}"
    for name, unique_id in fits.items():
        if name_fault(name) or not _FIT.fullmatch(name) or not UNIQUE_ID.fullmatch(unique_id):
            yield f"it has a fit {name!r}: {unique_id!r}"


def check_answer(run_id: str, answer: AnswerSpec, *, outcome: TableSpec | None) -> None:
    """Refuse a recorded answer whose names, numbers or conditions no case could have.

    Parameters
    ----------
    run_id
        The run.
    answer
        Its answer.
    outcome
        The table that tells what came of it, if that is recorded.

    Raises
    ------
    WorkspaceError
        With all that is wrong.
    """
    faults = [*_find_answer_faults(answer), *(_find_method_faults(outcome.method) if outcome else ())]
    problems = list(dict.fromkeys(faults))
    if problems:
        raise WorkspaceError(
            f"The record of {run_id} is not one that Yule writes: {'; '.join(problems)}. Nothing of it is used: look "
            "who can write the workspace, delete the run's folder and run the case again."
        )


def list_tables(answer: AnswerSpec) -> list[TableSpec]:
    """Return all tables that an answer names."""
    labels = answer.model.dataset.labels
    known = [answer.population.known] if answer.population.known else []
    features = [*answer.model.dataset.features, *answer.features]
    read = [table for spec in features for table in (spec.table, *spec.joined, *spec.learn_from)]
    return [labels.table, labels.population_table, answer.population.table, *known, *read]


def _find_answer_faults(answer: AnswerSpec) -> Iterator[str]:
    for table in list_tables(answer):
        yield from _find_method_faults(table.method)
    if not 1 <= answer.shards <= MAX_SHARDS:
        yield f"it has {answer.shards} shards"
    if not 2 <= answer.model.dataset.folds.n_folds <= MAX_FOLDS:
        yield f"it has {answer.model.dataset.folds.n_folds} folds"
    for member in answer.model.members:
        if not re.fullmatch(NAME, member.name):
            yield f"a member is called {member.name!r}"
    for condition, methods in _list_conditions(answer):
        for problem in condition_problems(condition, methods):
            yield f"the condition {condition!r}: {problem}"


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
    for spec in (*answer.model.dataset.features, *answer.features):
        if not isinstance(spec.settings, ProfileFeatures):
            asked.append((spec.settings.where, spec.methods))
    yield from ((where, methods) for where, methods in asked if where is not None)
