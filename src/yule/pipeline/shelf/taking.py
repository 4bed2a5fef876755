"""Whether a case may take models of other questions: none that knows what it is judged by, or means something else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from yule.core.errors import DataError
from yule.downloads.settings import Method
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.pipeline.shelf.learned import LearnedModels
from yule.questions.settings import QuestionSpec

ASKED = {"events": "who has an event", "leaving": "who has none any more", "amount": "what events add up to"}
"""What is asked, by the kind of questions."""


def check_taken(learned: LearnedModels, own: QuestionSpec, *, n_folds: int) -> None:
    """Refuse models that a case must not take, with all reasons.

    Parameters
    ----------
    learned
        The models that it names.
    own
        What it would ask of the log itself: with it the case's own models would end where its first judgement begins.
    n_folds
        Folds of the case.

    Raises
    ------
    DataError
        If they have learned from what the case is judged by, or from users that it holds out, or see something else.
    """
    judged_from = own.cutoffs[-1] + own.settings.within
    problems = [*_find_leaks(learned, judged_from, n_folds=n_folds), *_find_other_roles(learned.spec, own)]
    if problems:
        told = "".join(f"\n  - {problem}" for problem in problems)
        raise DataError(
            f"The case cannot take {learned.name}:{told}\nName others that `yule models` lists, or write "
            "transfer: auto."
        )


def _find_leaks(learned: LearnedModels, judged_from: datetime, *, n_folds: int) -> Iterator[str]:
    latest = max(learned.until, learned.spec.roles.learn_before or learned.until)
    if latest > judged_from:
        yield (
            f"they have learned from what happened until {latest:%Y-%m-%d}, and the case is judged by what "
            f"happens from {judged_from:%Y-%m-%d} on"
        )
    if learned.n_folds != n_folds:
        yield (
            f"they have {learned.n_folds} folds and the case has {n_folds}, so they may have learned from users that "
            f"it holds out; folds: {{n_folds: {learned.n_folds}}} would do"
        )


def _find_other_roles(spec: QuestionSpec, own: QuestionSpec) -> Iterator[str]:
    """Say in what other questions mean something else than the case's own, whatever their horizon."""
    if spec.kind != own.kind:
        yield f"they answer {ASKED[spec.kind]}, and the case asks {ASKED[own.kind]}"
    if spec.settings.download != own.settings.download:
        yield f"they are of {spec.settings.download}, and the case is of {own.settings.download}"
    elif _strip(spec.settings) != _strip(own.settings):
        yield "their roles are not those of the case: other columns say what events are of, or other tables are joined"
    elif _list_methods(spec.roles) != _list_methods(own.roles):
        yield f"{own.settings.download}, or a table beside it, was declared otherwise when they were fitted"


def _strip(settings: RoleFeatures) -> RoleFeatures:
    """Return settings without what may differ: roles are told in horizons, and mean the same for each question."""
    return replace(settings, within=settings.within * 0, where=None)


def _list_methods(spec: FeatureSpec) -> list[Method]:
    return [table.method for table in (spec.table, *spec.joined, *spec.learn_from)]
