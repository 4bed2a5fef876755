"""Every kind of source keeps the contract."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sources_toys import PLACES, Place, open_place

from yule.testing import SourceContract
from yule.testing.sources import make_events, method_of


class TestSources(SourceContract):
    """All tests of the contract, for every kind."""

    @pytest.fixture(params=PLACES)
    def place(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
        """A source of every kind."""
        kind: str = request.param
        address = request.getfixturevalue(kind) if kind in ("postgres", "bigquery", "snowflake") else ""
        with open_place(kind, tmp_path, address) as made:
            yield made

    def test_only_some_databases_do_not_know_when_they_were_written_to(self, place: Place) -> None:
        place.put(make_events())
        changed_at = place.source.changed_at(method_of(place))
        is_recent = changed_at is not None and abs(datetime.now(UTC) - changed_at) < timedelta(minutes=5)
        assert is_recent or (changed_at is None and place.table.startswith("shop."))
