"""A list of users is written in the format that the name of its file says."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from yule.config.questions import Question
from yule.core.errors import DataError
from yule.session.views.answers import Answer
from yule.session.views.predictions import Prediction
from yule.storage.store import Store

AT = datetime(2024, 1, 1, tzinfo=UTC)

nobody_asks = cast(Question, None)
nobody_stores = cast(Store, None)


@pytest.fixture(params=["answer", "prediction"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Path], object]:
    folder = tmp_path / "cached"
    folder.mkdir()
    for suffix in ("csv", "parquet"):
        (folder / f"users.{suffix}").write_text(suffix)
    if request.param == "answer":
        return Answer(question="", cutoff=AT, folder=folder, _asked=nobody_asks, _root=tmp_path).save
    return Prediction(run_id="", cutoff=AT, name="", folder=folder, unusable=(), _store=nobody_stores).save


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_list_is_written_in_the_format_of_its_ending(
    save: Callable[[Path], object], tmp_path: Path, suffix: str
) -> None:
    save(tmp_path / f"list.{suffix}")
    assert (tmp_path / f"list.{suffix}").read_text() == suffix


@pytest.mark.parametrize("name", ["list.xlsx", "list", "LIST.PARQUET"])
def test_a_list_is_not_written_where_its_name_says_no_format(
    save: Callable[[Path], object], tmp_path: Path, name: str
) -> None:
    with pytest.raises(DataError, match=r"let it end in \.csv or \.parquet"):
        save(tmp_path / name)
    assert not (tmp_path / name).exists()
