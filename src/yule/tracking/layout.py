"""What TensorBoard shows of a run besides its curves: a card of text, and charts that lay curves side by side."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from yule.core.characters import show_controls, show_in_line
from yule.kinds.curves import Chart
from yule.storage.permissions import make_folder, restrict
from yule.tracking.events import name_file
from yule.tracking.records import bytes_field, content_record, version_record

CASE = "case"
"""What TensorBoard lists the card under, beside the fits."""

_OBEYED = re.compile(r"[\\`*_\[\]<>&#~|]")
"""What Markdown or HTML would take for markup within a line."""


def write_layout(folder: Path, *, card: str, charts: Sequence[Chart]) -> None:
    """Write the card and the layout of the tab Custom Scalars as an event file.

    Parameters
    ----------
    folder
        Root of what TensorBoard reads; made when it is not there.
    card
        Markdown for the tab Text, e.g. the question and the case; empty for none.
    charts
        Which curves are laid side by side.
    """
    place = folder / CASE
    make_folder(place, root=folder)
    now = time.time()
    layout = content_record("custom_scalars__config__", encode_layout(charts), plugin="custom_scalars", wall_time=now)
    text = content_record(CASE, card.encode(), plugin="text", wall_time=now) if card else b""
    file = place / name_file()
    file.write_bytes(version_record(now) + layout + text)
    restrict(file, root=folder)


def write_card(question: str, resolved: str) -> str:
    r"""Write what was asked as Markdown: text that comes from a run cannot end its frame or be markup.

    >>> print(write_card("Who buys <b>beer</b>?", "seed: 1\n"))
    # Who buys &#60;b&#62;beer&#60;/b&#62;?
    <BLANKLINE>
    ```yaml
    seed: 1
    ```
    """
    title = _OBEYED.sub(lambda match: f"&#{ord(match[0])};", show_in_line(question))
    longest = max((len(run) for run in re.findall("`+", resolved)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"# {title}\n\n{fence}yaml\n{show_controls(resolved).rstrip()}\n{fence}"


def encode_layout(charts: Sequence[Chart]) -> bytes:
    """Encode one group of charts as ``Layout`` of TensorBoard, in which a tag is a regular expression.

    References
    ----------
    ``tensorboard/plugins/custom_scalar/layout.proto`` of TensorBoard.
    """
    shown = b"".join(
        bytes_field(2, bytes_field(1, chart.title.encode()) + bytes_field(2, bytes_field(1, f"^{chart.tag}$".encode())))
        for chart in charts
    )
    return bytes_field(2, bytes_field(1, b"Learning curves, every member and fold") + shown)
