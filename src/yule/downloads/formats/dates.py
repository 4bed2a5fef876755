"""Dates and times: ``%d.%m.%Y``, ``%d/%m/%y until 2024``, ``excel``, ``unix``, ``unix_ms``, ``japanese``."""

import re
from typing import Literal

from yule.downloads.formats.widths import narrow_sql
from yule.sql.quoting import quote_text

DIRECTIVES = "YymdjbBaAHIMSfpz"
"""What may stand behind ``%``, with the meaning that it has for ``strftime``."""

COUNTED = ("excel", "unix", "unix_ms")
"""Dates as numbers: days as Excel counts them, seconds and milliseconds since 1970."""

JAPANESE = "japanese"
"""Years of eras, or of our Lord: 平成29年12月3日, H29.12.3, 令和元年5月1日, 2017年12月3日."""

_ERAS = {
    "明治": 1867,
    "M": 1867,
    "大正": 1911,
    "T": 1911,
    "昭和": 1925,
    "S": 1925,
    "平成": 1988,
    "H": 1988,
    "令和": 2018,
    "R": 2018,
}
"""The year before the first of each era."""

_JAPANESE = (
    f"({'|'.join(_ERAS)})?\\s*([0-9]{{1,4}}|元)\\s*[年./-]\\s*([0-9]{{1,2}})\\s*[月./-]\\s*([0-9]{{1,2}})日?"
    "(\\s*([0-9]{1,2})[時:]([0-9]{1,2})(分|[:分]([0-9]{1,2})秒?)?)?"
)
_UNTIL = re.compile(r"(.*%y.*) until ([0-9]{4})")

_FIRST_DAY = "TIMESTAMP '1899-12-30'"
_LAST_DAY = 2_958_465
"""9999-12-31 for Excel."""


def find_date_problem(written: str) -> str:
    """Say why a date cannot be written in a format; empty when it can.

    >>> find_date_problem("%d/%m/%y until 2024"), find_date_problem("excel")
    ('', '')
    >>> find_date_problem("%d.%m.")
    'it does not tell the year: write %Y, or %y for two digits'
    """
    if written in (*COUNTED, JAPANESE):
        return ""
    pattern, _ = _split(written)
    found = re.findall("%(.?)", pattern.replace("%%", ""))
    unknown = [f"%{sign}" for sign in found if sign not in DIRECTIVES or not sign]
    if unknown or not found:
        what = f"{', '.join(unknown)} is not known" if unknown else f"{written!r} is no format of dates"
        known = " ".join(f"%{sign}" for sign in DIRECTIVES)
        return f"{what}; write it like %d.%m.%Y with {known}, or {', '.join((*COUNTED, JAPANESE))}"
    if not {"Y", "y"} & set(found):
        return "it does not tell the year: write %Y, or %y for two digits"
    if not {"m", "b", "B", "j"} & set(found):
        return "it does not tell the month: write %m, or %b for its name"
    return ""


def date_sql(kind: Literal["date", "timestamp"], written: str, value: str) -> str:
    """Return a date or a time as SQL; NULL where it is not written so, or a date has an hour."""
    if written in COUNTED:
        time = _counted_sql(written, f"TRY_CAST({narrow_sql(f'CAST({value} AS VARCHAR)')} AS DOUBLE)")
    else:
        text = narrow_sql(f"CAST({value} AS VARCHAR)")
        time = _japanese_sql(text) if written == JAPANESE else _pattern_sql(written, text)
    if kind == "timestamp":
        return f"CAST({time} AS TIMESTAMPTZ)"
    return f"CASE WHEN {time} = date_trunc('day', {time}) THEN CAST({time} AS DATE) END"


def _pattern_sql(written: str, text: str) -> str:
    pattern, until = _split(written)
    time = f"try_strptime({text}, {quote_text(pattern)})"
    if until is None:
        return f"CASE WHEN year({time}) >= 1000 THEN {time} END" if "%Y" in pattern else time
    # strptime takes years of two digits for 1969 to 2068.
    year = f"({until} - ({until} - year({time}) + 1000) % 100)"
    return f"({time} + to_years(CAST({year} - year({time}) AS INTEGER)))"


def _split(written: str) -> tuple[str, int | None]:
    """Return the pattern, and the last of the hundred years that two digits stand for."""
    match = _UNTIL.fullmatch(written)
    return (match[1], int(match[2])) if match else (written, None)


def _counted_sql(written: str, number: str) -> str:
    if written == "excel":
        seconds = f"CAST(round({number} * 86400) AS BIGINT)"
        return f"CASE WHEN {number} BETWEEN 1 AND {_LAST_DAY} THEN {_FIRST_DAY} + to_seconds({seconds}) END"
    # Seconds of 1973 to 2286: fewer are no seconds, more are milliseconds.
    seconds = number if written == "unix" else f"{number} / 1000"
    micros = f"CAST(round({seconds} * 1000000) AS BIGINT)"
    return f"CASE WHEN {seconds} BETWEEN 1e8 AND 1e10 THEN make_timestamptz({micros}) END"


def _japanese_sql(text: str) -> str:
    def group(number: int) -> str:
        return f"regexp_extract({text}, '^{_JAPANESE}$', {number})"

    eras = " ".join(f"WHEN {quote_text(era)} THEN {year}" for era, year in _ERAS.items())
    year = (
        f"(CASE {group(1)} {eras} ELSE 0 END + CASE {group(2)} WHEN '元' THEN 1 ELSE CAST({group(2)} AS INTEGER) END)"
    )
    day = f"{year} || '-' || {group(3)} || '-' || {group(4)}"
    clock = " || ':' || ".join(f"coalesce(nullif({group(number)}, ''), '00')" for number in (6, 7, 9))
    time = f"TRY_CAST({day} || ' ' || {clock} AS TIMESTAMP)"
    return f"CASE WHEN regexp_full_match({text}, '{_JAPANESE}') AND {year} >= 1868 THEN {time} END"
