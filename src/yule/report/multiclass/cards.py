"""The cards of a report on classes: which are taken for which, and one card for each."""

from html import escape

from yule.report.cards.board import members_card
from yule.report.cards.charts import draw_calibration, draw_gains
from yule.report.cards.contact import ContactList, Figure, draw_contact
from yule.report.cards.parts import draw_features, list_tested
from yule.report.cards.selection import draw_selection
from yule.report.cards.tables import draw_gains_table, draw_table
from yule.report.head import PartHead, ReportHead
from yule.report.multiclass.numbers import METRICS, ClassNumbers, ClassQuality, MulticlassBody
from yule.report.words import count, rate, share


def draw_multiclass(head: ReportHead, body: MulticlassBody) -> tuple[str, ...]:
    """Draw the cards of a report on classes."""
    return (
        _overview_card(head, body),
        _confusion_card(head, body),
        *(_class_card(head, part, one) for part, one in zip(head.parts, body.classes, strict=True)),
        _history_card(head, body),
        members_card(
            head,
            METRICS,
            "Each class has a model that tells it from the rest; what they say is brought together to chances that sum "
            "to 1, and so is what the blends are judged by.",
        ),
    )


def _overview_card(head: ReportHead, body: MulticlassBody) -> str:
    tested, came = body.validation, body.outcome
    rows = []
    for number, one in enumerate(body.classes):
        cells = [
            f"<b>{escape(one.name)}</b>",
            count(round(one.expected)),
            rate(one.expected / head.n_users),
            *([] if came is None else [count(came.counts[number])]),
            count(one.n_likeliest),
            rate(tested.counts[number] / tested.n_users),
            f"{one.validation.roc_auc:.3f}",
        ]
        rows.append(cells)
    headings = ["class", "expected users", "share", "likeliest class of", "share in the test", "AUC in the test"]
    if came is not None:
        headings.insert(3, "came")
    return (
        "<section><h2>How many users of each class?</h2>"
        "<p>Expected is the sum of the chances of all users. The likeliest class of a rare one is often another: for "
        "those who are most likely to be of it, take its own list. AUC is the chance that a user of the class ranks "
        "above another on its list: 0.5 is a coin toss, 1 is perfect.</p>"
        f"{draw_table(headings, rows)}"
        '<p class="note"><code>users.csv</code> beside this file has each user once, with the likeliest class and the '
        "chances of all; <code>lists.csv</code> has a ranked list for each class, one after the other.</p></section>"
    )


def _confusion_card(head: ReportHead, body: MulticlassBody) -> str:
    tested = body.validation
    when = "in a later period than the models learned from" if head.is_later else "on users the models did not see"
    limits, areas, losses = tested.accuracy_range, tested.macro_auc_range, tested.log_loss_range
    came = (
        f"<h3>Checked against what happened</h3>{_draw_confusion(body, body.outcome)}"
        if body.outcome is not None
        else ""
    )
    return (
        "<section><h2>Which classes are taken for which?</h2>"
        f"<p>Users by their class and the likeliest one, measured {when}. The likeliest class is right for "
        f"{rate(tested.accuracy)} ({rate(limits.low)} to {rate(limits.high)} in 90 of 100 repeats); always naming the "
        f"largest class, for {rate(tested.base_accuracy)}. The log loss is {tested.log_loss:.4f} ({losses.low:.4f} to "
        f"{losses.high:.4f}), against {tested.base_log_loss:.4f} of giving everybody the shares of the classes; the "
        f"mean AUC of the classes is {tested.macro_auc:.3f} ({areas.low:.3f} to {areas.high:.3f}).</p>"
        f"{_draw_confusion(body, tested)}{came}</section>"
    )


def _draw_confusion(body: MulticlassBody, quality: ClassQuality) -> str:
    names = [one.name for one in body.classes]
    rows = []
    for name, counts in zip(names, quality.confusion, strict=True):
        total = sum(counts)
        cells = [_draw_cell(number, total) for number in counts]
        rows.append([f"<b>{escape(name)}</b>", count(total), *cells])
    headings = ["was", "users", *(f"<small>likeliest</small>{escape(name)}" for name in names)]
    return draw_table(headings, rows, kind="confusion")


def _draw_cell(number: int, total: int) -> str:
    part = number / total if total else 0.0
    return f'<span class="heat" style="--part:{100 * part:.0f}%">{count(number)}<small>{part:.0%}</small></span>'


def _class_card(head: ReportHead, part: PartHead, one: ClassNumbers) -> str:
    quality = one.outcome or one.validation
    told = "as it happened" if one.outcome else "when tested"
    selection = (
        f"<details><summary>Which features were kept?</summary>{draw_selection(part.selection)}</details>"
        if part.selection
        else ""
    )
    return (
        f"<section><h2>{escape(one.name)}</h2>"
        f"{_draw_contact(head, one)}"
        '<div class="columns">'
        f"<div><h3>Predicted against actual</h3>{draw_calibration(one.validation, title='Predicted against actual')}"
        "</div><div><h3>How far down its list?</h3>"
        f"{draw_gains(quality.curve, title=f'Share reached, {told}', marks=one.name, of='share of the class')}</div>"
        f"</div><details><summary>Show the numbers</summary>"
        f"{draw_gains_table(quality, shows_promise=one.outcome is not None)}</details>"
        "<details><summary>What drives the score?</summary>"
        f"{draw_features(part.features, told_weight=part.told_weight)}</details>{selection}</section>"
    )


def _draw_contact(head: ReportHead, one: ClassNumbers) -> str:
    """Let the reader choose how many users of a class's list to contact."""
    if not one.expected_curve:
        return ""
    contacts = ContactList(
        name=one.name,
        curve=one.expected_curve,
        ranges=one.expected_ranges,
        figures=(
            Figure(shows="expected", text="expected to be of this class<br>likely {likely}"),
            Figure(shows="rate", text=f"of those contacted<br>average {share(one.expected / head.n_users)}"),
            Figure(shows="lift", text="as many as at random,<br>which finds {random}"),
            Figure(shows="reach", text=f"of all that will be of it,<br>about {count(one.expected)}"),
        ),
        earns="one of this class",
    )
    return draw_contact(contacts, title="<h3>How many users of its list will you contact?</h3>")


def _history_card(head: ReportHead, body: MulticlassBody) -> str:
    tested = list_tested(head)
    rows = [
        (
            f"{row.cutoff:%Y-%m-%d}",
            count(sum(row.counts)),
            *(f"{count(number)}<small>{share(number / max(sum(row.counts), 1))}</small>" for number in row.counts),
            "test" if row.cutoff in tested else "learn",
        )
        for row in body.counts
    ]
    headings = ("cut-off", "users", *(escape(one.name) for one in body.classes), "used to")
    return f"<section><h2>What was learned from</h2>{draw_table(headings, rows)}</section>"
