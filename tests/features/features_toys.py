"""Small logs, and features of them by hand."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.columns import FEATURES
from yule.features.events.write import write_event_features
from yule.features.settings import Aggregate, EventFeatures, FeatureSpec, ProfileFeatures, Share
from yule.features.vocabulary import Vocabulary

INSTANT = pa.timestamp("us", tz="UTC")
CUTOFF = datetime(2024, 2, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
WINDOWS = (WEEK, timedelta(days=14), None)
VOCABULARY = Vocabulary(values={"value": ("beer", "tea", "Beer")})

Row = tuple[str, datetime, str | None, float | None, int | None]

# "value" and "user_id" are names that generated SQL uses, too.
EVENTS = Method(
    name="events",
    source="s",
    table="t",
    user="user",
    time="time",
    columns=(
        Column(name="user", type="string"),
        Column(name="time", type="timestamp"),
        Column(name="value", type="string"),
        Column(name="price", type="number"),
        Column(name="user_id", type="integer"),
    ),
)
SHOPPING = EventFeatures(
    name="shop",
    download="events",
    windows=WINDOWS,
    aggregates=(
        *(Aggregate(kind=kind) for kind in ("count", "recency", "tenure")),
        *(Aggregate(kind=kind, of="price") for kind in ("sum", "mean", "min", "max", "distinct")),
        Aggregate(kind="sum", of="user_id"),
    ),
    shares=(Share(of="value", top=3, weight="price"),),
)


def before(days: float) -> datetime:
    """Return the instant some days before the cut-off."""
    return CUTOFF - timedelta(days=days)


def spec(settings: EventFeatures | ProfileFeatures = SHOPPING, method: Method = EVENTS) -> FeatureSpec:
    """Return the spec of a feature set."""
    return FeatureSpec(settings=settings, table=TableSpec(method=method, data_version="1"), learn_before=CUTOFF)


def write_log(rows: list[Row], folder: Path, *, rows_per_group: int = 1000) -> Path:
    """Write a download of events."""
    users, times, values, prices, numbers = (list(column) for column in zip(*rows, strict=True))
    table = {"user": users, "time": pa.array(times, INSTANT), "value": pa.array(values, pa.string())}
    table |= {"price": pa.array(prices, pa.float64()), "user_id": pa.array(numbers, pa.int64())}
    pq.write_table(pa.table(table), folder / "log.parquet", row_group_size=rows_per_group)
    return folder / "log.parquet"


def compute(
    rows: list[Row],
    folder: Path,
    *,
    settings: EventFeatures = SHOPPING,
    cutoff: datetime = CUTOFF,
    n_threads: int = 1,
    rows_per_group: int = 1000,
) -> Path:
    """Write features of a log; return the file."""
    log = write_log(rows, folder, rows_per_group=rows_per_group)
    write_event_features(
        spec(settings), [[log]], vocabulary=VOCABULARY, cutoff=cutoff, folder=folder, n_threads=n_threads
    )
    return folder / FEATURES


def count_by_hand(rows: list[Row], cutoff: datetime) -> dict[str, dict[str, float | None]]:
    """Compute the features of SHOPPING in plain Python, user by user."""
    return {
        user: _count_user([row for row in rows if row[0] == user and row[1] < cutoff], cutoff)
        for user in sorted({row[0] for row in rows if row[1] < cutoff})
    }


def _count_user(rows: list[Row], cutoff: datetime) -> dict[str, float | None]:
    times = [row[1] for row in rows]
    found: dict[str, float | None] = {
        "shop__recency": (cutoff - max(times)) / timedelta(days=1),
        "shop__tenure": (cutoff - min(times)) / timedelta(days=1),
    }
    for window, name in zip(WINDOWS, ("7d", "14d", "all"), strict=True):
        inside = [row for row in rows if window is None or row[1] >= cutoff - window]
        prices = [row[3] for row in inside if row[3] is not None]
        total = math.fsum(prices)
        found |= {
            f"shop__count__{name}": len(inside),
            f"shop__sum__price__{name}": total,
            f"shop__mean__price__{name}": total / len(prices) if prices else None,
            f"shop__min__price__{name}": min(prices, default=None),
            f"shop__max__price__{name}": max(prices, default=None),
            f"shop__distinct__price__{name}": len(set(prices)),
            f"shop__sum__user_id__{name}": sum(row[4] or 0 for row in inside),
        }
        for value, column in (("beer", "beer"), ("tea", "tea"), ("Beer", "Beer_2")):
            part = math.fsum(row[3] or 0 for row in inside if row[2] == value)
            found[f"shop__share__value__{column}__{name}"] = part / total if round(total * 1e6) > 0 else None
    return found
