"""Writing values: numbers, shares, days and lists by the rules of a language."""

from collections.abc import Sequence

from fluent.runtime.types import fluent_number

from yule.messages.catalogue import Language, Listed, Ready, format_message
from yule.messages.digits import SMALL, find_digits
from yule.messages.features import describe_feature
from yule.messages.names import LONGEST_SAID, shorten, write_name
from yule.messages.values import (
    Amount,
    Choice,
    Codes,
    Count,
    Days,
    FeatureList,
    Figure,
    Instants,
    Names,
    Said,
    Share,
    Texts,
    Total,
    Value,
)

MOST_NAMED = 3
"""Of a longer list only so many are told by name."""

_DIGITS = {"count": 0, "days": 0, "figure": 3, "amount": 2}
"""Digits after the point, by unit, unless a message asks for others."""


def write_value(language: Language, value: Value) -> Ready:
    """Return a value as messages take it; they may ask for other digits."""
    match value:
        case Choice() | Said():
            return shorten(value.value, longest=LONGEST_SAID)
        case Codes():
            return "; ".join(format_message(language, code, "", {}) for code in value.value)
        case Share() | Total():
            return _write_briefly(value)
        case Count() | Days() | Figure() | Amount():
            return _write_number(value.value, digits=_DIGITS[value.unit])
        case Names():
            return write_list(language, [write_name(name) for name in value.value], n=value.n)
        case Texts() | Instants() | FeatureList():
            return write_list(language, _list_names(language, value))


def write_list(language: Language, names: Sequence[str], *, n: int | None = None) -> Listed:
    """Tell a few of several names, and how many more there are.

    >>> write_list("en", ["a", "b"]).text, write_list("en", ["a", "b", "c", "d", "e"]).text
    ('a and b', 'a, b, c and 2 more')
    >>> write_list("en", ["a, b", "c", "d"]).text
    'a, b; c and d'
    """
    n_all = len(names) if n is None else n
    told = list(names[:MOST_NAMED])
    if n_all > len(told):
        told.append(format_message(language, "list-rest", "", {"n": fluent_number(n_all - len(told))}))
    if len(told) < 2:
        return Listed("".join(told), n_all)
    commas = "some" if any("," in one for one in told) else "none"
    separator = format_message(language, "list-separator", "", {"commas": commas})
    *others, last = told
    return Listed(format_message(language, "list-pair", "", {"others": separator.join(others), "last": last}), n_all)


def _list_names(language: Language, value: Texts | Instants | FeatureList) -> list[str]:
    match value:
        case Texts():
            return [shorten(repr(text)) for text in value.value]
        case Instants():
            return [f"{instant:%Y-%m-%d}" for instant in value.value]
        case FeatureList():
            return _name_features(language, value)


def _name_features(language: Language, features: FeatureList) -> list[str]:
    names = [describe_feature(meaning, language) for meaning in features.value]
    if not features.measure:
        return names
    return [
        format_message(language, "feature-missing", "", {"feature": name})
        if figure is None
        else format_message(
            language, f"feature-{features.measure}", "", {"feature": name, "figure": _write_number(figure, digits=3)}
        )
        for name, figure in zip(names, features.figures, strict=True)
    ]


def _write_briefly(value: Share | Total) -> Ready:
    """Write a number with as many digits as people would: more of one that is small."""
    if isinstance(value, Total):
        return fluent_number(value.value, maximumFractionDigits=_find_digits(abs(value.value)))
    digits = 2 if 0 < value.value < 0.00995 else 1
    return fluent_number(value.value, style="percent", minimumFractionDigits=1, maximumFractionDigits=digits)


def _find_digits(total: float) -> int:
    if 0 < total < SMALL:
        return find_digits(total)
    return 1 if total < 9.95 else 0


def _write_number(value: float, *, digits: int) -> Ready:
    return fluent_number(value, minimumFractionDigits=digits, maximumFractionDigits=digits)
