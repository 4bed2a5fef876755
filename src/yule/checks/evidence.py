"""Evidence: all that checks look at, in an order of its own so that the order of rows changes no finding."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.examples import Examples, divide_classes
from yule.core.seeds import draw_numbers
from yule.labels.summary import LabelSummary
from yule.training.folds import Folds

AucOf: TypeAlias = Literal["positives", "upper-half"]

MAX_SAMPLE = 20_000
"""Examples, and users of the population, whose features are looked at."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Labelled users and their features, row by row the same in all three.

    Parameters
    ----------
    examples, folds, features
        Labels, folds and features of these users.
    auc_of
        What an AUC of these labels is of: of positives, or of the upper half of amounts.
    """

    examples: Examples
    folds: Folds
    features: Features
    auc_of: AucOf = "positives"

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Sample":
        """Return some rows, in the order given."""
        return replace(
            self,
            examples=self.examples.take(rows),
            folds=take_folds(self.folds, rows),
            features=self.features.take(rows),
        )


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Users and their features at one cut-off; n_users rows.

    Parameters
    ----------
    user_ids
        str (n_users,), each once.
    features
        Their features.
    cutoff
        datetime64[us], UTC: as of this instant.
    """

    user_ids: NDArray[np.object_]
    features: Features
    cutoff: np.datetime64

    def take(self, rows: NDArray[np.intp]) -> "Snapshot":
        """Return some users, in the order given."""
        return Snapshot(user_ids=self.user_ids[rows], features=self.features.take(rows), cutoff=self.cutoff)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known before anything is trained.

    Parameters
    ----------
    examples, folds
        All labelled users, and how they are divided.
    horizon
        How long after a cut-off its labels look.
    summary
        What is known of the labels.
    sample
        Some of the labelled users with their features; see :func:`choose_examples`.
    scored
        Some of the users of the population with theirs; see :func:`choose_users`.
    seed
        Of the small models that checks fit.
    classes
        Names of the classes, where labels are their numbers; else none.
    """

    examples: Examples
    folds: Folds
    horizon: timedelta
    summary: LabelSummary
    sample: Sample
    scored: Snapshot
    seed: int
    classes: tuple[str, ...] = ()

    @property
    def halved(self) -> Sample:
        """The sample with labels of 0 and 1: of amounts, 1 is above the median, so above 0 if most are 0."""
        examples = self.sample.examples
        if examples.loss == "log_loss":
            return self.sample
        labels = (examples.labels > np.median(examples.labels)).astype(np.float64)
        return replace(self.sample, examples=replace(examples, labels=labels, loss="log_loss"), auc_of="upper-half")


def sort_evidence(evidence: Evidence) -> Evidence:
    """Put all rows in the order of cut-offs and users."""
    rows = sort_examples(evidence.examples)
    users = np.argsort(evidence.scored.user_ids.astype(str), kind="stable")
    return replace(
        evidence,
        examples=evidence.examples.take(rows),
        folds=take_folds(evidence.folds, rows),
        sample=evidence.sample.take(sort_examples(evidence.sample.examples)),
        scored=evidence.scored.take(users),
    )


def one_versus_rest(evidence: Evidence, number: int) -> Evidence:
    """Return the evidence on one of several classes: its users are positive, all others negative."""
    name = evidence.classes[number]
    return replace(
        evidence,
        examples=divide_classes(evidence.examples, evidence.classes).column(name),
        summary=summarise_class(evidence.summary, evidence.examples, number),
        sample=replace(
            evidence.sample, examples=divide_classes(evidence.sample.examples, evidence.classes).column(name)
        ),
        classes=(),
    )


def summarise_class(summary: LabelSummary, examples: Examples, number: int) -> LabelSummary:
    """Return a summary of labels in which the users of one class are the positive ones."""
    is_of_class = examples.labels == number
    cutoffs = tuple(
        replace(
            counted,
            n_positives=int(
                is_of_class[examples.cutoffs == np.datetime64(counted.cutoff.replace(tzinfo=None), "us")].sum()
            ),
        )
        for counted in summary.cutoffs
    )
    return replace(summary, cutoffs=cutoffs)


def choose_examples(examples: Examples, *, most: int, seed: int) -> NDArray[np.intp]:
    """Choose labelled users to look at: all rows of each, and as many who are ever positive as fit into a half.

    Parameters
    ----------
    examples
        Labelled users; of classes, those that are not of the first one are taken for positive.
    most
        Rows to choose at most; all are chosen when there are no more.
    seed
        Seed of the choice; it depends on user ids, never on the order of rows.

    Returns
    -------
    intp (n_chosen,), ascending
        Their rows.
    """
    if examples.n_examples <= most:
        return np.arange(examples.n_examples)
    users, place, n_rows = np.unique(examples.user_ids.astype(str), return_inverse=True, return_counts=True)
    is_positive = np.bincount(place, weights=examples.labels > 0, minlength=len(users)) > 0
    order = np.argsort(draw_numbers(users.tolist(), seed), kind="stable")
    positive, negative = order[is_positive[order]], order[~is_positive[order]]
    n_negative = int(n_rows[negative].sum())
    is_chosen = np.zeros(len(users), dtype=np.bool_)
    chosen = positive[np.cumsum(n_rows[positive]) <= max(most // 2, most - n_negative)]
    is_chosen[chosen] = True
    left = most - int(n_rows[chosen].sum())
    is_chosen[negative[np.cumsum(n_rows[negative]) <= left]] = True
    return np.flatnonzero(is_chosen[place])


def choose_users(user_ids: NDArray[np.object_], *, most: int, seed: int) -> NDArray[np.intp]:
    """Choose users of a population to look at, by their ids; return their rows, intp (n_chosen,), ascending."""
    if len(user_ids) <= most:
        return np.arange(len(user_ids))
    return np.sort(np.argsort(draw_numbers(user_ids.tolist(), seed), kind="stable")[:most])


def take_folds(folds: Folds, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Folds:
    """Return how some of the examples are divided."""
    return Folds(fold=folds.fold[rows], is_validation=folds.is_validation[rows], is_training=folds.is_training[rows])


def sort_examples(examples: Examples) -> NDArray[np.intp]:
    """Return the order of cut-offs, then users, (n_examples,)."""
    return np.lexsort((examples.labels, examples.user_ids.astype(str), examples.cutoffs))
