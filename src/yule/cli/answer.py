"""What came of a run, in plain words."""

from pathlib import Path

import typer

from yule.report.files import PAGE, read_numbers
from yule.report.words import describe_answer, share


def print_answer(folder: Path) -> None:
    """Print the answer of a finished run and where its files lie.

    Parameters
    ----------
    folder
        Folder of the run.
    """
    numbers = read_numbers(folder)
    typer.echo(f"\n{numbers.question}")
    for sentence in describe_answer(numbers):
        typer.echo(f"  {sentence}")
    typer.echo(f"\n  {'member':<24}{'weight':>7}{'AUC':>9}{'log loss':>10}")
    for member in (numbers.ensemble, *numbers.members):
        weight = "" if member is numbers.ensemble else share(member.weight)
        typer.echo(f"  {member.name:<24}{weight:>7}{member.roc_auc:>9.4f}{member.log_loss:>10.4f}")
    for finding in numbers.findings:
        if finding.severity != "ok":
            typer.echo(f"  {'STOP' if finding.severity == 'stop' else 'Note'}: {finding.text}")
    for warning in numbers.history.warnings:
        typer.echo(f"  Note: {warning}")
    typer.echo(f"\n  list:   {folder / 'users.csv'}")
    typer.echo(f"  report: {folder / PAGE}")
