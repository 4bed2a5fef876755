"""Texts as YAML."""

import json
import re

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def write_text(text: str) -> str:
    """Write a text as YAML: as it is where nothing can be misunderstood, else in quotes.

    >>> write_text("age"), write_text("no"), write_text("%d.%m.%Y")
    ('age', '"no"', '"%d.%m.%Y"')
    """
    if _PLAIN_KEY.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in written)  # YAML takes no control characters
