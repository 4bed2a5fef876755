from pathlib import Path

import pytest

from yule.config.cases import write_code

COMMIT = "4f2c1ab07d" * 4


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("code: 4f2c1ab\nseed: 1\n", f"code: {COMMIT}\nseed: 1\n"),
        ("code: main\n", f"code: {COMMIT}  # main\n"),
        ("code: main", f"code: {COMMIT}  # main"),
        ("code:   'v1.0'   # as in June\n", f"code:   {COMMIT}   # as in June\n"),
        ("seed: 1\r\ncode: main\r\nfolds: {}\r\n", f"seed: 1\r\ncode: {COMMIT}  # main\r\nfolds: {{}}\r\n"),
    ],
)
def test_the_full_hash_replaces_the_name_and_nothing_else(tmp_path: Path, written: str, expected: str) -> None:
    case = tmp_path / "case.yaml"
    case.write_bytes(f"version: 1\n# Ünïcode\n{written}".encode())
    assert write_code(case, tmp_path, COMMIT) == case
    assert case.read_bytes().decode() == f"version: 1\n# Ünïcode\n{expected}"
    assert write_code(case, tmp_path, COMMIT) is None


def test_it_is_written_where_the_name_stands(tmp_path: Path) -> None:
    case, base = tmp_path / "case.yaml", tmp_path / "_base.yaml"
    case.write_text("version: 1\nextends: _base.yaml\n")
    base.write_text("version: 1\ncode: main\n")
    assert write_code(case, tmp_path, COMMIT) == base
    assert case.read_text() == "version: 1\nextends: _base.yaml\n"


def test_a_case_that_names_no_code_stays(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("version: 1\nseed: 1\n")
    assert write_code(case, tmp_path, COMMIT) is None
