"""Features of users are computed, and scored with the model of a run; a run is repeated."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from session_projects import write_small_project

from yule import Session, open_project
from yule.core.errors import DataError, WorkspaceError
from yule.session.predicting import read_cutoff
from yule.session.scoring import GivenTable


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A project of one table, with a finished run."""
    session = open_project(write_small_project(tmp_path_factory.mktemp("shop") / "shop", seed=5))
    session.run("buyers")
    return session


@pytest.mark.parametrize(
    "at", ["2024-07-15", date(2024, 7, 15), datetime(2024, 7, 15), datetime(2024, 7, 15, tzinfo=UTC)]
)
def test_a_day_is_written_in_any_way_and_begins_at_midnight_utc(at: str | date) -> None:
    assert read_cutoff(at) == datetime(2024, 7, 15, tzinfo=UTC)


def test_a_text_that_is_no_date_is_refused(recorded: Session) -> None:
    with pytest.raises(DataError, match="'soon' is not a date"):
        recorded.predict("survey", at="soon")


def test_one_says_whom_to_score(recorded: Session) -> None:
    with pytest.raises(DataError, match="Say whom to score"):
        recorded.predict("survey")


def test_what_has_no_run_predicts_nothing(recorded: Session) -> None:
    with pytest.raises(WorkspaceError, match="Did you mean survey"):
        recorded.predict("survei", at="2024-07-15")


@pytest.mark.slow
def test_the_population_is_scored_as_of_another_cutoff(recorded: Session, tmp_path: Path) -> None:
    told: list[str] = []
    found = recorded.predict("budget", at="2024-07-15", progress=lambda event: told.append(event.event))
    assert found.cutoff == datetime(2024, 7, 15, tzinfo=UTC)
    assert found.users.columns[:3] == ["user_id", "rank", "score"]
    assert "finished" in told
    assert found.save(tmp_path / "list.csv") == str(tmp_path / "list.csv")
    assert len(list(csv.reader((tmp_path / "list.csv").open()))) == len(found.users) + 1
    assert found.save().endswith(f"{found.run_id}/predictions/2024-07-15.csv")


@pytest.mark.slow
def test_users_of_a_table_in_memory_are_scored_as_those_of_its_file(shop: Session, tmp_path: Path) -> None:
    table = pa.table({"user": ["new1", "new2"], "age": [75, 20], "town": ["a", "nowhere"]})
    file = tmp_path / "new.csv"
    file.write_text("user,age,town\nnew1,75,a\nnew2,20,nowhere\n")
    found = shop.predict("buyers", table=table)
    assert found.users.arrow["user_id"].to_pylist() == ["new1", "new2"]
    assert [(one.column, one.why, one.count) for one in found.unusable] == [("town", "unseen", 1)]
    for given in (table.to_pandas(), file, GivenTable(file=file, user="user")):
        assert shop.predict("buyers", table=given).users.arrow.equals(found.users.arrow)


@pytest.mark.slow
def test_all_columns_that_a_table_of_users_lacks_are_told(shop: Session) -> None:
    with pytest.raises(DataError, match=r"lacks 2 of the 2 columns of the model: 'age', 'town'"):
        shop.predict("buyers", table=pa.table({"user": ["a", "b"]}))


@pytest.mark.slow
def test_a_run_is_repeated_and_comes_out_the_same(shop: Session) -> None:
    found = shop.rerun("buyers")
    assert (found.is_identical, found.folder, found.comparison.files) == (True, None, ())


@pytest.mark.slow
def test_what_would_run_is_explained(shop: Session) -> None:
    assert shop.explain("buyers").first == ()
    case = shop.project.root / "cases" / "other.yaml"
    case.write_text((shop.project.root / "cases" / "buyers.yaml").read_text().replace("seed:", "seed: 7 #", 1))
    if "seed:" not in case.read_text():
        case.write_text(case.read_text() + "seed: 7\n")
    found = shop.explain("other")
    assert any(difference.path.endswith("seed") for one in found.first for difference in one.differences)
    case.unlink()


@pytest.mark.slow
def test_what_the_project_file_says_now_counts(shop: Session, tmp_path: Path) -> None:
    project = shop.project.root / "project.yaml"
    before = project.read_text()
    assert len(shop.runs()) == 1
    project.write_text(before.replace("workspace: ", f"workspace: {tmp_path}/other #", 1))
    try:
        assert shop.runs() == []
        assert shop.plan("buyers").n_cached == 0
    finally:
        project.write_text(before)
    assert len(shop.runs()) == 1
