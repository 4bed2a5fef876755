"""A path that a command is given is one: an empty text would stand for the current folder."""

import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.models import ParameterInfo
from typer.testing import CliRunner

from yule.cli.app import app
from yule.cli.options import read_list_path, read_path

EMPTY = (
    ("init", ""),
    ("init", "new", "--from", "", "--target", "churned"),
    ("schema", "--out", ""),
    ("downloads", "page", "--out", ""),
    ("kubernetes", "manifests", "--kustomize", ""),
    ("predict", "beer", "--table", ""),
    ("predict", "beer", "--cutoff", "2024-01-01", "--out", ""),
    ("ask", "events", "--out", ""),
)


@pytest.mark.parametrize("arguments", EMPTY, ids=" ".join)
def test_an_empty_path_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert "it is empty; name a file or a folder" in done.output
    assert list(tmp_path.iterdir()) == []


def test_every_path_of_a_command_is_read_by_the_one_function() -> None:
    found = list(_list_paths(app))
    assert len(found) == len(EMPTY)
    assert [name for name, info in found if info.parser not in {read_path, read_list_path}] == []


@pytest.mark.parametrize("arguments", [("ask", "events"), ("predict", "beer", "--cutoff", "2024-01-01")], ids=" ".join)
@pytest.mark.parametrize("name", ["list.xlsx", "list", "LIST.PARQUET"])
def test_a_list_is_written_only_where_its_name_says_in_which_format(arguments: tuple[str, ...], name: str) -> None:
    done = CliRunner().invoke(app, (*arguments, "--out", name))
    assert done.exit_code == 2
    assert "let it end in .csv or .parquet" in " ".join(done.output.replace("│", " ").split())


def _list_paths(group: typer.Typer) -> Iterator[tuple[str, ParameterInfo]]:
    """Yield the arguments and options that are paths, with what is said of them."""
    for command in group.registered_commands:
        assert command.callback is not None
        for name, hint in typing.get_type_hints(command.callback, include_extras=True).items():
            parts = typing.get_args(hint)
            if Path in (parts[:1] or (hint,)) or Path in typing.get_args(parts[0] if parts else hint):
                yield f"{command.callback.__name__} {name}", next(p for p in parts if isinstance(p, ParameterInfo))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _list_paths(inner.typer_instance)
