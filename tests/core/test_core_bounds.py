"""What was read is held to the bounds that its settings state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from annotated_types import Ge, Gt, Le, Len, Lt, MinLen

from yule.core.bounds import find_out_of_bounds
from yule.core.settings import from_bytes


@dataclass(frozen=True, kw_only=True)
class Inner:
    share: Annotated[float, Gt(0), Lt(1)] = 0.5


@dataclass(frozen=True, kw_only=True)
class Outer:
    count: Annotated[int, Ge(1), Le(9)] | None = 1
    sizes: Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1, 2)] = (1,)
    names: Annotated[tuple[str, ...], MinLen(1)] = ("a",)
    inner: Inner | str = Inner()
    parts: tuple[Inner, ...] = ()
    free: float = 0.0
    period: timedelta = timedelta(days=1)
    at: datetime = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Outer(), []),
        (Outer(count=None, inner="x"), []),
        (Outer(count=0), ["count is 0"]),
        (Outer(count=10), ["count is 10"]),
        (Outer(sizes=()), ["sizes is ()"]),
        (Outer(sizes=(1, 2, 3)), ["sizes is (1, 2, 3)"]),
        (Outer(sizes=(1, 0)), ["sizes is 0"]),
        (Outer(names=()), ["names is ()"]),
        (Outer(inner=Inner(share=0.0)), ["inner.share is 0.0"]),
        (Outer(parts=(Inner(), Inner(share=1.0))), ["parts.share is 1.0"]),
        (Outer(free=float("nan")), ["free is nan"]),
        (Outer(period=timedelta(days=-1)), ["period is -1 day, 0:00:00"]),
        (Outer(period=timedelta(days=40_000)), ["period is 40000 days, 0:00:00"]),
        (Outer(at=datetime(2024, 1, 1)), ["at is 2024-01-01 00:00:00"]),
        (Outer(at=datetime(9000, 1, 1, tzinfo=UTC)), ["at is 9000-01-01 00:00:00+00:00"]),
        (Outer(count=0, free=float("inf")), ["count is 0", "free is inf"]),
    ],
)
def test_all_that_is_out_of_bounds_is_told_with_its_field(settings: Outer, told: list[str]) -> None:
    assert list(find_out_of_bounds(settings)) == told


def test_bytes_out_of_bounds_are_no_settings() -> None:
    with pytest.raises(ValueError, match=r"share is 2\.0"):
        from_bytes(Inner, b'{"share": 2}')
