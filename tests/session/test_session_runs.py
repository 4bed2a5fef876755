import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from session_projects import RECORDED, write_small_project

from yule import Session, open_project
from yule.cli.screen.answer import print_answer
from yule.core.errors import ConfigError, DataError, WorkspaceError

N_USERS = 4

each_run = pytest.mark.parametrize("run", sorted(path.name for path in RECORDED.iterdir() if path.is_dir()))


def test_runs_are_listed_with_how_they_stand(recorded: Session) -> None:
    assert {run.status for run in recorded.runs()} == {"done"}
    assert len(recorded.runs()) == 3


@each_run
def test_the_users_of_a_run_are_arrow_and_pandas_by_one_call(recorded: Session, run: str) -> None:
    users = recorded.load_run(run).users
    assert list(users.columns[:3]) == ["user_id", "rank", "score"]
    assert isinstance(users.arrow, pa.Table)
    assert isinstance(users.to_pandas(), pd.DataFrame)
    assert len(users.to_pandas()) == len(users) == users.arrow.num_rows


def test_other_libraries_take_users_as_they_are(recorded: Session) -> None:
    users = recorded.load_run("survey").users
    assert pa.table(users).equals(users.arrow)
    assert duckdb.sql("SELECT count(*) FROM users").fetchall() == [(len(users),)]


def test_without_polars_one_is_told_what_to_install(recorded: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(DataError, match="pip install polars"):
        recorded.load_run("survey").users.to_polars()


@each_run
def test_the_report_of_a_run_of_any_version_is_shown_in_a_frame(recorded: Session, run: str) -> None:
    found = recorded.load_run(run)
    html = found._repr_html_()
    assert "<iframe srcdoc=" in html
    assert "<script" not in html  # it is text of the frame's attribute


@each_run
def test_the_model_of_a_run_predicts_what_it_predicted(recorded: Session, run: str) -> None:
    model = recorded.load_run(run).model
    names = next(iter(model.parts.values())).content.schema
    numeric = np.arange(N_USERS * len(names.numeric_names), dtype=np.float32).reshape(N_USERS, -1) % 17
    numeric[0] = np.nan
    columns = {name: numeric[:, number] for number, name in enumerate(names.numeric_names)}
    columns |= {name: pa.nulls(N_USERS, pa.string()) for name in names.categorical_names}
    if set(model.features) != set(columns):
        pytest.skip("its classes take other features each")
    found = model.predict(pa.table({"user_id": list("abcd"), **columns}))
    told = json.loads((RECORDED / f"{run}.json").read_text())
    assert found["user_id"].to_pylist() == list("abcd")
    if len(told) == 1:
        assert found["score"].to_pylist() == pytest.approx(told["."], rel=1e-6)
    else:
        total = sum(found[f"score_{name}"].to_numpy() for name in model.parts)
        assert total == pytest.approx(np.ones(N_USERS))


def test_all_that_a_table_lacks_is_told_at_once(recorded: Session) -> None:
    model = recorded.load_run("survey").model
    with pytest.raises(DataError) as told:
        model.predict(pa.table({"user_id": ["a"]}))
    assert all(name in str(told.value) for name in model.features)


def test_a_run_that_is_not_there_is_told_with_what_comes_close(recorded: Session) -> None:
    with pytest.raises(WorkspaceError, match="survey"):
        recorded.load_run("survei")


def test_a_run_compared_with_itself_agrees(recorded: Session) -> None:
    found = recorded.compare("survey", "survey")
    assert found.settings == ()
    assert (found.n_a, found.top_overlap) == (found.n_common, 1.0)
    assert found.rank_correlation == pytest.approx(1.0)


def test_a_session_shows_a_run_where_there_is_no_notebook(
    recorded: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    recorded.load_run("survey").show()
    assert "users.csv" in capsys.readouterr().out


@pytest.fixture
def survey(recorded: Session, tmp_path: Path) -> Session:
    """The recorded project, in a folder that a test may damage."""
    shutil.copytree(recorded.project.root, tmp_path / "project")
    return open_project(tmp_path / "project")


@pytest.mark.parametrize("name", ["users.parquet", "report.json"])
@pytest.mark.parametrize("content", [None, b"{"])
def test_what_is_gone_or_damaged_in_a_folder_is_told_with_what_writes_it_anew(
    survey: Session, name: str, content: bytes | None
) -> None:
    file = survey.load_run("survey").folder / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WorkspaceError, match="yule run survey"):
        survey.compare("survey", "survey")


def test_runs_in_a_list_are_told_in_a_few_words(recorded: Session) -> None:
    assert {repr(run) for run in recorded.runs()} == {f"<{run.run_id}: done>" for run in recorded.runs()}


def test_a_place_where_nothing_runs_is_refused(recorded: Session) -> None:
    with pytest.raises(DataError, match="'here' or 'kubernetes'"):
        recorded.run("survey", on="mars")  # type: ignore[arg-type]


def test_a_list_that_is_gone_is_told_with_what_writes_it_anew(
    recorded: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(recorded.load_run("survey").folder, tmp_path / "run"))
    (folder / "users.csv").unlink()
    print_answer(folder)
    printed = capsys.readouterr().out
    assert f"list:   {folder / 'users.csv'} is gone; `yule run survey` writes it anew" in printed
    assert f"report: {folder / 'report.html'}\n" in printed


def test_an_age_says_nothing_of_a_run_that_is_to_go(recorded: Session) -> None:
    with pytest.raises(DataError, match="older_than or run, not both"):
        recorded.find_unneeded(older_than=timedelta(days=1), run="survey")


def test_a_project_that_is_gone_is_told_whatever_lies_above_it(tmp_path: Path) -> None:
    outer = write_small_project(tmp_path / "outer", seed=1)
    session = open_project(write_small_project(outer / "inner", seed=2))
    shutil.rmtree(outer / "inner")
    for ask in (session.runs, session.check):
        with pytest.raises(ConfigError, match="the project is gone"):
            ask()


def test_a_run_of_no_case_is_refused(recorded: Session) -> None:
    with pytest.raises(DataError, match="No case is named"):
        recorded.run([])


def test_cases_are_named_by_paths_from_the_project_too(
    recorded: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["survey", "cases/survey.yaml", Path("cases/survey.yaml"), recorded.project.root / "cases/survey.yaml"]
    assert {recorded.plan(name).tasks.roots for name in names} == {recorded.plan("survey").tasks.roots}
