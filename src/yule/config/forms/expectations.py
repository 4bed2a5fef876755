"""The written form of what a method expects of its data."""

from collections.abc import Iterable
from dataclasses import replace
from math import isfinite
from typing import Annotated, TypeAlias

from annotated_types import Ge
from pydantic import BaseModel, model_validator

from yule.config.forms.checks import Fault, raise_faults
from yule.config.forms.fields import FORM, like
from yule.downloads.keeping.rows.expectations import Band, ColumnChecks
from yule.downloads.settings import Parameter, ParameterValue, write_value
from yule.sql.columns import ColumnType

Value: TypeAlias = str | int | float | bool


class BandForm(BaseModel):
    """How many rows a day has."""

    model_config = FORM

    min: Annotated[int, Ge(0)] = like(Band, "min", example="1000")
    max: Annotated[int, Ge(1)] | None = like(Band, "max", example="50000")

    @model_validator(mode="after")
    def _check(self) -> "BandForm":
        if self.max is not None and self.min > self.max:
            raise_faults([Fault(at=("min",), message=f"{self.min} is more than max, {self.max}")])
        return self

    def settings(self) -> Band:
        """Return the band."""
        return Band(min=self.min, max=self.max)


def is_value(kind: ColumnType, value: Value) -> bool:
    """Say whether a value is of a column's type.

    >>> is_value("date", "2024-01-01"), is_value("integer", "1.5")
    (True, False)
    """
    return _parse(kind, write_value(value)) is not None


def settle_values(checks: ColumnChecks, kind: ColumnType) -> ColumnChecks:
    """Return checks whose values are written as every engine reads them; those that are of no type stay.

    >>> settle_values(ColumnChecks(min="20240101", max="2024-02-01"), "date").min
    '2024-01-01'
    """

    def settle(text: str) -> str:
        value = _parse(kind, text)
        if value is None:
            return text
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        return write_value(value)

    return replace(
        checks,
        accepted_values=tuple(settle(text) for text in checks.accepted_values),
        min=None if checks.min is None else settle(checks.min),
        max=None if checks.max is None else settle(checks.max),
    )


def find_value_faults(checks: ColumnChecks, kind: ColumnType | None, *, is_digest: bool) -> Iterable[Fault]:
    """Say what is wrong with the values that those of a column are checked against.

    Parameters
    ----------
    checks
        What is expected.
    kind
        Type of the column; None of one with ids.
    is_digest
        Whether what is kept are digests.
    """
    bounds = {key: value for key, value in (("min", checks.min), ("max", checks.max)) if value is not None}
    if is_digest and (bounds or checks.accepted_values):
        key = next(iter(bounds), "accepted_values")
        yield Fault(at=(key,), message="what is kept are digests, which cannot be compared with this; drop it")
        return
    for key in bounds:
        if kind is None or kind in ("string", "boolean"):
            yield Fault(at=(key,), message=f"a {kind or 'id'} has no least and no greatest value; drop this")
            return
    if kind is None:
        return
    places: list[tuple[tuple[str | int, ...], str]] = [
        *((("accepted_values", index), value) for index, value in enumerate(checks.accepted_values)),
        *(((key,), value) for key, value in bounds.items()),
    ]
    wrong = [Fault(at=at, message=f"{value!r} is no {kind}") for at, value in places if not is_value(kind, value)]
    yield from wrong
    if not wrong and len(bounds) == 2:
        least, greatest = (_parse(kind, value) for value in bounds.values())
        if least > greatest:  # type: ignore[operator]  # both are of the column's type
            yield Fault(at=("min",), message=f"{checks.min} is more than max, {checks.max}")


def _parse(kind: ColumnType, text: str) -> ParameterValue | None:
    """Return the value that a column of some type may hold; None when it may not."""
    try:
        value = Parameter(type=kind, value=text).parse()
    except ValueError:
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    return None if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
