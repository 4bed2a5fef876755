"""What the commands say of the files of tables."""

import subprocess
import sys
from pathlib import Path

import pytest


def _yule(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    rows = [f"A{n:03},2020-0{1 + n % 9}-15,{'xy'[n % 2]},{n % 7},{int(n % 7 > 4)}" for n in range(150)]
    (folder / "shop.csv").write_text("\n".join(["id,joined,plan,visits,bought", *rows]))
    done = _yule(folder, "init", "p", "--from", "shop.csv", "--target", "bought", "--user", "id")
    assert done.returncode == 0, done.stderr
    return folder / "p"


def test_check_says_how_many_rows_there_are(project: Path) -> None:
    assert "shop: 1 file, 150 rows\n" in _yule(project, "check", "shop").stdout
