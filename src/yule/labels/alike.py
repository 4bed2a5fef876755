"""Alike: ids that are not the same, and would be if both tables wrote them in one way.

Ids are compared exactly. But where users of a table are not in the population, it is worth knowing that they are there
by another spelling.
"""

from dataclasses import dataclass

import duckdb

from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.messages.values import Count, Texts, Value


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Users who are known by another spelling of their id.

    Parameters
    ----------
    n_users
        How many there are.
    given, known
        One of them, as the table writes it and as the population does.
    """

    n_users: int
    given: str
    known: str


def find_alike(connection: duckdb.DuckDBPyConnection, given: str, known: str) -> Alike | None:
    """Find users of a table who are none of the population's, but for blanks, case, ``.0``, zeros in front or accents.

    Parameters
    ----------
    connection
        A database.
    given, known
        Queries for the users of the table and of the population, as ``user_id``.
    """
    spelt = f"SELECT user_id, {_spell('user_id')} AS spelt"
    ((n_users, example, other),) = connection.execute(
        "SELECT count(*), min(user_id), min_by(other, user_id) FROM ("
        f"{spelt} FROM (SELECT DISTINCT user_id FROM ({given}) ANTI JOIN ({known}) USING (user_id)) "
        f") JOIN (SELECT {_spell('user_id')} AS spelt, min(user_id) AS other FROM ({known}) GROUP BY 1) USING (spelt)"
    ).fetchall()
    return Alike(n_users=n_users, given=example, known=other) if n_users else None


def name_alike(alike: Alike) -> dict[str, Value]:
    """Return who would be known by another spelling, as values of a message."""
    return {"n_alike": Count(alike.n_users), "given": Texts((alike.given,)), "known": Texts((alike.known,))}


def describe_nobody(n_users: int, *, method: str, population: str, alike: Alike | None) -> str:
    """Say that no user of a table is in the population.

    >>> describe_nobody(9, method="a", population="b", alike=Alike(n_users=9, given="7 ", known="7"))
    "None of the 9 users of a is in the population b. 9 of them would be if ids were written alike: '7 ' is not '7'."
    """
    question = " Do both write the user id the same way, and has the population rows before the cut-off?"
    why = f" {tell_message(Message(code='users-alike', values=name_alike(alike)))}" if alike else question
    return f"None of the {n_users} users of {method} is in the population {population}.{why}"


_BLANKS = r"[\s\p{Zs}\x{feff}]+"


def _spell(name: str) -> str:
    """Return an id in one spelling, as SQL."""
    bare = f"regexp_replace({name}, '^{_BLANKS}|{_BLANKS}$', '', 'g')"
    return rf"regexp_replace(regexp_replace(lower(nfc_normalize({bare})), '\.0+$', ''), '^0+(.)', '\1')"
