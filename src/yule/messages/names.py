"""Names and texts of data as a message takes them: in one line, and no longer than it can hold."""

LONGEST = 100
"""Of a longer name or value only the beginning is told."""

LONGEST_SAID = 2000
"""So it is of what others say: Fluent takes at most 2500 characters for one value."""


def write_name(name: str) -> str:
    r"""Write a name in its line: what could not be seen there, or would break it, is told as Python writes it.

    >>> write_name("O'Brien"), write_name(""), len(write_name("x" * 5000))
    ("O'Brien", "''", 100)
    >>> print(write_name("a\nb"))
    'a\nb'
    """
    is_plain = name.isprintable() and name.strip() == name != ""
    return shorten(name if is_plain else repr(name))


def shorten(text: str, *, longest: int = LONGEST) -> str:
    """Return the text, or the beginning of one that is longer.

    >>> shorten("abcdef", longest=4)
    'abc…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
