"""The written form of what a method expects of its data."""

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from annotated_types import Ge
from pydantic import BaseModel, model_validator

from yule.config.forms.checks import Fault, raise_faults
from yule.config.forms.fields import FORM, like
from yule.downloads.expectations import Band, ColumnChecks
from yule.downloads.settings import ColumnType, Parameter

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


def write_value(value: Value) -> str:
    """Write a value as text: YAML knows some types and the data others.

    >>> write_value(True), write_value(1.5)
    ('true', '1.5')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_value(kind: ColumnType, value: Value) -> bool:
    """Say whether a value is of a column's type.

    >>> is_value("date", "2024-01-01"), is_value("integer", "1.5")
    (True, False)
    """
    try:
        Parameter(type=kind, value=write_value(value)).parse()
    except ValueError:
        return False
    return True


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
        least, greatest = (Parameter(type=kind, value=value).parse() for value in bounds.values())
        if least > greatest:  # type: ignore[operator]  # both are of the column's type
            yield Fault(at=("min",), message=f"{checks.min} is more than max, {checks.max}")
