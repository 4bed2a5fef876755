"""What the numbers of a look-alike report say, in plain words."""

from collections.abc import Iterator

from yule.report.advice import Advice, tell_findings
from yule.report.look_alike.numbers import LookAlikeNumbers
from yule.report.words import HEADLINE, count, share

CHANCE = 0.5  # AUC of a random order


def describe_look_alike(numbers: LookAlikeNumbers) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row = numbers.recalls[HEADLINE]
    first = max(round(row.fraction * numbers.n_users), 1)
    where = (
        f"in a later period that the models never saw (from {numbers.validation_cutoffs[0]:%Y-%m-%d})"
        if numbers.is_later
        else "that the models never saw"
    )
    return (
        f"The {count(numbers.n_users)} users on the list are ranked by how much they are like the known positives.",
        f"The first {count(first)} hold about {share(row.recall)} of all who are: {row.lift:.1f} times as many as the "
        "same number drawn at random.",
        f"This was measured on {count(numbers.n_known)} known positives {where}, among {count(numbers.n_unlabelled)} "
        "unlabelled users. It holds for all positives as far as the known ones are a fair sample of them.",
        describe_prior(numbers),
    )


def describe_prior(numbers: LookAlikeNumbers) -> str:
    """Say how many positives there are among the others, and what a score therefore is."""
    prior = numbers.prior
    if numbers.is_chance:
        expected = prior.low * numbers.n_users
        return (
            f"About {share(prior.low)} of the unlabelled users are estimated to be positive too, {count(expected)} of "
            "those on the list; two methods agree on it, so a score is a chance."
        )
    return (
        "Scores are an order, not chances: how many of the unlabelled users are positive is not known. Two methods "
        f"say at most {share(prior.low)} and at most {share(prior.high)}; where positives look like others, there may "
        "be far fewer."
    )


def find_look_alike_advice(numbers: LookAlikeNumbers) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (
        *tell_findings(numbers.findings),
        *_check_prior(numbers),
        *_check_sample(numbers),
        *(Advice(kind="warn", title=warning, text="") for warning in numbers.history.warnings),
    )


def _check_prior(numbers: LookAlikeNumbers) -> Iterator[Advice]:
    title, _, text = describe_prior(numbers).partition(": " if not numbers.is_chance else "; ")
    yield Advice(kind="ok" if numbers.is_chance else "warn", title=title, text=f"{text[:1].upper()}{text[1:]}")


def _check_sample(numbers: LookAlikeNumbers) -> Iterator[Advice]:
    if numbers.auc_range.low <= CHANCE:
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
