"""Plans: how labels are observed, with what is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from yule.core.examples import Examples
from yule.downloads.settings import Method
from yule.labels.population import population_sql
from yule.labels.settings import LabelSpec
from yule.labels.summary import LabelSummary


@dataclass(frozen=True, kw_only=True)
class Observing:
    """What is at hand when labels are observed.

    Parameters
    ----------
    connection
        A database whose table ``given`` is that of the events or labels.
    spec
        The labels and the tables behind them.
    population_table
        Files of the table the population comes from.
    """

    connection: duckdb.DuckDBPyConnection
    spec: LabelSpec
    population_table: Sequence[Path]

    @property
    def method(self) -> Method:
        """The method of the events or labels."""
        return self.spec.table.method

    def users_at(self, cutoff: datetime) -> str:
        """Return the query for the users of the population as of a cut-off: one column ``user_id``."""
        spec = self.spec
        return population_sql(spec.population, spec.population_table.method, self.population_table, cutoff=cutoff)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How labels are observed.

    Parameters
    ----------
    query
        Gives the examples: user_id, cutoff, label.
    cutoffs
        Those of the labels that can be known.
    summary
        What is left out; nothing is counted yet.
    nobody
        Why nobody is labelled at a cut-off where that is so.
    """

    query: str
    cutoffs: tuple[datetime, ...]
    summary: LabelSummary
    nobody: str


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Labels that were observed.

    Parameters
    ----------
    spec
        What was observed.
    examples
        The labelled users.
    summary
        What is known of them.
    """

    spec: LabelSpec
    examples: Examples
    summary: LabelSummary
