"""The features of some users as the table a model takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.features.columns import read_empty, read_meaning

Value = TypeVar("Value", bound=np.generic)


def read_features(files: Sequence[Path], user_ids: NDArray[np.object_]) -> Features:
    """Read the features of some users from one file per feature set.

    Only the row groups that the users lie in are read, so memory goes with the users and not with the files.

    Parameters
    ----------
    files
        Feature files, all at one cut-off.
    user_ids
        str (n_users,), ascending. A user who is not in a file has what its columns say: 0 or missing.

    Returns
    -------
    Features
        Rows as ``user_ids``, columns in the order of the files.
    """
    numeric: dict[str, NDArray[np.float32]] = {}
    categorical: dict[str, tuple[NDArray[np.int32], tuple[str, ...]]] = {}
    meanings: dict[str, Meaning] = {}
    for file in files:
        table, rows = _read_rows(file, user_ids)
        for field in table.schema:
            if field.name == "user_id":
                continue
            meaning = read_meaning(field)
            if meaning is not None:
                meanings[field.name] = meaning
            if pa.types.is_floating(field.type):
                numeric[field.name] = _take_numbers(table[field.name], rows, read_empty(field) == "zero")
            else:
                categorical[field.name] = _take_codes(table[field.name], rows)
    n_users = len(user_ids)
    return Features(
        numeric=_stack(list(numeric.values()), n_users, np.float32),
        codes=_stack([codes for codes, _ in categorical.values()], n_users, np.int32),
        numeric_names=tuple(numeric),
        categorical_names=tuple(categorical),
        vocabularies=tuple(vocabulary for _, vocabulary in categorical.values()),
        meanings=meanings,
    )


def stack_features(parts: Sequence[Features]) -> Features:
    """Put the rows of several feature tables with the same columns below each other; vocabularies are united."""
    codes, vocabularies = unite_codes(parts)
    return Features(
        numeric=np.concatenate([part.numeric for part in parts]),
        codes=codes,
        numeric_names=parts[0].numeric_names,
        categorical_names=parts[0].categorical_names,
        vocabularies=vocabularies,
        meanings=parts[0].meanings,
    )


def unite_codes(parts: Sequence[Features]) -> tuple[NDArray[np.int32], tuple[tuple[str, ...], ...]]:
    """Return the codes of several feature tables below each other, and the vocabularies of all of them."""
    vocabularies, codes = [], []
    for column in range(len(parts[0].categorical_names)):
        vocabulary = tuple(sorted({value for part in parts for value in part.vocabularies[column]}))
        code_of = {value: code for code, value in enumerate(vocabulary)}
        vocabularies.append(vocabulary)
        codes.append(np.concatenate([_recode(part, column, code_of) for part in parts]))
    return _stack(codes, sum(part.n_users for part in parts), np.int32), tuple(vocabularies)


def _read_rows(file: Path, user_ids: NDArray[np.object_]) -> tuple[pa.Table, NDArray[np.intp]]:
    """Return the part of a file that the users lie in, and the row of each user in it; -1 where there is none."""
    user = pc.field("user_id")
    asked = (user >= user_ids[0]) & (user <= user_ids[-1]) if len(user_ids) else pc.scalar(False)
    table = ds.dataset(file).to_table(filter=asked)
    rows = pc.index_in(pa.array(user_ids, pa.string()), value_set=table["user_id"].combine_chunks())
    return table, rows.fill_null(-1).to_numpy().astype(np.intp)


def _take_numbers(column: pa.ChunkedArray, rows: NDArray[np.intp], is_zero: bool) -> NDArray[np.float32]:
    # One more value at the end, for rows of -1.
    values = np.append(column.to_numpy(), np.float32(0.0 if is_zero else np.nan))
    taken: NDArray[np.float32] = values.astype(np.float32, copy=False)[rows]
    return taken


def _take_codes(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    vocabulary = tuple(sorted(values))
    code_of = {value: code for code, value in enumerate(vocabulary)}
    recode = np.array([code_of[value] for value in values] + [-1], dtype=np.int32)
    indices = np.append(encoded.indices.fill_null(len(values)).to_numpy(), len(values))
    taken: NDArray[np.int32] = recode[indices][rows]
    return taken, vocabulary


def _recode(part: Features, column: int, code_of: dict[str, int]) -> NDArray[np.int32]:
    recode = np.array([code_of[value] for value in part.vocabularies[column]] + [-1], dtype=np.int32)
    recoded: NDArray[np.int32] = recode[part.codes[:, column]]
    return recoded


def _stack(columns: Sequence[NDArray[Value]], n_rows: int, kind: type[Value]) -> NDArray[Value]:
    matrix: NDArray[Value] = np.empty((n_rows, len(columns)), dtype=kind)
    for number, column in enumerate(columns):
        matrix[:, number] = column
    return matrix
