"""The source of Yule holds nothing that turns data into code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import yule

SOURCE = Path(yule.__file__).parent

MODULES = {"pickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "code", "codeop", "imp"}
CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "runpy.run_path", "runpy.run_module"),
    *("torch.load", "torch.jit.load", "np.load", "numpy.load", "pd.read_pickle", "pandas.read_pickle"),
}
ARRAYS = {"core/arrays.py"}
"""Files that load arrays; that none of objects is loaded says a test below."""

IMPORTERS = {"runtime/messages.py"}
"""Files that import a module by a name that is data; what is imported is checked before."""


def _walk(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, kind):
                yield file.relative_to(SOURCE).as_posix(), node


def test_no_module_is_used_that_runs_what_it_loads() -> None:
    found = [(file, alias.name) for file, node in _walk(ast.Import) for alias in node.names]  # type: ignore[attr-defined]
    found += [(file, node.module or "") for file, node in _walk(ast.ImportFrom)]  # type: ignore[attr-defined]
    assert len(found) > 1000
    assert [item for item in found if item[1].split(".")[0] in MODULES] == []


def test_nothing_is_called_that_runs_what_it_is_given() -> None:
    calls = [(file, ast.unparse(node.func)) for file, node in _walk(ast.Call)]  # type: ignore[attr-defined]
    assert len(calls) > 1000
    assert [(file, name) for file, name in calls if name in CALLS and not (name == "np.load" and file in ARRAYS)] == []


def test_no_shell_reads_a_command_and_no_array_of_objects_is_loaded() -> None:
    words = [(file, word.arg, ast.unparse(word.value)) for file, word in _walk(ast.keyword)]  # type: ignore[attr-defined]
    assert [word for word in words if word[1] in ("shell", "allow_pickle", "weights_only")] == []


def test_yaml_is_read_by_loaders_that_make_plain_data() -> None:
    kinds = {
        word.value.value  # type: ignore[attr-defined]
        for _, node in _walk(ast.Call)
        if ast.unparse(node.func) == "YAML"  # type: ignore[attr-defined]
        for word in node.keywords  # type: ignore[attr-defined]
        if word.arg == "typ"
    }
    assert kinds <= {"safe", "rt"}


def test_one_place_imports_a_module_by_name() -> None:
    calls = [(file, ast.unparse(node.func)) for file, node in _walk(ast.Call)]  # type: ignore[attr-defined]
    assert {file for file, name in calls if name.endswith("import_module")} == IMPORTERS


def test_a_tag_of_yaml_runs_nothing(tmp_path: Path) -> None:
    from yule.config.documents import read_document

    mark = tmp_path / "ran"
    (tmp_path / "case.yaml").write_text(f"question: !!python/object/apply:os.system ['touch {mark}']\n")
    read_document(tmp_path / "case.yaml", "case.yaml", [])
    assert not mark.exists()
