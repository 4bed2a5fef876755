"""Models of other questions that a case takes from the shelf."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from made_up import write_made_up_project

from yule.core.errors import DataError, WorkspaceError
from yule.pipeline.graph import CaseGraph, Tables, build_graph
from yule.pipeline.runs.curves import list_curves
from yule.pipeline.runs.trust import check_run
from yule.pipeline.shelf.learned import LearnedModels, find_learned
from yule.pipeline.shelf.taking import check_taken
from yule.questions.settings import QuestionSpec
from yule.session import Session, open_project
from yule.session.execution import bound, find_setup_of
from yule.session.views.shelf_facts import list_changed
from yule.storage.opening import open_store
from yule.storage.setup import using_setup

QuestionKind: TypeAlias = Literal["events", "leaving", "amount"]

NAME = "purchases-14d-2024-04-26"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A project in whose workspace a case has had models of other questions fitted."""
    project = write_made_up_project(tmp_path_factory.mktemp("shelf") / "project")
    write_case(project, "beer", transfer="auto")
    opened = open_project(project)
    opened.run("beer")
    return opened


def write_case(project: Path, name: str, *, transfer: str, more: str = "") -> None:
    """Write into a case where members that learn from other questions come from."""
    case = project / "cases" / f"{name}.yaml"
    case.write_text(f"{case.read_text()}transfer: {transfer}\n{more}")


@pytest.fixture
def copied(session: Session, tmp_path: Path) -> Path:
    """A copy of the project, with what is in its workspace."""
    shutil.copytree(session.project.root, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def learned(session: Session) -> Iterator[LearnedModels]:
    with bound(session.project):
        (found,) = find_learned(open_store(session.project.workspace))
        yield found


def build(project: Path, name: str) -> CaseGraph:
    """Build the graph of a case."""
    opened = open_project(project)
    (checked,) = opened.check(name)
    with bound(opened.project):
        return build_graph(checked.case, Tables(opened.project))


def test_a_case_takes_them_and_fits_none_anew_whatever_its_horizon(copied: Path) -> None:
    case = copied / "cases" / "tea.yaml"
    case.write_text(case.read_text().replace("within: 14 days", "within: 10 days"))
    write_case(copied, "tea", transfer=f"{{from: {NAME}}}")
    fitted = sorted((copied / "workspace" / "cache" / "FitPooled").iterdir())
    (run,) = open_project(copied).run("tea")
    told = (run.folder / "report.json").read_text()
    assert '"pooled"' in told
    assert '"refined"' in told
    assert "member-unasked" not in told
    assert "own_days__10d" in (run.folder / "model" / "bundle.json").read_text()
    assert sorted((copied / "workspace" / "cache" / "FitPooled").iterdir()) == fitted
    taken = {one.name: one for one in open_project(copied).models().learned}[NAME]
    assert [case.run.case for case in taken.taken_by] == ["beer", "tea"]


def test_what_is_taken_is_part_of_the_key_and_of_what_a_run_tells(copied: Path) -> None:
    alone = build(copied, "tea")
    write_case(copied, "tea", transfer=f"{{from: {NAME}}}")
    taking = build(copied, "tea")
    assert alone.answer.model.dataset.questions is None
    assert taking.answer.model.dataset.questions is not None
    assert taking.answer.model.dataset.has_taken
    assert f"from: {NAME}" in taking.case.resolved


def test_members_that_learn_from_the_case_alone_are_the_same_whatever_it_takes(copied: Path) -> None:
    opened = open_project(copied)
    case = copied / "cases" / "tea.yaml"
    text, fits = case.read_text(), []
    for transfer in ("auto", f"{{from: {NAME}}}"):
        case.write_text(f"{text}transfer: {transfer}\n")
        (checked,) = opened.check("tea")
        with bound(opened.project):
            fits.append(build_graph(checked.case, Tables(opened.project)).find_fits())
    names = [name for name in fits[0] if name.startswith(("lightgbm/", "logistic/"))]
    assert len(names) == 6
    assert [fits[0][name] for name in names] == [fits[1][name] for name in names]


def test_models_that_know_what_a_case_is_judged_by_are_refused_with_all_that_is_wrong(copied: Path) -> None:
    case = copied / "cases" / "tea.yaml"
    case.write_text(case.read_text().replace("count: 5", "count: 3").replace("n_folds: 3", "n_folds: 4"))
    write_case(copied, "tea", transfer=f"{{from: {NAME}}}")
    with pytest.raises(DataError) as refused:
        build(copied, "tea")
    assert "they have learned from what happened until 2024-04-26" in str(refused.value)
    assert "the case is judged by what happens from 2024-03-29 on" in str(refused.value)
    assert "they have 3 folds and the case has 4" in str(refused.value)


def test_a_name_that_is_not_there_is_refused_with_what_comes_close(copied: Path) -> None:
    write_case(copied, "tea", transfer="{from: purchases-14d-2024-04-27}")
    with pytest.raises(WorkspaceError, match=f"did you mean '{NAME}'"):
        build(copied, "tea")


def test_models_of_an_earlier_day_may_be_taken(learned: LearnedModels) -> None:
    later = tuple(cutoff + learned.spec.settings.within for cutoff in learned.spec.cutoffs)
    check_taken(learned, replace(learned.spec, cutoffs=later), n_folds=3)


def test_models_whose_columns_were_learned_from_what_is_judged_are_refused(learned: LearnedModels) -> None:
    late = replace(learned.spec.roles, learn_before=learned.until + learned.spec.settings.within)
    with pytest.raises(DataError, match="what happened until 2024-05-10"):
        check_taken(replace(learned, spec=replace(learned.spec, roles=late)), learned.spec, n_folds=3)


def test_models_in_a_bucket_are_called_the_same(
    session: Session, learned: LearnedModels, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path))
    place = f"{s3}/shelf"
    bucket = open_store(place)
    for family in ("FitPooled", "FindQuestions"):
        for output in (session.project.root / "workspace" / "cache" / family).iterdir():
            with bucket.staging() as folder:
                shutil.copytree(output, folder, dirs_exist_ok=True)
                bucket.publish(folder, f"cache/{family}/{output.name}")
    with using_setup(replace(find_setup_of(session.project), workspace=place)):
        (found,) = find_learned(bucket)
    assert (found.name, found.unique_ids) == (learned.name, learned.unique_ids)


