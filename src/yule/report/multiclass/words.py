"""What the numbers of a report on classes say, in plain words."""

from collections.abc import Iterator
from dataclasses import replace

from yule.report.advice import MAX_DRIFT, Advice, judge_calibration, judge_promise
from yule.report.head import ReportHead
from yule.report.multiclass.numbers import ClassQuality, MulticlassBody
from yule.report.words import HEADLINE, count, share, tell_horizon, tell_outcome, tell_test


def describe_multiclass(head: ReportHead, body: MulticlassBody) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    expected = ", ".join(f"{count(round(one.expected))} of {one.name}" for one in body.classes)
    sentences = [
        f"Of the {count(head.n_users)} users, expect{tell_horizon(head)} about {expected}.",
        "Every user has a chance of each class, and every class its own list.",
        f"{tell_test(head)}, {_describe_quality(body, body.validation)}",
    ]
    if body.outcome is not None:
        sentences.append(f"{tell_outcome(head)}: {_describe_quality(body, body.outcome)}")
    return tuple(sentences)


def advise_multiclass(head: ReportHead, body: MulticlassBody) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (*_check_gain(body), *_check_calibration(body), *_check_promises(body), *_check_drift(head, body))


def _describe_quality(body: MulticlassBody, quality: ClassQuality) -> str:
    largest = body.classes[quality.counts.index(max(quality.counts))].name
    return (
        f"the likeliest class was right for {share(quality.accuracy)} of {count(quality.n_users)} users; always saying "
        f"{largest} would have been right for {share(quality.base_accuracy)}."
    )


def _check_gain(body: MulticlassBody) -> Iterator[Advice]:
    quality = body.validation
    if quality.log_loss_range.high >= quality.base_log_loss:
        yield Advice(
            kind="warn",
            title="The chances may say no more than the shares of the classes",
            text="The models hardly tell the classes apart. Give them features that say more.",
        )
    never = [one.name for one in body.classes if not one.n_likeliest]
    if never:
        yield Advice(
            kind="tip",
            title=f"{', '.join(never)}: the likeliest class of nobody",
            text="That is usual for a rare class. Take its own list: there its likeliest users stand first.",
        )


def _check_calibration(body: MulticlassBody) -> Iterator[Advice]:
    judged = [(one.name, *judge_calibration(one.validation)) for one in body.classes]
    for name, is_right, text in judged:
        if not is_right:
            yield Advice(
                kind="warn",
                title=f"{name}: take the chances with care",
                text=f"{text} The order can be trusted more than the size.",
            )
    right = [name for name, is_right, _ in judged if is_right]
    if right:
        yield Advice(
            kind="ok",
            title="Chances can be taken at face value",
            text=f"Predicted and actual shares agree for {', '.join(right)}.",
        )


def _check_promises(body: MulticlassBody) -> Iterator[Advice]:
    for one in body.classes:
        quality = one.outcome
        if quality is not None:
            promised, row = quality.promised[HEADLINE], quality.gains[HEADLINE]
            found = f"For its first {count(row.n_users)} users it promised {count(promised)}; {count(row.hits)} came."
            advice = judge_promise(promised, row.hits, quality.hits_ranges[HEADLINE], found)
            if advice.kind != "ok":
                yield replace(advice, title=f"{one.name}: {advice.title[0].lower()}{advice.title[1:]}")


def _check_drift(head: ReportHead, body: MulticlassBody) -> Iterator[Advice]:
    for one in body.classes:
        expected = one.expected / head.n_users
        validated = one.validation.n_positives / one.validation.n_users
        if abs(expected - validated) > MAX_DRIFT * validated:
            yield Advice(
                kind="warn",
                title=f"{one.name}: the scored users differ from those the list was tested on",
                text=f"{share(expected)} of them are expected to be of it; {share(validated)} were in the test. "
                "Look whether the population or the data changed.",
            )
