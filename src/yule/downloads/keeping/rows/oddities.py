"""Values that people read as a number or a date, and programs do not: what is odd about them, and what to write."""

import re

_MONEY = r"(?:[$€£¥₩₹]|usd|eur|gbp|jpy|chf|kr\.?|円)"
_NUMBER = r"[+-]?\d[\d.,' \u00a0\u202f]*"

_ODDITIES: tuple[tuple[str, str], ...] = (
    (rf"[+-]?{_MONEY}\s*{_NUMBER}|{_NUMBER}\s*{_MONEY}", "money; write the number alone, such as 1200.50"),
    (r"[+-]?\d+([.,]\d+)?\s*%", "a percentage; write the number without %, such as 12.5"),
    (r"[+-]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?", "separators of thousands; write 1234.5"),
    (r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", "separators of thousands; write 1234.5"),
    (r"[+-]?\d*,\d+", "a decimal comma; write 1.5"),
    (r"\d{4}/\d{1,2}/\d{1,2}.*", "a date with /; write 2024-01-31"),
    (r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*", "a date whose day and month can be mistaken; write 2024-01-31"),
    (
        r"\d{4}年\d{1,2}月\d{1,2}日.*|\d{1,2}[ -][a-z]{3,9}[ -]\d{2,4}.*|[a-z]{3,9} \d{1,2},? \d{4}.*",
        "a date in words; write 2024-01-31",
    ),
    (
        r"\d{4}-\d{1,2}-\d{1,2}[T ][\d:.]+ ?(?!UTC|GMT|AM|PM)[a-z]{2,5}\d?[a-z]*",
        "a time zone by letters that stand for several; write 2024-01-31 09:30:00+01:00",
    ),
    (r"(null|none|nil|n\.?a\.?|n/a|#n/a|\\n|-|\?|unknown|missing)", "a word for what is missing; leave it empty"),
    (r"\(\s*\d[\d.,]*\s*\)", "a negative number in brackets; write -5"),
    (r"\d+_[\d_]+", "a number with _; write 1000"),
)


def describe_oddity(value: str) -> str:
    """Say what is odd about a value, and what to write in its place; empty when nothing is known.

    >>> describe_oddity("$1,200.50")
    'money; write the number alone, such as 1200.50'
    >>> describe_oddity("1,5"), describe_oddity("many")
    ('a decimal comma; write 1.5', '')
    """
    text = value.strip()
    return next((meaning for pattern, meaning in _ODDITIES if re.fullmatch(pattern, text, re.IGNORECASE)), "")
