import subprocess
import sys
from pathlib import Path

import pytest

from yule.storage.claims import Claims

KEY = "0123456789abcdef0123456789abcdef"

TRY = (
    "import pathlib, sys; from yule.storage.claims import Claims;"
    "print(Claims(pathlib.Path(sys.argv[1])).take(sys.argv[2]))"
)


def _try_elsewhere(file: Path, key: str) -> str:
    command = [sys.executable, "-c", TRY, str(file), key]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_claim_keeps_other_processes_out_until_it_is_released(tmp_path: Path) -> None:
    file = tmp_path / "claims"
    claims = Claims(file)
    assert claims.take(KEY)
    assert _try_elsewhere(file, KEY) == "False"
    assert _try_elsewhere(file, "f" * 32) == "True"
    claims.release(KEY)
    assert _try_elsewhere(file, KEY) == "True"


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    assert _try_elsewhere(tmp_path / "claims", KEY) == "True"
    assert Claims(tmp_path / "claims").take(KEY)


@pytest.mark.parametrize("content", ["nothing", "folder", "garbage"])
def test_what_lies_at_their_place_does_not_matter(tmp_path: Path, content: str) -> None:
    file = tmp_path / "claims"
    if content == "folder":
        (file / "odd").mkdir(parents=True)
    elif content == "garbage":
        file.write_bytes(b"\xff" * 100)
    assert Claims(file).take(KEY)
    assert _try_elsewhere(file, KEY) == "False"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere locks belong to processes")
def test_two_runs_of_one_process_claim_nothing_twice(tmp_path: Path) -> None:
    one, other = (Claims(tmp_path / "claims") for _ in range(2))
    assert one.take(KEY)
    assert not other.take(KEY)
    one.close()
    assert other.take(KEY)
