"""Methods of the download library: ``NAME.yaml``, and the SQL that may stand beside it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from yule.config.documents import Node, read_text
from yule.config.forms.checks import Known
from yule.config.forms.download import DownloadForm
from yule.config.validation import validate
from yule.core.errors import Problem
from yule.core.secrets import has_secret
from yule.downloads.settings import Engine, Method

ENGINES: tuple[Engine, ...] = get_args(Engine)


def read_method(path: Path, label: str, node: Node | None, known: Known, problems: list[Problem]) -> Method | None:
    """Read a method and its SQL.

    Parameters
    ----------
    path
        Its file.
    label
        What people call the file's folder.
    node
        The file's document; None when it could not be read.
    known
        What is known of the project.
    problems
        Where problems are added.

    Returns
    -------
    Method or None
        None if the file is wrong.
    """
    form = validate(DownloadForm, node, known, problems) if node else None
    if form is None or node is None:
        return None
    n_before = len(problems)
    sql = {engine: text for engine in ENGINES if (text := _read_sql(path, label, engine, problems)) is not None}
    if len(problems) > n_before:
        return None
    if (node.child("table") is not None) == bool(sql):
        message = (
            f"both `table` and {path.stem}.sql say what to read; keep one"
            if sql
            else f"write `table`, the table to read, or put SQL into {path.stem}.sql beside this file"
        )
        problems.append((node.child("table") or node).key.problem(message))
        return None
    if sql and form.time_zone != "UTC":
        message = "this is for tables; in SQL write TIMESTAMP(column, 'Asia/Tokyo')"
        problems.append((node.child("time_zone") or node).key.problem(message))
    if form.parameters and not sql:
        message = f"parameters are for SQL, and there is no {path.stem}.sql beside this file"
        problems.append((node.child("parameters") or node).key.problem(message))
    for engine in sql:
        problems += _check_sql(sql, engine, f"{label}/{_sql_file(path, engine).name}", form)
    return form.settings(path.stem, sql)


def _read_sql(path: Path, label: str, engine: Engine, problems: list[Problem]) -> str | None:
    """Return the SQL for an engine; what is written for no engine by name is in the dialect of BigQuery."""
    file = _sql_file(path, engine)
    if not file.is_file():
        return None
    name = f"{label}/{file.name}"
    text = read_text(file, name, problems)
    for number, line in enumerate((text or "").splitlines(), start=1):
        if has_secret(line):
            message = "this looks like a key or a password; files are shared, so keep it out of them"
            problems.append(Problem(file=name, line=number, column=1, message=message))
    return text


def _sql_file(path: Path, engine: Engine) -> Path:
    named = path.with_name(f"{path.stem}.{engine}.sql")
    return named if engine != "bigquery" or named.is_file() else path.with_name(f"{path.stem}.sql")


def _check_sql(sql: Mapping[Engine, str], engine: Engine, file: str, form: DownloadForm) -> list[Problem]:
    """Say what is wrong with the SQL for an engine; BigQuery's is translated unless DuckDB has its own."""
    from yule.downloads.sources.dialects import check_sql, check_statement

    if engine == "bigquery" and "duckdb" not in sql:
        found = check_sql(sql[engine], parameters=form.parameters)
    else:
        found = check_statement(sql[engine], engine=engine, parameters=form.parameters)
    problems = []
    for text in found:
        place = re.match(r"line (\d+), column (\d+): ", text)
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        message = text[place.end() :] if place else text
        problems.append(Problem(file=file, line=line, column=column, message=message))
    return problems
