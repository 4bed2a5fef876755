"""What docs/python.md tells people to type is typed, as it stands there."""

import re
from pathlib import Path

import pytest
from session_projects import write_small_project

PAGE = Path(__file__).parents[2] / "docs" / "python.md"

pytestmark = pytest.mark.slow


def test_the_blocks_of_the_page_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small_project(tmp_path / "shop", seed=1)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    typed: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), typed)
    printed = capsys.readouterr().out
    assert "tasks to run, 0 cached" in printed
    assert "nothing to run" not in printed
    assert "no-such-case" in printed
