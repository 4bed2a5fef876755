"""Text is UTF-8 wherever it is read or written, whatever the locale says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import yule

SOURCE = Path(yule.__file__).parent
TEXT_METHODS = {"read_text", "write_text"}
PROCESSES = {"run", "Popen", "check_output"}
OPENERS = {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile"}


def _find_unspecified(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(keyword.arg == "encoding" for keyword in node.keywords):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        is_method = name in TEXT_METHODS and isinstance(node.func, ast.Attribute)
        is_pipe = name in PROCESSES and any(keyword.arg == "text" for keyword in node.keywords)
        if is_method or is_pipe or (name in OPENERS and _is_text(node, name)):
            yield node.lineno


def _is_text(node: ast.Call, name: str) -> bool:
    modes = [keyword.value for keyword in node.keywords if keyword.arg == "mode"] + node.args
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "os":
        return name == "fdopen" and not any("b" in text for text in texts)
    if name == "TemporaryFile":
        return any("b" not in text for text in texts)  # binary by default
    return not any("b" in text for text in texts)


def test_every_text_file_and_pipe_names_its_encoding() -> None:
    found = {
        f"{file.relative_to(SOURCE)}:{line}"
        for file in sorted(SOURCE.rglob("*.py"))
        for line in _find_unspecified(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert found == set()