def ask_otherwise(spec: QuestionSpec) -> dict[str, QuestionSpec]:
    """Return questions that mean something else, by what is said of them."""
    settings, table = spec.settings, spec.roles.table

    def change(roles: object) -> QuestionSpec:
        return replace(spec, roles=roles)  # type: ignore[arg-type]

    return {
        "they answer who has an event": replace(spec, kind="leaving"),
        "they are of purchases": change(replace(spec.roles, settings=replace(settings, download="visits"))),
        "their roles are not those": change(replace(spec.roles, settings=replace(settings, items=()))),
        "was declared otherwise": change(
            replace(spec.roles, table=replace(table, method=replace(table.method, table="other.parquet")))
        ),
    }


@pytest.mark.parametrize("kind", ["events", "leaving", "amount"])
def test_it_is_told_what_they_answer_and_what_the_case_asks(learned: LearnedModels, kind: QuestionKind) -> None:
    told = {"events": "who has an event", "leaving": "who has none any more", "amount": "what events add up to"}[kind]
    own = replace(learned.spec, kind="events" if kind != "events" else "leaving")
    models = replace(learned, spec=replace(learned.spec, kind=kind))
    with pytest.raises(DataError, match=f"they answer {told}"):
        check_taken(models, own, n_folds=3)


def test_models_of_questions_that_mean_something_else_are_refused(learned: LearnedModels) -> None:
    for text, own in ask_otherwise(learned.spec).items():
        with pytest.raises(DataError, match=text):
            check_taken(learned, own, n_folds=3)


def test_other_data_of_the_same_log_are_no_reason_to_refuse(learned: LearnedModels) -> None:
    roles = learned.spec.roles
    grown = replace(learned.spec, roles=replace(roles, table=replace(roles.table, data_version="newer")))
    check_taken(learned, grown, n_folds=3)


def test_a_condition_on_the_questions_in_a_forged_record_is_refused(session: Session) -> None:
    record = session.load_run("beer").record
    dataset = record.asked.model.dataset
    assert dataset.questions is not None
    roles = dataset.questions.roles
    forged = replace(roles, settings=replace(dataset.questions.settings, where="nothing = 1"))
    model = replace(record.asked.model, dataset=replace(dataset, questions=replace(dataset.questions, roles=forged)))
    with pytest.raises(WorkspaceError, match="the condition 'nothing = 1'"):
        check_run(replace(record, answer=replace(record.asked, model=model)))


def test_what_happened_since_is_seen_in_the_data_as_they_are_now(session: Session, copied: Path) -> None:
    (then,) = (case for case in session.models().cases if case.run.case == "beer")
    assert session.judge("beer") == pytest.approx({name: then.since[name] for name in session.judge("beer")})
    purchases = copied / "data" / "purchases.parquet"
    table = pq.read_table(purchases)
    pq.write_table(table.filter(pc.less(table["bought_at"], datetime(2024, 7, 10))), purchases)
    assert open_project(copied).judge("beer") == {}


def test_fits_tell_their_settings_their_size_and_what_they_cost(session: Session) -> None:
    fits = {one.scores.name: one for one in session.fits()}
    assert sorted(fits) == ["lightgbm", "logistic", "pooled", "refined"]
    told = fits["lightgbm"]
    assert list_changed(told.costs.member) == [("max_trees", 30)]
    assert told.costs.size is not None
    assert told.costs.size.n_positives < told.costs.size.n_labelled
    assert told.costs.seconds > 0
    assert len(told.scores.folds) == 3
    assert fits["pooled"].costs.size is None


def test_the_curves_of_a_run_are_there_of_what_it_shares_too(session: Session) -> None:
    record = session.load_run("beer").record
    with bound(session.project):
        curves = list_curves(record)
    drawn = {path.parent.name for path in Path(session.project.workspace).glob("events/*/*.tfevents.*")}
    pooled = {name for name, unique_id in curves.items() if name.startswith("pooled/") and unique_id in drawn}
    assert pooled == {
        f"pooled/half-{half}/fold-{fold}"
        for half in range(2)
        for fold in range(record.asked.model.dataset.folds.n_folds)
    }


def test_fits_that_were_cleaned_away_are_left_out(session: Session, copied: Path) -> None:
    for fit in (copied / "workspace" / "cache" / "FitFold").iterdir():
        if '\\"kind\\":\\"logistic\\"' in (fit / "task.json").read_text():
            shutil.rmtree(fit)
            break
    assert sorted(one.scores.name for one in open_project(copied).fits()) == ["lightgbm", "pooled", "refined"]
