"""Which files a table is."""

from pathlib import Path

from yule.core.errors import DataError
from yule.downloads.files.views import list_sql_tables
from yule.downloads.settings import Method
from yule.storage.names import leads_out, name_fault


def find_files(folder: Path, method: Method) -> list[Path]:
    """Return the files that a method reads, sorted.

    Parameters
    ----------
    folder
        The source's.
    method
        The method.

    Raises
    ------
    DataError
        If there are none, or one is empty.
    """
    if method.sql:
        return sorted({file for name in list_sql_tables(method) for file in find_table(folder, method, name)})
    _refuse_outside(f"downloads/{method.name}.yaml", folder, method.table, name_fault(method.table))
    files = _glob(folder, method.table) or _find_named(folder, method.table)
    if not files:
        raise DataError(
            f"downloads/{method.name}.yaml: there is no file {method.table} in {folder}. "
            "Put it there, or correct `table` here or the source's `path` in project.yaml."
        )
    return _refuse_empty(method, files)


def find_table(folder: Path, method: Method, table: str) -> list[Path]:
    """Return the files of a table that SQL names."""
    _refuse_outside(f"downloads/{method.name}.sql", folder, table, name_fault(table.replace(".", "/")))
    files = _find_named(folder, table)
    if files:
        return _refuse_empty(method, files)
    name = table.rsplit(".", maxsplit=1)[-1]
    raise DataError(
        f"downloads/{method.name}.sql: there is no table {table} in {folder}: neither {name}.parquet nor "
        f"{name}.csv nor a folder {name} with such files. Put it there, or correct the SQL."
    )


def _find_named(folder: Path, table: str) -> list[Path]:
    """Return the files of a table by its name: of ``web.views`` those of ``web/views``, else of ``views``."""
    *folders, name = table.split(".")
    for end in range(len(folders), -1, -1):
        place = "/".join([*folders[len(folders) - end :], name])
        if name_fault(place):
            continue
        for pattern in (f"{place}.parquet", f"{place}.csv", f"{place}/**/*.parquet", f"{place}/**/*.csv"):
            files = _glob(folder, pattern)
            if files:
                return files
    return []


def _glob(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a pattern, sorted; refuse those that a link brings in from outside."""
    files = sorted(file for file in folder.glob(pattern) if file.is_file())
    outside = [file for file in files if leads_out(folder, file)]
    if outside:
        raise DataError(
            f"{outside[0]} is, or goes through, a link that leads out of {folder}. A source reads only what lies in "
            "its own folder: put the file there, or set the source's `path` in project.yaml to where it is."
        )
    return files


def _refuse_outside(file: str, folder: Path, table: str, fault: str) -> None:
    """Refuse a name, or a pattern, that does not stay in the source's folder."""
    if fault:
        raise DataError(f"{file}: the table {table!r} {fault}; write the name of a file, or a pattern, below {folder}.")


def _refuse_empty(method: Method, files: list[Path]) -> list[Path]:
    empty = [str(file) for file in files if not file.stat().st_size]
    if empty:
        raise DataError(f"downloads/{method.name}.yaml: {', '.join(empty)} is empty. Fetch it again.")
    return files
