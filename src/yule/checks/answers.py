"""Answers that leak: a feature that knows the label, a feature that decides alone, a score too good to be true."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from yule.checks.evidence import AucOf, Sample
from yule.checks.measures.quick import choose_quick, fit_quickly
from yule.checks.measures.single import single_feature_aucs
from yule.core.meanings import Meaning
from yule.core.schema import leave_out
from yule.messages.finding import Finding, Severity
from yule.messages.values import Choice, Count, FeatureList, Figure, Share, tell_feature

MAX_SINGLE_AUC = 0.90
GIVEN_AWAY_AUC = 0.99
MIN_JUMP = 0.02
"""A telling feature is suspicious if the AUC falls by this much without it: what others also tell is no leak."""

SUSPICIOUS_AUC = 0.98
MAX_SHARE = 0.6
MIN_PER_HALF = 15


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
        yield Finding(check="single-features", code="single-features-too-few", severity="ok")
        return
    aucs = single_feature_aucs(sample.features, sample.examples.labels, halves)
    order = np.argsort(-aucs, kind="stable")
    telling = {sample.features.names[place]: float(aucs[place]) for place in order if aucs[place] > MAX_SINGLE_AUC}
    if telling:
        yield _judge_telling(sample, telling, seed)
    else:
        best = sample.features.names[order[0]]
        yield Finding(
            check="single-features",
            code="single-features-plain",
            severity="ok",
            values={
                "n_features": Count(len(aucs)),
                "best": tell_feature(sample.features.meaning_of(best)),
                "auc": Figure(float(aucs[order[0]])),
                "auc_of": Choice(sample.auc_of),
            },
        )


def check_quick_model(sample: Sample, seed: int) -> Iterator[Finding]:
    """Train a small model through the folds: it should not be too good to be true, nor rest on one feature."""
    result = fit_quickly(choose_quick(sample, seed=seed), seed=seed)
    if result is None:
        yield Finding(check="score", code="score-too-few", severity="ok")
        return
    yield from check_score(result.auc, of="quick-model", auc_of=sample.auc_of)
    yield from check_share({sample.features.meaning_of(name): share for name, share in result.importance.items()})


def check_score(auc: float, *, of: Literal["quick-model", "list"], auc_of: AucOf = "positives") -> Iterator[Finding]:
    """Doubt a score that is too good to be true.

    Parameters
    ----------
    auc
        Out of fold, 0 to 1.
    of
        What reached it.
    auc_of
        Of what labels it is.
    """
    is_suspicious = auc > SUSPICIOUS_AUC
    yield Finding(
        check="score",
        code="score-suspicious" if is_suspicious else "score-plausible",
        severity="warn" if is_suspicious else "ok",
        values={"of": Choice(of), "auc": Figure(float(auc)), "auc_of": Choice(auc_of)},
    )


def check_share(importance: Mapping[Meaning, float]) -> Iterator[Finding]:
    """Doubt a model in which one feature decides nearly all.

    Parameters
    ----------
    importance
        Share of each feature in the decisions, the largest first, 0 to 1; empty when nothing can tell.
    """
    for feature, share in list(importance.items())[:1]:
        is_dominant = share > MAX_SHARE
        yield Finding(
            check="dominant-feature",
            code="feature-dominant" if is_dominant else "feature-not-dominant",
            severity="warn" if is_dominant else "ok",
            values={"strongest": tell_feature(feature), "share": Share(float(share))},
        )


def _judge_telling(sample: Sample, telling: dict[str, float], seed: int) -> Finding:
    """Say how bad it is that some features are telling: by their AUC, and by what they add to the others."""
    quick = choose_quick(sample, seed=seed)
    whole = _reach(quick, seed)
    without = _reach(replace(quick, features=leave_out(quick.features, frozenset(telling))), seed)
    code: str
    severity: Severity
    if max(telling.values()) > GIVEN_AWAY_AUC:
        code, severity = "single-features-give-away", "stop"
    elif whole - without >= MIN_JUMP:
        code, severity = "single-features-nearly-give-away", "warn"
    else:
        code, severity = "single-features-redundant", "ok"
    return Finding(
        check="single-features",
        code=code,
        severity=severity,
        values={
            "telling": FeatureList(
                tuple(map(sample.features.meaning_of, telling)), figures=tuple(telling.values()), measure="auc"
            ),
            "whole": Figure(float(whole)),
            "without": Figure(float(without)),
            "auc_of": Choice(sample.auc_of),
        },
    )


def _reach(sample: Sample, seed: int) -> float:
    """Return the AUC of a small model; that of chance when there is nothing to fit."""
    result = fit_quickly(sample, seed=seed) if sample.features.names else None
    return 0.5 if result is None else result.auc
