"""Reports of earlier versions, in which each kind had a form of its own."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from yule.core.settings import Json
from yule.kinds.kind import Kind
from yule.messages.older import renew_findings, renew_message
from yule.report.board import Metric

Plain: TypeAlias = dict[str, Json]

NAMES = {"look_alike": "positive_unlabelled", "amount": "regression", "classes": "multiclass"}
"""What kinds were called; a yes or no had no name."""

IN_HEAD = (
    "case question run_id cutoff n_users validation_cutoffs is_later history findings resolved facts".split()  # noqa: SIM905
)
IN_PART = ("features", "told_weight", "selection")
OF_MODEL = (*IN_PART, "ensemble", "members")
"""What was said of a model, beside what only reports of its kind say."""


def renew_report(report: Json, kinds: Iterable[Kind[Any]]) -> Plain:
    """Return the plain data of a report in today's form; one of today stays what it is.

    Parameters
    ----------
    report
        The content of its ``report.json``.
    kinds
        All kinds.

    Raises
    ------
    TypeError, LookupError
        It is no report of any version.
    """
    plain = _read_object(report)
    renewed = plain if "head" in plain else _give_head(renew_findings(plain), kinds)
    head = _read_object(renewed["head"])
    return {**renewed, "head": {**head, "parts": [_renew_part(part) for part in _read_objects(head["parts"])]}}


def _give_head(plain: Plain, kinds: Iterable[Kind[Any]]) -> Plain:
    """Tell what all reports say apart from what those of a kind do."""
    name = NAMES.get(str(plain.get("kind", "")), "binary")
    (metrics,) = (kind.metrics.columns for kind in kinds if kind.name == name)
    classes = _read_objects(plain["classes"]) if "classes" in plain else []
    head = {"horizon": 0, "findings": [], **_take(plain, (*IN_HEAD, "horizon"))}
    parts: list[Json] = [_take_part(model, metrics) for model in classes or [plain]]
    body = _leave_out(plain, (*IN_HEAD, "horizon", "kind", "version", *(() if classes else OF_MODEL)))
    if classes:
        body["classes"] = [_leave_out(one, OF_MODEL) for one in classes]
    return {"kind": name, "head": {**head, "parts": parts}, "body": body}


def _take_part(model: Plain, metrics: Sequence[Metric]) -> Plain:
    """Take what is said of a model out of plain data."""
    whole: Plain = {**_read_object(model.get("validation", {})), "name": "blend", "kind": "ensemble", "weight": 1.0}
    board: Plain = {
        "ensemble": _tell_member(_read_object(model.get("ensemble", whole)), metrics),
        "members": [_tell_member(member, metrics) for member in _read_objects(model["members"])],
    }
    part = _take(model, IN_PART)
    part["features"] = [_tell_meaning(feature) for feature in _read_objects(part["features"])]
    if part.get("selection"):
        part["selection"] = _renew_verdicts(_read_object(part["selection"]), _tell_meaning)
    return {"name": model.get("name", ""), "board": board, **part}


def _renew_part(part: Plain) -> Plain:
    """Tell as messages why features were not kept."""
    selection = part.get("selection")
    return {**part, "selection": _renew_verdicts(_read_object(selection), _tell_why)} if selection else part


def _renew_verdicts(selection: Plain, renew: Callable[[Plain], Plain]) -> Plain:
    return {
        **selection,
        "features": [renew(verdict) for verdict in _read_objects(selection["features"])],
        "groups": [renew(verdict) for verdict in _read_objects(selection["groups"])],
    }


def _tell_why(verdict: Plain) -> Plain:
    return {**verdict, "dropped": [renew_message(why) for why in _read_list(verdict["dropped"])]}


def _tell_meaning(feature: Plain) -> Plain:
    """Say of a feature that it has its name, where no more is known of what it means."""
    meaning: Json = {"column": feature.get("description") or feature["name"]}
    return {"meaning": meaning, **_leave_out(feature, ("description",))}


def _tell_member(member: Plain, metrics: Sequence[Metric]) -> Plain:
    folds: list[Json] = [
        {"fold": fold["fold"], "n_users": fold["n_users"], "scores": _tell_scores(fold, metrics)}
        for fold in _read_objects(member.get("folds", []))
    ]
    kept: Plain = {key: member[key] for key in ("name", "kind", "weight")}
    return {**kept, "scores": _tell_scores(member, metrics), "folds": folds}


def _tell_scores(told: Plain, metrics: Sequence[Metric]) -> Plain:
    return _take(told, [metric.name for metric in metrics])


def _take(plain: Plain, keys: Iterable[str]) -> Plain:
    return {key: plain[key] for key in keys if key in plain}


def _leave_out(plain: Plain, keys: Sequence[str]) -> Plain:
    return {key: value for key, value in plain.items() if key not in keys}


def _read_object(value: Json) -> Plain:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} stands where an object should.")
    return value


def _read_list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} stands where a list should.")
    return value


def _read_objects(value: Json) -> list[Plain]:
    return [_read_object(one) for one in _read_list(value)]
