"""The files of a report."""

from pathlib import Path

from yule.core.settings import from_json, to_json
from yule.report.data import ReportData
from yule.report.numbers import ReportNumbers, compute_numbers
from yule.report.page import render_page

NUMBERS = "report.json"
PAGE = "report.html"


def write_report(data: ReportData, folder: Path) -> None:
    """Write ``report.json`` and ``report.html`` into a folder that exists. Equal data give equal bytes."""
    numbers = compute_numbers(data)
    (folder / NUMBERS).write_text(to_json(numbers) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(render_page(numbers), encoding="utf-8")


def read_numbers(folder: Path) -> ReportNumbers:
    """Read the numbers that :func:`write_report` wrote."""
    return from_json(ReportNumbers, (folder / NUMBERS).read_text(encoding="utf-8"))
