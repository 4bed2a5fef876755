"""Facts about the download library as other pipelines and people see it."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import gokart
import luigi
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from yule.config.projects import read_project
from yule.core.errors import ConfigError, DataError
from yule.downloads.costs.ledger import read_entries
from yule.downloads.keeping.fetch import specify
from yule.downloads.specs import Payer
from yule.library import Download, download
from yule.library.new import write_method
from yule.session.graphs import renew, tell_notices
from yule.session.show import Told
from yule.storage.opening import open_store
from yule.storage.record import Record, digest_files, write_record

FILES = {
    "project.yaml": "version: 1\nname: news\nworkspace: workspace\nsources: {web: {kind: files, path: data}}\n",
    "downloads/views.yaml": """\
version: 1
description: A page that a user read.
owner: data-platform
source: web
table: views.parquet
user: user
time: at
days: {since: 2024-01-01, late_days: 1}
columns:
  user: {type: integer, meaning: member id}
  at: timestamp
  page: string
  seconds: number
  email: {type: string, pii: deny}
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of another product: five views on five days."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (tmp_path / "data").mkdir()
    views = {
        "user": [1, 2, 1, 3, 2],
        "at": pa.array([datetime(2024, 1, day, 12, tzinfo=UTC) for day in range(1, 6)], pa.timestamp("us", tz="UTC")),
        "page": ["a", "b", "c", "d", "e"],
        "seconds": [1.0, 2.0, 3.0, 4.0, 5.0],
        "email": [f"{name}@example.com" for name in "abcab"],
    }
    pq.write_table(pa.table(views), tmp_path / "data" / "views.parquet")
    return tmp_path


def fetch(task: Download) -> pa.Table:
    """Run a task and read its table."""
    return gokart.build(task, reset_register=False).to_table().sort_by("at")


