# ruff: noqa: E501 - messages stand here as they are printed
import os
from pathlib import Path
from textwrap import dedent

import pytest
from config_files import explain_case, explain_project, load_project, write_files
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.config.documents import Node, read_document
from yule.config.substitution import PLACES, substitute
from yule.core.errors import Problem
from yule.core.settings import Json


def read_text(folder: Path, text: str | bytes) -> tuple[Node | None, list[Problem]]:
    problems: list[Problem] = []
    file = folder / "a.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(file, "a.yaml", problems), problems


def plain(folder: Path, text: str) -> Json:
    node, problems = read_text(folder, text)
    assert node is not None
    assert problems == []
    return node.plain()


def explain(folder: Path, text: str | bytes) -> str:
    return "\n".join(str(problem) for problem in read_text(folder, text)[1])


def test_scalars_are_those_of_yaml_1_2_and_dates_stay_text(tmp_path: Path):
    text = "a: [no, on, 1e-3, 010, 0x1F, 12:30, 2017-04-02, true, ~, '1']\n"
    assert plain(tmp_path, text) == {"a": ["no", "on", 1e-3, 10, 31, "12:30", "2017-04-02", True, None, "1"]}


def test_anchors_are_followed(tmp_path: Path):
    assert plain(tmp_path, "a: &x {b: 1}\nc: *x\n") == {"a": {"b": 1}, "c": {"b": 1}}


def test_every_value_knows_its_place(tmp_path: Path):
    node, _ = read_text(tmp_path, "models:\n  - kind: mlp\n    n_epochs: many\n")
    assert node is not None
    models = node.child("models")
    assert models is not None
    item = models.child(0)
    assert item is not None
    value = item.child("n_epochs")
    assert value is not None
    assert (value.place.path, value.place.line, value.place.column) == ("models[0].n_epochs", 3, 15)
    assert (value.key.line, value.key.column) == (3, 5)


def test_all_repeated_and_odd_keys_are_told(tmp_path: Path):
    text = "a: 1\na: 2\nb: {c: 1, c: 2}\n1: x\n<<: {d: 1}\n"
    assert explain(tmp_path, text) == dedent(
        """\
        a.yaml:2:1: a: the key 'a' stands twice; first in line 1
            2 | a: 2
              | ^
        a.yaml:3:11: b.c: the key 'c' stands twice; first in line 3
            3 | b: {c: 1, c: 2}
              |           ^
        a.yaml:4:1: 1: keys are text; put this one in quotes
            4 | 1: x
              | ^
        a.yaml:5:1: <<: '<<' is not read; a case can build on another with 'extends'
            5 | <<: {d: 1}
              | ^~"""
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.yaml:1:1: the file is empty; write 'key: value' lines, first 'version: 1'"),
        ("# nothing\n", "a.yaml:1:1: the file is empty; write 'key: value' lines, first 'version: 1'"),
        ("- 1\n", "a.yaml:1:1: the file is not a mapping; write 'key: value' lines, first 'version: 1'"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: not YAML: a tab; YAML is indented with spaces\n    2 | \tb: 1\n      | ^"),
        ("a: [1\nb: 2\n", "a.yaml:2:2: not YAML: expected ',' or ']', but got ':' while parsing a flow sequence"),
        ("a: b: c\n", "a.yaml:1:5: not YAML: a second ':' here, or wrong indentation"),
        ("a: @b\n", "a.yaml:1:4: not YAML: text that begins with '@' needs quotes"),
        ("a: 1\n---\nb: 1\n", "a.yaml:2:1: not YAML: a second document after '---'; write one per file"),
        ("a: *b\n", "a.yaml:1:4: not YAML: found undefined alias 'b'"),
        ("a: 'b\n", "not YAML: found unexpected end of stream"),
        ("a: !python/object:os.system x\n", "a.yaml:1:4: a: the tag"),
        ("a: &a [*a]\n", "a.yaml:1:4: a[0]: this alias refers to what it is part of; write the value out"),
        ("a: \x07\n", "a.yaml:1:4: the character '\\x07' is not allowed in YAML; delete it"),
        (b"a: 1\nb: caf\xe9\n", "a.yaml:2:7: the file is not UTF-8 text from here on; save it as UTF-8"),
        ("version: 2\na: 1\n", "a.yaml:1:10: version: version 2 is not known here; this Yule reads version 1"),
        ("version: '1'\n", "a.yaml:1:10: version: version '1' is not known here; this Yule reads version 1"),
        ("version: true\n", "a.yaml:1:10: version: version True is not known here; this Yule reads version 1"),
    ],
)
def test_what_is_no_document_is_explained(tmp_path: Path, text: str | bytes, message: str):
    assert message in explain(tmp_path, text)


def test_windows_line_ends_and_byte_order_marks_are_read(tmp_path: Path):
    assert plain(tmp_path, "\ufeffversion: 1\r\na: [b]\r\n") == {"version": 1, "a": ["b"]}


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet="ab:[]{}-#&*!|>'\"%@`,? \n\t1.~<\\", max_size=40))
def test_any_text_is_read_or_explained(tmp_path_factory: pytest.TempPathFactory, text: str):
    node, problems = read_text(tmp_path_factory.getbasetemp(), text)
    assert node is not None or problems


