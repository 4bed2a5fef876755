"""Observe labels, wherever they come from (:mod:`yule.labels.sources`)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.settings import read_json, to_json
from yule.core.tables import read_table, write_table
from yule.downloads.specs import TableSpec
from yule.labels.observing.counting import check_cutoffs, count_labels
from yule.labels.observing.plans import Observed, Observing
from yule.labels.reach import find_reach
from yule.labels.settings import Labels, LabelSpec
from yule.labels.sources import find_source
from yule.labels.summary import MIN_POSITIVES, LabelSummary, find_label_facts
from yule.messages.telling import tell
from yule.sql.connecting import connect
from yule.sql.quoting import quote_table

EXAMPLES = "examples.parquet"
SUMMARY = "labels.json"

_SCHEMA = pa.schema([("user_id", pa.string()), ("cutoff", pa.timestamp("us", tz="UTC")), ("label", pa.float64())])


def write_labels(
    spec: LabelSpec,
    table: Sequence[Path],
    population_table: Sequence[Path],
    *,
    folder: Path,
    n_threads: int,
    min_positives: int = MIN_POSITIVES,
) -> None:
    """Observe the labels and write ``examples.parquet`` and ``labels.json``.

    Parameters
    ----------
    spec
        The rule, the table of labels or the list of positives, and the population.
    table
        Files of the events or labels.
    population_table
        Files of the table the population comes from.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    min_positives
        Fewer positives, or negatives, or amounts that are not 0, are refused; 0 where nothing is learned from them.

    Raises
    ------
    DataError
        If the labels cannot be learned from; says why and what to change.
    """
    source = find_source(spec.settings)
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        connection.execute(f"CREATE VIEW given AS SELECT * FROM {quote_table(table)}")
        plan = source.plan(Observing(connection=connection, spec=spec, population_table=population_table))
        observed = connection.sql(f"{plan.query} ORDER BY cutoff, user_id").to_arrow_table().cast(_SCHEMA)
    examples = replace(Examples.from_table(observed), loss=spec.settings.loss)
    summary = replace(plan.summary, cutoffs=count_labels(examples, negative=spec.settings.negative))
    # What is to be known of labels may be why nothing can be learned, so it is told with the refusal.
    summary = replace(summary, findings=find_label_facts(summary, spec.settings.supervision))
    try:
        check_cutoffs(plan, summary)
        source.check(Observed(spec=spec, examples=examples, summary=summary), min_users=min_positives)
    except DataError as error:
        raise DataError(" ".join((str(error), *(tell(finding).text for finding in summary.findings)))) from error
    write_table(examples.to_table(), folder / EXAMPLES)
    (folder / SUMMARY).write_text(to_json(summary), encoding="utf-8")


def read_labels(folder: Path) -> Examples:
    """Read the examples that :func:`write_labels` wrote."""
    return Examples.from_table(read_table(folder / EXAMPLES))


def read_summary(folder: Path) -> LabelSummary:
    """Read the summary that :func:`write_labels` wrote."""
    return read_json(LabelSummary, folder / SUMMARY)


def is_mature(labels: Labels, spec: TableSpec, cutoff: datetime, table: Sequence[Path]) -> bool:
    """Say whether the horizon after a cut-off has closed in the data: some event is at its end or later.

    A table that grows by the day says itself how far it goes, any other by its rows (:mod:`yule.labels.reach`).
    """
    with connect(n_threads=1) as connection:
        return cutoff + labels.horizon <= (spec.until or find_reach(connection, spec.method, quote_table(table)).until)
