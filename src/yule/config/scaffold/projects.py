"""The files of a new project."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from yule.config.scaffold.columns import TableColumn, find_columns, find_cutoff, find_infinite
from yule.config.scaffold.notes import list_notes
from yule.config.scaffold.sample import write_sample_orders
from yule.config.scaffold.tables import (
    ROW,
    Words,
    column_values,
    find_user_problems,
    find_words,
    list_names,
    open_table,
    raise_problems,
    suggest_column,
    write_users,
)
from yule.config.scaffold.yaml_texts import write_text
from yule.core.errors import DataError
from yule.core.settings import Json
from yule.features.settings import Terms

if TYPE_CHECKING:
    import duckdb

DATES = (
    "dates: [hour, weekday, month, differences]   # are made of dates; one that is not over at the cut-off is missing\n"
)

TEXT_SETS: dict[Terms, str] = {"values": "lists", "words": "texts", "characters": "characters"}
"""Names of the feature sets of texts, by what they are made of."""

GITIGNORE = "workspace/\ndata/\n"


def write_project(folder: Path, name: str) -> list[Path]:
    """Write a project with one example of each kind of file, over a small made-up shop.

    Parameters
    ----------
    folder
        Folder of the project; it is made if it is not there. Nothing in it is overwritten.
    name
        Name of the project.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DataError
        If a file of the project is there already.
    """
    texts = _fill_templates("events", {"project": write_text(name), "title": name})
    orders = folder / "data" / "orders.csv"
    with _all_or_none([orders, *(folder / path for path in texts)]):
        write_sample_orders(orders)
        return [orders, *_write_files(folder, texts)]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A project that was made.

    Parameters
    ----------
    files
        The files written.
    columns
        How the columns of the table are read that it was made from, and which are left out.
    """

    files: tuple[Path, ...]
    columns: tuple[TableColumn, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the table was left out, or read in another way than one may think."""
        return tuple(list_notes(self.columns))

    @property
    def plain(self) -> dict[str, Json]:
        """The same as plain data."""
        columns: list[Json] = [
            {
                "name": column.name,
                "type": column.type,
                "format": column.reading.format,
                "missing": list(column.reading.missing),
                "terms": column.terms,
                "left_out": column.left_out,
                "note": " ".join(list_notes([column])),
            }
            for column in self.columns
        ]
        return {"files": [str(file) for file in self.files], "columns": columns}


def write_project_from_table(folder: Path, table: Path, *, target: str, user: str | None, encoding: str = "") -> Made:
    """Write a complete project that predicts a column of a table with one row per user.

    The table is copied into the project; its column types are guessed, columns that say nothing are left out.

    Parameters
    ----------
    folder
        Folder of the project; it is made if it is not there. Nothing in it is overwritten.
    table
        A CSV or Parquet file.
    target
        The column to predict: 0 or 1, true or false, yes or no. Users without a value are scored and not learned from.
    user
        Column with the user id; None numbers the rows, the first one is 1.
    encoding
        Of a CSV file without a mark that says its own; empty for UTF-8.

    Raises
    ------
    DataError
        If a file of the project is there already, or nothing can be learned from the table; says what to change.
    """
    name = re.sub(r"[^a-z0-9]+", "-", table.name.split(".")[0].lower()).strip("-") or "table"
    copy = folder / "data" / f"{name}.parquet"
    with open_table(table, encoding) as connection:
        words, columns = _inspect(connection, table, target=target, user=user)
        filled = _describe_table(table, name, target=target, words=words, columns=columns)
        filled |= {
            "project": write_text(folder.resolve().name),
            "user": f"{ROW} is the number of its row, from 1" if user is None else f"the user is {user}",
            "user_key": write_text(user or ROW),
            "cutoff": find_cutoff(connection, columns).isoformat(),
        }
        texts = {path.replace("NAME", name): text for path, text in _fill_templates("table", filled).items()}
        texts |= _describe_texts(name, columns)
        if not filled["features"]:
            del texts["features/profile.yaml"]
        with _all_or_none([copy, *(folder / path for path in texts)]):
            write_users(connection, copy, user=user, values=column_values(columns, user, target, words))
            return Made(files=(copy, *_write_files(folder, texts)), columns=columns)


def _inspect(
    connection: "duckdb.DuckDBPyConnection", table: Path, *, target: str, user: str | None
) -> tuple[Words, tuple[TableColumn, ...]]:
    """Look at a table; raise all that keeps it from being learned from."""
    names = list_names(connection)
    words = (
        find_words(connection, table, target)
        if target in names
        else f"{table} has no column {target!r}{suggest_column(target, names)}."
    )
    columns = find_columns(connection, (user, target))
    problems = [*find_user_problems(connection, table, user), *find_infinite(connection, columns)]
    if user == target:
        problems.append(f"{target} cannot be both the user id and what is predicted.")
    if all(column.left_out for column in columns):
        reasons = "".join(f" ({column.name}: {column.left_out})" for column in columns)
        problems.append(f"Nothing in {table} says anything about a user{reasons}. Add columns.")
    problems += [words] if isinstance(words, str) else []
    raise_problems(problems)
    assert isinstance(words, Words)
    return words, columns


def _describe_table(
    table: Path, name: str, *, target: str, words: Words, columns: Sequence[TableColumn]
) -> dict[str, str]:
    """Return the parts of the templates that the table decides."""
    used = [column for column in columns if not column.left_out]
    plain = [column for column in used if column.terms is None]
    left_out = [f"# {line}" for column in columns if column.left_out for line in list_notes([column])]
    return {
        "name": name,
        "table": table.name,
        "description": write_text(f"One row per user, from {table.name}"),
        "target": write_text(target),
        "plain_target": target,
        "words": f"{words.positive} counts as 1, {words.negative} as 0",
        "counts": f"{words.n_positive:,} are 1, {words.n_negative:,} are 0, {words.n_unknown:,} are not known",
        "question": write_text(f"For which users of {name} is {target} true?"),
        "columns": _indent(f"{write_text(column.name)}: {column.declaration}" for column in used),
        "features": _indent(f"- {write_text(column.name)}" for column in plain),
        "sets": ", ".join([*(["profile"] if plain else []), *_list_text_sets(columns)]),
        "dates": DATES if any(column.type in ("date", "timestamp") for column in used) else "",
        "left_out": "\n".join(left_out or ["# No column is left out."]),
    }


def _list_text_sets(columns: Sequence[TableColumn]) -> dict[str, list[str]]:
    """Return the columns of each feature set of texts, by its name."""
    sets = {name: [column.name for column in columns if column.terms == terms] for terms, name in TEXT_SETS.items()}
    return {name: names for name, names in sets.items() if names}


def _describe_texts(name: str, columns: Sequence[TableColumn]) -> dict[str, str]:
    """Return the files of the feature sets of texts: path to text."""
    terms = {name: terms for terms, name in TEXT_SETS.items()}
    return {
        f"features/{of_set}.yaml": "# What the texts of a user have in common with those of others, in a few numbers.\n"
        f"version: 1\nkind: text\ndownload: {name}\ncolumns: [{', '.join(map(write_text, names))}]\n"
        f"terms: {terms[of_set]}\n"
        for of_set, names in _list_text_sets(columns).items()
    }


def _fill_templates(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a kind of project: path to text."""
    texts = {path: Template(text).substitute(values) for path, text in _read_templates(kind).items()}
    return {**texts, **_read_templates("image"), ".gitignore": GITIGNORE}


def _read_templates(kind: str) -> dict[str, str]:
    root = Path(str(files("yule.config"))) / "templates" / kind
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}


def _refuse_existing(paths: Sequence[Path]) -> None:
    existing = [str(path) for path in paths if path.exists()]
    if existing:
        raise DataError(f"Nothing was written: {', '.join(existing)} is there already. Choose another folder.")


@contextmanager
def _all_or_none(files: Sequence[Path]) -> Iterator[None]:
    """Refuse files that are there; delete them, and the folders made for them, when not all could be written."""
    _refuse_existing(files)
    parents = {parent for file in files for parent in file.parents if not parent.exists()}
    try:
        yield
    except FileExistsError:  # somebody else writes here, too
        raise
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        for parent in sorted(parents, reverse=True):  # what lies in a folder comes after it
            with suppress(OSError):
                parent.rmdir()
        raise


def _write_files(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    written = []
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # Exclusively: a file that someone else has just made is not overwritten either.
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
        written.append(file)
    return written


def _indent(lines: Iterable[str]) -> str:
    return "\n  ".join(lines)
