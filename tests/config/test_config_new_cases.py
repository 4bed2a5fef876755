"""``yule new``: a case like another one or annotated, whose question is to be written before it runs."""

from pathlib import Path
from textwrap import dedent

import pytest
from config_files import FILES, load_case, load_project, write_files

from yule.config.scaffold.cases import copy_case, write_case
from yule.core.errors import ConfigError

QUESTION = "question: Who will buy wine?"


def _answer(file: Path) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join(QUESTION if line.startswith("question:") else line for line in lines) + "\n")


def test_a_case_like_another_one_is_it_but_for_its_question_and_by_when_it_is_due(tmp_path: Path) -> None:
    root = write_files(tmp_path, cases_beer=dedent(FILES["cases/beer.yaml"]) + "due: 2026-12-24\n# kept\n")
    _answer(copy_case(root, "wine", "beer"))
    wine, beer = load_case(root, "wine"), load_case(root, "beer")
    assert (wine.question, wine.due) == ("Who will buy wine?", None)
    assert (wine.labels, wine.members, wine.predict) == (beer.labels, beer.members, beer.predict)
    text = (root / "cases/wine.yaml").read_text()
    assert "# kept" in text
    assert "# What is learned is still that of beer.\nlabels:" in text


@pytest.mark.parametrize("written", [">\n  Who will\n  buy beer?", '"Who will\n  buy beer?"'])
def test_a_question_of_several_lines_is_left_out_whole(tmp_path: Path, written: str) -> None:
    lines = dedent(FILES["cases/beer.yaml"]).splitlines()
    text = "\n".join(f"question: {written}" if line.startswith("question:") else line for line in lines)
    root = write_files(tmp_path, cases_beer=text + "\n")
    _answer(copy_case(root, "wine", "beer"))
    assert load_case(root, "wine").question == "Who will buy wine?"


def test_a_copy_is_refused_until_its_question_is_written(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    copy_case(root, "wine", "beer")
    with pytest.raises(ConfigError, match="question"):
        load_case(root, "wine")


def test_a_case_that_takes_its_question_from_its_base_gets_one_of_its_own(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    (root / "cases/more.yaml").write_text("version: 1\nextends: beer.yaml\nseed: 3\n")
    _answer(copy_case(root, "wine", "more"))
    wine = load_case(root, "wine")
    assert (wine.question, wine.seed) == ("Who will buy wine?", 3)


def test_an_annotated_case_is_sound_once_its_question_is_written(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    _answer(write_case(load_project(root), "wine"))
    assert load_case(root, "wine").question == "Who will buy wine?"


@pytest.mark.parametrize(
    ("name", "like", "told"),
    [
        ("beer", "beer", "there is such a case already"),
        ("wine", "bear", "did you mean 'beer'"),
        ("../wine", "beer", "cannot be a name"),
        ("a__b", "beer", "cannot be a name"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, like: str, told: str) -> None:
    root = write_files(tmp_path)
    with pytest.raises(ConfigError, match=told):
        copy_case(root, name, like)
    assert sorted(file.name for file in root.rglob("*.yaml") if "wine" in file.name or "__" in file.name) == []
