"""Try a method on sample data: on DuckDB, on BigQuery, and against what is expected, cell by cell.

Samples lie in the project's ``downloads/samples``, one CSV or Parquet file for each table that the method reads. For
BigQuery they are sent along with the query as literals, so nothing is written there and nothing is billed for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.downloads.settings import BigQuerySource, FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.files.source import FilesInFolder
from yule.downloads.specs import Query

SAMPLES = "downloads/samples"
MAX_SHOWN = 10

_LITERALS = {"string": "STRING", "int64": "INT64", "double": "FLOAT64", "bool": "BOOL", "date32[day]": "DATE"}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of a trial.

    Parameters
    ----------
    compared
        What was compared: ``duckdb``, ``bigquery``, ``expected``.
    n_rows, n_cells
        How much was compared.
    differences
        The first cells that differ, in words; empty when none does.
    """

    compared: tuple[str, ...]
    n_rows: int
    n_cells: int
    differences: tuple[str, ...]


def try_method(project: Project, method: Method) -> Trial:
    """Run a method on its samples and compare.

    Parameters
    ----------
    project
        The project; of its sources the first of kind ``bigquery`` is used, the method's own before others.
    method
        The method.

    Raises
    ------
    DataError
        If there are no samples, or an engine refuses.
    """
    samples = FilesSource(path=str(project.root / SAMPLES))
    query = Query(method=_on_samples(method), columns=tuple(column.name for column in method.columns))
    answers = {"duckdb": _read(open_source(samples, cache_folder=None).read(query, n_threads=1).read_all())}
    warehouse = _find_warehouse(project, method)
    if warehouse is not None:
        asked = replace(query, method=_with_literals(method, samples))
        answers["bigquery"] = _read(open_source(warehouse, cache_folder=None).read(asked, n_threads=1).read_all())
    expected = project.root / SAMPLES / "expected" / f"{method.name}.csv"
    if expected.is_file():
        given = replace(query, method=replace(method, table=f"expected/{expected.name}", sql={}, parameters={}))
        answers["expected"] = _read(open_source(samples, cache_folder=None).read(given, n_threads=1).read_all())
    if len(answers) == 1:
        raise DataError(
            f"{method.name}: there is nothing to compare with. Give a profile with a source of kind bigquery, or put "
            f"what should come out into {SAMPLES}/expected/{expected.name}."
        )
    first = answers["duckdb"]
    return Trial(
        compared=tuple(answers),
        n_rows=len(first),
        n_cells=len(first) * len(query.columns),
        differences=tuple(
            text for name, rows in answers.items() if name != "duckdb" for text in _compare(method, first, rows, name)
        )[:MAX_SHOWN],
    )


def _on_samples(method: Method) -> Method:
    """Return a method that reads samples: of a table in a warehouse the file of its last name."""
    if method.sql:
        return method
    name = Path(method.table).stem if method.table.endswith((".csv", ".parquet")) else method.table.split(".")[-1]
    return replace(method, table=f"{name}.*")


def _with_literals(method: Method, samples: FilesSource) -> Method:
    """Return a method whose SQL brings its tables along."""
    from yule.downloads.sources.dialects import list_tables, replace_tables

    sql = method.sql.get("bigquery", f"SELECT * FROM `{method.table}`")
    source = FilesInFolder(samples, cache_folder=None)
    written = replace_tables(sql, list_tables(sql), lambda name: _literal_sql(source.read_table(method, name)))
    return replace(method, table="", sql={"bigquery": written})


def _literal_sql(table: pa.Table) -> str:
    """Write a table as SQL of BigQuery."""
    kinds = {field.name: _kind(field.type) for field in table.schema}

    def row(values: Mapping[str, object]) -> str:
        cells = ", ".join(f"CAST({_literal(value)} AS {kinds[name]}) AS `{name}`" for name, value in values.items())
        return f"SELECT {cells}"

    return " UNION ALL ".join(row(values) for values in table.to_pylist())


def _kind(kind: pa.DataType) -> str:
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else _LITERALS.get(str(kind), "STRING")


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int() | float():
            return f"'{value!r}'"
        case datetime():
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}+00'"
        case date():
            return f"'{value.isoformat()}'"
        case _:
            text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            return f"'{text}'"


def _find_warehouse(project: Project, method: Method) -> BigQuerySource | None:
    own = project.sources.get(method.source)
    found = [source for source in (own, *project.sources.values()) if isinstance(source, BigQuerySource)]
    return found[0] if found else None


def _read(table: pa.Table) -> list[dict[str, object]]:
    """Return the rows in an order that any engine agrees on."""
    return sorted(table.to_pylist(), key=lambda row: [(value is None, str(value)) for value in row.values()])


def _compare(
    method: Method, first: Sequence[dict[str, object]], rows: Sequence[dict[str, object]], name: str
) -> Iterator[str]:
    if len(first) != len(rows):
        yield f"duckdb gives {len(first)} rows, {name} {len(rows)}"
        return
    for number, (one, other) in enumerate(zip(first, rows, strict=True), start=1):
        for column, value in one.items():
            if value != other[column]:
                if method.column(column).pii == "no":
                    yield f"row {number}, {column}: duckdb gives {value!r}, {name} {other[column]!r}"
                else:
                    yield f"row {number}, {column}: {name} gives another value than duckdb (personal: not shown)"
