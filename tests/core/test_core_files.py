from pathlib import Path

import pytest

from yule.core.files import replacing, write_whole


def test_two_who_write_to_one_place_at_a_time_do_each_other_no_harm(tmp_path: Path) -> None:
    place = tmp_path / "list.csv"
    with replacing(place) as first, replacing(place) as second:
        first.write_text("first")
        second.write_text("second")
    assert place.read_text() == "first"
    assert list(tmp_path.iterdir()) == [place]


def test_what_is_there_stays_when_writing_fails(tmp_path: Path) -> None:
    write_whole(tmp_path / "list.csv", "before")
    with pytest.raises(ZeroDivisionError):
        _write_half(tmp_path / "list.csv")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("list.csv", "before")]


def _write_half(place: Path) -> None:
    with replacing(place) as written:
        written.write_text("half")
        raise ZeroDivisionError
