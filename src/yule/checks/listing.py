"""The list of all checks: a new one is one function and its line here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from yule.checks.answers import check_quick_model, check_score, check_share, check_single_features
from yule.checks.columns import check_constants, check_ids
from yule.checks.duplicates import check_conflicts, check_duplicates
from yule.checks.evidence import Evidence, one_versus_rest, sort_evidence
from yule.checks.folds import check_folds, check_judged_positives
from yule.checks.labels import check_positives, check_rates
from yule.checks.population import check_population
from yule.checks.recency import check_recency
from yule.checks.shuffled import check_shuffled_labels
from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.labels.summary import LabelSummary
from yule.messages.finding import Finding, sort_findings

Check: TypeAlias = Callable[[Evidence], Iterable[Finding]]
"""Says what it sees in the evidence, whose rows are sorted by cut-off and user."""


@dataclass(frozen=True, kw_only=True)
class Checks:
    """Which checks are made of an answer.

    Parameters
    ----------
    whole
        Those that are made once.
    each
        Those that are made of each of several classes against the rest.
    """

    whole: tuple[Check, ...]
    each: tuple[Check, ...] = ()


OF_FOLDS: tuple[Check, ...] = (lambda seen: check_folds(seen.examples, seen.folds, seen.horizon),)

OF_SECRETS: tuple[Check, ...] = (
    lambda seen: check_single_features(seen.halved, seen.seed),
    lambda seen: check_quick_model(seen.halved, seen.seed),
    lambda seen: check_shuffled_labels(seen.halved, seen.seed),
)
"""Of what features tell of labels, and should not."""

OF_USERS: tuple[Check, ...] = (
    lambda seen: check_population(seen.sample, seen.scored, seen.seed),
    lambda seen: check_recency(seen.sample, seen.scored),
)

OF_COUNTS: tuple[Check, ...] = (
    lambda seen: check_positives(seen.summary),
    lambda seen: check_judged_positives(seen.examples, seen.folds),
    lambda seen: check_rates(seen.summary),
)

OF_DUPLICATES: tuple[Check, ...] = (lambda seen: check_duplicates(seen.sample.features, seen.sample.examples),)

OF_CONFLICTS: tuple[Check, ...] = (lambda seen: check_conflicts(seen.sample.features, seen.sample.examples),)
"""Of users who are alike and labelled otherwise: amounts of such users differ as a matter of course."""

OF_COLUMNS: tuple[Check, ...] = (
    lambda seen: check_constants(seen.sample.features),
    lambda seen: check_ids(_features_at_last_cutoff(seen)),
)

CHECKS = (*OF_FOLDS, *OF_SECRETS, *OF_USERS, *OF_COUNTS, *OF_DUPLICATES, *OF_CONFLICTS, *OF_COLUMNS)


def find_findings(evidence: Evidence, checks: Checks) -> tuple[Finding, ...]:
    """Make checks; the worst findings come first.

    Parameters
    ----------
    evidence
        What is known, rows in any order.
    checks
        The checks to make.
    """
    seen = sort_evidence(evidence)
    found = [finding for check in checks.whole for finding in check(seen)]
    found += [
        replace(finding, about=name)
        for number, name in enumerate(seen.classes)
        for check in checks.each
        for finding in check(one_versus_rest(seen, number))
    ]
    return sort_findings(found)


def find_label_findings(counted: Iterable[tuple[str | None, LabelSummary]]) -> tuple[Finding, ...]:
    """Make the checks that need just counts of labels, by the class they are of, if any."""
    return sort_findings(
        replace(finding, about=name)
        for name, summary in counted
        for finding in (*check_positives(summary), *check_rates(summary))
    )


def judge_result(findings: Iterable[Finding], auc: float, importance: Mapping[Meaning, float]) -> tuple[Finding, ...]:
    """Replace what a quick model said of itself by what the ensemble says.

    Parameters
    ----------
    findings
        Of the data.
    auc
        Of the ensemble, out of fold.
    importance
        Share of each feature in its decisions, the largest first; empty when no member can tell.
    """
    return _replace(findings, (*check_score(auc, of="list"), *check_share(importance)))


def judge_importance(findings: Iterable[Finding], importance: Mapping[Meaning, float]) -> tuple[Finding, ...]:
    """Replace what a quick model said of its features by what the ensemble says; see :func:`judge_result`."""
    return _replace(findings, tuple(check_share(importance)))


def _replace(findings: Iterable[Finding], result: tuple[Finding, ...]) -> tuple[Finding, ...]:
    replaced = {finding.check for finding in result}
    return sort_findings((*result, *(finding for finding in findings if finding.check not in replaced)))


def _features_at_last_cutoff(evidence: Evidence) -> Features:
    cutoffs = evidence.sample.examples.cutoffs
    return evidence.sample.features.take(cutoffs == cutoffs.max())
