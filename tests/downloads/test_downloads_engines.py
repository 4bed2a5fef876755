"""A kind of source is complete: nothing that has to know of it was forgotten."""

from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from sources_toys import PLACES

from yule.config.forms.project import AnySource
from yule.downloads.settings import Engine, SourceSettings
from yule.downloads.sources.dialects import check_statement
from yule.downloads.sources.dialects.written import NAMES
from yule.downloads.sources.engines import describe_origin, open_source

KINDS = {kind.kind: kind for kind in get_args(SourceSettings)}

every_engine = pytest.mark.parametrize("engine", get_args(Engine))
every_kind = pytest.mark.parametrize("kind", KINDS)


def make_settings(kind: str) -> SourceSettings:
    """Return settings of a kind, each field being its name."""
    needed = {field.name: field.name for field in fields(KINDS[kind]) if field.name != "kind"}
    settings: SourceSettings = KINDS[kind](**needed)
    return settings


def test_every_kind_of_source_can_be_written_in_a_project() -> None:
    union, *_ = get_args(AnySource)
    assert {get_args(form)[1].tag for form in get_args(union)} == KINDS.keys()


def test_every_kind_of_source_runs_through_the_contract() -> None:
    assert {"files" if place in ("parquet", "csv") else place for place in PLACES} == KINDS.keys()


@every_kind
def test_a_source_is_opened_by_its_settings(kind: str, tmp_path: Path) -> None:
    assert open_source(make_settings(kind), cache_folder=tmp_path).engine in get_args(Engine)


@every_kind
def test_no_two_kinds_of_source_have_one_origin(kind: str) -> None:
    others = [describe_origin(make_settings(other)) for other in KINDS if other != kind]
    assert describe_origin(make_settings(kind)) not in others


@every_engine
def test_sql_of_every_engine_is_checked_and_its_name_is_known(engine: Engine) -> None:
    assert check_statement("SELECT user_id FROM views", engine=engine) == []
    assert check_statement("SELECT 1 AS x; DROP TABLE views", engine=engine)
    assert NAMES[engine]
