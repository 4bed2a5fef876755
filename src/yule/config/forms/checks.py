"""Checks of a form's values against each other and against the project. Each says all it finds, and where."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from pydantic import AfterValidator, ValidationInfo

from yule.core.spelling import suggest
from yule.downloads.settings import Column, Method
from yule.features.settings import CLOCK, Aggregate, AggregateKind, Join, Share
from yule.sql.columns import ColumnType

T = TypeVar("T")

NAME = r"[A-Za-z0-9](_?[A-Za-z0-9-])*"
"""What names of files and members look like: they name folders, and columns, in which ``__`` stands between parts."""

NUMBERS: tuple[ColumnType, ...] = ("integer", "number")

AGGREGATED_TYPES: Mapping[AggregateKind, tuple[ColumnType, ...] | None] = {
    "distinct": None,
    "entropy": None,
    "first": ("string", "boolean", *NUMBERS),
    "last": ("string", "boolean", *NUMBERS),
}
"""Types of the columns that aggregates take, unless they take numbers alone; None for all."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the project when one of its files is checked.

    Parameters
    ----------
    sources
        Names of the sources; None when they are not known.
    downloads
        The methods, or None for one whose file is wrong; None when they are not known.
    feature_sets
        Names of the feature sets; None when they are not known.
    """

    sources: Collection[str] | None = None
    downloads: Mapping[str, Method | None] | None = None
    feature_sets: Collection[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong inside a value.

    Parameters
    ----------
    at
        Keys and indexes from the value to the place; ``..`` goes up.
    message
        What was found and what to write instead.
    """

    at: tuple[str | int, ...] = ()
    message: str


class Faults(ValueError):
    """All that is wrong inside a value."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


def suggest_choice(word: str, allowed: Iterable[str]) -> str:
    """Say what a wrong word may have meant, or what is there to choose from.

    >>> suggest_choice("x", ["purchases", "households"])
    '; choose from households, purchases'
    >>> suggest_choice("x", [])
    '; there are none'
    """
    names = sorted(allowed)
    return suggest(word, names, otherwise=f"; choose from {', '.join(names)}" if names else "; there are none")


def raise_faults(faults: Iterable[Fault]) -> None:
    """Raise the faults that were found, if any, as one error."""
    found = tuple(faults)
    if found:
        raise Faults(found)


def checked(find: Callable[[T], Iterable[Fault]]) -> AfterValidator:
    """Turn a function that finds faults into a check of a field."""

    def check(value: T) -> T:
        raise_faults(find(value))
        return value

    return AfterValidator(check)


def checked_with(field: str, find: "Callable[[T, Method], Iterable[Fault]]") -> AfterValidator:
    """Check a field against the method that another field names. That field stands above it in the form."""

    def check(value: T, info: ValidationInfo) -> T:
        method = _find_method(info, info.data.get(field, ""))
        if method is not None:
            raise_faults(find(value, method))
        return value

    return AfterValidator(check)


def with_joined_columns(find: "Callable[[T, Method], Iterable[Fault]]") -> AfterValidator:
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
        raise_faults(_walk_condition(condition, methods))
    return condition


def _find_joined(info: ValidationInfo) -> list[Method]:
    """Return the method of the form's events and those of its joins, these with the columns that are taken.

    Empty where they are not known.
    """
    events = _find_method(info, info.data.get("download", ""))
    joins: tuple[Join, ...] | None = info.data.get("joins")
    if events is None or joins is None:
        return []
    found = ((join, _find_method(info, join.download)) for join in joins)
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
    events = _find_method(info, info.data.get("download", ""))
    if events is not None:
        raise_faults(_walk_joins(joins, events, info))
    return joins


def _walk_joins(joins: tuple[Join, ...], events: Method, info: ValidationInfo) -> Iterable[Fault]:
    taken = {column.name for column in events.columns}
    downloads = _known(info).downloads or {}
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


def check_source(name: str, info: ValidationInfo) -> str:
    """Refuse a source that the project does not have."""
    sources = _known(info).sources
    if sources is not None and name not in sources:
        raise ValueError(f"project.yaml has no source {name!r}{suggest_choice(name, sources)}")
    return name


def check_download(name: str, info: ValidationInfo) -> str:
    """Refuse a method that the library does not have."""
    downloads = _known(info).downloads
    if downloads is not None and name not in downloads:
        raise ValueError(f"there is no downloads/{name}.yaml{suggest(name, downloads)}")
    method = _find_method(info, name)
    if method is not None and method.about == "items":
        raise ValueError(f"downloads/{name}.yaml is a table of items, and this needs one of users")
    return name


def check_has_time(name: str, info: ValidationInfo) -> str:
    """Refuse a method without a time where events are needed."""
    method = _find_method(info, name)
    if method is not None and method.time is None:
        raise ValueError(f"events need a time, and downloads/{name}.yaml has no 'time'; add it there, or name another")
    return name


def check_feature_sets(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Refuse feature sets that the project does not have."""
    known = _known(info).feature_sets
    unknown = [
        Fault(at=(index,), message=f"there is no features/{name}.yaml{suggest(name, known)}")
        for index, name in enumerate(names)
        if known is not None and name not in known
    ]
    raise_faults([*unknown, *find_repeated(names)])
    return names


def find_repeated(values: Sequence[object], at: tuple[str, ...] = ()) -> Iterable[Fault]:
    """Find values that stand twice in a list."""
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Fault(at=(index, *at), message=f"this stands twice; first at [{values.index(value)}]")


def find_condition_faults(condition: str | None, method: Method) -> Iterable[Fault]:
    """Find what is wrong with a condition on a method's columns."""
    return _walk_condition(condition, [method])


