"""Cases: one business question each."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from ruamel.yaml import YAML

from yule.config.documents import Node, merge, read_document, without
from yule.config.forms.case import CaseForm
from yule.config.forms.checks import Known, suggest_choice
from yule.config.forms.labels import write_labels
from yule.config.forms.values import format_duration, format_instant
from yule.config.projects import Project, check_file_name, raise_problems
from yule.config.substitution import substitute
from yule.config.validation import validate
from yule.core.errors import Problem
from yule.core.files import write_whole
from yule.core.settings import Json, to_plain
from yule.ensemble.settings import EnsembleSettings
from yule.features.settings import is_proposed
from yule.labels.settings import Labels, Population
from yule.models.members import MemberSettings
from yule.prediction.settings import PredictSettings
from yule.preparation.settings import PreparationSettings
from yule.training.settings import FoldSettings, Refits


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case, read and checked.

    Parameters
    ----------
    name
        Its name: the name of its file.
    question
        The question, in words.
    due
        By when the answer is needed; None when the file does not say. It is part of no key.
    code
        Commit of the code it was written for; None when the file does not say.
    labels
        What is predicted.
    population
        Who is labelled by a rule, and who is scored.
    predict
        For when, and in how many slices, the population is scored.
    feature_sets
        Names of the feature sets, in the order of their columns.
    auto
        Downloads whose feature sets are proposed, after those that are named.
    has_history
        There are features of each user's own history of what the labels ask for.
    preparation
        What is fitted in each fold before the members see the features.
    members
        The members of the ensemble; their names are unique.
    takes
        Name of the models of other questions whose members are added to them; None where none are named.
    wants_transfer
        Whether it is to learn from other questions where it can.
    ensemble
        How they are blended.
    refit
        Which members are fitted once more, on all labelled users.
    folds
        How labelled users are divided.
    seed
        Seed of all that is random.
    """

    name: str
    question: str
    due: datetime | None = None
    code: str | None = None
    labels: Labels
    population: Population
    predict: PredictSettings
    feature_sets: tuple[str, ...]
    auto: tuple[str, ...] = ()
    has_history: bool = False
    preparation: PreparationSettings
    members: tuple[MemberSettings, ...]
    takes: str | None = None
    wants_transfer: bool = False
    ensemble: EnsembleSettings
    refit: Refits = "auto"
    folds: FoldSettings
    seed: int

    @cached_property
    def resolved(self) -> str:
        """The case with all defaults filled in, as a case file (see :func:`resolved_case`)."""
        return to_yaml(resolved_case(self))


def read_case(path: Path, project: Project, environment: Mapping[str, str]) -> Case:
    """Read a case of a project.

    Parameters
    ----------
    path
        The file.
    project
        The project it asks.
    environment
        Values for ``${env:NAME}``.

    Raises
    ------
    ConfigError
        With all problems of the file.
    """
    problems: list[Problem] = []
    known = Known(
        downloads=project.downloads,
        feature_sets=tuple(project.feature_sets),
        proposed_sets=[name for name, feature_set in project.feature_sets.items() if is_proposed(feature_set)],
    )
    form = check_case(path, project.root, known, environment, problems)
    raise_problems(problems)
    assert form is not None
    return build_case(path.stem, form, project)


def check_case(
    path: Path, root: Path, known: Known, environment: Mapping[str, str], problems: list[Problem]
) -> CaseForm | None:
    """Check a case against what is known of its project, even if that has problems of its own.

    Parameters
    ----------
    path, environment
        See :func:`read_case`.
    root
        Folder of the project.
    known
        What is known of it.
    problems
        All problems of the file are added.

    Returns
    -------
    CaseForm or None
        What is written; None if there is none that could be used.
    """
    file = _name_file(path, root)
    if not path.is_file():
        names = [f"cases/{other.name}" for other in (root / "cases").glob("*.yaml")]
        problems.append(Problem(file=file, message=f"there is no such file{suggest_choice(file, names)}"))
        return None
    check_file_name(path, file, problems)
    document = _read_with_base(path, root, problems)
    if document is None:
        return None
    return validate(CaseForm, substitute(document, environment, problems), known, problems)


def build_case(name: str, form: CaseForm, project: Project) -> Case:
    """Return the case of a project that is written in a form without problems."""
    used = form.used_features(project.downloads)
    return Case(
        name=name,
        question=form.question,
        due=form.due,
        code=form.code,
        labels=form.labels.settings(),
        population=form.predict.population_settings(),
        predict=form.predict.settings(),
        feature_sets=used.sets,
        auto=used.auto,
        has_history=used.history or bool(used.auto),
        preparation=used.preparation(),
        members=form.members(),
        takes=form.takes,
        wants_transfer=form.source == "auto",
        ensemble=form.ensemble_settings(),
        refit=form.refit,
        folds=form.folds,
        seed=form.seed,
    )


