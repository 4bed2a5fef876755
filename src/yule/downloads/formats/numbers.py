"""Numbers: a format is how 1234.5 is written, such as ``1.234,5 €``, ``$1,234.5``, ``1234.5 kg``, ``1234.5%``."""

import re
from dataclasses import dataclass

from yule.downloads.formats.widths import narrow, narrow_sql
from yule.sql.columns import SQL_TYPES, ColumnType
from yule.sql.quoting import quote_text

EXAMPLE = re.compile(r"(?P<before>\D*)1(?P<thousands>[., '’_]?)234(?P<decimal>[.,])5(?P<after>.*)", re.DOTALL)

SIGNS = "-−△▲"
"""What stands before, or behind, a number below 0; brackets around it say so, too."""


@dataclass(frozen=True, kw_only=True)
class NumberForm:
    """How a number is written.

    Parameters
    ----------
    before, after
        What stands around it: a currency, a unit.
    thousands, decimal
        What parts its digits.
    """

    before: str = ""
    after: str = ""
    thousands: str = ""
    decimal: str = "."

    @property
    def written(self) -> str:
        """How 1234.5 is written.

        >>> NumberForm(after=" €", thousands=".", decimal=",").written
        '1.234,5 €'
        """
        return f"{self.before}1{self.thousands}234{self.decimal}5{self.after}"


def find_number_problem(written: str) -> str:
    """Say why a number cannot be written in a format; empty when it can.

    >>> find_number_problem("¥1,234")
    "'¥1,234' does not show how 1234.5 is written; write it like 1,234.5, 1.234,5 € or 1234.5 kg"
    """
    form = parse_number_form(written)
    if form is None or form.thousands == form.decimal:
        return f"{written!r} does not show how 1234.5 is written; write it like 1,234.5, 1.234,5 € or 1234.5 kg"
    if re.search(rf"[{SIGNS}+()]", form.before + form.after):
        return f"{written!r} has a sign; numbers below 0 are read in any case: -5, 5-, (5)"
    return ""


def parse_number_form(written: str) -> NumberForm | None:
    """Return how numbers are written; None if it does not tell.

    >>> parse_number_form("¥1,234.5")
    NumberForm(before='¥', after='', thousands=',', decimal='.')
    """
    match = EXAMPLE.fullmatch(narrow(written))
    return NumberForm(**match.groupdict()) if match else None


def number_sql(kind: ColumnType, written: str, value: str) -> str:
    """Return a number as SQL; NULL where it is not written so. A whole number has no decimals."""
    form = parse_number_form(written)
    assert form is not None
    text = narrow_sql(value)
    pattern = quote_text(_pattern(form, has_decimals=kind == "number"))
    digits = f"regexp_extract({text}, {pattern}, 1)"
    if form.thousands:
        digits = f"replace({digits}, {quote_text(form.thousands)}, '')"
    if form.decimal != ".":
        digits = f"replace({digits}, {quote_text(form.decimal)}, '.')"
    number = f"TRY_CAST({digits} AS {SQL_TYPES[kind]})"
    is_open = f"contains({text}, '(') <> contains({text}, ')')"
    is_below = f"regexp_matches({text}, '[{SIGNS}(]')"
    return f"CASE WHEN {is_open} THEN NULL WHEN {is_below} THEN 0 - {number} ELSE {number} END"


def _pattern(form: NumberForm, *, has_decimals: bool) -> str:
    thousands, decimal = _escape(form.thousands), _escape(form.decimal)
    whole = f"[1-9][0-9]{{0,2}}(?:{thousands}[0-9]{{3}})+|[0-9]+" if form.thousands else "[0-9]+"
    digits = f"(?:{whole})(?:{decimal}0+)?"
    if has_decimals:
        digits = f"(?:{whole})(?:{decimal}[0-9]*)?|{decimal}[0-9]+"
    before, after = (_escape(text.strip()) for text in (form.before, form.after))
    after = f"{after}?" if re.search("[a-z]{2}s$", after) else after  # 1 day, 2 days
    sign = f"[{SIGNS}+]?"
    return rf"^\(?{sign}\s*(?i:{before})\s*{sign}({digits})\s*(?i:{after})\s*[{SIGNS}]?\)?$"


def _escape(text: str) -> str:
    """Escape a text for a pattern of RE2, which knows no escaped space."""
    return re.escape(text).replace("\\ ", " ")
