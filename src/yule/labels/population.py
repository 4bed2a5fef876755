"""The population: who is labelled and who gets a score, as of a cut-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.core.tables import read_table, write_table
from yule.downloads.settings import Method
from yule.labels.settings import Population
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name, quote_table

POPULATION = "population.parquet"


def population_sql(population: Population, method: Method, table: Sequence[Path], *, cutoff: datetime) -> str:
    """Return the query for the users of a population, one column ``user_id``, each once.

    Only rows before the cut-off are looked at; a table without a time gives its users whatever the cut-off.
    """
    conditions = [condition_sql(population.where, [method])]
    if method.time is not None:
        conditions.append(f"{quote_name(method.time)} < {quote_instant(cutoff)}")
        if population.within is not None:
            conditions.append(f"{quote_name(method.time)} >= {quote_instant(cutoff - population.within)}")
    return (
        f"SELECT {quote_name(method.user)} AS user_id FROM {quote_table(table)} "
        f"WHERE {' AND '.join(conditions)} GROUP BY 1 HAVING count(*) >= {population.at_least}"
    )


def describe_rows(population: Population) -> str:
    """Say which rows make a user part of a population.

    >>> describe_rows(Population(download="purchases", where="price > 0", at_least=2))
    "at least 2 rows that meet 'price > 0'"
    """
    rows = "a row" if population.at_least == 1 else f"at least {population.at_least} rows"
    meeting = "meets" if population.at_least == 1 else "meet"
    return rows if population.where is None else f"{rows} that {meeting} {population.where!r}"


@dataclass(frozen=True, kw_only=True)
class KnownUsers:
    """A table of users who are left out: there is nothing to find out about them.

    Parameters
    ----------
    method
        Its method.
    table
        Its files.
    """

    method: Method
    table: Sequence[Path]


def write_population(
    population: Population,
    method: Method,
    table: Sequence[Path],
    *,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
    known: KnownUsers | None = None,
) -> None:
    """Write ``population.parquet``: user_id, ascending.

    Parameters
    ----------
    population
        Who is in it.
    method, table
        The method and the files of ``population.download``.
    cutoff
        As of when.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    known
        Who is left out; None: nobody.

    Raises
    ------
    DataError
        If nobody is in the population.
    """
    query = population_sql(population, method, table, cutoff=cutoff)
    if known is not None:
        listed = f"SELECT {quote_name(known.method.user)} AS user_id FROM {quote_table(known.table)}"
        query = f"SELECT user_id FROM ({query}) ANTI JOIN ({listed}) USING (user_id)"
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        users = connection.sql(f"{query} ORDER BY user_id").to_arrow_table()
    if not len(users):
        raise DataError(
            f"Nobody is in the population as of {cutoff:%Y-%m-%d}: no user of {population.download} has "
            f"{describe_rows(population)} before it"
            f"{f' since {cutoff - population.within:%Y-%m-%d}' if population.within else ''}. Choose another cut-off"
            f"{', or ask less of the population' if population != Population(download=population.download) else ''}."
        )
    write_table(users.cast(pa.schema([("user_id", pa.string())])), folder / POPULATION)


def read_population(folder: Path) -> NDArray[np.object_]:
    """Read the users, ascending: object (n_users,) of str."""
    user_ids: NDArray[np.object_] = read_table(folder / POPULATION)["user_id"].to_numpy()
    return user_ids
