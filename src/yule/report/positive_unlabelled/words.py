"""What the numbers of a report on known positives say, in plain words."""

from collections.abc import Iterator

from yule.report.advice import Advice
from yule.report.head import ReportHead
from yule.report.positive_unlabelled.numbers import PositiveUnlabelledBody
from yule.report.words import HEADLINE, count, share

CHANCE = 0.5  # AUC of a random order


def describe_positive_unlabelled(head: ReportHead, body: PositiveUnlabelledBody) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row = body.recalls[HEADLINE]
    first = max(round(row.fraction * head.n_users), 1)
    where = (
        f"in a later period that the models never saw (from {head.validation_cutoffs[0]:%Y-%m-%d})"
        if head.is_later
        else "that the models never saw"
    )
    return (
        f"The {count(head.n_users)} users on the list are ranked by how much they are like the known positives.",
        f"The first {count(first)} hold about {share(row.recall)} of all who are: {row.lift:.1f} times as many as the "
        "same number drawn at random.",
        f"This was measured on {count(body.n_known)} known positives {where}, among {count(body.n_unlabelled)} "
        "unlabelled users. It holds for all positives as far as the known ones are a fair sample of them.",
        describe_prior(head, body),
    )


def describe_prior(head: ReportHead, body: PositiveUnlabelledBody) -> str:
    """Say how many positives there are among the others, and what a score therefore is."""
    prior = body.prior
    if body.is_chance:
        expected = prior.low * head.n_users
        return (
            f"About {share(prior.low)} of the unlabelled users are estimated to be positive too, {count(expected)} of "
            "those on the list; two methods agree on it, so a score is a chance."
        )
    return (
        "Scores are an order, not chances: how many of the unlabelled users are positive is not known. Two methods "
        f"say at most {share(prior.low)} and at most {share(prior.high)}; where positives look like others, there may "
        "be far fewer."
    )


def advise_positive_unlabelled(head: ReportHead, body: PositiveUnlabelledBody) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (*_check_prior(head, body), *_check_sample(body))


def _check_prior(head: ReportHead, body: PositiveUnlabelledBody) -> Iterator[Advice]:
    title, _, text = describe_prior(head, body).partition(": " if not body.is_chance else "; ")
    yield Advice(kind="ok" if body.is_chance else "warn", title=title, text=f"{text[:1].upper()}{text[1:]}")


def _check_sample(body: PositiveUnlabelledBody) -> Iterator[Advice]:
    if body.auc_range.low <= CHANCE:
        yield Advice(
            kind="warn",
            title="The list may be no better than chance",
            text="The models hardly tell known positives from the others. Give them features that say more.",
        )
    yield Advice(
        kind="tip",
        title="Are the known positives a fair sample?",
        text="If only some could get onto the list (newsletter readers, members), the ranking finds users like those. "
        "Then ask for the same of the population.",
    )
