"""What the shelf has, told in lines and facts."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

from yule.session.views.shelf import CaseModel, MemberFits, TakenModels

if TYPE_CHECKING:
    from yule.models.members import MemberSettings
    from yule.pipeline.shelf.learned import LearnedModels

HEADLINES = {
    "roc_auc": "AUC",
    "spearman": "rank correlation",
    "log_loss": "log loss",
}
"""Of the figures of a model the first of these is shown."""

LEARNED_HEADINGS = ("models of other questions", "column", "questions", "folds", "members", "learned", "seconds", "MiB")
CASE_HEADINGS = ("model of a case", "kind", "labels", "members", "then", "since", "finished")


FITS_HEADINGS = ("run", "member", "settings", "labels", "positives", "features", "by fold", "all", "weight", "seconds")


def tell_fits(one: MemberFits) -> Sequence[str]:
    """Tell the fits of a member in a line, by :data:`FITS_HEADINGS`."""
    size = one.costs.size
    headline = next((name for name in HEADLINES if name in one.scores.scores), "")
    folds = [score for fold in one.scores.folds if (score := fold.scores.get(headline)) is not None]
    return (
        one.case.name + (f" {one.part}" if one.part else ""),
        one.scores.name,
        ", ".join(f"{name}={value}" for name, value in list_changed(one.costs.member)),
        *(("", "", "") if size is None else map(str, (size.n_labelled, size.n_positives, size.n_features))),
        f"{min(folds):.4f} to {max(folds):.4f}" if folds else "",
        tell_headline(one.scores.scores),
        f"{one.scores.weight:.0%}",
        f"{one.costs.seconds:.0f}",
    )


def list_changed(member: "MemberSettings") -> list[tuple[str, object]]:
    """Return the settings of a member that are not its kind's own, but for its name."""
    plain = type(member)()
    told = [field.name for field in fields(member) if field.name not in ("kind", "name")]
    return [(name, getattr(member, name)) for name in told if getattr(member, name) != getattr(plain, name)]


def tell_learned(one: TakenModels) -> Sequence[str]:
    """Tell models of other questions in a line, by :data:`LEARNED_HEADINGS`."""
    models = one.models
    return (
        models.name,
        models.questions.column or "",
        str(len(models.questions.questions)),
        str(models.n_folds),
        ", ".join(member.name for member in models.members),
        f"{models.learned_at:%Y-%m-%d}",
        f"{models.seconds:.0f}",
        f"{models.n_bytes / 2**20:.1f}",
    )


def tell_case(one: CaseModel) -> Sequence[str]:
    """Tell the model of a case in a line, by :data:`CASE_HEADINGS`."""
    weighty = [f"{member.name} {member.weight:.0%}" for member in one.members if member.weight >= 0.005]
    return (
        one.name,
        one.kind,
        f"{one.n_labelled:,}",
        ", ".join(weighty),
        tell_headline(one.then),
        tell_headline(one.since),
        one.run.record.ended_at[:10],
    )


def tell_headline(figures: Mapping[str, float]) -> str:
    """Tell the one figure that says most; nothing where none is known."""
    return next((f"{title} {figures[name]:.4f}" for name, title in HEADLINES.items() if name in figures), "")


def list_facts(one: TakenModels | CaseModel) -> list[tuple[str, str]]:
    """Return what to know of models, name by name."""
    return _list_of_questions(one) if isinstance(one, TakenModels) else _list_of_case(one)


def _list_of_questions(one: TakenModels) -> list[tuple[str, str]]:
    from yule.pipeline.shelf.taking import ASKED

    models, spec = one.models, one.models.spec
    questions = models.questions.questions
    return [
        ("log", spec.settings.download),
        ("asked", ASKED[spec.kind]),
        ("of", f"{len(questions)} of {models.questions.n_values} values of {models.questions.column}"),
        ("values", ", ".join(question.value for question in questions)),
        ("within", f"{spec.settings.within / timedelta(days=1):g} days"),
        ("as of", ", ".join(f"{cutoff:%Y-%m-%d}" for cutoff in spec.cutoffs)),
        ("all over by", f"{models.until:%Y-%m-%d}"),
        ("users", f"{models.questions.n_users:,}"),
        ("folds", str(models.n_folds)),
        ("members", ", ".join(f"{member.name} ({member.kind})" for member in models.members)),
        ("learned", f"{models.learned_at:%Y-%m-%d %H:%M} UTC, in {models.seconds:.0f} s of work"),
        ("size", f"{models.n_bytes / 2**20:.1f} MiB"),
        ("by", f"Yule {models.versions.get('yule', '')}, Python {models.versions.get('python', '')}"),
        ("to take them", f"transfer: {{from: {one.name}}}"),
        *(("taken by", f"{case.name}: {_tell_members(case, models)}") for case in one.taken_by),
    ]


def _list_of_case(one: CaseModel) -> list[tuple[str, str]]:
    record = one.run.record
    return [
        ("case", one.run.case),
        ("question", one.run.question),
        ("kind", one.kind),
        ("labels", f"{one.n_labelled:,}"),
        ("finished", record.ended_at),
        ("code", record.code or "outside git"),
        ("by", f"Yule {record.versions.get('yule', '')}"),
        *((f"member {member.name}", f"{member.weight:.1%}  {_tell_figures(member.scores)}") for member in one.members),
        ("then", _tell_figures(one.then)),
        ("since", _tell_figures(one.since) or "not known yet"),
    ]


def _tell_members(case: CaseModel, models: "LearnedModels") -> str:
    """Tell how good the members were that come of models of other questions."""
    names = [member.name for member in models.members]
    told = (
        f"{member.name} {tell_headline(member.scores)}, weight {member.weight:.1%}"
        for member in case.members
        if member.name in names
    )
    return "; ".join(told)


def _tell_figures(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{title} {figures[name]:.4f}" for name, title in HEADLINES.items() if name in figures)
