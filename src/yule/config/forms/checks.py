"""Checks of a form's values against each other and against the project. Each says all it finds, and where."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import AfterValidator, ValidationInfo

from yule.core.spelling import suggest
from yule.downloads.settings import Column, Method
from yule.sql.columns import ColumnType

T = TypeVar("T")

NAME = r"[A-Za-z0-9](_?[A-Za-z0-9-])*"
"""What names of files and members look like: they name folders, and columns, in which ``__`` stands between parts."""

NUMBERS: tuple[ColumnType, ...] = ("integer", "number")


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
    proposed_sets
        Those of them that Yule proposed itself.
    """

    sources: Collection[str] | None = None
    downloads: Mapping[str, Method | None] | None = None
    feature_sets: Collection[str] | None = None
    proposed_sets: Collection[str] = ()


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


def checked_with(field: str, find: Callable[[T, Method], Iterable[Fault]]) -> AfterValidator:
    """Check a field against the method that another field names. That field stands above it in the form."""

    def check(value: T, info: ValidationInfo) -> T:
        method = find_method(info, info.data.get(field, ""))
        if method is not None:
            raise_faults(find(value, method))
        return value

    return AfterValidator(check)


def check_download(name: str, info: ValidationInfo) -> str:
    """Refuse a method that the library does not have."""
    downloads = known(info).downloads
    if downloads is not None and name not in downloads:
        raise ValueError(f"there is no downloads/{name}.yaml{suggest(name, downloads)}")
    method = find_method(info, name)
    if method is not None and method.about == "items":
        raise ValueError(f"downloads/{name}.yaml is a table of items, and this needs one of users")
    return name


def check_has_time(name: str, info: ValidationInfo) -> str:
    """Refuse a method without a time where events are needed."""
    method = find_method(info, name)
    if method is not None and method.time is None:
        raise ValueError(f"events need a time, and downloads/{name}.yaml has no 'time'; add it there, or name another")
    return name


def find_repeated(values: Sequence[object], at: tuple[str, ...] = ()) -> Iterable[Fault]:
    """Find values that stand twice in a list."""
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Fault(at=(index, *at), message=f"this stands twice; first at [{values.index(value)}]")


def find_condition_faults(condition: str | None, method: Method) -> Iterable[Fault]:
    """Find what is wrong with a condition on a method's columns."""
    return find_condition_faults_of(condition, [method])


def find_condition_faults_of(condition: str | None, methods: Sequence[Method]) -> Iterable[Fault]:
    """Find what is wrong with a condition on the columns of several methods."""
    from yule.sql.conditions import condition_problems

    for problem in condition_problems(condition, methods) if condition is not None else ():
        yield Fault(message=problem)


def find_time_faults(value: object, method: Method) -> Iterable[Fault]:
    """Find out whether a method has the time that a setting needs."""
    if value is not None and method.time is None:
        yield Fault(
            message=f"this needs a time, and downloads/{method.name}.yaml has no 'time'; add one there, or drop this"
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


def known(info: ValidationInfo) -> Known:
    """Return what is known of the project."""
    assert isinstance(info.context, Known)
    return info.context


def find_method(info: ValidationInfo, name: str) -> Method | None:
    """Return a method; None where it is not known, or its file is wrong."""
    downloads = known(info).downloads
    return None if downloads is None else downloads.get(name)
