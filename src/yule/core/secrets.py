"""Secrets do not belong into what is shared or shown: find what looks like one, and what is known to be one."""

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

MIN_LENGTH = 6  # characters; shorter values would blot out half of what is said

_SECRETS = re.compile(
    r"""
      -----BEGIN[ A-Z]*PRIVATE[ ]KEY(?:-----)?       # PEM, also with its ends of lines written as \n
      (?:(?:\s|\\[nr])*[0-9A-Za-z+/=]{16,})*
      (?:(?:\s|\\[nr])*-----END[ A-Z]*PRIVATE[ ]KEY-----)?
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                  # AWS
    | \bAIza[0-9A-Za-z_-]{35}                        # Google
    | \bya29\.[0-9A-Za-z_-]{20,}
    | \b(?:gh[pousr]_|github_pat_)[0-9A-Za-z_]{20,}  # GitHub
    | \bglpat-[0-9A-Za-z_-]{20,}                     # GitLab
    | \bxox[abeoprs]-[0-9A-Za-z-]{10,}               # Slack
    | \bsk-[0-9A-Za-z_-]{20,}                        # OpenAI, Anthropic and others
    | \bhf_[0-9A-Za-z]{30,}                          # Hugging Face
    | \beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]+     # JSON web token
    | (?<=hooks\.slack\.com/)[0-9A-Za-z_/-]{20,}      # addresses that take messages from whoever knows them
    | (?<=discord\.com/api/webhooks/)[0-9A-Za-z_/-]{20,}
    | (?<=webhook\.office\.com/)[0-9A-Za-z@_/-]{20,}
    | (?<=://)(?:\$\{[^}]*\}|[^\s/:@"'<>$])*:(?!\$\{)[^\s/@"'<>]+(?=@)  # user:password@ in an address
    """,
    re.VERBOSE,
)
_SAID = re.compile(
    r"""(?ix) (?P<before> \b(?:password|passwd|pwd|secret|token|api_?key|signature) = | \b(?:bearer|basic)[ ] (?=.{16}))
    (?P<value> (?!\$\{) [^\s"'&;,<>\\]+ )"""
)
"""What error messages of databases and servers say after a name: ``password=…``, ``Bearer …``."""

_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PASS(?:_|$)")
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"(?=.{,16}$)(?:[a-z]+(?:[_-][a-z]+)*|[A-Z]+(?:[_-][A-Z]+)*)")
"""What columns, tables and cases are called, too: blotted out, nobody could read the record of a run any more."""


def has_secret(text: str) -> bool:
    """Say whether a text holds what looks like a key, a token or a password.

    >>> has_secret("postgresql://me:hunter2@host/db"), has_secret("department = 'BEER'")
    (True, False)
    """
    return _SECRETS.search(text) is not None


def redact(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Blot out what looks like a secret, and what the environment says is one; the text keeps its length.

    Parameters
    ----------
    text
        What is about to leave the process.
    environment
        Variables and their values. Those whose names say so (``PGPASSWORD``, ``AWS_SECRET_ACCESS_KEY``) hold secrets:
        of six characters or more, no number, no short word as names of columns are, and not the path of a file.

    >>> redact("postgresql://me:hunter2@host/db"), redact("login with hunter2 failed", {"PGPASSWORD": "hunter2"})
    ('postgresql://**********@host/db', 'login with ******* failed')
    """
    text = _SECRETS.sub(_blot, text)
    text = _SAID.sub(lambda match: match["before"] + "*" * len(match["value"]), text)
    known = _known_pattern(frozenset(value for name, value in environment.items() if _NAMES.search(name.upper())))
    return text if known is None else known.sub(_blot, text)


def _blot(match: re.Match[str]) -> str:
    return re.sub(r"\S", "*", match[0])


def is_named_secret(name: str, value: str) -> bool:
    """Say whether a variable holds a secret by its name: no number, no short word, and not the path of a file.

    >>> is_named_secret("PGPASSWORD", "hunter2"), is_named_secret("PGSSLKEY", "/etc/key"), is_named_secret("A", "b")
    (True, False, False)
    """
    return bool(_NAMES.search(name.upper())) and not os.path.isabs(value) and bool(_parts(value))


@lru_cache(maxsize=8)
def _known_pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    written = {form for value in values for line in _parts(value) for form in _forms(line)}
    longest_first = sorted(written, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _parts(value: str) -> list[str]:
    """Return a value, and the lines of one that has several: a key is often shown line by line."""
    if os.path.isabs(value) and os.path.exists(value):
        return []
    lines = [value, *value.splitlines()]
    return [
        line for line in lines if len(line) >= MIN_LENGTH and not (_NUMBER.fullmatch(line) or _WORD.fullmatch(line))
    ]


def _forms(value: str) -> set[str]:
    """Return how a value is written in text, in JSON, in Python and in addresses."""
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        quote(value, safe=""),
    }
