"""The list of all checks: a new one is one function, its line here, and one line in the contract tests."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from yule.checks.answers import check_quick_model, check_score, check_share, check_single_features
from yule.checks.columns import check_constants, check_ids
from yule.checks.duplicates import check_conflicts, check_duplicates
from yule.checks.evidence import Evidence, one_versus_rest, sort_evidence, summarise_class
from yule.checks.folds import check_folds, check_judged_positives
from yule.checks.labels import check_positives, check_rates
from yule.checks.population import check_population
from yule.checks.recency import check_recency
from yule.checks.shuffled import check_shuffled_labels
from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.meanings import Meaning
from yule.labels.summary import LabelSummary
from yule.messages.finding import Finding, sort_findings


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check.

    Parameters
    ----------
    find
        Says what it sees in the evidence; its rows are sorted by cut-off and user.
    by_class
        Of several classes it is made for each against the rest.
    for_amounts
        It is made for amounts.
    """

    find: Callable[[Evidence], Iterable[Finding]]
    by_class: bool = False
    for_amounts: bool = True


CHECKS = (
    Check(find=lambda seen: check_folds(seen.examples, seen.folds, seen.horizon)),
    Check(find=lambda seen: check_single_features(seen.halved, seen.seed), by_class=True),
    Check(find=lambda seen: check_quick_model(seen.halved, seen.seed), by_class=True),
    Check(find=lambda seen: check_shuffled_labels(seen.halved, seen.seed), by_class=True),
    Check(find=lambda seen: check_population(seen.sample, seen.scored, seen.seed)),
    Check(find=lambda seen: check_recency(seen.sample, seen.scored)),
    Check(find=lambda seen: check_positives(seen.summary), by_class=True),
    Check(find=lambda seen: check_judged_positives(seen.examples, seen.folds), by_class=True),
    Check(find=lambda seen: check_rates(seen.summary), by_class=True),
    Check(find=lambda seen: check_duplicates(seen.sample.features, seen.sample.examples)),
    Check(
        find=lambda seen: check_conflicts(seen.sample.features, seen.sample.examples), by_class=True, for_amounts=False
    ),
    Check(find=lambda seen: check_constants(seen.sample.features)),
    Check(find=lambda seen: check_ids(_features_at_last_cutoff(seen))),
)


def find_findings(evidence: Evidence, checks: Iterable[Check] = CHECKS) -> tuple[Finding, ...]:
    """Make all checks that the labels allow; the worst findings come first.

    Parameters
    ----------
    evidence
        What is known, rows in any order.
    checks
        The checks to make.
    """
    seen = sort_evidence(evidence)
    made = [check for check in checks if check.for_amounts or seen.examples.loss != "squared_error"]
    of_all = [check for check in made if not (seen.classes and check.by_class)]
    found = [finding for check in of_all for finding in check.find(seen)]
    found += [
        replace(finding, about=name)
        for number, name in enumerate(seen.classes)
        for check in made
        if check.by_class
        for finding in check.find(one_versus_rest(seen, number))
    ]
    return sort_findings(found)


def find_label_findings(summary: LabelSummary, examples: Examples, classes: Sequence[str]) -> tuple[Finding, ...]:
    """Make the checks that need just counts of labels; for each of several classes, whose numbers labels then are."""
    if not classes:
        return sort_findings(_check_counts(summary))
    of_classes = ((name, summarise_class(summary, examples, number)) for number, name in enumerate(classes))
    return sort_findings(replace(found, about=name) for name, one in of_classes for found in _check_counts(one))


def _check_counts(summary: LabelSummary) -> Iterator[Finding]:
    yield from check_positives(summary)
    yield from check_rates(summary)


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
