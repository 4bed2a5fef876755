"""The feature sets of a case: those it names, and those that are proposed for it. None sees the labels."""

from collections.abc import Sequence
from dataclasses import replace

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import DataError
from yule.downloads.settings import Method
from yule.features.auto import propose_history, propose_roles, propose_sets
from yule.features.events.table import read_columns
from yule.features.settings import EventFeatures, FeatureSet, ProfileFeatures, RoleFeatures, TextFeatures
from yule.labels.settings import EventRule, Labels
from yule.models.members import Transferred
from yule.sql.conditions import condition_sql, find_columns
from yule.sql.quoting import quote_name, quote_text


def find_feature_sets(case: Case, project: Project) -> list[FeatureSet]:
    """Return the feature sets that a case names, those proposed for it, and the history of its outcome."""
    labels = case.labels
    items = [method for method in project.downloads.values() if method.about == "items"]
    proposed = [
        feature_set
        for name in case.auto
        for feature_set in propose_sets(_hide_label(project.downloads[name], labels), items)
    ]
    named = [project.feature_sets[name] for name in case.feature_sets]
    if case.has_history and labels.is_rule:
        method = project.downloads[labels.method]
        proposed += [
            propose_history(method, of=f"outcome{name}", where=where, horizon=labels.horizon)
            for name, where in _find_outcomes(labels).items()
        ]
    if asks_questions(case):
        method = project.downloads[labels.method]
        proposed += [
            propose_roles(
                method, items, name=f"roles{name}", where=where, of=_find_amount(labels), horizon=labels.horizon
            )
            for name, where in (_find_outcomes(labels) | _find_none(labels)).items()
        ]
    sets = [_leave_out_label(feature_set, case, project) for feature_set in (*named, *proposed)]
    names = [feature_set.name for feature_set in sets]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"Two feature sets of {case.name} are called {', '.join(repeated)}: Yule names what it proposes by the "
            "downloads, their columns and the outcome. Give one of these another name."
        )
    return sets


def asks_questions(case: Case) -> bool:
    """Say whether a member of a case learns from other questions than its own."""
    return case.takes is not None or any(isinstance(member, Transferred) for member in case.members)


def is_own_roles(settings: FeatureSet) -> bool:
    """Say whether a set of roles is of what a case asks itself, or of one of its classes."""
    return isinstance(settings, RoleFeatures) and settings.proposed


def name_columns(settings: FeatureSet) -> list[str]:
    """Return the columns that a feature set names; a profile that names none takes all."""
    if isinstance(settings, EventFeatures):
        return [*read_columns(settings), *find_columns(settings.where)]
    if isinstance(settings, ProfileFeatures):
        return list(settings.columns)
    if isinstance(settings, TextFeatures):
        return [*settings.columns, *find_columns(settings.where)]
    if isinstance(settings, RoleFeatures):
        amounts = [] if settings.of is None else [settings.of]
        return [*settings.items, *amounts, *find_columns(settings.where)]
    weight = [] if settings.weight is None else [settings.weight]
    return [settings.item, *weight, *find_columns(settings.where)]


def _hide_label(method: Method, labels: Labels) -> Method:
    """Return a table without the column that holds the labels, if it does."""
    if labels.label is None or method.name != labels.method:
        return method
    return replace(method, columns=tuple(column for column in method.columns if column.name != labels.label))


def _leave_out_label(settings: FeatureSet, case: Case, project: Project) -> FeatureSet:
    """Return a feature set that does not see the labels: a profile takes all other columns, no set may name them."""
    labels, method = case.labels, project.downloads[settings.download]
    if labels.label is None or method.name != labels.method:
        return settings
    if isinstance(settings, ProfileFeatures) and not settings.columns:
        unseen = (method.user, method.time, labels.label)
        columns = tuple(column.name for column in method.with_columns().columns if column.name not in unseen)
        if columns:
            return replace(settings, columns=columns)
    elif labels.label.lower() not in (name.lower() for name in name_columns(settings)):
        return settings
    raise DataError(
        f"The feature set {settings.name} takes the labels of {case.name} from {method.name}: the models would be "
        "given the answers. Name other columns, or leave the set out."
    )


def _find_amount(labels: Labels) -> str | None:
    """Return the column that is added up, if any is."""
    return labels.of if isinstance(labels, EventRule) else None


def _find_outcomes(labels: Labels) -> dict[str, str | None]:
    """Return the conditions of what can come out, by name: of one of several classes that of each."""
    if not labels.class_names:
        return {"": labels.where}
    return {
        f"-{number}-{name}": _find_class(labels, [name])
        for number, name in enumerate(labels.class_names[: labels.negative])
    }


def _find_none(labels: Labels) -> dict[str, str]:
    """Return the condition of what users of no class have none of, by name; nothing where labels are no classes."""
    names = labels.class_names[: labels.negative]
    return {f"-{labels.negative}-{name}": _find_class(labels, names) for name in labels.class_names[labels.negative :]}


def _find_class(labels: Labels, names: Sequence[str]) -> str:
    (column,) = labels.columns
    where = "" if labels.where is None else f"{condition_sql(labels.where, ())} AND "
    values = ", ".join(map(quote_text, names))
    return f"{where}{quote_name(column)} {f'= {values}' if len(names) == 1 else f'IN ({values})'}"
