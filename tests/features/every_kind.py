"""A feature set of every kind over one log, learned and written as a run does."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from features_toys import CUTOFF, EVENTS, Row, before, write_log

from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.auto import propose_history, propose_sets
from yule.features.columns import FEATURES
from yule.features.embeddings.factors import read_factors, write_factors
from yule.features.embeddings.items import learn_items, write_item_features
from yule.features.embeddings.texts import learn_terms, write_text_features
from yule.features.events.write import write_event_features
from yule.features.profile import write_profile_features
from yule.features.roles.activity import write_activity
from yule.features.roles.column import learn_column, read_column
from yule.features.roles.write import write_role_features
from yule.features.settings import (
    AGGREGATES,
    Aggregate,
    EventFeatures,
    FeatureSet,
    FeatureSpec,
    ItemFeatures,
    Join,
    ProfileFeatures,
    RoleFeatures,
    Share,
    TextFeatures,
    find_joins,
)
from yule.features.vocabulary import VOCABULARY, Vocabulary, read_vocabulary, write_vocabulary

FIRST = before(10)
"""The first cut-off of the case: what is learned is learned before it."""

WEEK = timedelta(days=7)
WINDOWS = (WEEK, timedelta(days=14), None)

PRODUCTS = Method(
    name="products",
    source="s",
    table="p",
    user="user_id",
    about="items",
    columns=(
        Column(name="user_id", type="string"),
        Column(name="aisle", type="string"),
        Column(name="cost", type="number"),
    ),
)

COLUMNS_TAKEN = {"events": (None,), "numbers": ("price",), "values": ("price", "value"), "anything": ("price", "value")}
"""Columns of the log that aggregates are tried with, by what they take."""

EVERY_AGGREGATE = EventFeatures(
    name="s",
    download="events",
    windows=WINDOWS,
    aggregates=(
        *(
            Aggregate(kind=kind, of=of)
            for kind, takes in AGGREGATES.items()
            for taken in takes
            for of in COLUMNS_TAKEN.get(taken, ())
        ),
        *(
            Aggregate(kind=kind, every=timedelta(days=days))
            for kind, takes in AGGREGATES.items()
            if "period" in takes
            for days in (1, 7)
        ),
    ),
    shares=(Share(of="weekday"), Share(of="time_of_day"), Share(of="price", bands=3)),
)
JOINED = EventFeatures(
    name="joined",
    download="events",
    joins=(Join(download="products", by="user_id", columns=("aisle", "cost")),),
    where="coalesce(cost, 0) < 50",
    windows=WINDOWS,
    aggregates=(Aggregate(kind="sum", of="cost"), Aggregate(kind="last", of="aisle")),
    shares=(Share(of="value", top=3, weight="price", min_users=2), Share(of="aisle"), Share(of="cost", bands=2)),
)
ITEMS = ItemFeatures(name="items", download="events", item="value", windows=(WEEK, None), dimensions=4, min_users=1)
TEXTS = TextFeatures(
    name="texts", download="events", columns=("value",), windows=(WEEK, None), dimensions=4, min_users=1
)
PROPOSED, MIX, EMBEDDED, *_ = (
    replace(proposed, name=f"auto{number}") for number, proposed in enumerate(propose_sets(EVENTS, []))
)
assert isinstance(MIX, EventFeatures)
assert isinstance(EMBEDDED, ItemFeatures)

KINDS: dict[str, FeatureSet] = {
    "aggregates": EVERY_AGGREGATE,
    "joins": JOINED,
    "profile": ProfileFeatures(name="who", download="events"),
    "items": ITEMS,
    "weighted-items": replace(ITEMS, weight="price", where="price > 0"),
    "texts": TEXTS,
    "last-text": replace(TEXTS, windows=(), terms="characters"),
    "auto": PROPOSED,
    "auto-mix": replace(MIX, shares=tuple(replace(share, min_users=1) for share in MIX.shares)),
    "auto-items": replace(EMBEDDED, min_users=1),
    "roles": RoleFeatures(
        name="roles", download="events", within=WEEK, where="value = 'beer'", items=("value",), min_users=1
    ),
    "roles-joined": RoleFeatures(
        name="roles",
        download="events",
        joins=(Join(download="products", by="user_id", columns=("aisle",)),),
        within=WEEK,
        where="aisle = 'dry'",
        items=("value", "aisle"),
        min_users=1,
    ),
    "history": propose_history(EVENTS, where="value = 'beer'", horizon=WEEK),
}

ALWAYS: tuple[Row, ...] = (
    ("a", before(12), "beer", 2.5, 1),
    ("b", before(12), "tea", 1.0, 2),
    ("b", before(11), "beer", 2.5, 1),
)
"""Rows before the first cut-off, so that there always is something to learn."""


def describe(settings: FeatureSet, *, zone: str = "UTC") -> FeatureSpec:
    """Return the spec of a feature set that learns before the first cut-off."""
    return FeatureSpec(
        settings=settings,
        table=TableSpec(method=replace(EVENTS, time_zone=zone), data_version="1"),
        joined=tuple(TableSpec(method=PRODUCTS, data_version="1") for _ in find_joins(settings)),
        learn_before=FIRST,
    )


def write_tables(rows: list[Row], folder: Path, settings: FeatureSet) -> list[list[Path]]:
    """Write what a feature set reads: the log, and the products if they are joined."""
    log = [write_log(rows, folder)]
    if not find_joins(settings):
        return [log]
    products = {"user_id": ["1", "2", "3"], "aisle": ["cold", "dry", "dry"], "cost": [0.5, 2.0, 99.0]}
    pq.write_table(pa.table(products), folder / "products.parquet")
    return [log, [folder / "products.parquet"]]


def learn(settings: FeatureSet, tables: list[list[Path]], folder: Path, *, zone: str = "UTC") -> None:
    """Write what a feature set learns before its first cut-off."""
    spec = describe(settings, zone=zone)
    match settings:
        case EventFeatures(shares=(_, *_)):
            write_vocabulary(spec, tables, folder=folder, n_threads=1)
        case ItemFeatures():
            write_factors(learn_items(spec, tables[0], scratch=folder, n_threads=1), folder)
        case RoleFeatures():
            learn_column(spec, tables, folder=folder, scratch=folder, n_threads=1)
        case TextFeatures():
            write_factors(learn_terms(spec, tables[0], scratch=folder, n_threads=1), folder)


def write(
    settings: FeatureSet, tables: list[list[Path]], folder: Path, *, cutoff: datetime = CUTOFF, zone: str = "UTC"
) -> bytes:
    """Write the features at a cut-off by what was learned in the folder; return the bytes of the file."""
    spec = describe(settings, zone=zone)
    match settings:
        case EventFeatures():
            known = read_vocabulary(folder) if (folder / VOCABULARY).exists() else Vocabulary()
            write_event_features(spec, tables, vocabulary=known, cutoff=cutoff, folder=folder, n_threads=1)
        case ItemFeatures():
            factors = read_factors(folder)[settings.item]
            write_item_features(spec, tables[0], factors=factors, cutoff=cutoff, folder=folder, n_threads=1)
        case RoleFeatures():
            column = read_column(folder)
            activity = folder / "activity"
            activity.mkdir(exist_ok=True)
            write_activity(spec, tables, item=column, cutoff=cutoff, folder=activity, n_threads=1)
            write_role_features(spec, tables, item=column, activity=activity, cutoff=cutoff, folder=folder, n_threads=1)
        case TextFeatures():
            terms = read_factors(folder)
            write_text_features(spec, tables[0], factors=terms, cutoff=cutoff, folder=folder, n_threads=1)
        case ProfileFeatures():
            write_profile_features(spec, tables[0], cutoff=cutoff, folder=folder, n_threads=1)
    return (folder / FEATURES).read_bytes()
