"""Shuffled labels: where there is nothing to learn, nothing must be learned."""

from collections.abc import Iterator

from yule.checks.evidence import Sample
from yule.checks.finding import Finding
from yule.checks.measures.quick import choose_quick, fit_quickly, shuffle_labels

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
        yield Finding(
            check="shuffled labels",
            severity="ok",
            title="Too little for this check",
            seen="There are too few positives or negatives in some fold: nothing was trained on shuffled labels.",
        )
        return
    most = 0.5 + Z_NOISE * result.noise
    seen = f"On shuffled labels a quick model reaches AUC {result.auc:.3f}; chance alone stays below {most:.3f}."
    if result.auc > most:
        yield Finding(
            check="shuffled labels",
            severity="stop",
            title="Something is learnt where there is nothing to learn",
            seen=seen,
            remedy="Users that are judged have been learnt from: look for users with several ids, and whether folds "
            "are as they should be.",
        )
    else:
        yield Finding(check="shuffled labels", severity="ok", title="Nothing is learnt from shuffled labels", seen=seen)
