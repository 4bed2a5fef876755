"""Aggregates over the values of a column: distinct values, entropy, first and last values, shares."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.features.columns import FeatureColumn
from yule.features.events.table import EventTable, Family
from yule.features.settings import Aggregate, AggregateKind, Share
from yule.features.vocabulary import Vocabulary
from yule.features.wording import name_values
from yule.sql.expressions import MILLIONTHS, millionths
from yule.sql.quoting import quote_text

KINDS: tuple[AggregateKind, ...] = ("distinct", "entropy", "first", "last")


def value_families(table: EventTable) -> Iterator[Family]:
    """Give the columns of the aggregates over values; those of one column come from one query."""
    aggregates = [aggregate for aggregate in table.settings.aggregates if aggregate.kind in KINDS]
    for of in dict.fromkeys(aggregate.of for aggregate in aggregates if aggregate.kind in ("distinct", "entropy")):
        kinds = [aggregate.kind for aggregate in aggregates if aggregate.of == of]
        columns = [
            FeatureColumn(
                name=f"{table.settings.name}__{kind}__{of}__{window.name}",
                sql=f"count(n_{window.name})" if kind == "distinct" else _entropy_sql(f"n_{window.name}"),
                empty="zero" if kind == "distinct" else "missing",
                meaning=table.meaning_of(
                    Aggregate(kind=kind, of=of), "values" if kind == "distinct" else "nats", window
                ),
            )
            for kind in ("distinct", "entropy")
            if kind in kinds
            for window in table.windows
        ]
        value = table.columns[of or ""]
        yield Family(source=f"({_by_value_sql(table, value)} HAVING {value} IS NOT NULL)", columns=tuple(columns))
    edges = [
        FeatureColumn(
            name=f"{table.settings.name}__{aggregate.kind}__{aggregate.of}",
            sql=_edge_sql(aggregate.kind, table.columns[aggregate.of or ""]),
            empty="missing",
            meaning=table.meaning_of(aggregate, "column"),
        )
        for aggregate in aggregates
        if aggregate.kind in ("first", "last")
    ]
    if edges:
        yield Family(source="events", columns=tuple(edges))


def share_columns(
    table: EventTable, share: Share, vocabulary: Vocabulary
) -> Iterator[tuple[str, Meaning, NDArray[np.float32]]]:
    """Give the ratio of each value's part to the whole of a user, for each window.

    They are missing where the whole is zero or less, or nothing happened.

    Yields
    ------
    name, meaning, ratios
        Name and meaning of the column; float32 (n_users,).
    """
    values = vocabulary.values[share.of]
    if not values:
        return
    value = table.columns[share.of]
    if share.bands is not None:
        value = _band_sql(value, vocabulary.edges[share.of])
    weight = None if share.weight is None else table.columns[share.weight]
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE by_value AS {_by_value_sql(table, value, weight=weight)}")
    wholes = ", ".join(f"sum(n_{window.name}) AS n_{window.name}" for window in table.windows)
    parts = ", ".join(
        f"CAST(n.n_{window.name} / w.n_{window.name} AS FLOAT) AS ratio_{window.name}" for window in table.windows
    )
    texts = ", ".join(quote_text(text) for text in values)
    known = f"SELECT unnest([{texts}]) AS known, unnest(range({len(values)})) AS place"
    whole = table.connection.sql(f"SELECT code, {wholes} FROM by_value GROUP BY code").to_arrow_table()
    part = table.connection.sql(
        f"SELECT n.code, place, {parts} FROM by_value n JOIN ({known}) ON CAST(n.value AS VARCHAR) = known "
        f"JOIN (SELECT code, {wholes} FROM by_value GROUP BY code) w ON n.code = w.code"
    ).to_arrow_table()
    yield from _lay_out(table, share, values, whole=whole, part=part)


def _lay_out(
    table: EventTable, share: Share, values: tuple[str, ...], *, whole: pa.Table, part: pa.Table
) -> Iterator[tuple[str, Meaning, NDArray[np.float32]]]:
    codes, places = part["code"].to_numpy(), part["place"].to_numpy()
    for window in table.windows:
        is_there = whole[f"n_{window.name}"].cast(pa.float64()).fill_null(0).to_numpy() > 0
        ratios = np.full((table.n_users, len(values)), np.nan, np.float32)
        ratios[whole["code"].to_numpy()[is_there]] = 0.0
        found = part[f"ratio_{window.name}"].to_numpy()
        has_whole = ~np.isnan(ratios[codes, 0])
        has_part = has_whole & ~np.isnan(found)
        ratios[codes[has_part], places[has_part]] = found[has_part]
        meaning = Meaning(
            feature_set=table.settings.name,
            table=table.settings.download,
            aggregate="share",
            column=share.of,
            weight=share.weight or "",
            windows=(window.length,),
            unit="share",
        )
        for place, (value, name) in enumerate(zip(values, name_values(values), strict=True)):
            column = f"{table.settings.name}__share__{share.of}__{name}__{window.name}"
            yield column, replace(meaning, value=value), ratios[:, place]


def _by_value_sql(table: EventTable, value: str, *, weight: str | None = None) -> str:
    """Return a query for how much of each value a user has in each window; nothing where there is none."""
    amount = "count(*)" if weight is None else f"sum({millionths(weight)})"
    amounts = ", ".join(
        f"{'nullif(' if weight is None else ''}{amount} FILTER (WHERE {window.holds})"
        f"{', 0)' if weight is None else ''} AS n_{window.name}"
        for window in table.windows
    )
    return f"SELECT code, {value} AS value, {amounts} FROM events GROUP BY code, {value}"


def _entropy_sql(count: str) -> str:
    """Return the entropy of counts in nats, added up as whole numbers."""
    terms = f"CAST(round({count} * ln({count}) * {MILLIONTHS}) AS HUGEINT)"
    entropy = f"ln(sum({count})) - sum({terms}) / {MILLIONTHS} / sum({count})"
    return f"CASE count({count}) WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE {entropy} END"


def _edge_sql(kind: AggregateKind, column: str) -> str:
    """Return the value of the first or the last event as SQL; of values at one instant the greatest."""
    age = "age" if kind == "first" else "-age"
    return f"max(struct_pack(a := {age}, v := {column})) FILTER (WHERE {column} IS NOT NULL).v"


def _band_sql(value: str, edges: tuple[float, ...]) -> str:
    cases = "".join(f" WHEN {value} <= {edge!r} THEN 'band_{number}'" for number, edge in enumerate(edges, 1))
    return f"CASE WHEN {value} IS NULL THEN NULL{cases} ELSE 'band_{len(edges) + 1}' END"
