"""Stacked features are those that went in, and are read by row."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.dataset import Features
from yule.core.errors import CorruptedOutput
from yule.core.meanings import Meaning
from yule.features.matrix import stack_features
from yule.features.stacked import map_stacked, write_stacked


def make_part(towns: Sequence[str | None], first: float, n_numeric: int = 2) -> Features:
    vocabulary = tuple(sorted({town for town in towns if town is not None}))
    codes = [-1 if town is None else vocabulary.index(town) for town in towns]
    return Features(
        numeric=np.full((len(towns), n_numeric), first, np.float32) + np.arange(len(towns), dtype=np.float32)[:, None],
        codes=np.array(codes, dtype=np.int32)[:, None],
        numeric_names=tuple(f"n{number}" for number in range(n_numeric)),
        categorical_names=("town",),
        vocabularies=(vocabulary,),
        meanings={"town": Meaning(aggregate="column", column="town")},
    )


def assert_equal(found: Features, expected: Features) -> None:
    np.testing.assert_array_equal(found.numeric, expected.numeric)
    np.testing.assert_array_equal(found.codes, expected.codes)
    assert (found.names, found.vocabularies, found.meanings) == (
        expected.names,
        expected.vocabularies,
        expected.meanings,
    )
    assert (found.numeric.dtype, found.codes.dtype) == (np.float32, np.int32)


@given(st.lists(st.lists(st.sampled_from(["york", "bath", None]), min_size=1, max_size=5), min_size=1, max_size=4))
@settings(deadline=None, max_examples=25)
def test_what_was_written_in_parts_is_read_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, towns: list[list[str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("stacked")
    parts = [make_part(part, 10.0 * number) for number, part in enumerate(towns)]
    write_stacked(iter(parts), n_rows=sum(map(len, towns)), folder=folder)
    assert_equal(map_stacked(folder), stack_features(parts))


@pytest.mark.parametrize("n_numeric", [0, 3])
def test_a_table_without_numbers_is_read_like_any_other(n_numeric: int, tmp_path: Path) -> None:
    part = make_part(["york", None], 1.0, n_numeric)
    write_stacked([part], n_rows=2, folder=tmp_path)
    assert_equal(map_stacked(tmp_path), part)


def test_rows_that_are_taken_are_in_memory_and_the_rest_is_not_writable(tmp_path: Path) -> None:
    write_stacked([make_part(["york", "bath", None], 1.0)], n_rows=3, folder=tmp_path)
    mapped = map_stacked(tmp_path)
    assert not mapped.numeric.flags.writeable
    taken = mapped.take(np.array([2, 0]))
    assert taken.numeric.flags.owndata
    assert taken.numeric[:, 0].tolist() == [3.0, 1.0]


def test_equal_tables_are_written_as_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_stacked([make_part(["york", "bath"], 1.0)], n_rows=2, folder=tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def forge_codes(folder: Path) -> None:
    np.save(folder / "codes.npy", np.full((2, 1), 7, dtype=np.int32))


def forge_type(folder: Path) -> None:
    np.save(folder / "numeric.npy", np.zeros((2, 2), dtype=np.float64))


def forge_shape(folder: Path) -> None:
    np.save(folder / "numeric.npy", np.zeros((2, 9), dtype=np.float32))


def forge_pickle(folder: Path) -> None:
    np.save(folder / "numeric.npy", np.array([[{}]], dtype=object), allow_pickle=True)


def forge_length(folder: Path) -> None:
    np.save(folder / "codes.npy", np.zeros((9, 1), dtype=np.int32))


def cut_short(folder: Path) -> None:
    content = (folder / "numeric.npy").read_bytes()
    (folder / "numeric.npy").write_bytes(content[:-1])


@pytest.mark.parametrize("forge", [forge_codes, forge_type, forge_shape, forge_pickle, forge_length, cut_short])
def test_files_that_are_no_table_are_refused(forge: Callable[[Path], None], tmp_path: Path) -> None:
    write_stacked([make_part(["york", "bath"], 1.0)], n_rows=2, folder=tmp_path)
    forge(tmp_path)
    with pytest.raises(CorruptedOutput, match="is damaged"):
        map_stacked(tmp_path)


def test_a_table_of_other_users_is_refused(tmp_path: Path) -> None:
    write_stacked([make_part(["york", "bath"], 1.0)], n_rows=2, folder=tmp_path)
    with pytest.raises(CorruptedOutput, match="2 × 2 values"):
        map_stacked(tmp_path, n_rows=3)
