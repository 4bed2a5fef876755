"""Facts about trying a method on samples."""

from pathlib import Path

import pytest
from bigquery_emulator import Emulator

from yule.config.projects import read_project
from yule.core.errors import DataError
from yule.library.catalogue import Card, check_card, engine_sql
from yule.library.trial import try_method

SQL = """
SELECT v.user_id, COUNT(*) AS n_views, MAX(v.title) AS title, MAX(v.at) AS at
FROM web.views AS v
JOIN web.members m ON m.user_id = v.user_id
WHERE m.plan = 'paid'
GROUP BY v.user_id
"""
METHOD = """\
version: 1
source: web
user: user_id
time: at
columns: {user_id: integer, n_views: integer, title: string, at: timestamp}
"""
VIEWS = "user_id,title,at\n1,it's,2024-01-01 10:00:00\n1,a\\b,2024-01-02 10:00:00\n2,z,2024-01-03\n3,x,2024-01-01\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one method and samples of its tables."""
    files = {
        "project.yaml": "version: 1\nname: n\nworkspace: w\nsources: {web: {kind: bigquery, project: p}}\n",
        "downloads/paid.yaml": METHOD,
        "downloads/paid.sql": SQL,
        "downloads/samples/views.csv": VIEWS,
        "downloads/samples/members.csv": "user_id,plan\n1,paid\n2,free\n3,paid\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_duckdb_and_bigquery_agree_on_samples(folder: Path, bigquery: Emulator) -> None:
    project = read_project(folder, None, {})
    trial = try_method(project, project.downloads["paid"])
    assert (trial.compared, trial.n_rows, trial.n_cells, trial.differences) == (("duckdb", "bigquery"), 2, 8, ())


def test_what_differs_from_the_expected_is_told_cell_by_cell(folder: Path, bigquery: Emulator) -> None:
    expected = folder / "downloads" / "samples" / "expected" / "paid.csv"
    expected.parent.mkdir()
    expected.write_text("user_id,n_views,title,at\n1,2,it's,2024-01-02 10:00:00\n3,5,x,2024-01-01\n")
    project = read_project(folder, None, {})
    trial = try_method(project, project.downloads["paid"])
    assert trial.compared == ("duckdb", "bigquery", "expected")
    assert trial.differences == ("row 2, n_views: duckdb gives 1, expected 5",)


def test_personal_values_that_differ_are_not_told(folder: Path, bigquery: Emulator) -> None:
    expected = folder / "downloads" / "samples" / "expected" / "paid.csv"
    expected.parent.mkdir()
    expected.write_text("user_id,n_views,title,at\n1,2,its,2024-01-02 10:00:00\n3,1,x,2024-01-01\n")
    (folder / "downloads" / "paid.yaml").write_text(METHOD.replace("title: string", "title: {type: string, pii: deny}"))
    project = read_project(folder, None, {})
    (difference,) = try_method(project, project.downloads["paid"]).differences
    assert difference == "row 1, title: expected gives another value than duckdb (personal: not shown)"


def test_nothing_to_compare_with_is_told(folder: Path) -> None:
    (folder / "project.yaml").write_text(
        "version: 1\nname: n\nworkspace: w\nsources: {web: {kind: files, path: data}}\n"
    )
    project = read_project(folder, None, {})
    with pytest.raises(DataError, match=r"there is nothing to compare with.*samples/expected/paid\.csv"):
        try_method(project, project.downloads["paid"])


@pytest.mark.parametrize("source", ["{kind: files, path: .}", "{kind: duckdb, path: x.duckdb}"])
def test_sql_of_another_engine_alone_is_told(folder: Path, source: str) -> None:
    (folder / "project.yaml").write_text(f"version: 1\nname: n\nworkspace: w\nsources: {{web: {source}}}\n")
    (folder / "x.duckdb").touch()
    (folder / "downloads" / "paid.sql").rename(folder / "downloads" / "paid.postgres.sql")
    project = read_project(folder, None, {})
    paid = project.downloads["paid"]
    assert list(engine_sql(paid)) == ["postgres"]
    message = "downloads/paid.postgres.sql is for another engine"
    with pytest.raises(DataError, match=message):
        try_method(project, paid)
    if "files" in source:
        (problem,) = check_card(project, Card(method=paid, used_by=())).problems
        assert problem.startswith(message)
