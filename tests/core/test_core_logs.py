"""Lines of drivers and pods are JSON where that is asked for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.logs import Log

JSON = Log({"YULE_LOG": "json", "YULE_POD": "pod-1", "YULE_LAUNCH_NAME": "0123456789"})


def test_a_line_of_json_says_when_where_and_what() -> None:
    line = json.loads(JSON.format("it goes on", level="warning", task="FitFold[0]"))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "launch": "0123456789",
        "pod": "pod-1",
        "task": "FitFold[0]",
        "message": "it goes on",
    }


def test_a_text_of_several_lines_is_as_many_objects() -> None:
    assert [json.loads(line)["message"] for line in JSON.format("one\n\ntwo").splitlines()] == ["one", "two"]


def test_without_a_wish_lines_stay_as_they_are() -> None:
    plain = Log({})
    assert plain.format("one") == "one\n"
    assert plain.form_bytes("F[0]")(b"\xffone") == b"\xffone"


@settings(max_examples=50)
@given(text=st.text(st.characters(categories=["L", "N", "P"]), min_size=1), cut=st.integers(0, 40))
def test_what_a_task_prints_in_pieces_is_told_whole(text: str, cut: int) -> None:
    content = f"{text}\n".encode()
    form = JSON.form_bytes("FitFold[0]")
    (line,) = (form(content[:cut]) + form(content[cut:])).decode().splitlines()
    assert json.loads(line)["message"] == text


def test_a_line_that_does_not_end_is_told_in_parts() -> None:
    form = JSON.form_bytes("FitFold[0]")
    lines = b"".join(form(b"x" * 1000) for _ in range(100)).decode().splitlines()
    assert 3 < len(lines) < 10
    assert {*"".join(json.loads(line)["message"] for line in lines)} == {"x"}


@pytest.mark.parametrize(("stream", "level"), [("stdout", "info"), ("stderr", "warning")])
def test_a_last_line_that_nobody_has_ended_is_told(stream: str, level: str) -> None:
    code = (
        "import sys; from yule.core.logs import Log; Log({'YULE_LOG': 'json'}).filter_output()\n"
        f"sys.{stream}.write('first\\nthe end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    told = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    assert [(line["message"], line["level"]) for line in told] == [("first", level), ("the end", level)]


@pytest.mark.parametrize("content", [b"one\ntwo", b"one\ntwo\n"])
def test_the_last_line_of_a_task_is_told_before_what_comes_after_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "task.log"
    with JSON.echoing(file, task="FitFold[0]") as echo:
        echo()
        file.write_bytes(content[:5])
        echo()
        file.write_bytes(content)
    assert [json.loads(line)["message"] for line in capfd.readouterr().out.splitlines()] == ["one", "two"]


def test_a_last_line_without_an_end_gets_one_in_plain_logs_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "task.log").write_text("the end")
    with Log({}).echoing(tmp_path / "task.log", task="FitFold[0]"):
        pass
    assert capfd.readouterr().out == "the end\n"
