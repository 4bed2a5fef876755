"""Benchmarks are run by hand, and seldom: what they take from Yule must be there all the same."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = sorted(Path(__file__).parents[2].glob("benchmarks/*.py"))


@pytest.mark.parametrize("file", BENCHMARKS, ids=lambda file: file.stem)
def test_what_a_benchmark_imports_is_there(file: Path) -> None:
    imports = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    taken = [
        (node.module, name.name) for node in imports if (node.module or "").startswith("yule") for name in node.names
    ]
    gone = [f"{module}.{name}" for module, name in taken if not is_there(str(module), name)]
    assert gone == []


def is_there(module: str, name: str) -> bool:
    """Say whether a module has a name, or is a package with a module of this name."""
    try:
        found = import_module(module)
        if name not in vars(found):
            import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True
