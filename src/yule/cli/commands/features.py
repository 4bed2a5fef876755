"""``yule features``."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.features.settings import FeatureSet
    from yule.preparation.selection.record import MergedSelection

Case = Annotated[str, typer.Argument(help="Case file, or name of a case.", metavar="CASE")]
Write = Annotated[
    bool, typer.Option("--write", help="Write the proposed feature sets to features/, to keep or change.")
]


def features(case: Case, write: Write = False, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show which features a case computes, and, once it has run, which ones were kept and why."""
    from yule.cli.screen.progress import Screen
    from yule.config.cases import write_used_features
    from yule.config.feature_sets import resolve_feature_set
    from yule.config.finding import load_cases
    from yule.core.settings import to_plain
    from yule.pipeline.feature_sets import find_feature_sets
    from yule.session import Session

    project, (found,) = load_cases([case], profile)
    sets = find_feature_sets(found, project)
    proposed = [feature_set for feature_set in sets if feature_set.name not in found.feature_sets]
    if write:
        written_sets = _write_sets(proposed, project, found.name)
        names = (*found.feature_sets, *(item.name for item in written_sets))
        frozen = replace(found, feature_sets=names, auto=(), has_history=False)
        typer.echo(
            f"\nIn cases/{found.name}.yaml, instead of what is there:\n\n{write_used_features(frozen)}", nl=False
        )
        return
    selection = Session(project, show=Screen(as_json=as_json)).selection(case)
    if as_json:
        written = [
            {"name": item.name, "proposed": item in proposed, "written": resolve_feature_set(item)} for item in sets
        ]
        plain = None if selection is None else to_plain(selection)
        typer.echo(json.dumps({"case": found.name, "sets": written, "selection": plain}))
        return
    _print_sets(sets, proposed)
    if proposed:
        typer.echo(f"\n`yule features {found.name} --write` writes what Yule proposes to features/, to keep or change.")
    if selection is None:
        typer.echo(f"Which features are kept, and why, is known after `yule run {found.name}`.")
    else:
        _print_selection(selection)


def _write_sets(proposed: "Sequence[FeatureSet]", project: "Project", case: str) -> "list[FeatureSet]":
    """Write feature sets; one whose file is there and says something else, for another case, gets this case's name."""
    from yule.config.feature_sets import write_feature_set
    from yule.core.errors import DataError
    from yule.core.files import write_whole

    if not proposed:
        raise DataError("Nothing is proposed for this case: it names all its feature sets.")

    def place(item: "FeatureSet") -> Path:
        return project.root / "features" / f"{item.name}.yaml"

    def is_taken(item: "FeatureSet") -> bool:
        return place(item).exists() and place(item).read_text(encoding="utf-8") != write_feature_set(item)

    sets = [replace(item, name=f"{item.name}-{case}") if is_taken(item) else item for item in proposed]
    changed = [place(item).name for item in sets if is_taken(item)]
    if changed:
        raise DataError(
            f"Nothing was written: in features/, {', '.join(changed)} hold something else. Name them in the case, "
            "move them away or delete them."
        )
    for item in sets:
        write_whole(place(item), write_feature_set(item))
        typer.echo(f"wrote {place(item).relative_to(project.root)}")
    return sets


def _print_sets(sets: "Sequence[FeatureSet]", proposed: "Sequence[FeatureSet]") -> None:
    from yule.cli.screen.tables import print_table

    rows = [
        (
            item.name,
            item.kind,
            item.download,
            "proposed by Yule" if item in proposed else f"features/{item.name}.yaml",
        )
        for item in sets
    ]
    print_table(("feature set", "kind", "of", "written in"), rows)


def _print_selection(selection: "MergedSelection") -> None:
    from yule.cli.screen.tables import print_table
    from yule.messages.features import describe_feature
    from yule.messages.telling import tell_messages
    from yule.preparation.selection.record import summarise_groups

    n_kept = sum(verdict.n_kept > 0 for verdict in selection.features)
    typer.echo(f"\n{n_kept} of {len(selection.features)} features were kept in some fold, by {selection.method}:\n")
    rows = [
        (
            describe_feature(group.meaning),
            f"{group.n_kept:,} of {group.n_features:,}",
            "" if group.score is None else f"{group.score:.4g}",
            describe_feature(group.best.meaning) if group.best else "",
            tell_messages(group.dropped),
        )
        for group in summarise_groups(selection)
    ]
    print_table(("group", "kept", "score", "the best one", "why others were dropped"), rows)
