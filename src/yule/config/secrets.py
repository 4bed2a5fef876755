"""Secrets do not belong into files that are shared: find what looks like one."""

import re

_SECRETS = re.compile(
    r"""
      -----BEGIN[ A-Z]*PRIVATE[ ]KEY.*               # PEM
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                  # AWS
    | \bAIza[0-9A-Za-z_-]{35}                        # Google
    | \bya29\.[0-9A-Za-z_-]{20,}
    | \b(?:gh[pousr]_|github_pat_)[0-9A-Za-z_]{20,}  # GitHub
    | \bglpat-[0-9A-Za-z_-]{20,}                     # GitLab
    | \bxox[abeoprs]-[0-9A-Za-z-]{10,}               # Slack
    | \bsk-[0-9A-Za-z_-]{20,}                        # OpenAI, Anthropic and others
    | \bhf_[0-9A-Za-z]{30,}                          # Hugging Face
    | \beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]+     # JSON web token
    | (?<=://)[^\s/:@]+:[^\s/@$]+(?=@)               # user:password@ in an address
    """,
    re.VERBOSE,
)


def has_secret(text: str) -> bool:
    """Say whether a text holds what looks like a key, a token or a password.

    >>> has_secret("postgresql://me:hunter2@host/db"), has_secret("department = 'BEER'")
    (True, False)
    """
    return _SECRETS.search(text) is not None


def redact(text: str) -> str:
    """Blot out what looks like a secret; the text keeps its length.

    >>> redact("postgresql://me:hunter2@host/db")
    'postgresql://**********@host/db'
    """
    return _SECRETS.sub(lambda match: "*" * len(match[0]), text)
