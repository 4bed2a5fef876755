"""How many digits a small number needs, wherever it is written."""

import math

SMALL = 0.05
"""Numbers below it would be 0 with one digit after the point."""

MOST_DIGITS = 20


def find_digits(number: float) -> int:
    """Return the digits after the point that show two that are not 0.

    >>> find_digits(0.0123), find_digits(1e-7)
    (3, 8)
    """
    return min(1 - math.floor(math.log10(abs(number))), MOST_DIGITS)
