"""Who did what a question asks for, in a period."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.features.as_of import MEMORY, all_before
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name


def find_doers(
    roles: FeatureSpec, tables: Sequence[Sequence[Path]], *, since: datetime, until: datetime, scratch: Path
) -> NDArray[np.object_]:
    """Return the users who did it in a half-open period: str (n_doers,), ascending.

    Parameters
    ----------
    roles
        The feature set of the question's roles: its condition is what the question asks for.
    tables
        The files of its events, then those of each table that is joined.
    since, until
        The period.
    scratch
        Folder for what does not fit into memory.
    """
    settings, method = roles.settings, roles.table.method
    assert isinstance(settings, RoleFeatures)
    with connect(n_threads=1, scratch=scratch, memory=MEMORY) as connection:
        found = connection.sql(
            f"SELECT DISTINCT {quote_name(method.user)} AS user_id FROM ({all_before(roles, tables, until)}) "
            f"WHERE {quote_name(method.time or '')} >= {quote_instant(since)} "
            f"AND {condition_sql(settings.where, roles.methods)} ORDER BY 1"
        ).to_arrow_table()
    user_ids: NDArray[np.object_] = found["user_id"].to_numpy()
    return user_ids
