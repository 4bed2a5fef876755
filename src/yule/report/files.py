"""The files of a report."""

import json
from pathlib import Path
from typing import TypeAlias

from yule.core.errors import CorruptedOutput
from yule.core.files import read_bounded
from yule.core.secrets import redact
from yule.core.settings import from_plain, to_json
from yule.report.amount.numbers import AmountNumbers, compute_amounts
from yule.report.amount.page import render_amounts
from yule.report.classes.data import ClassesData
from yule.report.classes.numbers import ClassesNumbers, compute_classes
from yule.report.classes.page import render_classes
from yule.report.data import ReportData
from yule.report.look_alike.numbers import LookAlikeNumbers, compute_look_alike
from yule.report.look_alike.page import render_look_alike
from yule.report.numbers import ReportNumbers, compute_numbers
from yule.report.older import renew_meanings
from yule.report.page import render_page

NUMBERS = "report.json"
PAGE = "report.html"

AnyNumbers: TypeAlias = ReportNumbers | LookAlikeNumbers | AmountNumbers | ClassesNumbers

_KINDS: dict[str, type[AnyNumbers]] = {
    "look_alike": LookAlikeNumbers,
    "amount": AmountNumbers,
    "classes": ClassesNumbers,
}


def write_report(data: ReportData | ClassesData, folder: Path) -> None:
    """Write ``report.json`` and ``report.html`` into a folder that exists. Equal data give equal bytes."""
    if isinstance(data, ClassesData):
        classes = compute_classes(data)
        text, page = to_json(classes), render_classes(classes)
    elif data.predicts == "squared_error":
        amounts = compute_amounts(data)
        text, page = to_json(amounts), render_amounts(amounts)
    elif data.prior is None:
        numbers = compute_numbers(data)
        text, page = to_json(numbers), render_page(numbers)
    else:
        alike = compute_look_alike(data, data.prior)
        text, page = to_json(alike), render_look_alike(alike)
    (folder / NUMBERS).write_text(redact(text) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(redact(page), encoding="utf-8")


def read_numbers(folder: Path) -> AnyNumbers:
    """Read the numbers that :func:`write_report` wrote.

    Raises
    ------
    CorruptedOutput
        If they are damaged, or another version of Yule wrote other ones.
    """
    try:
        content = read_bounded(folder / NUMBERS)
        plain = json.loads(content.decode())
        return from_plain(_KINDS.get(plain.get("kind", ""), ReportNumbers), renew_meanings(plain))
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise CorruptedOutput(
            f"{folder / NUMBERS} is damaged, or of another version of Yule. Run the case again: it is written anew."
        ) from error
