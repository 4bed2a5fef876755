"""Rules over events: at which cut-offs they can be known, and what they find after each."""

import re
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches

from yule.core.errors import DataError
from yule.labels.alike import Alike, find_alike
from yule.labels.observing.plans import Observing, Plan
from yule.labels.reach import Reach, find_reach, find_strays
from yule.labels.settings import LabelSpec, Rule
from yule.labels.summary import Immature, LabelSummary, list_days
from yule.messages.telling import tell
from yule.sql.conditions import condition_sql, find_columns
from yule.sql.quoting import quote_instant, quote_name


def plan_rule(observing: Observing, rule: Rule, summarise: Callable[[str], str], label: str) -> Plan:
    """Plan how a rule is observed at the cut-offs whose horizon has closed; refuse one that finds nothing.

    Parameters
    ----------
    observing
        What is at hand.
    rule
        The rule.
    summarise
        Given ``FROM ... WHERE ...`` for the events of one horizon, returns the query for what each user had: the column
        ``happened`` with the user, each once, and others.
    label
        The expression for the label of a user; all columns of ``summarise`` are NULL for who had nothing.
    """
    reach = find_reach(observing.connection, observing.method, "given")
    _check_begin(observing, rule, reach)
    cutoffs, immature = _drop_immature(observing, rule, last=observing.spec.table.until or reach.until)
    _check_condition(observing, rule)
    alike = _find_alike_events(observing, last=max(cutoffs))
    summary = LabelSummary(cutoffs=(), immature=immature, strays=reach.strays, alike=alike)

    def label_at(cutoff: datetime) -> str:
        time, start, end = quote_name(observing.method.time or ""), cutoff, cutoff + rule.within
        events = (
            f"FROM given WHERE {time} >= {quote_instant(start)} AND {time} < {quote_instant(end)} "
            f"AND {meets_sql(observing, rule)}"
        )
        return (
            f"SELECT user_id, {quote_instant(cutoff)} AS cutoff, CAST({label} AS DOUBLE) AS label "
            f"FROM ({observing.users_at(cutoff)}) LEFT JOIN ({summarise(events)}) ON user_id = happened"
        )

    nobody = f"the population {observing.spec.population.download} has nobody then"
    return Plan(query=" UNION ALL ".join(map(label_at, cutoffs)), cutoffs=cutoffs, summary=summary, nobody=nobody)


def meets_sql(observing: Observing, rule: Rule) -> str:
    """Return the condition of a rule."""
    return condition_sql(rule.where, [observing.method])


def advise(spec: LabelSpec, n_found: int, *, takes_more_events: bool) -> str:
    """Say what brings more users of whom there are too few, and whether that takes more events or fewer."""
    if not takes_more_events:
        return "Take a shorter horizon (`within`), more cut-offs, or a narrower condition (`where`)."
    longer = "Take a longer horizon (`within`), more cut-offs, or a wider condition (`where`)."
    same = f"Do {spec.table.method.name} and {spec.population.download} write the user id the same way? "
    asked = (
        " `yule ask` ranks users by such a question without a label."
        if n_found and spec.settings.target == "binary"
        else ""
    )
    return f"{'' if n_found else same}{longer}{asked}"


def _check_begin(observing: Observing, rule: Rule, reach: Reach) -> None:
    """Refuse cut-offs before which there are strays alone: without them nobody would be known then."""
    name = observing.method.name
    early = [cutoff for cutoff in rule.cutoffs if cutoff <= reach.since]
    if early and reach.strays is not None and observing.spec.population.download == name:
        raise DataError(
            f"Nobody can be labelled at {list_days(early)}: the events of {name} begin at "
            f"{reach.since:%Y-%m-%d %H:%M}. {tell(find_strays(reach.strays)).text} Leave out these cut-offs."
        )


def _drop_immature(observing: Observing, rule: Rule, *, last: datetime) -> tuple[tuple[datetime, ...], Immature | None]:
    """Return the cut-offs whose horizon ends by the last instant known, and what is left out, which is never all."""
    open_at = tuple(cutoff for cutoff in rule.cutoffs if cutoff + rule.within > last)
    if not open_at:
        return rule.cutoffs, None
    if len(open_at) == len(rule.cutoffs):
        raise DataError(
            f"The labels at {list_days(open_at)} cannot be known yet: the last horizon ends at "
            f"{max(open_at) + rule.within:%Y-%m-%d %H:%M}, but the events of {observing.method.name} are known until "
            f"{last:%Y-%m-%d %H:%M}. The latest possible cut-off is {last - rule.within:%Y-%m-%d}."
        )
    users = " UNION ALL ".join(map(observing.users_at, open_at))
    ((n_users,),) = observing.connection.execute(f"SELECT count(*) FROM ({users})").fetchall()
    immature = Immature(cutoffs=open_at, n_users=n_users, latest=last - rule.within)
    return rule.cutoffs[: -len(open_at)], immature


def _check_condition(observing: Observing, rule: Rule) -> None:
    """Refuse a condition that no event meets."""
    matches = f"SELECT 1 FROM given WHERE {meets_sql(observing, rule)} LIMIT 1"
    if not observing.connection.execute(matches).fetchall():
        raise DataError(
            f"No event of {observing.method.name} meets the condition {rule.where!r}.{_hint_values(observing, rule)}"
        )


def _hint_values(observing: Observing, rule: Rule) -> str:
    """Show the most frequent values of the text columns a condition names, the likeliest first."""
    method = observing.method
    hidden = {method.user, *method.personal}
    text_columns = [column.name for column in method.columns if column.type == "string" and column.name not in hidden]
    named = [name.lower() for name in find_columns(rule.where)]
    hints = []
    for name in (name for name in text_columns if name.lower() in named):
        column = quote_name(name)
        rows = observing.connection.execute(
            f"SELECT {column} FROM given WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        ).fetchall()
        values = [row[0] for row in rows]
        wanted = [text.replace("''", "'").strip("%") for text in re.findall(r"'((?:[^']|'')+)'", rule.where or "")]
        close = list(dict.fromkeys(match for text in wanted for match in _resembling(text, values)))
        guess = f" Did you mean {', '.join(repr(value) for value in close[:3])}?" if close else ""
        hints.append(f" {name} has values such as {', '.join(repr(value) for value in values[:8])}.{guess}")
    return "".join(hints)


def _resembling(wanted: str, values: list[str]) -> list[str]:
    """Return values that contain the wanted one, or are spelt much like it."""
    within = [value for value in values if wanted.lower() in value.lower()]
    return within or get_close_matches(wanted, values, n=3, cutoff=0.6)


def _find_alike_events(observing: Observing, *, last: datetime) -> Alike | None:
    """Find users of the events who are in the population, where that is another table, by another spelling alone."""
    method = observing.method
    if observing.spec.population.download == method.name:
        return None
    events = f"SELECT {quote_name(method.user)} AS user_id FROM given"
    return find_alike(observing.connection, events, observing.users_at(last))
