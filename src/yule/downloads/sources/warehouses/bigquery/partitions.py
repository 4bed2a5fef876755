"""When BigQuery last wrote to the partitions of a table, by the days whose rows they hold."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from yule.downloads.settings import DAY, BigQuerySource, Method
from yule.downloads.sources.warehouses.bigquery.jobs import BigQueryClients, Order, run
from yule.downloads.sources.warehouses.bigquery.queries import Value

_SCHEMA = pa.schema([("partition_id", pa.string()), ("written_at", pa.timestamp("us", tz="UTC"))])
_DAILY, _HOURLY = len("20240101"), len("2024010100")


def is_partitioned(table: Any, method: Method) -> bool:
    """Say whether a table's partitions tell the days of a method's rows."""
    partitioning = table.time_partitioning
    if partitioning is None or partitioning.type_ not in ("DAY", "HOUR") or method.days is None:
        return False
    field = partitioning.field
    return field == (method.days.column or method.time) or (field is None and method.days.column is not None)


def find_written(
    clients: BigQueryClients, settings: BigQuerySource, table: str, method: Method, days: Sequence[date]
) -> dict[date, datetime]:
    """Return when the partitions that hold rows of days were last written to.

    Parameters
    ----------
    clients, settings
        Where to ask.
    table
        ``PROJECT.DATASET.TABLE``.
    method
        The method; its table is partitioned by the day or the hour.
    days
        The days.
    """
    assert method.days is not None
    dataset, name = table.rsplit(".", 1)
    sql = (
        "SELECT partition_id, last_modified_time AS written_at "
        f"FROM `{dataset}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = @table"
    )
    values = (Value(name="table", type="STRING", value=name),)
    order = Order(sql=sql, values=values, schema=_SCHEMA, max_bytes=None, labels={"method": method.name})
    partitions = dict(_read_days(run(clients, settings, order, n_threads=1)))
    # As in the query: rows of an instant are in partitions from the day before it until the last day they may come.
    # A time that is a clock's in some zone is in the partition of that day, or of the one beside it.
    column, is_utc = method.days.column, method.time_zone == "UTC"
    first, last = (-1, method.days.late_days) if column else (0, 0) if is_utc else (-1, 1)
    reach = [DAY * step for step in range(first, last + 1)]
    found = {day: [partitions[day + step] for step in reach if day + step in partitions] for day in days}
    return {day: max(times) for day, times in found.items() if times}


def _read_days(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[date, datetime]]:
    """Yield the day and the time of each partition, hours in their order."""
    rows = sorted((row["partition_id"] or "", row["written_at"]) for batch in batches for row in batch.to_pylist())
    latest: dict[date, datetime] = {}
    for name, at in rows:
        if len(name) in (_DAILY, _HOURLY) and name.isdigit() and at is not None:
            day = date(int(name[:4]), int(name[4:6]), int(name[6:8]))
            latest[day] = max(at, latest.get(day, at))
    yield from latest.items()
