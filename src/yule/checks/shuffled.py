"""Shuffled labels: where there is nothing to learn, nothing must be learned."""

from collections.abc import Iterator

from yule.checks.evidence import Sample
from yule.checks.measures.quick import choose_quick, fit_quickly, shuffle_labels
from yule.messages.finding import Finding
from yule.messages.values import Choice, Figure

Z_NOISE = 4.0
"""Standard errors above 0.5 that are taken for chance."""


def check_shuffled_labels(sample: Sample, seed: int) -> Iterator[Finding]:
    """Train a small model through the folds on labels that were given to other users: it must be no better than chance.

    Parameters
    ----------
    sample
        Labelled users with their features; labels are 0 and 1.
    seed
        Of the shuffle and the model.
    """
    result = fit_quickly(shuffle_labels(choose_quick(sample, seed=seed), seed=seed), seed=seed)
    if result is None:
        yield Finding(check="shuffled-labels", code="shuffled-labels-too-few", severity="ok")
        return
    most = 0.5 + Z_NOISE * result.noise
    is_learned = result.auc > most
    yield Finding(
        check="shuffled-labels",
        code="shuffled-labels-learned" if is_learned else "shuffled-labels-not-learned",
        severity="stop" if is_learned else "ok",
        values={"auc": Figure(float(result.auc)), "most": Figure(float(most)), "auc_of": Choice(sample.auc_of)},
    )
