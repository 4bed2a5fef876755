"""Which files a table is."""

import glob
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from yule.core.errors import DataError
from yule.core.files import digest_file
from yule.downloads.settings import Method
from yule.downloads.sources.files.suffixes import find_packing, name_form
from yule.downloads.sources.files.views import list_sql_tables
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
    where = f"downloads/{method.name}.yaml"
    _refuse_outside(where, folder, method.table, name_fault(method.table))
    # A name with brackets, such as orders[1].csv, is also a pattern, but not one for itself.
    files = _glob(folder, glob.escape(method.table)) or _glob(folder, method.table)
    files = files or _find_named(folder, method.table, where=where)
    if not files:
        raise DataError(
            f"{where}: there is no file {method.table} in {folder}. "
            "Put it there, or correct `table` here or the source's `path` in project.yaml."
        )
    return _refuse_strange(where, folder, files)


def find_table(folder: Path, method: Method, table: str) -> list[Path]:
    """Return the files of a table that SQL names."""
    where = f"downloads/{method.name}.sql"
    _refuse_outside(where, folder, table, name_fault(table.replace(".", "/")))
    files = _find_named(folder, table, where=where)
    if files:
        return _refuse_strange(where, folder, files)
    name = table.rsplit(".", maxsplit=1)[-1]
    raise DataError(
        f"{where}: there is no table {table} in {folder}: neither {name}.parquet nor "
        f"{name}.csv nor a folder {name} with such files. Put it there, or correct the SQL."
    )


def find_copies(files: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield files of one folder that hold the same, byte for byte; the one whose name comes first stands first.

    In another folder the same rows may be of another day, which the folder's name says.
    """
    alike: dict[tuple[Path, int], list[Path]] = defaultdict(list)
    for file in sorted(files):
        alike[file.parent, file.stat().st_size].append(file)
    for group in alike.values():
        seen: dict[str, Path] = {}
        for file in group if len(group) > 1 else ():
            digest = digest_file(file)
            if digest in seen:
                yield seen[digest], file
            seen.setdefault(digest, file)


def _find_named(folder: Path, table: str, *, where: str) -> list[Path]:
    """Return the files of a table by its name: of ``web.views`` those of ``web/views``, else of ``views``.

    A name that ends with ``*`` is that of a series of tables.

    Raises
    ------
    DataError
        If files and a folder, or several files, have that name: which of them is the table is not for us to say.
    """
    *folders, name = table.split(".")
    for end in range(len(folders), -1, -1):
        place = "/".join([*folders[len(folders) - end :], name])
        if name_fault(place):
            continue
        is_series = place.endswith("*")
        pattern = place if is_series else glob.escape(place)
        within = [file for file in _glob(folder, f"{pattern}/**/*") if name_form(file)]
        beside = [file for file in _glob(folder, f"{pattern}.*") if is_series or _is_named(file, name)]
        beside = [file for file in beside if name_form(file)]
        found = sorted({*within, *beside})
        if beside and len(found) > 1 and not is_series:
            names = ", ".join(str(file.relative_to(folder)) for file in found[:3])
            raise DataError(f"{where}: the table {table} may be {names}. Write which: a file, or a pattern.")
        if found:
            return found
    return []


def _is_named(file: Path, name: str) -> bool:
    """Say whether a file has just a name and the suffixes of a table."""
    return file.name.split(".")[0] == name.split(".", maxsplit=1)[0]


def _glob(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a pattern, sorted, each once; refuse links that lead out or nowhere.

    What begins with ``.`` or ``_`` is not meant for readers (Spark, editors and synchronisers put such things there),
    unless the pattern names it. ``_day=1`` is a column.
    """
    names = sorted(glob.glob(pattern, root_dir=folder, recursive=True, include_hidden=True))
    named = [part for part in pattern.split("/") if part[:1] in (".", "_")]
    paths = [folder / name for name in names if not any(_is_hidden(part, named) for part in name.split("/"))]
    real = cache(os.path.realpath)
    paths = [path for path in paths if not _goes_in_circles(folder, path, real)]
    broken = [path for path in paths if path.is_symlink() and not path.exists()]
    if broken:
        raise DataError(f"{broken[0]} is a link to what is not there. Put it right, or remove it.")
    files = [path for path in paths if path.is_file()]
    outside = [file for file in files if leads_out(folder, file)]
    if outside:
        raise DataError(
            f"{outside[0]} is, or goes through, a link that leads out of {folder}. A source reads only what lies in "
            "its own folder: put the file there, or set the source's `path` in project.yaml to where it is."
        )
    return list(_drop_repeated(files))


def _is_hidden(part: str, named: Sequence[str]) -> bool:
    is_column = part.startswith("_") and "=" in part
    return part[:1] in (".", "_") and not is_column and not any(fnmatchcase(part, pattern) for pattern in named)


def _goes_in_circles(folder: Path, path: Path, real: Callable[[Path], str]) -> bool:
    """Say whether a link on the way leads back to a folder that the way has come through."""
    steps = [real(step) for step in path.parents if step == folder or folder in step.parents]
    return len(set(steps)) < len(steps)


def _drop_repeated(files: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once, by whatever names it can be reached; the last name is that of no link."""
    seen = set()
    for file in sorted(files, key=lambda file: (os.path.realpath(file) != str(file), file)):
        status = file.stat()
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            yield file


def _refuse_outside(file: str, folder: Path, table: str, fault: str) -> None:
    """Refuse a name, or a pattern, that does not stay in the source's folder."""
    if fault:
        raise DataError(f"{file}: the table {table!r} {fault}; write the name of a file, or a pattern, below {folder}.")


def _refuse_strange(where: str, folder: Path, files: list[Path]) -> list[Path]:
    """Refuse empty files, and those of which one may be a copy of the other: Parquet and CSV, a file and it packed."""
    files = sorted(files)
    empty = [str(file.relative_to(folder)) for file in files if not file.stat().st_size]
    if empty:
        raise DataError(f"{where}: {', '.join(empty)} is empty. Fetch it again.")
    firsts = {form: file for file in reversed(files) if (form := name_form(file))}
    if len(firsts) > 1:
        names = " and ".join(str(file.relative_to(folder)) for file in firsts.values())
        raise DataError(
            f"{where}: {names} are of several kinds, and one may be a copy of the other. Keep one kind, or write a "
            "pattern that says which, such as *.parquet."
        )
    plain = {file.with_suffix("") if find_packing(file) else file for file in files}
    if len(plain) < len(files):
        packed = next(file for file in files if find_packing(file) and file.with_suffix("") in files)
        name = packed.relative_to(folder)
        raise DataError(f"{where}: {name} may be a copy of {name.with_suffix('')}. Remove one of them.")
    return files
