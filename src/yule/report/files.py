"""The files of a report."""

NUMBERS = "report.json"
PAGE = "report.html"
