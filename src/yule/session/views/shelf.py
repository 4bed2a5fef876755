"""What was learned in a workspace: models of other questions, which cases can take, and models of cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yule.session.views.html import make_table

if TYPE_CHECKING:
    from yule.pipeline.shelf.fits import FitCosts
    from yule.pipeline.shelf.learned import LearnedModels
    from yule.report.board import MemberScores
    from yule.session.views.runs import RunView


@dataclass(frozen=True, kw_only=True)
class CaseModel:
    """The model of a finished run.

    Parameters
    ----------
    run
        The run, which keeps the model: ``run.model`` predicts.
    kind
        What kind of answer it gives.
    n_labelled
        Labels that it learned from and was judged by.
    parts
        Its members with their weights and figures, by the class that they tell from the rest; one without a name where
        they tell no class.
    then
        How good it was on users that it had not seen, by the names in ``report.json``.
    since
        How good its list was by what happened since; empty while that is not known.
    """

    run: "RunView"
    kind: str
    n_labelled: int
    parts: "Mapping[str, tuple[MemberScores, ...]]"
    then: Mapping[str, float]
    since: Mapping[str, float]

    @property
    def name(self) -> str:
        """That of its run."""
        return self.run.run_id

    @property
    def members(self) -> "tuple[MemberScores, ...]":
        """Its members; of classes those of each, one after the other."""
        return tuple(member for members in self.parts.values() for member in members)


@dataclass(frozen=True, kw_only=True)
class TakenModels:
    """Models of other questions, and which cases have taken them.

    Parameters
    ----------
    models
        The models.
    taken_by
        The models of cases with members that come of them, the oldest first.
    """

    models: "LearnedModels"
    taken_by: tuple[CaseModel, ...]

    @property
    def name(self) -> str:
        """What they are called."""
        return self.models.name


@dataclass(frozen=True, kw_only=True)
class MemberFits:
    """What became of a member of a finished run, fitted on every fold.

    Parameters
    ----------
    case
        The run's model.
    part
        The class that it tells from the rest; empty where a case has one model.
    scores
        Its weight, and its figures on users that it had not seen: of all, and fold by fold.
    costs
        Its settings, what it took, and what there was to learn from.
    """

    case: CaseModel
    part: str
    scores: "MemberScores"
    costs: "FitCosts"


@dataclass(frozen=True, kw_only=True, repr=False)
class Shelf:
    """What was learned in a workspace, the oldest first.

    Parameters
    ----------
    learned
        Models of other questions.
    cases
        Models of finished runs.
    """

    learned: tuple[TakenModels, ...]
    cases: tuple[CaseModel, ...]

    def find(self, name: str) -> TakenModels | CaseModel:
        """Return the models of a name, the model of a run, or of the newest run of a case.

        Raises
        ------
        WorkspaceError
            If there is none; says what comes close.
        """
        from yule.core.errors import WorkspaceError
        from yule.core.spelling import suggest

        learned = {one.name: one for one in self.learned}
        cases = {key: one for one in self.cases for key in (one.run.case, one.name)}
        if name in learned:
            return learned[name]
        if name in cases:
            return cases[name]
        hint = suggest(name, (*learned, *cases))
        raise WorkspaceError(f"There is no model called {name!r}{hint}. `yule models` lists them.")

    def __repr__(self) -> str:
        names = [*(one.name for one in self.learned), *(one.name for one in self.cases)]
        return f"<Shelf: {', '.join(names) or 'empty'}>"

    def _repr_html_(self) -> str:
        from yule.session.views.shelf_facts import CASE_HEADINGS, LEARNED_HEADINGS, tell_case, tell_learned

        learned = make_table(LEARNED_HEADINGS, [tell_learned(one) for one in self.learned])
        cases = make_table(CASE_HEADINGS, [tell_case(one) for one in self.cases])
        return learned + cases
