"""Tables of items beside events, and what may be asked of both."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from pydantic import AfterValidator, ValidationInfo

from yule.config.forms.checks import (
    Fault,
    find_column_faults,
    find_condition_faults_of,
    find_method,
    known,
    raise_faults,
)
from yule.core.spelling import suggest
from yule.downloads.settings import Method
from yule.features.settings import Join

T = TypeVar("T")


def with_joined_columns(find: Callable[[T, Method], Iterable[Fault]]) -> AfterValidator:
    """Check a field against the method of the form's events with the columns that its joins put beside them."""

    def check(value: T, info: ValidationInfo) -> T:
        methods = _find_joined(info)
        if methods:
            columns = tuple(column for method in methods for column in method.columns)
            raise_faults(find(value, replace(methods[0], columns=columns)))
        return value

    return AfterValidator(check)


def check_joined_condition(condition: str | None, info: ValidationInfo) -> str | None:
    """Refuse what is wrong with a condition on the form's events and on the columns that its joins put beside them."""
    methods = _find_joined(info)
    if methods:
        raise_faults(find_condition_faults_of(condition, methods))
    return condition


def _find_joined(info: ValidationInfo) -> list[Method]:
    """Return the method of the form's events and those of its joins, these with the columns that are taken.

    Empty where they are not known.
    """
    events = find_method(info, info.data.get("download", ""))
    joins: tuple[Join, ...] | None = info.data.get("joins")
    if events is None or joins is None:
        return []
    found = ((join, find_method(info, join.download)) for join in joins)
    return [
        events,
        *(
            replace(items, columns=tuple(column for column in items.columns if column.name in join.columns))
            for join, items in found
            if items is not None
        ),
    ]


def find_join_faults(joins: tuple[Join, ...], info: ValidationInfo) -> tuple[Join, ...]:
    """Refuse joins of tables that are no items, by columns that are not there, or of columns that are there already."""
    events = find_method(info, info.data.get("download", ""))
    if events is not None:
        raise_faults(_walk_joins(joins, events, info))
    return joins


def _walk_joins(joins: tuple[Join, ...], events: Method, info: ValidationInfo) -> Iterable[Fault]:
    taken = {column.name for column in events.columns}
    downloads = known(info).downloads or {}
    for index, join in enumerate(joins):
        if join.download not in downloads:
            message = f"there is no downloads/{join.download}.yaml{suggest(join.download, downloads)}"
            yield Fault(at=(index, "download"), message=message)
        items = downloads.get(join.download)
        if items is not None and items.about != "items":
            message = f"downloads/{join.download}.yaml is not a table of items; write `item:` there instead of `user:`"
            yield Fault(at=(index, "download"), message=message)
        yield from find_column_faults(join.by, events, ("string", "integer"), at=(index, "by"))
        for place, name in enumerate(join.columns):
            at = (index, "columns", place)
            if name in taken:
                yield Fault(at=at, message=f"there is a column {name!r} beside the event already; leave it out")
            elif items is not None:
                yield from find_column_faults(name, items, None, at=at)
            taken.add(name)
