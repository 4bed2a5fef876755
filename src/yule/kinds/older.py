"""Reports of earlier versions, in which each kind had a form of its own."""

from collections.abc import Iterable
from typing import Any

from yule.kinds.kind import Kind
from yule.messages.older import renew_findings, renew_message
from yule.report.board import Metric

NAMES = {"look_alike": "positive_unlabelled", "amount": "regression", "classes": "multiclass"}
"""What kinds were called; a yes or no had no name."""

IN_HEAD = (
    "case question run_id cutoff n_users validation_cutoffs is_later history findings resolved facts".split()  # noqa: SIM905
)
IN_PART = ("features", "told_weight", "selection")


def renew_report(plain: dict[str, Any], kinds: Iterable[Kind[Any]]) -> dict[str, Any]:
    """Return the plain data of a report in today's form; one of today stays what it is.

    Parameters
    ----------
    plain
        The content of its ``report.json``.
    kinds
        All kinds.
    """
    renewed = plain if "head" in plain else _give_head(plain, kinds)
    for part in renewed["head"]["parts"]:
        selection = part.get("selection") or {}
        for verdict in (*selection.get("features", ()), *selection.get("groups", ())):
            verdict["dropped"] = [renew_message(why) for why in verdict["dropped"]]
    return renewed


def _give_head(plain: dict[str, Any], kinds: Iterable[Kind[Any]]) -> dict[str, Any]:
    """Tell what all reports say apart from what those of a kind do."""
    plain = dict[str, Any](renew_findings(plain))
    name = NAMES.get(plain.pop("kind", ""), "binary")
    (kind,) = (kind for kind in kinds if kind.name == name)
    plain.pop("version")
    head = {key: plain.pop(key) for key in IN_HEAD if key in plain}
    parts = [_take_part(one, kind.metrics.columns) for one in plain.get("classes", [plain])]
    head |= {"parts": parts, "horizon": plain.pop("horizon", 0), "findings": head.get("findings", [])}
    return {"kind": name, "head": head, "body": plain}


def _take_part(plain: dict[str, Any], metrics: tuple[Metric, ...]) -> dict[str, Any]:
    """Take what is said of a model out of plain data."""
    whole = {**plain.get("validation", {}), "name": "blend", "kind": "ensemble", "weight": 1.0}
    board = {
        "ensemble": _tell_member(plain.pop("ensemble", whole), metrics),
        "members": [_tell_member(member, metrics) for member in plain.pop("members")],
    }
    part = {key: plain.pop(key) for key in IN_PART if key in plain}
    selection = part.get("selection") or {"features": [], "groups": []}
    for told in (*part["features"], *selection["features"], *selection["groups"]):
        _tell_meaning(told)
    return {"name": plain.get("name", ""), "board": board, **part}


def _tell_meaning(plain: dict[str, Any]) -> None:
    """Say of a feature that it has its name, where no more is known of what it means."""
    description = plain.pop("description", "")
    plain.setdefault("meaning", {"column": description or plain["name"]})


def _tell_member(plain: dict[str, Any], metrics: tuple[Metric, ...]) -> dict[str, Any]:
    folds = [
        {"fold": fold["fold"], "n_users": fold["n_users"], "scores": _tell_scores(fold, metrics)}
        for fold in plain.get("folds", [])
    ]
    kept = {key: plain[key] for key in ("name", "kind", "weight")}
    return {**kept, "scores": _tell_scores(plain, metrics), "folds": folds}


def _tell_scores(plain: dict[str, Any], metrics: tuple[Metric, ...]) -> dict[str, Any]:
    return {metric.name: plain[metric.name] for metric in metrics if metric.name in plain}
