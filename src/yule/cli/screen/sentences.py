"""Sentences in a terminal: broken between words, where it would break within them."""

import shutil
import sys
import textwrap

import typer

_INDENT = "  "


def print_sentence(text: str) -> None:
    """Print a sentence, indented; in lines as wide as the terminal, or where there is none in one, for scripts."""
    typer.echo(wrap_sentence(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else f"{_INDENT}{text}")


def wrap_sentence(text: str, width: int) -> str:
    r"""Return an indented sentence in lines of a width; a word that is longer than that, such as a path, stays whole.

    >>> print(wrap_sentence("Contact the first 246 of the users.", 24))
      Contact the first 246
      of the users.
    """
    return textwrap.fill(
        text,
        max(width, len(_INDENT) + 1),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
