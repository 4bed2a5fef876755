from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from config_files import load_project, write_files

from yule.config.cases import read_case
from yule.config.projects import Project
from yule.config.questions import Question, read_question, write_case
from yule.core.errors import ConfigError
from yule.labels.settings import EventRule, Population

WEEK = timedelta(days=7)
CUTOFF = datetime(2017, 12, 3, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(write_files(tmp_path))


def ask(
    project: Project,
    text: str,
    *,
    within: str = "7 days",
    leaving: bool = False,
    population: str | None = None,
    active: str | None = None,
) -> Question:
    return read_question(text, project, within=within, leaving=leaving, population=population, active=active)


def explain(project: Project, text: str, *, within: str = "7 days", population: str | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        ask(project, text, within=within, population=population)
    return str(raised.value)


@pytest.mark.parametrize("text", ["purchases", "  purchases\n"])
def test_a_download_alone_asks_for_any_of_its_events(project: Project, text: str) -> None:
    assert ask(project, text).rule == EventRule(event="purchases", within=WEEK, cutoffs=())


@pytest.mark.parametrize("word", ["where", "WHERE", "\nwhere\n"])
def test_a_condition_says_which_events_are_asked_for(project: Project, word: str) -> None:
    asked = ask(project, f"purchases {word} department = 'BEER' OR department = 'no where'")
    assert asked.rule.where == "department = 'BEER' OR department = 'no where'"


def test_all_users_of_the_download_are_asked_of(project: Project) -> None:
    assert ask(project, "purchases where department = 'BEER'").population == Population(download="purchases")


def test_of_leaving_those_are_asked_who_were_there_as_short_a_time_ago(project: Project) -> None:
    asked = ask(project, "purchases", leaving=True)
    assert (asked.rule.kind, asked.population) == ("leaving", Population(download="purchases", within=WEEK))


@pytest.mark.parametrize("leaving", [False, True])
def test_who_was_there_lately_is_asked_of(project: Project, leaving: bool) -> None:
    asked = ask(project, "purchases where department = 'BEER'", leaving=leaving, active="30 days")
    assert asked.population == Population(download="purchases", within=timedelta(days=30))
    of_wine = ask(project, "purchases", population="purchases where department = 'WINE'", active="30 days")
    assert of_wine.population == Population(
        download="purchases", where="department = 'WINE'", within=timedelta(days=30)
    )


def test_a_time_that_cannot_be_read_is_told_where_it_is_written(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"active:1:1: .*30 dayz"):
        ask(project, "purchases", active="30 dayz")


def test_a_population_is_written_like_the_question(project: Project) -> None:
    asked = ask(project, "purchases", population="purchases where department = 'WINE'")
    assert asked.population == Population(download="purchases", where="department = 'WINE'")


def test_all_that_is_wrong_is_said_at_once_and_where(project: Project) -> None:
    assert explain(project, "purchases where departmnt = 'BEER'", within="7 dayz", population="purchase") == (
        "population:1:1: there is no downloads/purchase.yaml (did you mean 'purchases'?)\n"
        "    1 | purchase\n"
        "      | ^~~~~~~~\n"
        "question:1:17: there is no column 'departmnt' (did you mean 'department'?)\n"
        "    1 | purchases where departmnt = 'BEER'\n"
        "      |                 ^~~~~~~~~~~~~~~~~~\n"
        "within:1:1: a duration is written like '28 days', '4 weeks' or '12 hours', not '7 dayz'\n"
        "    1 | 7 dayz\n"
        "      | ^~~~~~"
    )


@pytest.mark.parametrize("text", ["", "purchases department = 'BEER'", "purchases where", "who buys beer?"])
def test_what_is_no_question_is_told_how_one_is_written(project: Project, text: str) -> None:
    assert "write the name of a download, or of one and a condition on its rows" in explain(project, text)


def test_a_download_without_a_time_answers_nothing(project: Project) -> None:
    assert "events need a time" in explain(project, "households")


@pytest.mark.parametrize(
    ("text", "leaving", "population"),
    [
        ("purchases", False, None),
        ("purchases where department = 'BEER'", False, "purchases where department = 'WINE'"),
        ("purchases", True, None),
    ],
)
@pytest.mark.parametrize("active", [None, "30 days"])
def test_a_case_that_is_written_asks_the_same(
    project: Project, text: str, leaving: bool, population: str | None, active: str | None
) -> None:
    asked = ask(project, text, leaving=leaving, population=population, active=active)
    case = read_case(write_case(asked, project.root, "asked", cutoff=CUTOFF), project, {})
    assert (replace(case.labels, cutoffs=()), case.population) == (asked.rule, asked.population)
    assert case.predict.cutoff == CUTOFF
    assert "pooled" in [member.name for member in case.members]


def test_a_case_that_is_there_is_not_written_over(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"cases/beer.yaml: there is such a case already; choose another name"):
        write_case(ask(project, "purchases"), project.root, "beer", cutoff=CUTOFF)


@pytest.mark.parametrize("name", ["../beer", "a b", "_base", ""])
def test_a_name_that_is_none_for_a_case_is_refused(project: Project, name: str) -> None:
    with pytest.raises(ConfigError):
        write_case(ask(project, "purchases"), project.root, name, cutoff=CUTOFF)