def yule(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", "downloads", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)


class CountPages(gokart.TaskOnKart[int]):
    """A task of somebody's pipeline that knows nothing of Yule but the download."""

    def requires(self) -> Download:
        return download("views", since="2024-01-02", until="2024-01-05", columns=["page"], project=self.project)

    project: luigi.Parameter[str] = luigi.Parameter(significant=False)

    def run(self) -> None:
        views = self.load()
        assert isinstance(views, ds.Dataset)
        self.dump(views.count_rows())


def test_any_gokart_task_may_require_a_download(project: Path) -> None:
    task = CountPages(project=str(project), workspace_directory=str(project / "other"))
    assert gokart.build(task, reset_register=False) == 3


def _tell_gokart_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let gokart's own client of Cloud Storage, which knows no environment variable, reach the tests' server."""
    import googleapiclient
    from gokart.gcs_config import GCSConfig
    from google.auth.credentials import AnonymousCredentials
    from luigi.contrib.gcs import GCSClient

    file = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "storage.v1.json"
    server = os.environ["STORAGE_EMULATOR_HOST"]
    places = {"rootUrl": f"{server}/", "baseUrl": f"{server}/storage/v1/", "mtlsRootUrl": f"{server}/"}
    description = json.dumps(json.loads(file.read_text()) | places)
    client = GCSClient(oauth_credentials=AnonymousCredentials(), descriptor=description)
    monkeypatch.setattr(GCSConfig, "_get_gcs_client", lambda _: client)
    GCSConfig.clear_instance_cache()


def test_gokarts_own_targets_and_ours_lie_side_by_side_in_a_bucket(
    project: Path, any_workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any_workspace.startswith("gs://"):
        _tell_gokart_of_the_server(monkeypatch)
    (project / "project.yaml").write_text(FILES["project.yaml"].replace(": workspace", f": {any_workspace}"))
    task = CountPages(project=str(project), workspace_directory=f"{any_workspace}/theirs")
    assert gokart.build(task, reset_register=False) == 3
    assert task.output().exists()
    assert len(list(read_entries(open_store(any_workspace).objects))) == 1
    assert fetch(download("views", until="2024-01-06", project=project)).num_rows == 5


def test_a_period_may_begin_and_end_within_a_day(project: Path) -> None:
    since, until = datetime(2024, 1, 2, 12, tzinfo=UTC), datetime(2024, 1, 4, 12, tzinfo=UTC)
    task = download("views", since=since, until=until, project=project)
    assert fetch(task)["page"].to_pylist() == ["b", "c"]
    (entry,) = read_entries(open_store(str(project / "workspace")).objects)
    assert (entry.since[:10], entry.until[:10]) == ("2024-01-02", "2024-01-05")


def test_a_pipeline_books_what_it_fetches_under_labels_of_its_own(project: Path) -> None:
    labels = {"run": "nightly-7", "case": "news", "team": "growth"}
    task = download("views", until="2024-01-03", labels=labels, project=project)
    assert task.unique_id == download("views", until="2024-01-03", project=project).unique_id
    fetch(task)
    (entry,) = read_entries(open_store(str(project / "workspace")).objects)
    assert entry.divide() == [(Payer(run="nightly-7", case="news"), entry.n_bytes)]
    assert entry.labels == {"team": "growth"}
    assert "nightly-7" in yule(project, "cost").stdout


def test_labels_that_would_not_stand_on_every_bill_are_refused_together(project: Path) -> None:
    with pytest.raises(DataError, match=r"'Team'.*'n': its value is 7.*'method'"):
        download("views", labels={"Team": "x", "n": 7, "method": "y"}, project=project)  # type: ignore[dict-item]


@pytest.mark.parametrize("users", ["abc", [1, 2]])
def test_users_that_are_no_list_of_texts_are_refused(project: Path, users: list[str]) -> None:
    with pytest.raises(DataError, match=r"`users` is .* it must be a list of texts"):
        download("views", users=users, project=project)


def test_users_and_columns_are_asked_of_the_source(project: Path) -> None:
    table = fetch(download("views", until=date(2024, 2, 1), columns=["page"], users=["2"], project=project))
    assert table.schema.names == ["user", "at", "page"]
    assert table["page"].to_pylist() == ["b", "e"]


def test_personal_columns_come_only_by_name(project: Path) -> None:
    assert "email" not in fetch(download("views", until="2024-01-06", project=project)).schema.names
    named = download("views", until="2024-01-06", columns=["email"], project=project)
    assert "email" in fetch(named).schema.names


@pytest.mark.parametrize("days", ["days: {since: 2024-01-01, late_days: 1}\n", ""])
def test_what_others_named_is_neither_in_the_table_nor_shown(project: Path, days: str) -> None:
    declared = FILES["downloads/views.yaml"].replace("days: {since: 2024-01-01, late_days: 1}\n", days)
    (project / "downloads" / "views.yaml").write_text(declared)
    fetch(download("views", until="2024-01-04", columns=["email", "page", "seconds"], project=project))
    table = fetch(download("views", until="2024-01-06", columns=["seconds", "page"], project=project))
    assert table.schema.names == ["user", "at", "seconds", "page"]
    assert not any(column.null_count for column in table.columns)
    shown = yule(project, "show", "views").stdout
    assert "2024-01-05 12:00:00+00:00" in shown
    assert "@example.com" not in shown


def test_a_column_that_became_personal_is_not_shown_any_more(project: Path) -> None:
    fetch(download("views", until="2024-01-06", project=project))
    declared = FILES["downloads/views.yaml"].replace("page: string", "page: {type: string, pii: deny}")
    (project / "downloads" / "views.yaml").write_text(declared)
    shown = yule(project, "show", "views").stdout.splitlines()
    assert shown[-2].split() == ["user", "at", "seconds"]


def test_an_output_of_an_earlier_version_with_more_columns_gives_those_that_were_asked_for(project: Path) -> None:
    fetch(download("views", until="2024-01-06", columns=["email", "page"], project=project))
    wide = next((project / "workspace").glob("cache/Download/*/days.json")).read_text()
    task = download("views", until="2024-01-06", columns=["page"], project=project)
    fetch(task)
    (project / "workspace" / task.output().key / "days.json").write_text(wide)
    record = Record(
        family="Download",
        module="yule.library.task",
        unique_id=task.unique_id,
        parameters=task.key_parameters,
        requires=(),
        seconds=0.0,
        versions={},
        files=digest_files(project / "workspace" / task.output().key),
    )
    write_record(project / "workspace" / task.output().key, record)
    assert task.output().load().schema.names == ["user", "at", "page"]


def test_what_is_finished_is_not_fetched_again_by_anybody(project: Path) -> None:
    fetch(download("views", until="2024-01-06", project=project))
    file = project / "data" / "views.parquet"
    pq.write_table(pq.read_table(file).slice(0, 0), file)
    assert fetch(download("views", since="2024-01-03", until="2024-01-04", project=project)).num_rows == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "view"}, "There is no method 'view'"),
        ({"name": "views", "columns": ["pages"]}, "views has no column 'pages'"),
        ({"name": "views", "columns": ["pages", "hits"]}, "views has no column 'hits', 'pages'; it has "),
        ({"name": "views", "parameters": {"site": "x"}}, "views has no parameter 'site'; it has none"),
    ],
)
def test_what_is_not_there_is_told(project: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        download(project=project, **arguments)  # type: ignore[arg-type]


def test_a_library_is_a_package_that_projects_share(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "acme_downloads"
    (package / "downloads").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    text = (project / "downloads" / "views.yaml").read_text()
    (package / "downloads" / "shared_views.yaml").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with (project / "project.yaml").open("a") as file:
        file.write("libraries: [acme_downloads]\n")
    assert fetch(download("shared_views", until="2024-01-06", project=project)).num_rows == 5
    (package / "downloads" / "views.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"acme_downloads/downloads/views.yaml: there is a method views already"):
        download("views", project=project)
    monkeypatch.undo()
    sys.modules.pop("acme_downloads", None)
    with pytest.raises(ConfigError, match="there is no Python package 'acme_downloads'"):
        download("views", project=project)


def test_the_catalogue_tells_what_there_is_and_who_uses_it(project: Path) -> None:
    fetch(download("views", until="2024-01-06", project=project))
    (card,) = json.loads(yule(project, "list", "--json").stdout)
    assert (card["n_days"], card["first_day"], card["last_day"]) == (5, "2024-01-01", "2024-01-05")
    shown = yule(project, "show", "views").stdout
    assert "owner    data-platform" in shown
    assert "email    string     [personal: only by name]" in shown.replace("  [", " [")
    assert "2024-01-05 12:00:00+00:00" in shown
    assert "@example.com" not in shown
    cost = yule(project, "cost").stdout.splitlines()
    assert cost[1].split()[1] == "views"


def change_view(project: Path, number: int, page: str) -> None:
    """Change a view in the source."""
    file = project / "data" / "views.parquet"
    table = pq.read_table(file)
    pages = table["page"].to_pylist()
    pages[number] = page
    pq.write_table(table.set_column(2, "page", pa.array(pages)), file)


def test_days_are_fetched_anew_by_a_command(project: Path) -> None:
    fetch(download("views", until="2024-01-06", columns=["page"], project=project))
    change_view(project, 2, "other")
    planned = yule(project, "refresh", "views", "--since", "2024-01-02", "--plan")
    assert planned.stdout.startswith(
        "To fetch anew of views: 4 days (2024-01-02 until before 2024-01-06) of 3 columns; its source reads "
    )
    told = yule(project, "refresh", "views", "--since", "2024-01-02").stdout
    assert "views: 4 days were fetched anew, 1 of them changed." in told
    assert "  2024-01-03  1 rows before, 1 now, of which some are others" in told
    again = download("views", until="2024-01-06", columns=["page"], project=project)
    assert fetch(again)["page"].to_pylist() == ["a", "b", "other", "d", "e"]
    told = yule(project, "refresh", "views", "--until", "2024-01-03", "--json").stdout
    assert json.loads(told)[0] == {
        "day": "2024-01-01",
        "is_changed": False,
        "n_rows_after": 1,
        "n_rows_before": 1,
    }


def declare(project: Path, old: str, new: str) -> None:
    """Change the declaration of the method."""
    file = project / "downloads" / "views.yaml"
    file.write_text(file.read_text().replace(old, new))


def test_final_days_that_were_written_to_are_told_with_what_to_do(project: Path) -> None:
    declare(project, "days: {", "warn_after: 400 days\ndays: {")
    fetch(download("views", until="2024-01-06", columns=["page"], project=project))
    assert yule(project, "check").stdout == "1 of 1 methods are as they should be.\n"
    change_view(project, 2, "other")
    at = datetime.now(UTC).timestamp() + 60
    os.utime(project / "data" / "views.parquet", (at, at))
    found = yule(project, "check", "views", "--json")
    assert found.returncode == 1
    assert json.loads(found.stdout)["views"] == [
        "its source wrote to 1 day after they were final (2024-01-03), and what is kept of them is as it was; "
        "fetch them anew: yule downloads refresh views --since 2024-01-03 --until 2024-01-04"
    ]


def test_days_that_were_rewritten_are_fetched_anew_where_that_is_declared(project: Path) -> None:
    declare(project, "late_days: 1", "late_days: 1, rewritten: refresh")
    fetch(download("views", until="2024-01-06", columns=["page"], project=project))
    change_view(project, 2, "other")
    at = datetime.now(UTC).timestamp() + 60
    os.utime(project / "data" / "views.parquet", (at, at))
    found = read_project(project, None, {})
    spec = specify(found.downloads["views"], found.fetching, open_store(found.workspace))
    assert renew(found, tell_notices(found, [spec], Told(None)), Told(None))
    again = fetch(download("views", until="2024-01-06", columns=["page"], project=project))
    assert again["page"].to_pylist() == ["a", "b", "other", "d", "e"]


def test_a_stale_source_is_told_and_ends_a_script(project: Path) -> None:
    declare(project, "days: {", "warn_after: 2 days\ndays: {")
    at = datetime.now(UTC).timestamp() - 3.5 * 86_400
    os.utime(project / "data" / "views.parquet", (at, at))
    found = yule(project, "check")
    assert found.returncode == 1
    assert "views: stale: its source was last written to 3 days ago, at " in found.stdout
    assert "(warn_after: 2 days); ask data-platform\n" in found.stdout
    fetch(download("views", until="2024-01-06", project=project))
    listed = yule(project, "list")
    assert listed.returncode == 0
    assert " days old)" in listed.stdout


def test_a_table_with_days_is_stale_two_days_beyond_its_late_days_where_no_limit_is_declared(project: Path) -> None:
    at = datetime.now(UTC).timestamp() - 3.5 * 86_400
    os.utime(project / "data" / "views.parquet", (at, at))
    found = yule(project, "check")
    assert found.returncode == 1
    assert "views: stale: its source was last written to 3 days ago, at " in found.stdout
    assert "(the limit without a `warn_after`: 3 days); ask data-platform\n" in found.stdout


def test_days_that_nobody_asks_for_are_listed_and_deleted_only_when_told_so(project: Path) -> None:
    asked = "download('views', until='2024-01-06', columns=['email'])"
    command = f"import gokart; from yule.library import download; gokart.build({asked})"
    subprocess.run([sys.executable, "-c", command], cwd=project, check=True, capture_output=True)
    assert yule(project, "prune", "--older-than", "1 hour").stdout == "There is nothing to delete.\n"
    declare(project, "pii: deny", "pii: hash")
    assert yule(project, "prune").stdout == "There is nothing to delete.\n"
    listed = yule(project, "prune", "--older-than", "0 days").stdout.splitlines()
    assert listed[1].split()[1] == "5"
    assert listed[1].endswith("their columns are declared otherwise now")
    assert listed[2] == "Nothing was deleted; with --delete these are."
    assert yule(project, "prune", "--older-than", "0 days", "--delete").stdout.endswith("They were deleted.\n")
    assert not list(project.glob("workspace/days/*/*/*--final"))
    assert "a duration is written like" in yule(project, "prune", "--older-than", "x").stderr


def test_what_cannot_be_fetched_anew_is_told(project: Path) -> None:
    nothing = yule(project, "refresh", "views", "--plan")
    assert nothing.returncode == 1
    assert "no day of views in this period is kept" in nothing.stderr
    text = FILES["downloads/views.yaml"].replace("days: {since: 2024-01-01, late_days: 1}\n", "")
    (project / "downloads" / "views.yaml").write_text(text)
    assert "views is fetched whole, not by the day" in yule(project, "refresh", "views").stderr


def test_a_changed_schema_is_told_before_anything_runs(project: Path) -> None:
    table = pq.read_table(project / "data" / "views.parquet").drop_columns(["seconds"])
    pq.write_table(table, project / "data" / "views.parquet")
    checked = yule(project, "list", "--check")
    assert checked.returncode == 1
    assert "views: the source has no column seconds any more" in checked.stdout


def test_a_method_is_started_from_its_table(project: Path) -> None:
    done = yule(project, "new", "readers", "--source", "web", "--table", "views.parquet")
    assert done.returncode == 0, done.stderr
    text = (project / "downloads" / "readers.yaml").read_text()
    assert "user: user\ntime: at\n" in text
    assert "  seconds: {type: number, meaning: ''}" in text
    assert fetch(download("readers", project=project)).num_rows == 5
    assert (
        "There is a method readers already" in yule(project, "new", "readers", "--source", "web", "--table", "v").stderr
    )


def test_a_method_that_is_started_says_how_its_text_is_written(project: Path) -> None:
    text = 'user,at,price,given,note\na,31.12.2024 09:05,"1.200,50 €",1/2/2024,x\nb,1.1.2024 10:00,-,3/4/2024,yy\n'
    (project / "data" / "sales.csv").write_text(text, encoding="utf-8")
    method = write_method(read_project(project, None, {}), "sales", source="web", table="sales", user="user", time=None)
    written = method.read_text(encoding="utf-8")
    assert "time: at\n" in written
    assert """  at: {type: timestamp, format: "%d.%m.%Y %H:%M", meaning: ''}\n""" in written
    assert """  price: {type: number, format: "1.234,5 €", missing: ["-"], meaning: ''}\n""" in written
    assert "  given: {type: string, meaning: ''}\n  # Days and months of given can be mistaken. Is it " in written
    found = {row["user"]: row for row in fetch(download("sales", project=project)).to_pylist()}
    assert [found[user]["price"] for user in "ab"] == [1200.5, None]
    assert found["a"]["at"] == datetime(2024, 12, 31, 9, 5, tzinfo=UTC)


def test_the_page_names_every_method_and_column(project: Path) -> None:
    assert yule(project, "page").returncode == 0
    page = (project / "downloads" / "README.md").read_text()
    assert "| [views](#views) | A page that a user read. | data-platform | since 2024-01-01 |  |" in page
    assert "| `email` | string |  | only by name |" in page


def test_the_catalogue_asks_no_source(project: Path) -> None:
    fetch(download("views", until="2024-01-06", project=project))
    (project / "data" / "views.parquet").unlink()
    (card,) = json.loads(yule(project, "list", "--json").stdout)
    assert card["n_days"] == 5
