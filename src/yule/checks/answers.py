"""Answers that leak: a feature that knows the label, a feature that decides alone, a score too good to be true."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from yule.checks.evidence import Sample
from yule.checks.finding import Finding, name_some
from yule.checks.measures.quick import choose_quick, fit_quickly
from yule.checks.measures.single import single_feature_aucs
from yule.core.meanings import Meaning
from yule.core.schema import leave_out
from yule.features.wording import describe_column, describe_feature

MAX_SINGLE_AUC = 0.90
GIVEN_AWAY_AUC = 0.99
MIN_JUMP = 0.02
"""A telling feature is suspicious if the AUC falls by this much without it: what others also tell is no leak."""

SUSPICIOUS_AUC = 0.98
MAX_SHARE = 0.6
MIN_PER_HALF = 15

LOOK = "Make sure that it was known at the cut-off; leave it out otherwise."


def check_single_features(sample: Sample, seed: int) -> Iterator[Finding]:
    """Judge every feature alone; of those that tell much, see what they add.

    Parameters
    ----------
    sample
        Labelled users with their features; labels are 0 and 1.
    seed
        Of the small models that tell what a feature adds.
    """
    halves = sample.folds.fold % 2 == 0
    counts = [int((sample.examples.labels[half] == label).sum()) for half in (halves, ~halves) for label in (0.0, 1.0)]
    if min(counts) < MIN_PER_HALF or not sample.features.names:
        yield _silent("single features", "no feature was looked at alone")
        return
    aucs = single_feature_aucs(sample.features, sample.examples.labels, halves)
    order = np.argsort(-aucs, kind="stable")
    telling = {sample.features.names[place]: float(aucs[place]) for place in order if aucs[place] > MAX_SINGLE_AUC}
    if telling:
        yield _judge_telling(sample, telling, seed)
    else:
        best = sample.features.names[order[0]]
        yield Finding(
            check="single features",
            severity="ok",
            title="No feature gives the answer away",
            seen=f"The most telling of {len(aucs)} features, {describe_column(sample.features, best)}, reaches AUC "
            f"{aucs[order[0]]:.3f} alone.",
        )


def check_quick_model(sample: Sample, seed: int) -> Iterator[Finding]:
    """Train a small model through the folds: it should not be too good to be true, nor rest on one feature."""
    result = fit_quickly(choose_quick(sample, seed=seed), seed=seed)
    if result is None:
        yield _silent("score", "no quick model was trained")
        return
    yield from check_score(result.auc, of="A quick model")
    yield from check_share({sample.features.meaning_of(name): share for name, share in result.importance.items()})


def check_score(auc: float, *, of: str) -> Iterator[Finding]:
    """Doubt a score that is too good to be true.

    Parameters
    ----------
    auc
        Out of fold, 0 to 1.
    of
        What reached it, at the beginning of a sentence.
    """
    if auc > SUSPICIOUS_AUC:
        yield Finding(
            check="score",
            severity="warn",
            title="Too good to be true?",
            seen=f"{of} ranks almost perfectly (AUC {auc:.3f}).",
            remedy="Look whether a feature holds the answer.",
        )
    else:
        yield Finding(
            check="score", severity="ok", title="The score is not too good to be true", seen=f"{of} has AUC {auc:.3f}."
        )


def check_share(importance: Mapping[Meaning, float]) -> Iterator[Finding]:
    """Doubt a model in which one feature decides nearly all.

    Parameters
    ----------
    importance
        Share of each feature in the decisions, the largest first, 0 to 1; empty when nothing can tell.
    """
    for feature, share in list(importance.items())[:1]:
        if share > MAX_SHARE:
            yield Finding(
                check="dominant feature",
                severity="warn",
                title="One feature decides alone",
                seen=f"The strongest feature, {describe_feature(feature)}, carries {share:.0%} of the influence.",
                remedy=LOOK,
            )
        else:
            yield Finding(
                check="dominant feature",
                severity="ok",
                title="No feature decides alone",
                seen=f"The strongest feature, {describe_feature(feature)}, carries {share:.0%} of the influence; a "
                "leaked answer usually carries more than half.",
            )


def _judge_telling(sample: Sample, telling: dict[str, float], seed: int) -> Finding:
    """Say how bad it is that some features are telling: by their AUC, and by what they add to the others."""
    quick = choose_quick(sample, seed=seed)
    whole = _reach(quick, seed)
    without = _reach(replace(quick, features=leave_out(quick.features, frozenset(telling))), seed)
    named = name_some([f"{describe_column(sample.features, name)} (AUC {auc:.3f})" for name, auc in telling.items()])
    it, these = ("them", "Features") if len(telling) > 1 else ("it", "A feature")
    added = f"A quick model reaches AUC {whole:.3f} with {it} and {without:.3f} without."
    seen = f"Nearly the answer by itself: {named}. {added}"
    if max(telling.values()) > GIVEN_AWAY_AUC:
        title = f"{these} {'give' if len(telling) > 1 else 'gives'} the answer away"
        return Finding(check="single features", severity="stop", title=title, seen=seen, remedy=LOOK)
    if whole - without >= MIN_JUMP:
        title = f"{these} nearly {'give' if len(telling) > 1 else 'gives'} the answer away"
        return Finding(check="single features", severity="warn", title=title, seen=seen, remedy=LOOK)
    return Finding(
        check="single features",
        severity="ok",
        title="No feature gives the answer away",
        seen=f"Telling by itself: {named}; but the others together say the same. {added}",
    )


def _reach(sample: Sample, seed: int) -> float:
    """Return the AUC of a small model; that of chance when there is nothing to fit."""
    result = fit_quickly(sample, seed=seed) if sample.features.names else None
    return 0.5 if result is None else result.auc


def _silent(check: str, what: str) -> Finding:
    return Finding(
        check=check,
        severity="ok",
        title="Too little for this check",
        seen=f"There are too few positives or negatives in some fold, or no feature differs between users: {what}.",
    )
