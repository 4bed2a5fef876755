"""Formats that a text may be written in, told by how it looks; whether all values are is for others to find out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from yule.downloads.formats.dates import JAPANESE
from yule.downloads.formats.numbers import NumberForm
from yule.downloads.formats.widths import narrow
from yule.sql.columns import ColumnType

_CURRENCY = r"(?:[$€£¥₩₹₽₪฿]|usd|eur|gbp|jpy|chf|cny|krw|inr|aud|cad|us\$|r\$|rs\.?|kr\.?|円|元|원)"
_COUNTED = "[日年月時分秒人個件回円点歳才本枚台名代位週間ヶ]{1,3}"
_UNIT = rf"(?:[%‰°]c?|[a-zµ]{{1,10}}[²³23]?|[a-z]{{1,3}}/[a-z]{{1,5}}|{_COUNTED})\.?"
_NUMBER = re.compile(
    rf"\(?[-−△▲+]?\s*(?P<before>{_CURRENCY}\s*)?[-−]?(?P<digits>[0-9](?:[0-9., '’]*[0-9])?[.,]?|[.,][0-9]+)"
    rf"(?P<after>\s*(?:{_CURRENCY}|{_UNIT}))?\s*-?\)?",
    re.IGNORECASE,
)
_SEPARATORS = ((",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("’", "."), ("", "."), ("", ","))
"""What may part thousands and decimals."""

_DAY = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9})(?P<after_weekday>,? ))?"
    r"(?P<first>[0-9]{1,4}|[A-Za-z]{3,9})(?P<one>[./ -]|\. )"
    r"(?P<second>[0-9]{1,2}|[A-Za-z]{3,9})(?P<other>[./ -]|, |\. )"
    r"(?P<third>[0-9]{1,4})(?P<time>[T ].*)?"
)
_MONTH = re.compile(r"(?P<first>[A-Za-z]{3,9}|[0-9]{4})(?P<one>[ /-])(?P<second>[0-9]{4}|[0-9]{2})")
_COMPACT = re.compile(r"(?:19|20)[0-9]{6}(?P<time>[T ]?.*)")
_CHINESE = re.compile("[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日(?P<time>.*)")
_TIME = re.compile(
    r"(?P<space>T| ?)[0-9]{1,2}(?P<minute>[:.時]?)[0-9]{2}(?P<second>[:.分]?[0-9]{2})?(?P<fraction>[.,][0-9]{1,6})?"
    r"(?P<minutes>分)?(?P<seconds>秒)?(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)


_RARE = (["y", "b"], ["y", "B"])


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the values of a column are, and how they are written.

    Parameters
    ----------
    type, format, missing
        See :class:`~yule.downloads.settings.Column`.
    """

    type: ColumnType
    format: str = ""
    missing: tuple[str, ...] = ()


def propose_readings(text: str) -> Iterator[Reading]:
    """Yield how a text may be read, the likelier first; none of what has no format.

    >>> [reading.format for reading in propose_readings("3.1.2017")][:2]
    ['%d.%m.%Y', '%m.%d.%Y']
    >>> [reading.format for reading in propose_readings("1.234 €")]
    ['1.234,5 €', '1234.5 €']
    >>> next(propose_readings("平成29年12月3日"))
    Reading(type='date', format='japanese', missing=())
    """
    plain = narrow(text)
    yield from _propose_dates(plain)
    yield from _propose_numbers(plain)


def _propose_dates(text: str) -> Iterator[Reading]:
    if re.fullmatch("(?:明治|大正|昭和|平成|令和|[MTSHR](?=[0-9]+[.年])).*[0-9]日?", text):
        yield Reading(type="date", format=JAPANESE)
    elif match := _CHINESE.fullmatch(text):
        yield from _with_time(["%Y年%m月%d日"], match["time"])
    elif match := _COMPACT.fullmatch(text):
        yield from _with_time(["%Y%m%d"], match["time"])
    elif match := _MONTH.fullmatch(text):
        yield from (
            Reading(type="date", format=pattern) for pattern in _patterns(match["first"], match["one"], match["second"])
        )
    elif match := _DAY.fullmatch(text):
        parts = (match["first"], match["one"], match["second"], match["other"], match["third"])
        weekday = ""
        if match["weekday"]:
            weekday = ("%a" if len(match["weekday"]) == 3 else "%A") + match["after_weekday"]
        yield from _with_time([weekday + pattern for pattern in _patterns(*parts)], match["time"] or "")


def _patterns(*parts: str) -> Iterator[str]:
    """Yield what may stand for the parts of a day, with what is between them."""
    values, between = parts[::2], parts[1::2]
    for signs in permutations("dmY" if len(values) == 3 else "mY"):
        wanted = list(signs)
        for place, value in enumerate(values):
            if value.isalpha():
                wanted[place] = wanted[place] if wanted[place] != "m" else ("b" if len(value) == 3 else "B")
            elif wanted[place] == "Y":
                wanted[place] = {4: "Y", 2: "y"}.get(len(value), "")
        fits = all((sign in "bB") == value.isalpha() and sign for sign, value in zip(wanted, values, strict=True))
        # A year stands first or last, with four digits before the name of a month; nobody writes year, day, month.
        is_known = signs not in (("d", "Y", "m"), ("m", "Y", "d"), ("Y", "d", "m")) and wanted[:2] not in _RARE
        if fits and is_known:
            yield "".join(f"%{sign}{sep}" for sign, sep in zip(wanted, (*between, ""), strict=True))


def _with_time(patterns: list[str], time: str) -> Iterator[Reading]:
    if not time:
        yield from (Reading(type="date", format=pattern) for pattern in patterns)
    elif clock := _clock(time):
        yield from (Reading(type="timestamp", format=f"{pattern}{clock}") for pattern in patterns)


def _clock(time: str) -> str:
    """Return the pattern of a time of day; empty when it is none."""
    match = _TIME.fullmatch(time)
    if match is None:
        return ""
    pattern = f"{match['space']}{'%I' if match['half'] else '%H'}{match['minute']}%M"
    if match["second"]:
        pattern += f"{match['second'][:-2]}%S"
    if match["fraction"]:
        pattern += f"{match['fraction'][0]}%f"
    pattern += f"{match['minutes'] or ''}{match['seconds'] or ''}"
    if match["half"]:
        pattern += f"{' ' if match['half'][0] == ' ' else ''}%p"
    if match["zone"]:
        pattern += f"{' ' if match['zone'][0] == ' ' else ''}%z"
    return pattern


def _propose_numbers(text: str) -> Iterator[Reading]:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return
    digits, before, after = match["digits"].strip(), match["before"] or "", match["after"] or ""
    if re.match("0[0-9]", digits) and not before:  # its zeros mean something
        return
    for thousands, decimal in _SEPARATORS:
        is_there = not thousands or re.search(rf"[0-9]{re.escape(thousands)}[0-9]{{3}}", digits)
        others = set(digits) - set("0123456789") - {thousands, decimal}
        if is_there and not others:
            for unit in dict.fromkeys([after, f"{after}s"] if re.search("[a-rt-z]{2}$", after) else [after]):
                form = NumberForm(before=before, after=unit, thousands=thousands, decimal=decimal)
                yield Reading(type="number", format=form.written)
