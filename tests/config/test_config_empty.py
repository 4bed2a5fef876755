"""Facts about keys with nothing behind them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from config_files import explain_case, explain_project, write_files
from pydantic import BaseModel

from yule.config.documents import read_document
from yule.config.forms.case import CaseForm
from yule.config.forms.checks import Known
from yule.config.forms.download import DownloadForm
from yule.config.forms.features import FeatureSetForm
from yule.config.forms.project import ProjectForm
from yule.config.places import _bare, _expand, field_kinds, find_words
from yule.config.schemas import json_schemas
from yule.config.validation import MAY_BE_EMPTY, validate
from yule.core.settings import Json

FORMS = {"project": ProjectForm, "download": DownloadForm, "features": FeatureSetForm, "case": CaseForm}

Keys = tuple[str | int, ...]


def walk_fields(kind: Any, above: Keys, said: tuple[tuple[Keys, str], ...] = ()) -> Iterator[tuple[Keys, Any]]:
    """Give the place of every key of a form with the ``kind`` of each part of it, as ``said`` by place."""
    for alternative in _expand(kind):
        bare = _bare(alternative)
        if get_origin(bare) is tuple:
            yield from walk_fields(get_args(bare)[0], (*above, 0), said)
        elif get_origin(bare) is Mapping:
            yield (*above, "any"), said
            yield from walk_fields(get_args(bare)[1], (*above, "any"), said)
        keys = field_kinds(alternative)
        words = find_words(keys.get("kind"))
        here = (*said, ((*above, "kind"), str(words[0]))) if len(words) == 1 else said
        for name, inner in keys.items():
            yield (*above, name), here
            yield from walk_fields(inner, (*above, name), here)


def write(place: Keys, value: Json, said: tuple[tuple[Keys, str], ...]) -> Json:
    """Return the smallest document with a value at a place."""
    document: dict[str, Any] = {"version": 1}
    for keys, written in (*said, (place, value)):
        put(document, keys, written)
    return document


def put(inside: Any, keys: Keys, value: Json) -> None:
    for key, after in zip(keys, (*keys[1:], None), strict=True):
        empty: Any = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(key, int):
            inside[:] = inside or [empty]
        elif after is None:
            inside[key] = empty
        else:
            inside.setdefault(key, empty)
        inside = inside[key]


ALL_FIELDS = [
    pytest.param(form, place, said, id=f"{name}-{'.'.join(map(str, place))}-{said[-1][1] if said else ''}")
    for name, form in FORMS.items()
    for place, said in dict.fromkeys(walk_fields(form, ()))
]


def explain(form: type[BaseModel], document: Json, folder: Path) -> list[tuple[str, str]]:
    file = folder / "file.yaml"
    file.write_text(json.dumps(document), "utf-8")
    problems: list[Any] = []
    node = read_document(file, "file.yaml", problems)
    if node is not None:
        validate(form, node, Known(), problems)
    return [(problem.path, problem.message) for problem in problems]


def name_place(place: Keys) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def test_the_forms_have_the_fields_that_are_tried():
    assert len(ALL_FIELDS) > 200
    assert {param.values[1] for param in ALL_FIELDS} >= {
        ("labels", "where"),
        ("predict", "population", "within"),
        ("joins", 0, "by"),
        ("models", 0, "num_leaves"),
        ("profiles", "any", "sources", "any", "path"),
        ("columns", "any", "meaning"),
    }


@pytest.mark.parametrize(("form", "place", "said"), ALL_FIELDS)
def test_nothing_behind_a_key_is_refused(form: type[BaseModel], place: Keys, said: Any, tmp_path: Path):
    told = dict(explain(form, write(place, None, said), tmp_path))[name_place(place)]
    assert "got nothing" in told or told.startswith("unknown key 'cutoff'")  # other keys tell which form is meant


@pytest.mark.parametrize("blank", ["", " \t", "\u3000"])
@pytest.mark.parametrize(
    ("form", "place", "said"), [param for param in ALL_FIELDS if param.values[1][-1] not in MAY_BE_EMPTY]
)
def test_blank_text_behind_a_key_is_refused(form: type[BaseModel], place: Keys, said: Any, blank: str, tmp_path: Path):
    assert name_place(place) in dict(explain(form, write(place, blank, said), tmp_path))


@pytest.mark.parametrize("written", ["", " ~", " null", ' ""', " '  '"])
def test_a_condition_that_was_forgotten_is_not_every_event(written: str, tmp_path: Path):
    root = write_files(tmp_path)
    text = (root / "cases/beer.yaml").read_text()
    found = explain_case(root, text.replace(" department = 'BEER'", written))
    assert found.startswith("cases/beer.yaml:5:")
    assert "labels.where: " in found
    assert "leave the key out" in found
    assert len([line for line in found.splitlines() if line.startswith("cases/")]) == 1


def test_an_empty_list_of_columns_is_not_all_of_them(tmp_path: Path):
    profile = "version: 1\nkind: profile\ndownload: households\ncolumns: []\n"
    found = explain_project(write_files(tmp_path, features_households=profile))
    assert "features/households.yaml:4:10: columns: must not be empty" in found


def test_a_base_is_named(tmp_path: Path):
    found = explain_case(write_files(tmp_path), "version: 1\nextends:\n")
    assert "cases/beer.yaml:2:1: extends: expected a value, got nothing; write one, or leave the key out" in found


def test_schemas_refuse_nothing_behind_a_key_too():
    assert '{"type": "null"}' not in json.dumps(json_schemas())
