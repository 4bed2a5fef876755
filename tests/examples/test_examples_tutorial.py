"""The tutorial: what it says that commands print is what they print."""

import re
import subprocess
import sys
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def _yule(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "yule", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_first_run_prints_the_figures_that_the_tutorial_states(tmp_path: Path) -> None:
    _yule(tmp_path, "init", "shop")
    printed = _yule(tmp_path / "shop", "run", "coffee-buyers").splitlines()
    page = TUTORIAL.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    stated = [line.strip() for line in blocks[0].splitlines() if line.strip() != "…"]
    absent = [line for line in stated if not any(re.fullmatch(_as_pattern(line), found.strip()) for found in printed)]
    assert len(stated) == 5
    assert absent == []


def _as_pattern(line: str) -> str:
    """Return what matches a line of the tutorial, in which ``…`` and ``RUN`` stand for what differs."""
    return re.escape(line).replace("…", ".*").replace("RUN", ".+")
