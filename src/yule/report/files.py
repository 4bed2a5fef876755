"""The files of a report."""

import json
from pathlib import Path

from yule.core.settings import from_json, to_json
from yule.report.amount.numbers import AmountNumbers, compute_amounts
from yule.report.amount.page import render_amounts
from yule.report.classes.data import ClassesData
from yule.report.classes.numbers import ClassesNumbers, compute_classes
from yule.report.classes.page import render_classes
from yule.report.data import ReportData
from yule.report.look_alike.numbers import LookAlikeNumbers, compute_look_alike
from yule.report.look_alike.page import render_look_alike
from yule.report.numbers import ReportNumbers, compute_numbers
from yule.report.page import render_page

NUMBERS = "report.json"
PAGE = "report.html"


def write_report(data: ReportData | ClassesData, folder: Path) -> None:
    """Write ``report.json`` and ``report.html`` into a folder that exists. Equal data give equal bytes."""
    if isinstance(data, ClassesData):
        classes = compute_classes(data)
        text, page = to_json(classes), render_classes(classes)
    elif data.predicts == "amount":
        amounts = compute_amounts(data)
        text, page = to_json(amounts), render_amounts(amounts)
    elif data.prior is None:
        numbers = compute_numbers(data)
        text, page = to_json(numbers), render_page(numbers)
    else:
        alike = compute_look_alike(data, data.prior)
        text, page = to_json(alike), render_look_alike(alike)
    (folder / NUMBERS).write_text(text + "\n", encoding="utf-8")
    (folder / PAGE).write_text(page, encoding="utf-8")


def read_numbers(folder: Path) -> ReportNumbers | LookAlikeNumbers | AmountNumbers | ClassesNumbers:
    """Read the numbers that :func:`write_report` wrote."""
    text = (folder / NUMBERS).read_text(encoding="utf-8")
    match json.loads(text).get("kind"):
        case "look_alike":
            return from_json(LookAlikeNumbers, text)
        case "amount":
            return from_json(AmountNumbers, text)
        case "classes":
            return from_json(ClassesNumbers, text)
        case _:
            return from_json(ReportNumbers, text)
