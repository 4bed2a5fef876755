"""What came of a run, in plain words."""

from collections.abc import Sequence
from pathlib import Path

import typer

from yule.cli.screen.sentences import print_sentence
from yule.cli.screen.tables import print_table
from yule.kinds.kind import Table
from yule.kinds.reports import read_report
from yule.messages.telling import tell_all
from yule.prediction.formulas import describe_formulas
from yule.report.files import PAGE
from yule.session.views.results import CaseResult


def print_results(results: Sequence[CaseResult]) -> None:
    """Print the answers of cases, and where there are several, one line for each below."""
    runs = [one.run for one in results if one.run is not None]
    for run in runs:
        print_answer(run.folder)
    if runs and len(results) > 1:
        typer.echo("")
        print_table(("case", "state", "run"), [_summarise(one) for one in results])


def _summarise(result: CaseResult) -> tuple[str, str, str]:
    if result.run is not None:
        return result.case, "done", result.run.run_id
    return result.case, "no answer", str(result.error).partition("\n")[0]


def print_answer(folder: Path) -> None:
    """Print the answer of a finished run and where its files lie.

    Parameters
    ----------
    folder
        Folder of the run.
    """
    report = read_report(folder)
    typer.echo(f"\n{report.head.question}")
    for sentence in report.describe():
        print_sentence(sentence)
    _print_table(report.tabulate())
    for finding in tell_all((*report.head.findings, *report.head.history.findings)):
        if finding.severity != "ok":
            print_sentence(f"{'STOP' if finding.severity == 'stop' else 'Note'}: {finding.text}")
    files = [(one, folder / one.file) for one in report.kind.lists]
    for _, file in files:
        table = file.with_suffix(".parquet")
        if table.exists() and (told := describe_formulas(table)):
            print_sentence(f"Note: {told}")
    typer.echo("")
    for one, file in files:
        typer.echo(f"  {one.title + ':':<8}{_tell_place(file, report.head.case)}{one.note if file.exists() else ''}")
    typer.echo(f"  report: {_tell_place(folder / PAGE, report.head.case)}")


def _tell_place(file: Path, case: str) -> str:
    """Say where a file lies, or what writes it anew if it is gone."""
    return str(file) if file.exists() else f"{file} is gone; `yule run {case}` writes it anew"


def _print_table(table: Table) -> None:
    """Print a table: names to the left, what stands beside them to the right."""
    rows = (table.headings, *table.rows)
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(len(table.headings))]
    typer.echo("")
    for first, *others in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        typer.echo(f"  {first:<{max(widths[0], 24)}}{''.join(cells)}")
