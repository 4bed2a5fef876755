"""What came of a run, in plain words."""

from pathlib import Path

import typer

from yule.prediction.classes import LISTS
from yule.prediction.formulas import describe_formulas
from yule.prediction.ranking import USERS
from yule.report.amount.numbers import AmountNumbers
from yule.report.amount.words import describe_amounts
from yule.report.classes.numbers import ClassesNumbers
from yule.report.classes.words import describe_classes
from yule.report.files import PAGE, read_numbers
from yule.report.look_alike.numbers import LookAlikeNumbers
from yule.report.look_alike.words import describe_look_alike
from yule.report.numbers import ReportNumbers
from yule.report.words import count, describe_answer, share


def print_answer(folder: Path) -> None:
    """Print the answer of a finished run and where its files lie.

    Parameters
    ----------
    folder
        Folder of the run.
    """
    numbers = read_numbers(folder)
    typer.echo(f"\n{numbers.question}")
    if isinstance(numbers, AmountNumbers):
        _print_amounts(numbers)
    elif isinstance(numbers, LookAlikeNumbers):
        _print_look_alike(numbers)
    elif isinstance(numbers, ClassesNumbers):
        _print_classes(numbers)
    else:
        _print_labelled(numbers)
    for finding in numbers.findings:
        if finding.severity != "ok":
            typer.echo(f"  {'STOP' if finding.severity == 'stop' else 'Note'}: {finding.text}")
    for warning in numbers.history.warnings:
        typer.echo(f"  Note: {warning}")
    for file in (folder / USERS, folder / LISTS):
        if file.exists() and (told := describe_formulas(file)):
            typer.echo(f"  Note: {told}")
    typer.echo(f"\n  list:   {folder / 'users.csv'}")
    if isinstance(numbers, ClassesNumbers):
        typer.echo(f"  lists:  {folder / 'lists.csv'}, one for each class")
    typer.echo(f"  report: {folder / PAGE}")


def _print_labelled(numbers: ReportNumbers) -> None:
    for sentence in describe_answer(numbers):
        typer.echo(f"  {sentence}")
    typer.echo(f"\n  {'member':<24}{'weight':>7}{'AUC':>9}{'log loss':>10}")
    for member in (numbers.ensemble, *numbers.members):
        weight = "" if member is numbers.ensemble else share(member.weight)
        typer.echo(f"  {member.name:<24}{weight:>7}{member.roc_auc:>9.4f}{member.log_loss:>10.4f}")


def _print_amounts(numbers: AmountNumbers) -> None:
    for sentence in describe_amounts(numbers):
        typer.echo(f"  {sentence}")
    typer.echo(f"\n  {'member':<24}{'weight':>7}{'RMSE':>12}{'Spearman':>10}")
    for member in (numbers.ensemble, *numbers.members):
        weight = "" if member is numbers.ensemble else share(member.weight)
        typer.echo(f"  {member.name:<24}{weight:>7}{member.rmse:>12,.5g}{member.spearman:>10.4f}")


def _print_look_alike(numbers: LookAlikeNumbers) -> None:
    for sentence in describe_look_alike(numbers):
        typer.echo(f"  {sentence}")
    typer.echo(f"\n  {'member':<24}{'weight':>7}{'AUC against unlabelled':>24}{'in top 10%':>12}")
    for member in (numbers.ensemble, *numbers.members):
        weight = "" if member is numbers.ensemble else share(member.weight)
        typer.echo(f"  {member.name:<24}{weight:>7}{member.auc_against_unlabelled:>24.4f}{share(member.recall):>12}")


def _print_classes(numbers: ClassesNumbers) -> None:
    for sentence in describe_classes(numbers):
        typer.echo(f"  {sentence}")
    width = max(24, *(len(one.name) for one in numbers.classes))
    typer.echo(f"\n  {'class':<{width}}{'expected':>9}{'likeliest':>10}{'share in test':>14}{'AUC':>9}{'log loss':>10}")
    for one in numbers.classes:
        quality = one.validation
        typer.echo(
            f"  {one.name:<{width}}{count(round(one.expected)):>9}{count(one.n_likeliest):>10}"
            f"{share(quality.n_positives / quality.n_users):>14}{quality.roc_auc:>9.4f}{quality.log_loss:>10.4f}"
        )
    told = numbers.validation
    typer.echo(f"  {'all classes':<{width}}{'':>33}{told.macro_auc:>9.4f}{told.log_loss:>10.4f}")
