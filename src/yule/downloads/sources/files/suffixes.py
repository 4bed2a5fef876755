"""Which files hold tables, by their names and their first bytes."""

from pathlib import Path
from typing import Literal, TypeAlias

from yule.core.errors import DataError

Form: TypeAlias = Literal["parquet", "csv"]

_FORMS: dict[str, Form] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
}
_PACKED = {".gz": "gzip", ".zst": "zstd"}

_MAGIC = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a workbook or an archive",
    b"\x1f\x8b": "packed with gzip",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"BZh": "packed with bzip2",
}
"""How files begin that are no text."""


def name_form(file: Path) -> Form | None:
    """Return what the name of a file says it is; None for what is no table. Capitals make no difference.

    >>> name_form(Path("log.CSV.gz")), name_form(Path("part-0.gz.parquet")), name_form(Path("notes.md"))
    ('csv', 'parquet', None)
    """
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return _FORMS.get(suffixes[-1]) if suffixes else None


def find_packing(file: Path) -> str | None:
    """Return by what a file of text is packed."""
    return _PACKED.get(file.suffix.lower())


def find_form(file: Path) -> Form:
    """Return what a file is, if its first bytes are what its name says.

    Raises
    ------
    DataError
        If it is no table that can be read.
    """
    form = name_form(file)
    if form is None:
        known = ", ".join(_FORMS)
        raise DataError(f"{file.name} is neither CSV nor Parquet by its name: it ends in none of {known} (.gz, .zst)")
    with file.open("rb") as stream:
        head = stream.read(4)
    found = next((text for mark, text in _MAGIC.items() if head.startswith(mark)), None)
    if form == "parquet" and found in (None, "a Parquet file"):
        return form
    if form == "csv" and (found is None or find_packing(file) in str(found).split()):
        return form
    raise DataError(f"{file.name} is {found}, whatever its name says. Save it as CSV or Parquet, under such a name")