def test_variables_are_filled_in(tmp_path: Path):
    node, problems = read_text(tmp_path, "a: '${env:A}/x'\nb: ['${env:B:-b}', '${env:C:-c}', '${env:C:-}']\n")
    assert node is not None
    filled = substitute(node, {"A": "1", "B": "2", "C": ""}, problems, keys=("a", "b"))
    assert filled.plain() == {"a": "1/x", "b": ["2", "c", ""]}
    assert problems == []


def test_other_references_are_refused(tmp_path: Path):
    node, problems = read_text(tmp_path, "a: ${HOME}\nb: ${env:A\n")
    assert node is not None
    substitute(node, {"A": "1"}, problems, keys=("a", "b"))
    assert [problem.message for problem in problems] == [
        "after '${' only env:NAME} and env:NAME:-default} are known"
    ] * 2


def test_secrets_are_refused_and_not_repeated(tmp_path: Path):
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    write_files(
        tmp_path, downloads_households=f"version: 1\nsource: shop\ntable: {key}\nuser: u\ncolumns: {{a: string}}\n"
    )
    assert explain_project(tmp_path) == dedent(
        """\
        downloads/households.yaml:3:8: table: this looks like a key or a password; files are shared, so keep it out of them
            3 | table: ********************
              |        ^~~~~~~~~~~~~~~~~~~~"""
    )


def test_a_secret_is_told_of_once(tmp_path: Path):
    text = f"version: 1\nsource: shop\ntable: t\nuser: AKIA{'A' * 16}\ncolumns: {{a: string}}\n"
    write_files(tmp_path, downloads_households=text)
    assert explain_project(tmp_path).count("households.yaml:4:") == 1


@pytest.mark.parametrize("line", ["version: {}", "{}: 1", "time_zone: {}"])
def test_no_message_repeats_a_secret_that_stands_in_the_wrong_place(tmp_path: Path, line: str):
    text = f"source: shop\ntable: t\nuser: u\ncolumns: {{a: string}}\n{line.format('postgresql://u:hunter2@h/d')}\n"
    write_files(tmp_path, downloads_households=text)
    told = explain_project(tmp_path)
    assert "households.yaml:5:" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("line", ["question: ${env:TOKEN}", 'labels: {where: "${env:TOKEN:-x}"}', "code: ${env:TOKEN}"])
def test_variables_in_what_is_kept_with_results_are_refused(tmp_path: Path, line: str):
    write_files(tmp_path)
    assert load_project(tmp_path)
    explained = explain_case(tmp_path, f"version: 1\n{line}\n")
    assert "variables are filled in only in workspace, sources, image and kubernetes of project.yaml" in explained


def test_variables_of_pods_are_not_filled_in(tmp_path: Path):
    node, problems = read_text(tmp_path, "kubernetes: {context: '${env:A}', environment: {B: '${env:A}'}}\n")
    assert node is not None
    substitute(node, {"A": "1"}, problems, keys=PLACES)
    assert [problem.message for problem in problems] == [
        "pods show their variables; put the value into a Secret of the cluster and name it in `secrets`"
    ]


LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (LAUGHS, "a.yaml:", "aliases make more than 100,000 values of this file"),
        ("a: " + "[" * 5000 + "]" * 5000, "a.yaml:1:", "values lie in each other more than 40 deep"),
        ("a: " + "[" * 60 + "]" * 60, "a.yaml:1:", "values lie in each other more than 40 deep"),
        ("\n".join(" " * n + f"k{n}:" for n in range(500)), "a.yaml:4", "values lie in each other more than 40"),
        ("a: !!python/object/apply:os.system [ls]", "a.yaml:1:4:", "the tag 'python/object/apply:os.system' is not"),
        ("a: !!set {x}", "a.yaml:1:4:", "the tag 'set' is not read"),
        ("a: !!int beer", "a.yaml:1:4:", "this is no number that can be read"),
        ("a: !!bool maybe", "a.yaml:1:4:", "the tag 'bool' is not read"),
        ("a: " + "9" * 5000, "a.yaml:1:4:", "this is no number that can be read"),
        ("a: 1\nb: \x00", "a.yaml:2:4:", "the character '\\x00' is not allowed in YAML"),
        ("a: 1\rb: [", "a.yaml:2:", "not YAML"),
        ("a: 1\n---\nb: 2", "a.yaml:2:1:", "a second document after '---'"),
        ("a: 1\na: 2", "a.yaml:2:1:", "the key 'a' stands twice"),
        ("a:\n\tb: 1", "a.yaml:2:1:", "a tab"),
    ],
)
def test_what_no_person_writes_is_one_message_with_its_place(tmp_path: Path, text: str, place: str, message: str):
    _, problems = read_text(tmp_path, text)
    assert len(problems) == 1
    assert str(problems[0]).startswith(place)
    assert message in problems[0].message


def test_a_file_too_large_is_not_read(tmp_path: Path):
    with (tmp_path / "case.yaml").open("wb") as file:
        file.truncate(100_000_000)
    problems: list[Problem] = []
    assert read_document(tmp_path / "case.yaml", "case.yaml", problems) is None
    assert [str(problem) for problem in problems] == [
        "case.yaml:1:1: the file has 100,000,000 bytes; Yule reads at most 1,000,000. Is it the right one?"
    ]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "case.yaml")
    problems: list[Problem] = []
    assert read_document(tmp_path / "case.yaml", "case.yaml", problems) is None
    assert [problem.message for problem in problems] == ["this is no file; write one"]
