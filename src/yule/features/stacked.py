"""Feature tables below each other in files that are mapped into memory: who reads some rows loads just those.

::

    numeric.npy   float32 (n_rows, n_numeric)
    codes.npy     int32 (n_rows, n_categorical)
    columns.json  names of the columns, vocabularies and meanings
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from yule.core.arrays import check_range, map_array
from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.core.settings import read_json, to_json
from yule.features.matrix import unite_codes

NUMERIC, CODES, COLUMNS = "numeric.npy", "codes.npy", "columns.json"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The content of ``columns.json``; see :class:`~yule.core.dataset.Features`."""

    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    meanings: Mapping[str, Meaning]


def write_stacked(parts: Iterable[Features], *, n_rows: int, folder: Path) -> None:
    """Write the rows of several feature tables with the same columns below each other; vocabularies are united.

    Of the parts, only the categorical columns are held in memory together.

    Parameters
    ----------
    parts
        The tables, at least one.
    n_rows
        Their rows in all.
    folder
        Where to; it exists.
    """
    numeric, first, categorical = None, 0, []
    for part in parts:
        if numeric is None:
            shape = (n_rows, len(part.numeric_names))
            numeric = np.lib.format.open_memmap(folder / NUMERIC, mode="w+", dtype=np.float32, shape=shape)
        numeric[first : first + part.n_users] = part.numeric
        first += part.n_users
        categorical.append(replace(part, numeric=part.numeric[:, :0]))
    assert numeric is not None
    assert first == n_rows
    numeric.flush()
    codes, vocabularies = unite_codes(categorical)
    np.save(folder / CODES, codes)
    columns = Columns(
        numeric_names=categorical[0].numeric_names,
        categorical_names=categorical[0].categorical_names,
        vocabularies=vocabularies,
        meanings=categorical[0].meanings,
    )
    (folder / COLUMNS).write_text(to_json(columns), encoding="utf-8")


def count_columns(folder: Path) -> int:
    """Return how many features :func:`write_stacked` wrote, without a look at them."""
    columns = read_json(Columns, folder / COLUMNS)
    return len(columns.numeric_names) + len(columns.categorical_names)


def map_stacked(folder: Path, *, n_rows: int | None = None) -> Features:
    """Return what :func:`write_stacked` wrote, mapped into memory: :meth:`Features.take` loads the rows it takes.

    Parameters
    ----------
    folder
        Where it is.
    n_rows
        How many rows there must be; None for any number.

    Raises
    ------
    CorruptedOutput
        If the files are damaged, or do not belong together.
    """
    columns = read_json(Columns, folder / COLUMNS)
    numeric = map_array(folder / NUMERIC, dtype=np.float32, shape=(n_rows, len(columns.numeric_names)))
    codes = map_array(folder / CODES, dtype=np.int32, shape=(len(numeric), len(columns.categorical_names)))
    check_range(folder / CODES, codes, least=-1, below=[len(values) for values in columns.vocabularies])
    return Features(
        numeric=numeric,
        codes=codes,
        numeric_names=columns.numeric_names,
        categorical_names=columns.categorical_names,
        vocabularies=columns.vocabularies,
        meanings=columns.meanings,
    )
