"""What the numbers of a report on classes say, in plain words."""

from collections.abc import Iterator
from dataclasses import replace

from yule.report.advice import Advice, judge_calibration, judge_promise, tell_findings, tell_warnings
from yule.report.classes.numbers import ClassesNumbers, ClassQuality
from yule.report.words import HEADLINE, count, share

MAX_DRIFT = 0.3  # of a class's validated share: how far the population's expected share may differ


def describe_classes(numbers: ClassesNumbers) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    horizon = f" within {numbers.horizon.days} days" if numbers.horizon.days else ""
    expected = ", ".join(f"{count(round(one.expected))} of {one.name}" for one in numbers.classes)
    where = (
        f"In a later period that the models never saw (from {numbers.validation_cutoffs[0]:%Y-%m-%d})"
        if numbers.is_later
        else "Among users that the models never saw"
    )
    sentences = [
        f"Of the {count(numbers.n_users)} users, expect{horizon} about {expected}.",
        "Every user has a chance of each class, and every class its own list.",
        f"{where}, {_describe_quality(numbers, numbers.validation)}",
    ]
    if numbers.outcome is not None:
        sentences.append(
            f"What happened after {numbers.cutoff:%Y-%m-%d} is known by now: "
            f"{_describe_quality(numbers, numbers.outcome)}"
        )
    return tuple(sentences)


def _describe_quality(numbers: ClassesNumbers, quality: ClassQuality) -> str:
    largest = numbers.classes[quality.counts.index(max(quality.counts))].name
    return (
        f"the likeliest class was right for {share(quality.accuracy)} of {count(quality.n_users)} users; always saying "
        f"{largest} would have been right for {share(quality.base_accuracy)}."
    )


def find_class_advice(numbers: ClassesNumbers) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (
        *tell_findings(numbers.findings),
        *_check_gain(numbers),
        *_check_calibration(numbers),
        *_check_promises(numbers),
        *_check_drift(numbers),
        *tell_warnings(numbers.history),
    )


def _check_gain(numbers: ClassesNumbers) -> Iterator[Advice]:
    quality = numbers.validation
    if quality.log_loss_range.high >= quality.base_log_loss:
        yield Advice(
            kind="warn",
            title="The chances may say no more than the shares of the classes",
            text="The models hardly tell the classes apart. Give them features that say more.",
        )
    never = [one.name for one in numbers.classes if not one.n_likeliest]
    if never:
        yield Advice(
            kind="tip",
            title=f"{', '.join(never)}: the likeliest class of nobody",
            text="That is usual for a rare class. Take its own list: there its likeliest users stand first.",
        )


def _check_calibration(numbers: ClassesNumbers) -> Iterator[Advice]:
    judged = [(one.name, *judge_calibration(one.validation)) for one in numbers.classes]
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


def _check_promises(numbers: ClassesNumbers) -> Iterator[Advice]:
    for one in numbers.classes:
        quality = one.outcome
        if quality is not None:
            promised, row = quality.promised[HEADLINE], quality.gains[HEADLINE]
            found = f"For its first {count(row.n_users)} users it promised {count(promised)}; {count(row.hits)} came."
            advice = judge_promise(promised, row.hits, quality.hits_ranges[HEADLINE], found)
            if advice.kind != "ok":
                yield replace(advice, title=f"{one.name}: {advice.title[0].lower()}{advice.title[1:]}")


def _check_drift(numbers: ClassesNumbers) -> Iterator[Advice]:
    for one in numbers.classes:
        expected = one.expected / numbers.n_users
        validated = one.validation.n_positives / one.validation.n_users
        if abs(expected - validated) > MAX_DRIFT * validated:
            yield Advice(
                kind="warn",
                title=f"{one.name}: the scored users differ from those the list was tested on",
                text=f"{share(expected)} of them are expected to be of it; {share(validated)} were in the test. "
                "Look whether the population or the data changed.",
            )
