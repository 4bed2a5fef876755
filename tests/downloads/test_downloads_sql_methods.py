"""Facts about methods with SQL of their own: one text, the same rows from files and from BigQuery."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from bigquery_emulator import Emulator
from sources_toys import load_into_bigquery

from yule.core.errors import DataError
from yule.downloads.settings import BigQuerySource, Column, FilesSource, Method, Parameter, PostgresSource, Query
from yule.downloads.sources import open_source

SQL = """
-- Views by user and day of a site.
WITH views AS (
  SELECT user_id, DATE(viewed_at) AS day, seconds
  FROM web.article_views
  WHERE site = @site AND viewed_at >= @since AND viewed_at < @until
)
SELECT user_id, TIMESTAMP(day) AS at, COUNT(*) AS n_views, SUM(seconds) AS seconds
FROM views
GROUP BY user_id, day
"""

METHOD = Method(
    name="daily_views",
    source="web",
    sql={"bigquery": SQL},
    parameters={"site": Parameter(type="string", value="news")},
    user="user_id",
    time="at",
    columns=(
        Column(name="user_id", type="integer"),
        Column(name="at", type="timestamp"),
        Column(name="n_views", type="integer"),
        Column(name="seconds", type="number"),
    ),
)
START = datetime(2024, 3, 1, tzinfo=UTC)


def views() -> pa.Table:
    """Return views of two sites by three users over five days."""
    n_rows = 60
    times = [START + timedelta(hours=2 * number) for number in range(n_rows)]
    return pa.table(
        {
            "user_id": pa.array([number % 3 for number in range(n_rows)], pa.int64()),
            "viewed_at": pa.array(times, pa.timestamp("us", tz="UTC")),
            "site": ["news" if number % 4 else 'it\'s "other"' for number in range(n_rows)],
            "seconds": pa.array([None if number == 7 else number / 2 for number in range(n_rows)], pa.float64()),
        }
    )


def rows(source: FilesSource | BigQuerySource | PostgresSource, method: Method = METHOD) -> list[dict[str, object]]:
    """Return what comes of two days."""
    columns = tuple(column.name for column in method.columns)
    query = Query(method=method, columns=columns, since=START + timedelta(days=1), until=START + timedelta(days=3))
    table = open_source(source, cache_folder=None).read(query, n_threads=1).read_all()
    return sorted(table.to_pylist(), key=str)


def expected() -> list[dict[str, object]]:
    """Count by hand."""
    found: dict[tuple[str, datetime], list[float]] = {}
    for row in views().to_pylist():
        at = row["viewed_at"].astimezone(UTC)
        if row["site"] == "news" and START + timedelta(days=1) <= at < START + timedelta(days=3):
            day = at.replace(hour=0, minute=0)
            found.setdefault((str(row["user_id"]), day), []).append(row["seconds"] or 0)
    counted = [
        {"user_id": user, "at": day, "n_views": len(seconds), "seconds": sum(seconds)}
        for (user, day), seconds in found.items()
    ]
    return sorted(counted, key=str)


@pytest.mark.parametrize("place", ["web/article_views.parquet", "web/article_views/a/b.parquet", "article_views.csv"])
def test_sql_of_bigquery_runs_on_files_by_the_names_of_its_tables(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    (pq.write_table if place.endswith("parquet") else pacsv.write_csv)(views(), file)
    assert rows(FilesSource(path=str(tmp_path))) == expected()


def test_the_same_sql_gives_the_same_rows_in_bigquery(bigquery: Emulator) -> None:
    load_into_bigquery("web", "article_views", views())
    assert rows(BigQuerySource(project="p")) == expected()


def test_a_variant_for_one_engine_is_taken_as_it_is(tmp_path: Path, postgres: str) -> None:
    pq.write_table(views(), tmp_path / "v.parquet")
    variant = "SELECT 9 AS user_id, TIMESTAMPTZ '2024-03-02 00:00:00+00' AS at, 2 AS n_views, @factor * 1.5 AS seconds"
    parameters = {"factor": Parameter(type="integer", value="2")}
    method = Method(
        **{**METHOD.__dict__, "sql": {"duckdb": variant, "postgres": variant}, "parameters": parameters}  # type: ignore[arg-type]
    )
    one = {"user_id": "9", "at": datetime(2024, 3, 2, tzinfo=UTC), "n_views": 2, "seconds": 3.0}
    assert rows(FilesSource(path=str(tmp_path)), method) == [one]
    assert rows(PostgresSource(address=postgres), method) == [one]


def test_postgres_needs_a_variant_of_its_own(postgres: str) -> None:
    with pytest.raises(DataError, match=r"Write downloads/daily_views\.postgres\.sql beside it"):
        rows(PostgresSource(address=postgres))


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"daily_views.sql: there is no table web\.article_views"):
        rows(FilesSource(path=str(tmp_path)))


def test_a_result_that_lacks_a_column_is_told(tmp_path: Path) -> None:
    pq.write_table(views(), tmp_path / "article_views.parquet")
    method = Method(**{**METHOD.__dict__, "columns": (*METHOD.columns, Column(name="n_view", type="integer"))})
    with pytest.raises(DataError, match=r"there is no column 'n_view' \(did you mean 'n_views'\?\)"):
        rows(FilesSource(path=str(tmp_path)), method)
