"""What is written on a source's bill."""

import unicodedata
from collections.abc import Mapping, Sequence

from yule.core.settings import digest
from yule.downloads.specs import Payer

MAX_CHARACTERS = 63
MAX_BYTES = 128
"""BigQuery's limits of a label."""

_KINDS = ("Ll", "Lo", "Nd")


def make_labels(method: str, payers: Sequence[Payer], more: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of a query: of several runs all names, in their order.

    >>> make_labels("events", [Payer(run="beer-1", case="beer"), Payer(run="tea-2", case="tea")], {"team": "growth"})
    {'team': 'growth', 'run': 'beer-1_tea-2', 'case': 'beer_tea', 'method': 'events'}
    """
    labels = {
        **more,
        "run": "_".join(dict.fromkeys(payer.run for payer in payers if payer.run)),
        "case": "_".join(dict.fromkeys(payer.case for payer in payers if payer.case)),
        "method": method,
    }
    return {name: value for name, value in labels.items() if value}


def clean_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels as BigQuery takes them: small letters, digits, ``-`` and ``_``, a letter first in the name.

    What has to be changed ends with a digest of what it was, so that no two become one.

    >>> clean_labels({"run": "beer-buyers-1f2e", "case": "Beer buyers", "1": "x"})
    {'run': 'beer-buyers-1f2e', 'case': 'beer-buyers-b7a572bb', 'l1-6b86b273': 'x'}
    """
    return {_clean(name, is_name=True): _clean(value) for name, value in labels.items()}


def shorten(text: str, *, n_bytes: int = MAX_BYTES, n_characters: int = MAX_CHARACTERS) -> str:
    """Cut a text that is too long, and end it with a digest of the whole."""
    if len(text) <= n_characters and len(text.encode()) <= n_bytes:
        return text
    return _mark(text, text, n_bytes=n_bytes, n_characters=n_characters)


def _clean(text: str, *, is_name: bool = False) -> str:
    cleaned = "".join(letter if _is_allowed(letter) else "-" for letter in text.lower())
    if is_name and unicodedata.category(cleaned[:1] or "-") not in ("Ll", "Lo"):
        cleaned = f"l{cleaned}"
    return shorten(text) if cleaned == text else _mark(cleaned, text)


def _is_allowed(letter: str) -> bool:
    return letter in "-_" or unicodedata.category(letter) in _KINDS


def _mark(cleaned: str, text: str, *, n_bytes: int = MAX_BYTES, n_characters: int = MAX_CHARACTERS) -> str:
    end = f"-{digest(text)[:8]}"
    kept = cleaned[: n_characters - len(end)].encode()[: n_bytes - len(end)]
    return kept.decode(errors="ignore") + end
