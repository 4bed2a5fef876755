"""Facts about the gate."""

import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


def test_the_hooks_run_the_checks_of_make_check() -> None:
    check = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert check is not None
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in check[1].splitlines()]
    assert [hook["entry"] for hook in hooks] == commands


def test_what_contributing_names_is_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"`(tests/[^`]*)`", page) if not (ROOT / name).exists()] == []
