"""What the numbers of a report on known positives say, in plain words."""

from yule.messages.finding import Finding
from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.messages.values import Share, Total
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
    judged = _judge_prior(head, body)
    return tell_message(Message(code=judged.code, values=judged.values))


def judge_positive_unlabelled(head: ReportHead, body: PositiveUnlabelledBody) -> tuple[Finding, ...]:
    """Look at the numbers the way a careful colleague would."""
    by_chance = Finding(check="order", code="order-by-chance", severity="warn")
    return (
        _judge_prior(head, body),
        *((by_chance,) if body.auc_range.low <= CHANCE else ()),
        Finding(check="sample", code="sample-to-be-fair", severity="tip"),
    )


def _judge_prior(head: ReportHead, body: PositiveUnlabelledBody) -> Finding:
    prior = body.prior
    if body.is_chance:
        return Finding(
            check="prior",
            code="prior-known",
            severity="ok",
            values={"share": Share(prior.low), "n_expected": Total(prior.low * head.n_users)},
        )
    return Finding(
        check="prior",
        code="prior-unknown",
        severity="warn",
        values={"low": Share(prior.low), "high": Share(prior.high)},
    )
