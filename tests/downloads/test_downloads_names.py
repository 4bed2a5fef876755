"""Tables of files stay inside their source."""

from pathlib import Path

import pytest

from yule.core.errors import DataError
from yule.downloads.settings import Column, FilesSource, Method
from yule.downloads.sources.files.source import FilesInFolder

COLUMNS = (Column(name="user", type="string"), Column(name="secret", type="string"))


@pytest.fixture
def source(tmp_path: Path) -> FilesInFolder:
    """A source with a file of its own, and one beside it that is none of its."""
    (tmp_path / "shop" / "web").mkdir(parents=True)
    for place in ("shop/own.csv", "shop/web/views.csv", "secret.csv"):
        (tmp_path / place).write_text("user,secret\nann,x\n")
    return FilesInFolder(FilesSource(path=str(tmp_path / "shop")), cache_folder=None)


def _method(table: str = "", sql: str = "") -> Method:
    return Method(
        name="shop", source="shop", table=table, sql={"bigquery": sql} if sql else {}, user="user", columns=COLUMNS
    )


@pytest.mark.parametrize(
    "table",
    ["../secret.csv", "../*.csv", "web/../../secret.csv", "web/../own.csv", "./own.csv", "*/../../*.csv", "a\0b"],
)
def test_a_table_outside_its_source_is_refused(source: FilesInFolder, table: str) -> None:
    with pytest.raises(DataError, match=r"downloads/shop\.yaml: the table .* below"):
        source.data_version(_method(table))


def test_an_absolute_table_is_refused(source: FilesInFolder, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is absolute"):
        source.data_version(_method(str(tmp_path / "shop" / "own.csv")))


@pytest.mark.parametrize("table", ["...", "web..", ".", "..secret", ".secret"])
def test_a_name_of_dots_is_no_table(source: FilesInFolder, table: str) -> None:
    with pytest.raises(DataError):
        source.data_version(_method(table))


@pytest.mark.parametrize("table", ["../secret", "..secret", "../../secret", "web/../../secret"])
def test_sql_names_no_table_outside_its_source(source: FilesInFolder, table: str) -> None:
    with pytest.raises(DataError, match=r"downloads/shop\.sql"):
        source.data_version(_method(sql=f"SELECT user, secret FROM `{table}`"))


@pytest.mark.parametrize("table", ["out.csv", "*.csv", "folder/secret.csv", "folder/*.csv", "folder.secret"])
def test_a_link_that_leads_out_of_the_source_is_refused(source: FilesInFolder, tmp_path: Path, table: str) -> None:
    (tmp_path / "shop" / "out.csv").symlink_to("../secret.csv")
    (tmp_path / "shop" / "folder").symlink_to("..")
    with pytest.raises(DataError, match="a link that leads out of"):
        source.data_version(_method(table))


def test_a_source_may_itself_be_a_link(source: FilesInFolder, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to("shop")
    linked = FilesInFolder(FilesSource(path=str(tmp_path / "linked")), cache_folder=None)
    for table in ("own.csv", "own", "web.views", "web/views.csv", "any.web.views", "**/views.csv"):
        assert linked.data_version(_method(table)) == source.data_version(_method(table))
