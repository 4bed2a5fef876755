"""Positives only: a list of known positives; everybody else is unlabelled, neither positive nor negative.

Unlabelled users are drawn from the population as of the same cut-off. The examples hold as many of them as twenty fits
draw without meeting one twice; each fit draws its own (:mod:`yule.training.bags`).
"""

from dataclasses import dataclass

from yule.core.errors import DataError
from yule.labels.alike import describe_nobody, find_alike
from yule.labels.observing.given import cutoff_sql, find_other_cutoffs
from yule.labels.observing.plans import Observed, Observing, Plan
from yule.labels.settings import PositiveList
from yule.labels.summary import LabelSummary
from yule.sql.quoting import quote_instant, quote_name

N_DRAWS = 20
"""Draws that the unlabelled users of the examples suffice for, without a user twice."""

_SALT = "unlabelled"


@dataclass(frozen=True)
class Positives:
    """Known positives are 1, unlabelled users 0."""

    listed: PositiveList

    def plan(self, observing: Observing) -> Plan:
        """See :class:`~yule.labels.sources.protocol.LabelSource`."""
        connection, name, listed = observing.connection, observing.method.name, self.listed
        user = quote_name(observing.method.user)
        at = cutoff_sql(observing.method, listed)
        connection.execute(f"CREATE VIEW listed AS SELECT {user} AS user_id, {at} AS cutoff FROM given")
        others = list(find_other_cutoffs(connection, "listed", listed.cutoffs))
        if others:
            raise DataError(f"downloads/{name}.yaml: {others[0]}.")
        ((n_rows, n_listed),) = connection.execute(
            "SELECT count(*), count(DISTINCT (user_id, cutoff)) FROM listed"
        ).fetchall()
        query = self._query(observing)
        ((n_known,),) = connection.execute(f"SELECT count(*) FROM ({query}) WHERE label = 1").fetchall()
        users = observing.users_at(max(listed.cutoffs))
        alike = find_alike(connection, "SELECT user_id FROM listed", users) if n_known < n_listed else None
        if not n_known:
            population = observing.spec.population.download
            raise DataError(describe_nobody(n_listed, method=name, population=population, alike=alike))
        summary = LabelSummary(cutoffs=(), n_unknown=n_listed - n_known, n_repeated=n_rows - n_listed, alike=alike)
        nobody = f"no user of {name} is in the population {observing.spec.population.download} then"
        return Plan(query=query, cutoffs=listed.cutoffs, summary=summary, nobody=nobody)

    def check(self, observed: Observed, *, min_users: int) -> None:
        """Refuse a list that is too short, and a population with hardly anybody else."""
        spec, summary = observed.spec, observed.summary
        name, population = spec.table.method.name, spec.population.download
        if summary.n_positives < min_users:
            raise DataError(
                f"Only {summary.n_positives} known positives are in the population; at least {min_users} are needed "
                "to learn and to judge. List more of them, or ask less of the population."
            )
        if summary.n_users - summary.n_positives < min_users:
            raise DataError(
                f"Only {summary.n_users - summary.n_positives} users of the population {population} are not on the "
                f"list of {name}; at least {min_users} are needed to compare with. Is the population right?"
            )

    def _query(self, observing: Observing) -> str:
        """Return the query for the examples.

        Whoever is on the list, at whatever cut-off, is never taken as unlabelled. Who is, is decided by a digest of the
        user's id alone: the same users whatever the order of rows.
        """
        n_drawn = N_DRAWS * self.listed.per_positive
        parts = []
        for cutoff in self.listed.cutoffs:
            at, users = quote_instant(cutoff), observing.users_at(cutoff)
            known = f"({users}) SEMI JOIN (SELECT user_id FROM listed WHERE cutoff = {at}) USING (user_id)"
            parts.append(f"SELECT user_id, {at} AS cutoff, 1.0 AS label FROM {known}")
            parts.append(
                f"SELECT user_id, {at} AS cutoff, 0.0 AS label FROM ({users}) ANTI JOIN listed USING (user_id) "
                f"QUALIFY row_number() OVER (ORDER BY md5('{_SALT}/' || user_id), user_id) <= "
                f"{n_drawn} * (SELECT count(*) FROM {known})"
            )
        return " UNION ALL ".join(parts)
