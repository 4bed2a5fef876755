"""What the numbers of a report on classes say, in plain words."""

from collections.abc import Iterator

from yule.messages.finding import Finding
from yule.messages.values import Choice, Share, name_some
from yule.report.head import ReportHead
from yule.report.judging import MAX_DRIFT, judge_calibration, judge_promise
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


def judge_multiclass(head: ReportHead, body: MulticlassBody) -> tuple[Finding, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (*_judge_gain(body), *_judge_calibration(body), *_judge_promises(body), *_judge_drift(head, body))


def _describe_quality(body: MulticlassBody, quality: ClassQuality) -> str:
    largest = body.classes[quality.counts.index(max(quality.counts))].name
    return (
        f"the likeliest class was right for {share(quality.accuracy)} of {count(quality.n_users)} users; always saying "
        f"{largest} would have been right for {share(quality.base_accuracy)}."
    )


def _judge_gain(body: MulticlassBody) -> Iterator[Finding]:
    quality = body.validation
    if quality.log_loss_range.high >= quality.base_log_loss:
        yield Finding(check="gain", code="chances-say-little", severity="warn")
    never = [one.name for one in body.classes if not one.n_likeliest]
    if never:
        yield Finding(
            check="likeliest-classes",
            code="classes-never-likeliest",
            severity="tip",
            values={"classes": name_some(never)},
        )


def _judge_calibration(body: MulticlassBody) -> Iterator[Finding]:
    judged = [judge_calibration(one.validation, about=one.name) for one in body.classes]
    yield from (finding for finding in judged if finding.severity != "ok")
    right = [finding.about for finding in judged if finding.severity == "ok" and finding.about is not None]
    if right:
        yield Finding(
            check="calibration", code="chances-of-classes-right", severity="ok", values={"classes": name_some(right)}
        )


def _judge_promises(body: MulticlassBody) -> Iterator[Finding]:
    for one in body.classes:
        quality = one.outcome
        if quality is not None:
            promised, row, limits = quality.promised[HEADLINE], quality.gains[HEADLINE], quality.hits_ranges[HEADLINE]
            found = judge_promise(promised, row.hits, limits, n_users=row.n_users, of="class", about=one.name)
            if found.severity != "ok":
                yield found


def _judge_drift(head: ReportHead, body: MulticlassBody) -> Iterator[Finding]:
    for one in body.classes:
        expected = one.expected / head.n_users
        validated = one.validation.n_positives / one.validation.n_users
        if abs(expected - validated) > MAX_DRIFT * validated:
            yield Finding(
                check="expectations",
                code="expected-share-differs",
                severity="warn",
                values={"of": Choice("class"), "expected": Share(expected), "tested": Share(validated)},
                about=one.name,
            )
