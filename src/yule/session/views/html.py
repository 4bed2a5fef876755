"""Values as HTML, for notebooks."""

from collections.abc import Sequence
from html import escape


def make_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, note: str = "") -> str:
    """Return a table; numbers with a fraction have four significant digits.

    >>> make_table(["user_id", "score"], [["<7>", 0.12345]])
    '<table><tr><th>user_id</th><th>score</th></tr><tr><td>&lt;7&gt;</td><td>0.1235</td></tr></table>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{_write(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>" + (f"<p>{escape(note)}</p>" if note else "")


def make_frame(page: str, *, height: int = 720) -> str:
    """Return a whole page in a frame of its own: its styles and scripts stay inside, and may reach nothing outside."""
    return (
        f'<iframe srcdoc="{escape(page)}" sandbox="allow-scripts" width="100%" height="{height}" '
        'style="border: 0"></iframe>'
    )


def _write(value: object) -> str:
    return escape(f"{value:.4g}" if isinstance(value, float) else str(value))
