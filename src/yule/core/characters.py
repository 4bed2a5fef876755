"""Characters that a terminal obeys rather than shows."""

import re

_OBEYED = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # of C0 and C1, all but tab and newline: escape sequences begin with them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of text
    "\u2028\u2029"  # ends of lines that are none to a program
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # are not seen
    "\ud800-\udfff"  # halves of characters, of file names that are no UTF-8
)
_IN_TEXT = re.compile(f"[{_OBEYED}]")
_IN_LINE = re.compile(f"[{_OBEYED}\n\t]")


def show_controls(text: str) -> str:
    r"""Write control characters as JSON does, so that a terminal shows them; ends of lines and tabs stay.

    A line of JSON stays what it is, since there they can only stand in strings.

    >>> show_controls("beer\x1b[31m\r\n")
    'beer\\u001b[31m\n'
    """
    return _IN_TEXT.sub(lambda match: escape(match[0]), text.replace("\r\n", "\n"))


def show_in_line(text: str) -> str:
    r"""Write control characters as JSON does, ends of lines and tabs too: what comes from data cannot make lines.

    >>> show_in_line("beer\nand\u202ewine")
    'beer\\u000aand\\u202ewine'
    """
    return _IN_LINE.sub(lambda match: escape(match[0]), text)


def escape(text: str) -> str:
    r"""Write every character of a text as JSON can write it.

    >>> escape("é😀")
    '\\u00e9\\ud83d\\ude00'
    """
    units = text.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
