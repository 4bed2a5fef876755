"""What was learned: models of other questions and models of cases, found in what tasks and runs have left."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from yule.core.errors import WorkspaceError
from yule.pipeline.shelf.learned import choose_learned, name_learned
from yule.session import Session, open_project
from yule.session.views.shelf import CaseModel, TakenModels
from yule.session.views.shelf_facts import list_facts

QUESTION = "purchases where product = 'beer'"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A project over made-up logs in which a question was asked, so that models of other questions were fitted."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    session = open_project(write_made_up_project(tmp_path_factory.mktemp("asked") / "project"))
    session.ask(QUESTION, within="14 days")
    return session


def test_models_of_other_questions_are_called_by_log_horizon_and_last_day(asked: Session) -> None:
    (learned,) = asked.models().learned
    assert learned.name == "purchases-14d-2024-08-12"
    assert (learned.models.questions.column, learned.models.n_folds) == ("product", 5)
    assert [member.kind for member in learned.models.members] == ["pooled"]
    assert learned.models.n_bytes > 1000
    assert learned.models.seconds > 0


def test_models_that_would_be_called_the_same_get_what_tells_them_apart(asked: Session) -> None:
    (one,) = (learned.models for learned in asked.models().learned)
    both = list(name_learned([one, replace(one, n_folds=3)]))
    assert [name.name[:-5] for name in both] == [one.name, one.name]
    assert len({name.name for name in both}) == 2
    assert choose_learned(both, both[1].name).n_folds == 3
    with pytest.raises(WorkspaceError, match=f"there are {both[0].name} and {both[1].name}"):
        choose_learned(both, one.name)


def test_models_that_are_not_whole_are_not_listed(asked: Session, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(asked.project.root, copy)
    shutil.rmtree(next((copy / "workspace" / "cache" / "FitPooled").iterdir()))
    assert open_project(copy).models().learned == ()


def test_a_record_that_says_other_than_its_id_is_not_listed(asked: Session, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(asked.project.root, copy)
    for record in (copy / "workspace" / "cache" / "FitPooled").glob("*/task.json"):
        told = json.loads(record.read_text())
        told["parameters"]["questions"] = told["parameters"]["questions"].replace('"min_users":20', '"min_users":21')
        record.write_text(json.dumps(told))
    assert open_project(copy).models().learned == ()


def test_they_stay_when_what_is_old_goes(asked: Session) -> None:
    found = asked.find_unneeded(older_than=timedelta(0))
    places = [one.place for one in found.disposables if one.what == "outputs"]
    assert places
    assert not [place for place in places if place.startswith(("cache/FitPooled/", "cache/FindQuestions/"))]


def test_models_of_finished_runs_tell_how_good_they_were(recorded: Session) -> None:
    cases = {case.kind: case for case in recorded.models().cases}
    assert {"regression", "multiclass", "binary"} <= set(cases)
    assert 0.5 < cases["binary"].then["roc_auc"] < 1
    assert cases["multiclass"].then["log_loss"] > 0
    assert all(case.members and case.n_labelled for case in cases.values())


def test_what_is_called_differently_is_suggested(asked: Session) -> None:
    with pytest.raises(WorkspaceError, match="did you mean 'purchases-14d-2024-08-12'"):
        asked.models().find("purchases-14d-2024-08-13")


def test_facts_tell_what_was_learned_from(asked: Session, recorded: Session) -> None:
    (learned,) = asked.models().learned
    facts = dict(list_facts(learned))
    assert facts["all over by"] == "2024-08-12"
    assert facts["of"].endswith("values of product")
    found = recorded.models().find(recorded.models().cases[0].name)
    assert isinstance(found, CaseModel)
    assert dict(list_facts(found))["case"] == found.run.case
    assert isinstance(asked.models().find(learned.name), TakenModels)


def test_the_command_lists_and_shows_them(asked: Session) -> None:
    def say(*arguments: str) -> str:
        command = [sys.executable, "-m", "yule", "models", *arguments]
        return subprocess.run(command, cwd=asked.project.root, capture_output=True, text=True, check=True).stdout

    assert "purchases-14d-2024-08-12" in say()
    (learned,) = json.loads(say("--json"))["learned"]
    assert learned["questions"]["column"] == "product"
    assert "all over by" in say("show", "purchases-14d-2024-08-12")
