"""Names from outside stay below their root."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.storage.names import ForgedName, check_name, keep_sound, name_fault, resolve_below

FORGED = [
    "",
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "..",
    "../x",
    "runs/../../x",
    "runs/..",
    "a//b",
    "a/",
    "./a",
    "a/./b",
    "..\\x",
    "C:\\x",
    "a\0b",
    "a\nb",
    "a\rb",
    "\x1b]0;title\x07",
    "a\x85b",
    "a\u2028b",
    "a\udc80b",
    "a\ud800b",
    "x" * 256,
    "é" * 128,
]


@pytest.mark.parametrize("name", FORGED)
def test_a_name_that_could_lead_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ForgedName, match="delete it"):
        resolve_below(tmp_path, name)


@pytest.mark.parametrize("name", ["a", "a/b/c.json", ".partial/x", "...", "..a", "a..b", "東京/麦酒", "a b", "x" * 255])
def test_a_plain_name_is_resolved(tmp_path: Path, name: str) -> None:
    assert resolve_below(tmp_path, name) == tmp_path / name


def test_a_refusal_shows_no_control_character(tmp_path: Path) -> None:
    with pytest.raises(ForgedName) as told:
        resolve_below(tmp_path, "\x1b]0;pwned\x07")
    assert all(character.isprintable() for character in str(told.value))


@pytest.mark.parametrize("name", ["link", "link/file", "inner/link", "inner/link/deep/file", "dangling", "up"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "inner").mkdir(parents=True)
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "inner" / "link").symlink_to("../../outside")
    (root / "dangling").symlink_to(tmp_path / "nothing")
    (root / "up").symlink_to("..")
    with pytest.raises(ForgedName, match="link"):
        resolve_below(root, name)


def test_a_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to("there")
    assert resolve_below(tmp_path, "here/file") == tmp_path / "here" / "file"


def test_a_ring_of_links_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    resolve_below(tmp_path, "one/file")


def test_a_root_may_be_a_link_or_lie_below_one(tmp_path: Path) -> None:
    (tmp_path / "disk" / "workspace").mkdir(parents=True)
    (tmp_path / "linked").symlink_to("disk")
    (tmp_path / "root").symlink_to("disk/workspace")
    for root in (tmp_path / "linked" / "workspace", tmp_path / "root"):
        assert resolve_below(root, "runs/a") == root / "runs" / "a"


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("a./\\\0é "), max_size=8))
def test_whatever_is_not_refused_stays_below_the_root(name: str) -> None:
    root = "/nowhere/root"
    if not name_fault(name):
        assert os.path.normpath(resolve_below(Path(root), name)).startswith(f"{root}/")


def test_a_listing_keeps_what_is_sound_and_tells_the_rest_once(capsys: pytest.CaptureFixture[str]) -> None:
    where = "s3://a bucket of this test"
    for _ in range(2):
        assert list(keep_sound(["runs/a/run.json", "runs/a/../../x.py"], where=where)) == ["runs/a/run.json"]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "'runs/a/../../x.py'" in told[0]
    assert where in told[0]


def test_a_checked_name_is_returned() -> None:
    assert check_name("runs/a", where="here") == "runs/a"