def _walk_condition(condition: str | None, methods: Sequence[Method]) -> Iterable[Fault]:
    from yule.sql.conditions import condition_problems

    for problem in condition_problems(condition, methods) if condition is not None else ():
        yield Fault(message=problem)


def find_aggregate_faults(aggregates: tuple[Aggregate, ...], method: Method) -> Iterable[Fault]:
    """Find aggregates of columns that are not there, or are no numbers where numbers are needed."""
    for index, aggregate in enumerate(aggregates):
        if aggregate.of is None:
            continue
        if aggregate.kind in ("distinct", "entropy") and _is_clock(aggregate.of, method):
            yield from _find_clock_faults(aggregate.of, method, at=(index, aggregate.kind))
        else:
            types = AGGREGATED_TYPES.get(aggregate.kind, NUMBERS)
            yield from find_column_faults(aggregate.of, method, types, at=(index, aggregate.kind))


def _is_clock(name: str, method: Method) -> bool:
    """Say whether a name stands for what the clock said, and not for a column of an event."""
    return name in CLOCK and name not in {column.name for column in method.columns}


def _find_clock_faults(name: str, method: Method, *, at: tuple[str | int, ...]) -> Iterable[Fault]:
    if name == "time_of_day" and method.tells_days:
        message = f"the time of {method.name} is a date, which tells no time of day; leave this out"
        yield Fault(at=at, message=message)


def find_repeated_shares(shares: tuple[Share, ...]) -> Iterable[Fault]:
    """Find columns that are shared out twice: their features would have the same names."""
    return find_repeated([share.of for share in shares], ("of",))


def find_share_faults(shares: tuple[Share, ...], method: Method) -> Iterable[Fault]:
    """Find shares of columns that are not there or whose values are no names, and weights that are no numbers."""
    for index, share in enumerate(shares):
        if _is_clock(share.of, method):
            yield from _find_clock_faults(share.of, method, at=(index, "of"))
            if share.bands is not None:
                yield Fault(at=(index, "bands"), message=f"{share.of} is no number and has no bands; leave this out")
        else:
            types: tuple[ColumnType, ...] = ("string", "integer", "boolean") if share.bands is None else NUMBERS
            yield from find_column_faults(share.of, method, types, at=(index, "of"))
        if share.weight is not None:
            yield from find_column_faults(share.weight, method, NUMBERS, at=(index, "weight"))


def find_item_faults(item: str, method: Method) -> Iterable[Fault]:
    """Find out whether a column can hold items: text or whole numbers, and not the user."""
    if item == method.user:
        yield Fault(message=f"{item!r} is the user of {method.name}: who is no item; name the column that holds what")
    else:
        yield from find_column_faults(item, method, ("string", "integer"))


def find_weight_faults(weight: str | None, method: Method) -> Iterable[Fault]:
    """Find out whether a column can be summed."""
    return () if weight is None else find_column_faults(weight, method, NUMBERS)


def find_text_faults(columns: tuple[str, ...], method: Method) -> Iterable[Fault]:
    """Find columns that are not there, are no text, or say who rather than what."""
    for index, column in enumerate(columns):
        if column == method.user:
            yield Fault(
                at=(index,), message=f"{column!r} is the user of {method.name}: no text to learn from; leave it out"
            )
        else:
            yield from find_column_faults(column, method, ("string",), at=(index,))


def find_text_window_faults(windows: tuple[timedelta | None, ...], method: Method) -> Iterable[Fault]:
    """Find out whether a method has the time that windows need."""
    return find_time_faults(windows or None, method)


def find_profile_faults(columns: tuple[str, ...], method: Method) -> Iterable[Fault]:
    """Find columns that are not there, or say who and when rather than what."""
    for index, column in enumerate(columns):
        if column in (method.user, method.time):
            yield Fault(
                at=(index,), message=f"{column!r} is the user or the time of {method.name}: no feature; leave it out"
            )
        else:
            yield from find_column_faults(column, method, None, at=(index,))


def find_time_faults(value: object, method: Method) -> Iterable[Fault]:
    """Find out whether a method has the time that a setting needs."""
    if value is not None and method.time is None:
        yield Fault(
            message=f"this needs a time, and downloads/{method.name}.yaml has no 'time'; add one there, or drop this"
        )


def find_count_faults(count: int, method: Method) -> Iterable[Fault]:
    """Find out whether rows can be counted as of a cut-off: without a time there is one row per user."""
    if count > 1 and method.time is None:
        yield Fault(
            message=f"counting rows needs a time, and downloads/{method.name}.yaml has no 'time'; add one there, or "
            "drop this"
        )


def find_column_faults(
    name: str, method: Method, types: Sequence[ColumnType] | None, *, at: tuple[str | int, ...] = ()
) -> Iterable[Fault]:
    """Find out whether a method has a column, of one of some types."""
    columns: dict[str, Column] = {column.name: column for column in method.columns}
    if name not in columns:
        hint = suggest_choice(name, columns)
        yield Fault(at=at, message=f"downloads/{method.name}.yaml has no column {name!r}{hint}")
    elif types is not None and columns[name].type not in types:
        wanted = " or ".join(types)
        yield Fault(
            at=at, message=f"needs a column of type {wanted}; {name!r} of {method.name} is {columns[name].type}"
        )


def _known(info: ValidationInfo) -> Known:
    assert isinstance(info.context, Known)
    return info.context


def _find_method(info: ValidationInfo, name: str) -> Method | None:
    downloads = _known(info).downloads
    return None if downloads is None else downloads.get(name)
