"""A small log of items and texts, and embeddings of them by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.embeddings.factors import Factors
from yule.features.settings import FeatureSpec, ItemFeatures, TextFeatures

INSTANT = pa.timestamp("us", tz="UTC")
CUTOFF = datetime(2024, 2, 1, tzinfo=UTC)
WEEK = timedelta(days=7)

Row = tuple[str, datetime, str | None, float | None, int | None]

# "item", "code" and "user_id" are names that generated SQL uses, too.
EVENTS = Method(
    name="events",
    source="s",
    table="t",
    user="user",
    time="time",
    columns=(
        Column(name="user", type="string"),
        Column(name="time", type="timestamp"),
        Column(name="item", type="string"),
        Column(name="amount", type="number"),
        Column(name="code", type="integer"),
    ),
)


def before(days: float) -> datetime:
    """Return the instant some days before the cut-off."""
    return CUTOFF - timedelta(days=days)


def spec(settings: ItemFeatures | TextFeatures, method: Method = EVENTS) -> FeatureSpec:
    """Return the spec of a feature set that learns before the cut-off."""
    return FeatureSpec(settings=settings, table=TableSpec(method=method, data_version="1"), learn_before=CUTOFF)


def write_log(rows: Sequence[Row], folder: Path, *, rows_per_group: int = 1000) -> Path:
    """Write a download of events."""
    users, times, items, amounts, codes = (list(column) for column in zip(*rows, strict=True))
    table = {"user": users, "time": pa.array(times, INSTANT), "item": pa.array(items, pa.string())}
    table |= {"amount": pa.array(amounts, pa.float64()), "code": pa.array(codes, pa.int64())}
    pq.write_table(pa.table(table), folder / "log.parquet", row_group_size=rows_per_group)
    return folder / "log.parquet"


def embed_by_hand(counts: dict[str, float], factors: Factors) -> list[float] | None:
    """Compute the vector of one user in plain Python; None if nothing known is counted."""
    known = {name: amount**0.5 for name, amount in counts.items() if name in factors.names and amount > 0}
    if not known:
        return None
    places = {name: factors.names.index(name) for name in known}
    length = sum((amount * factors.weights[places[name]]) ** 2 for name, amount in known.items()) ** 0.5
    total = sum(amount * factors.vectors[places[name]] for name, amount in known.items())
    return [float(value) for value in total / length]


def compare_by_hand(counts: dict[str, dict[str, float]], weigh: Callable[[int, int], float]) -> np.ndarray:
    """Return the cosines of users, (n_users, n_users), from how much they touched of each name."""
    names = sorted({name for touched in counts.values() for name in touched})
    n_touching = {name: sum(name in touched for touched in counts.values()) for name in names}
    rows = np.array(
        [
            [touched.get(name, 0) ** 0.5 * weigh(len(counts), n_touching[name]) for name in names]
            for touched in counts.values()
        ]
    )
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units @ units.T
