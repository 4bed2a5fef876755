"""What TensorBoard shows of a run besides its curves: a card of text, and charts that lay curves side by side."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from yule.core.characters import show_controls, show_in_line
from yule.core.losses import Loss
from yule.storage.permissions import make_folder, restrict
from yule.tracking.events import name_file
from yule.tracking.records import bytes_field, content_record, version_record

CHARTS: dict[Loss, tuple[tuple[str, str], ...]] = {
    "log_loss": (
        ("Log loss, users kept aside", "log_loss/valid"),
        ("Log loss, training users", "log_loss/train"),
        ("AUC, users kept aside", "auc/valid"),
    ),
    "squared_error": (("RMSE, users kept aside", "rmse/valid"), ("RMSE, training users", "rmse/train")),
}
"""Titles and tags of the charts, by what the models are fitted by."""

CASE = "case"
"""What TensorBoard lists the card under, beside the fits."""

_OBEYED = re.compile(r"[\\`*_\[\]<>&#~|]")
"""What Markdown or HTML would take for markup within a line."""


def write_layout(folder: Path, *, card: str, loss: Loss = "log_loss") -> None:
    """Write the card and the layout of the tab Custom Scalars as an event file.

    Parameters
    ----------
    folder
        Root of what TensorBoard reads; made when it is not there.
    card
        Markdown for the tab Text, e.g. the question and the case; empty for none.
    loss
        What the models are fitted by.
    """
    place = folder / CASE
    make_folder(place, root=folder)
    now = time.time()
    layout = content_record(
        "custom_scalars__config__", encode_layout(CHARTS[loss]), plugin="custom_scalars", wall_time=now
    )
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


def encode_layout(charts: Sequence[tuple[str, str]]) -> bytes:
    """Encode one group of charts, each a title and the regular expression of its tags, as ``Layout`` of TensorBoard.

    References
    ----------
    ``tensorboard/plugins/custom_scalar/layout.proto`` of TensorBoard.
    """
    shown = b"".join(
        bytes_field(2, bytes_field(1, title.encode()) + bytes_field(2, bytes_field(1, f"^{tag}$".encode())))
        for title, tag in charts
    )
    return bytes_field(2, bytes_field(1, b"Learning curves, every member and fold") + shown)