def write_code(path: Path, root: Path, commit: str) -> Path | None:
    """Write the full hash of a commit into a case, or into the one it extends, where ``code:`` stands.

    Nothing else of the file is touched. A branch or tag that stood there is kept as a comment.

    Parameters
    ----------
    path
        File of a case that can be read.
    root
        Folder of the project.
    commit
        The full hash.

    Returns
    -------
    Path or None
        The file that was written; None when it says so already.
    """
    document = read_document(path, _name_file(path, root), [])
    assert document is not None
    node, extends = document.child("code"), document.child("extends")
    if node is None and extends is not None:
        return write_code(path.parent / str(extends.value), root, commit)
    if node is None or node.value == commit:
        return None
    lines = path.read_bytes().decode().split("\n")
    begin = node.place.column - 1
    line = lines[node.place.line - 1]
    after = line[begin + node.place.width :]
    # With a carriage return before its end in files that come from Windows.
    comment = "" if commit.startswith(str(node.value)) or after.strip() else f"  # {node.value}"
    lines[node.place.line - 1] = f"{line[:begin]}{commit}{comment}{after}"
    write_whole(path, "\n".join(lines))
    return path


def resolved_case(case: Case) -> Json:
    """Return a case with all defaults filled in, in the written form: as a file it gives the same answer.

    By when it is due is left out: a run stays the same when that changes.

    Returns
    -------
    Json
        What a run keeps to tell what was asked.
    """
    return {
        "version": 1,
        "question": case.question,
        **({} if case.code is None else {"code": case.code}),
        "labels": write_labels(case.labels),
        "predict": {
            "cutoff": format_instant(case.predict.cutoff),
            "population": write_population(case.population),
            "shards": case.predict.shards,
        },
        "features": _resolve_features(case),
        "models": [_resolve(member) for member in case.members],
        **({} if case.takes is None else {"transfer": {"from": case.takes}}),
        "ensemble": _resolve(case.ensemble),
        "refit": case.refit,
        "folds": _resolve(case.folds),
        "seed": case.seed,
    }


def write_used_features(case: Case) -> str:
    """Return the part of a case file that says which features the models see, with all defaults filled in."""
    return to_yaml({"features": _resolve_features(case)})


def to_yaml(written: Json) -> str:
    """Write plain data as a file of a project."""
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.dump(written, text)
    return text.getvalue()


def write_population(population: Population) -> dict[str, Json]:
    """Return a population in the written form."""
    where: dict[str, Json] = {} if population.where is None else {"where": population.where}
    period: dict[str, Json] = {} if population.within is None else {"within": format_duration(population.within)}
    return {"download": population.download, **where, **period, "at_least": population.at_least}


def _resolve_features(case: Case) -> dict[str, Json]:
    return {
        "sets": list(case.feature_sets),
        "auto": list(case.auto),
        "history": case.has_history,
        "select": _resolve(case.preparation.select),
        "derive": _resolve(case.preparation.derive),
    }


def _resolve(settings: object) -> dict[str, Json]:
    """Return settings in the written form, in which nothing is what is left out."""
    plain = to_plain(settings)
    assert isinstance(plain, dict)
    return {name: value for name, value in plain.items() if value is not None}


def _read_with_base(path: Path, root: Path, problems: list[Problem]) -> Node | None:
    """Read a case and lay it over the one it extends, if any."""
    document = read_document(path, _name_file(path, root), problems)
    extends = document and document.child("extends")
    if document is None or extends is None or not (isinstance(extends.value, str) and extends.value.strip()):
        return document
    base_path = path.parent / extends.value
    if not base_path.is_file():
        names = [other.name for other in path.parent.glob("*.yaml") if other != path]
        problems.append(
            extends.place.problem(f"there is no {extends.value} beside this file{suggest_choice(extends.value, names)}")
        )
        return None
    base = read_document(base_path, _name_file(base_path, root), problems)
    if base is None:
        return None
    above = base.child("extends")
    if above is not None:
        problems.append(
            above.key.problem("a case that others extend cannot extend one itself; write its keys out here")
        )
    return merge(without(base, "extends"), without(document, "extends"))


def _name_file(path: Path, root: Path) -> str:
    """Return the path of a file as a person in the project's folder would type it."""
    resolved = path.resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(path)
