"""Find the models that were fitted to the questions of a log, and give them names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from yule.core.bounds import find_out_of_bounds
from yule.core.errors import CorruptedOutput, WorkspaceError
from yule.core.settings import digest, from_json, to_json
from yule.core.spelling import suggest
from yule.features.columns import name_window
from yule.models.members import Transferred, read_member
from yule.pipeline.questions import FindQuestions, FitPooled
from yule.questions.find import Questions, read_questions
from yule.questions.halves import N_HALVES
from yule.questions.settings import QuestionSpec
from yule.storage.record import Record, parse_records
from yule.storage.store import Store

_FAMILY = "FitPooled"

_UNREADABLE = (ExceptionGroup, AssertionError, AttributeError, CorruptedOutput, LookupError, TypeError, ValueError)
"""What the record of another version, a damaged or a forged one, may lead to: such models are not listed."""


@dataclass(frozen=True, kw_only=True)
class LearnedModels:
    """Models fitted to the questions of a log: of every fold, and of both halves of the questions.

    Parameters
    ----------
    name
        What it is called: the log, the horizon, and the day by which all is over that it was learned from. Where that
        is the same for several, also what tells them apart.
    spec
        Which log was asked, and when.
    n_folds
        Folds of the users; of each one model of a half has not learned from them.
    members
        The members that were fitted.
    questions
        The questions; without any, there are no models.
    seconds
        What fitting took.
    n_bytes
        Size of the models.
    learned_at
        When the last of them was written.
    versions
        Of Python, Yule and the libraries that fitted them.
    unique_ids
        Of the tasks that fitted them, and of the one that found the questions.
    """

    name: str
    spec: QuestionSpec
    n_folds: int
    members: tuple[Transferred, ...]
    questions: Questions
    seconds: float
    n_bytes: int
    learned_at: datetime
    versions: Mapping[str, str]
    unique_ids: tuple[str, ...]

    @property
    def until(self) -> datetime:
        """By when all is over that was learned from."""
        return self.spec.cutoffs[-1] + self.spec.settings.within


def find_learned(store: Store) -> list[LearnedModels]:
    """Return the models of other questions that a workspace has whole and this version can use, the oldest first.

    No task is run; the setup has to be bound.
    """
    times = store.objects.list_times(f"cache/{_FAMILY}/")
    written_at = {name.split("/")[2]: time for name, time in times.items()}
    by_questions: dict[tuple[str, str], dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in parse_records(store.read_records(_FAMILY)):
        with suppress(KeyError):
            told = record.parameters
            by_questions[told["questions"], told["n_folds"]][told["member"]].append(record)
    found: list[LearnedModels] = []
    for (questions, n_folds), by_member in by_questions.items():
        with suppress(*_UNREADABLE):
            found += _read_learned(questions, int(n_folds), by_member, written_at)
    return sorted(name_learned(found), key=lambda one: (one.until, one.name))


def choose_learned(learned: Iterable[LearnedModels], name: str) -> LearnedModels:
    """Return the models of a name.

    Raises
    ------
    WorkspaceError
        If there are none; says what comes close.
    """
    names = {one.name: one for one in learned}
    if name in names:
        return names[name]
    several = [other for other in names if other.startswith(f"{name}-")]
    hint = f" (there are {' and '.join(several)})" if several else suggest(name, names)
    raise WorkspaceError(f"No models of other questions are called {name!r}{hint}. `yule models` lists them.")


def name_learned(found: Iterable[LearnedModels]) -> Iterator[LearnedModels]:
    """Give models their names: what tells them apart is added where several would be called the same."""
    by_name = defaultdict(list)
    for one in found:
        kind = "" if one.spec.kind == "events" else f"-{one.spec.kind}"
        horizon = name_window(one.spec.settings.within)
        by_name[f"{one.spec.settings.download}{kind}-{horizon}-{one.until:%Y-%m-%d}"].append(one)
    for name, called in by_name.items():
        for one in called:
            apart = f"-{digest(f'{to_json(one.spec)} {one.n_folds}')[:4]}" if len(called) > 1 else ""
            yield replace(one, name=f"{name}{apart}")


def _read_learned(
    questions: str, n_folds: int, by_member: Mapping[str, list[Record]], written_at: Mapping[str, datetime]
) -> Iterator[LearnedModels]:
    """Give what records tell of the models of some questions; nothing where there is no member whole."""
    spec = from_json(QuestionSpec, questions)
    asked = FindQuestions(questions=questions)
    whole = {
        member: records
        for member, records in by_member.items()
        if {record.unique_id for record in records} == set(_list_ids(questions, member, n_folds))
    }
    records = [record for of_member in whole.values() for record in of_member]
    if not records or any(find_out_of_bounds(spec)) or not asked.complete():
        return
    found = read_questions(asked.output().load())
    members = [member for member in map(read_member, sorted(whole)) if isinstance(member, Transferred)]
    if found.questions and spec.cutoffs:
        yield LearnedModels(
            name="",
            spec=spec,
            n_folds=n_folds,
            members=tuple(members),
            questions=found,
            seconds=sum(record.seconds for record in records),
            n_bytes=sum(file.n_bytes for record in records for file in record.files.values()),
            learned_at=max(written_at[record.unique_id] for record in records),
            versions=records[-1].versions,
            unique_ids=(asked.unique_id, *(record.unique_id for record in records)),
        )


def _list_ids(questions: str, member: str, n_folds: int) -> Iterator[str]:
    """Give the ids that the fits of a member have in this version of Yule."""
    for half in range(N_HALVES):
        for fold in range(n_folds):
            yield FitPooled(questions=questions, member=member, half=half, fold=fold, n_folds=n_folds).unique_id
