"""Observe labels: by a rule over events, from a table, or from a list of positives."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.settings import read_json, to_json
from yule.core.tables import read_table, write_table
from yule.downloads.conditions import condition_sql, find_columns
from yule.downloads.settings import Method
from yule.downloads.specs import TableSpec
from yule.downloads.sql import (
    MILLIONTHS,
    connect,
    millionths,
    quote_instant,
    quote_name,
    quote_table,
)
from yule.labels.alike import Alike, describe_nobody, find_alike
from yule.labels.classes import (
    check_class_counts,
    check_values,
    class_number_sql,
    class_rule_sql,
    find_near_classes,
    find_other_values,
)
from yule.labels.population import population_sql
from yule.labels.positives import check_numbers, check_positives, find_list_warnings, positives_sql
from yule.labels.reach import Reach, describe_strays, find_reach
from yule.labels.settings import ClassRule, ClassTable, EventRule, Labels, LabelSpec, LabelTable, PositiveList, Rule
from yule.labels.summary import (
    MIN_POSITIVES,
    CutoffSummary,
    Immature,
    LabelSummary,
    find_warnings,
    list_days,
)

EXAMPLES = "examples.parquet"
SUMMARY = "labels.json"

_LABEL_SQL = {
    "events": "happened IS NOT NULL",
    "leaving": "happened IS NULL",
    "amount": "coalesce(amount, 0)",
}

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
        Fewer positives, or negatives, or amounts that are not 0, are refused; 0 for labels that nothing is learnt from.

    Raises
    ------
    DataError
        If the labels cannot be learnt from; says why and what to change.
    """
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        for name, file in (("given", table), ("population", population_table)):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {quote_table(file)}")
        spec, query, summary = _plan(connection, spec, table, population_table)
        observed = connection.sql(f"{query} ORDER BY cutoff, user_id").to_arrow_table().cast(_SCHEMA)
    examples = replace(Examples.from_table(observed), loss=spec.settings.loss)
    summary = replace(summary, cutoffs=_count(examples, spec.settings))
    warnings = _judge(spec, examples, summary, min_positives)
    write_table(examples.to_table(), folder / EXAMPLES)
    (folder / SUMMARY).write_text(to_json(replace(summary, warnings=warnings)), encoding="utf-8")


def _plan(
    connection: duckdb.DuckDBPyConnection, spec: LabelSpec, table: Sequence[Path], population_table: Sequence[Path]
) -> tuple[LabelSpec, str, LabelSummary]:
    """Return the labels that can be known, the query for their examples, and what is left out; refuse what is wrong."""
    settings = spec.settings
    if isinstance(settings, PositiveList):
        summary = check_positives(connection, spec, settings, population_table)
        return spec, positives_sql(spec, settings, population_table), summary
    if not isinstance(settings, Rule):
        summary = _check_given(connection, spec, settings, population_table)
        return spec, _given_sql(spec, settings, population_table), summary
    return _plan_rule(connection, spec, settings, table, population_table)


def _plan_rule(
    connection: duckdb.DuckDBPyConnection,
    spec: LabelSpec,
    rule: Rule,
    table: Sequence[Path],
    population_table: Sequence[Path],
) -> tuple[LabelSpec, str, LabelSummary]:
    method = spec.table.method
    reach = find_reach(connection, method, "given")
    _check_begin(spec, rule, reach)
    rule, immature = _drop_immature(connection, spec, rule, population_table, last=spec.table.until or reach.until)
    _check_condition(connection, rule, method)
    spec = replace(spec, settings=rule)
    summary = LabelSummary(
        cutoffs=(),
        immature=immature,
        strays=reach.strays,
        alike=_find_alike_events(connection, spec, rule, population_table),
    )
    if not isinstance(rule, ClassRule):
        return spec, _rule_sql(spec, rule, table, population_table), summary
    check_values(connection, rule, method)
    summary = replace(summary, near_classes=find_near_classes(connection, rule, method))
    return spec, class_rule_sql(spec, rule, table, population_table), summary


def _find_alike_events(
    connection: duckdb.DuckDBPyConnection, spec: LabelSpec, rule: Rule, population_table: Sequence[Path]
) -> Alike | None:
    """Find users of the events who are in the population, where that is another table, by another spelling alone."""
    if spec.population.download == spec.table.method.name:
        return None
    users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=max(rule.cutoffs))
    return find_alike(connection, f"SELECT {quote_name(spec.table.method.user)} AS user_id FROM given", users)


def _judge(spec: LabelSpec, examples: Examples, summary: LabelSummary, min_positives: int) -> tuple[str, ...]:
    """Refuse labels of which nothing can be learnt; return what is to be known of the others.

    What is to be known may be why nothing can be learnt, so it is told with the refusal.
    """
    is_list = isinstance(spec.settings, PositiveList)
    warnings = tuple(find_list_warnings(summary)) if is_list else find_warnings(summary)
    try:
        _check_enough(spec, examples, summary, min_positives)
    except DataError as error:
        raise DataError(" ".join((str(error), *warnings))) from error
    return warnings


def _check_enough(spec: LabelSpec, examples: Examples, summary: LabelSummary, min_positives: int) -> None:
    if isinstance(spec.settings, PositiveList):
        check_numbers(spec, spec.settings, summary, min_positives)
        return
    _check_cutoffs(spec, summary)
    if isinstance(spec.settings, ClassRule | ClassTable):
        check_class_counts(spec.settings, examples.labels, min_positives)
    else:
        _check_both_kinds(spec, summary, min_positives)


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


def _rule_sql(spec: LabelSpec, rule: EventRule, table: Sequence[Path], population_table: Sequence[Path]) -> str:
    method = spec.table.method
    user, time = quote_name(method.user), quote_name(method.time or "")
    amount = "NULL" if rule.of is None else f"sum({millionths(quote_name(rule.of))}) / {MILLIONTHS}"
    label = _LABEL_SQL[rule.kind]

    def label_at(cutoff: datetime) -> str:
        users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=cutoff)
        start, end = quote_instant(cutoff), quote_instant(cutoff + rule.within)
        happened = (
            f"SELECT {user} AS happened, {amount} AS amount FROM {quote_table(table)} "
            f"WHERE {time} >= {start} AND {time} < {end} AND {condition_sql(rule.where, [method])} GROUP BY 1"
        )
        return (
            f"SELECT user_id, {start} AS cutoff, CAST({label} AS DOUBLE) AS label "
            f"FROM ({users}) LEFT JOIN ({happened}) ON user_id = happened"
        )

    return " UNION ALL ".join(label_at(cutoff) for cutoff in rule.cutoffs)


def _drop_immature(
    connection: duckdb.DuckDBPyConnection,
    spec: LabelSpec,
    rule: Rule,
    population_table: Sequence[Path],
    *,
    last: datetime,
) -> tuple[Rule, Immature | None]:
    """Return the rule without the cut-offs whose horizon ends after the last instant known, and what is left out.

    A rule of which nothing is left is refused.
    """
    method = spec.table.method
    open_at = tuple(cutoff for cutoff in rule.cutoffs if cutoff + rule.within > last)
    if not open_at:
        return rule, None
    if len(open_at) == len(rule.cutoffs):
        raise DataError(
            f"The labels at {list_days(open_at)} cannot be known yet: the last horizon ends at "
            f"{max(open_at) + rule.within:%Y-%m-%d %H:%M}, but the events of {method.name} are known until "
            f"{last:%Y-%m-%d %H:%M}. The latest possible cut-off is {last - rule.within:%Y-%m-%d}."
        )
    users = [
        population_sql(spec.population, spec.population_table.method, population_table, cutoff=cutoff)
        for cutoff in open_at
    ]
    ((n_users,),) = connection.execute(f"SELECT count(*) FROM ({' UNION ALL '.join(users)})").fetchall()
    immature = Immature(cutoffs=open_at, n_users=n_users, latest=last - rule.within)
    return replace(rule, cutoffs=rule.cutoffs[: -len(open_at)]), immature


def _check_begin(spec: LabelSpec, rule: Rule, reach: Reach) -> None:
    """Refuse cut-offs before which there are strays alone: without them nobody would be known then."""
    early = [cutoff for cutoff in rule.cutoffs if cutoff <= reach.since]
    if early and reach.strays is not None and spec.population.download == spec.table.method.name:
        raise DataError(
            f"Nobody can be labelled at {list_days(early)}: the events of {spec.table.method.name} begin at "
            f"{reach.since:%Y-%m-%d %H:%M}. {describe_strays(reach.strays)} Leave out these cut-offs."
        )


def _check_condition(connection: duckdb.DuckDBPyConnection, rule: Rule, method: Method) -> None:
    """Refuse a condition that no event meets."""
    matches = f"SELECT 1 FROM given WHERE {condition_sql(rule.where, [method])} LIMIT 1"
    if not connection.execute(matches).fetchall():
        raise DataError(
            f"No event of {method.name} meets the condition {rule.where!r}.{_hint_values(connection, rule, method)}"
        )


def _hint_values(connection: duckdb.DuckDBPyConnection, rule: Rule, method: Method) -> str:
    """Show the most frequent values of the text columns a condition names, the likeliest first."""
    hidden = {method.user, *method.personal}
    text_columns = [column.name for column in method.columns if column.type == "string" and column.name not in hidden]
    named = [name.lower() for name in find_columns(rule.where)]
    hints = []
    for name in (name for name in text_columns if name.lower() in named):
        column = quote_name(name)
        rows = connection.execute(
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


def _given_sql(spec: LabelSpec, given: LabelTable | ClassTable, population_table: Sequence[Path]) -> str:
    parts = []
    for cutoff in given.cutoffs:
        users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=cutoff)
        parts.append(
            "SELECT DISTINCT labelled.user_id, labelled.cutoff, labelled.label "
            f"FROM ({_labelled_sql(spec, given)}) labelled "
            f"SEMI JOIN ({users}) known ON labelled.user_id = known.user_id "
            f"WHERE labelled.cutoff = {quote_instant(cutoff)} AND labelled.label IS NOT NULL"
        )
    return " UNION ALL ".join(parts)


def _labelled_sql(spec: LabelSpec, given: LabelTable | ClassTable) -> str:
    method = spec.table.method
    cutoff = quote_instant(given.cutoffs[0]) if method.time is None else quote_name(method.time)
    label = class_number_sql(given, given.label) if isinstance(given, ClassTable) else quote_name(given.label)
    columns = f"{quote_name(method.user)} AS user_id, {cutoff} AS cutoff, TRY_CAST({label} AS DOUBLE) AS label"
    return f"SELECT {columns} FROM given"


def _check_given(
    connection: duckdb.DuckDBPyConnection,
    spec: LabelSpec,
    given: LabelTable | ClassTable,
    population_table: Sequence[Path],
) -> LabelSummary:
    """Refuse labels that are no labels or contradict each other; count what is left out."""
    connection.execute(f"CREATE VIEW labelled AS {_labelled_sql(spec, given)}")
    problems = [
        *(
            find_other_values(connection, given)
            if isinstance(given, ClassTable)
            else _find_bad_labels(connection, given, is_shown=given.label not in spec.table.method.personal)
        ),
        *_find_conflicts(connection),
        *_find_other_cutoffs(connection, given),
    ]
    if problems:
        raise DataError(f"downloads/{spec.table.method.name}.yaml: {'; '.join(problems)}.")
    ((n_rows, n_unobserved, n_distinct),) = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE label IS NULL), "
        "count(DISTINCT (user_id, cutoff)) FILTER (WHERE label IS NOT NULL) FROM labelled"
    ).fetchall()
    ((n_known,),) = connection.execute(f"SELECT count(*) FROM ({_given_sql(spec, given, population_table)})").fetchall()
    if not n_distinct:
        raise DataError(f"downloads/{spec.table.method.name}.yaml: {given.label} is empty in all {n_rows} rows.")
    alike = find_alike(connection, *_users_sql(spec, given, population_table)) if n_known < n_distinct else None
    if not n_known:
        name, population = spec.table.method.name, spec.population.download
        raise DataError(describe_nobody(n_distinct, method=name, population=population, alike=alike))
    return LabelSummary(
        cutoffs=(),
        n_unknown=n_distinct - n_known,
        n_unobserved=n_unobserved,
        n_repeated=n_rows - n_unobserved - n_distinct,
        alike=alike,
    )


def _users_sql(spec: LabelSpec, given: LabelTable | ClassTable, population_table: Sequence[Path]) -> tuple[str, str]:
    """Return the queries for who is labelled, and for who is in the population at the last cut-off."""
    users = population_sql(spec.population, spec.population_table.method, population_table, cutoff=max(given.cutoffs))
    return "SELECT user_id FROM labelled WHERE label IS NOT NULL", users


def _find_bad_labels(connection: duckdb.DuckDBPyConnection, given: LabelTable, *, is_shown: bool) -> Iterator[str]:
    label = quote_name(given.label)
    number = f"TRY_CAST({label} AS DOUBLE)"
    is_wrong, what = {
        "log_loss": (f"{number} NOT IN (0, 1)", "no label"),
        "squared_error": (f"NOT isfinite({number})", "no amount"),
    }[given.loss]
    remedy = {"log_loss": "write 0 or 1", "squared_error": "write a number"}[given.loss]
    wrong = f"{label} IS NOT NULL AND coalesce({is_wrong}, true)"
    ((n_wrong, example),) = connection.execute(
        f"SELECT count(*), min(CAST({label} AS VARCHAR)) FROM given WHERE {wrong}"
    ).fetchall()
    if n_wrong:
        shown = f", for example {example!r}" if is_shown else ""
        yield f"{n_wrong} rows have {what} in {given.label}{shown}: {remedy}, or leave it empty"


def _find_conflicts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT user_id FROM labelled GROUP BY user_id, cutoff HAVING count(DISTINCT label) > 1 ORDER BY user_id"
    ).fetchall()
    if rows:
        examples = ", ".join(row[0] for row in rows[:3])
        yield f"{len(rows)} users have different labels at one cut-off, for example {examples}: keep one row for each"


def _find_other_cutoffs(connection: duckdb.DuckDBPyConnection, given: LabelTable | ClassTable) -> Iterator[str]:
    known = ", ".join(quote_instant(cutoff) for cutoff in given.cutoffs)
    rows = connection.execute(
        f"SELECT CAST(cutoff AS VARCHAR), count(*) FROM labelled WHERE cutoff NOT IN ({known}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if rows:
        yield f"{sum(row[1] for row in rows)} rows are at other cut-offs than the case's, for example {rows[0][0]}"


def _count(examples: Examples, settings: Labels) -> tuple[CutoffSummary, ...]:
    is_positive = examples.labels != settings.negative
    summaries = []
    for cutoff in np.unique(examples.cutoffs):
        rows = examples.cutoffs == cutoff
        labels = examples.labels[rows]
        counted = CutoffSummary(
            cutoff=cutoff.item().replace(tzinfo=UTC), n_users=len(labels), n_positives=int(is_positive[rows].sum())
        )
        if examples.loss == "squared_error":
            total = math.fsum(labels)  # exact: the same whatever the order
            squares = math.fsum((labels - total / len(labels)) ** 2)
            counted = replace(counted, total=total, deviation=math.sqrt(squares / len(labels)))
        summaries.append(counted)
    return tuple(summaries)


def _check_cutoffs(spec: LabelSpec, summary: LabelSummary) -> None:
    """Refuse cut-offs at which there is nobody to label."""
    labelled = {counted.cutoff for counted in summary.cutoffs}
    empty = [cutoff for cutoff in spec.settings.cutoffs if cutoff not in labelled]
    if empty:
        reason = (
            f"the population {spec.population.download} has nobody then"
            if isinstance(spec.settings, Rule)
            else f"{spec.table.method.name} has no label of a user who is in the population then"
        )
        raise DataError(f"Nobody is labelled at {list_days(empty)}: {reason}. Leave out these cut-offs.")


def _check_both_kinds(spec: LabelSpec, summary: LabelSummary, min_positives: int) -> None:
    n_positives, n_negatives = summary.n_positives, summary.n_users - summary.n_positives
    is_amount = spec.settings.loss == "squared_error"
    if n_positives >= min_positives and (is_amount or n_negatives >= min_positives):
        if is_amount and min_positives:
            _check_total(summary)
        return
    few, count = ("positive", n_positives) if n_positives < min_positives else ("negative", n_negatives)
    kind = "have an amount other than 0" if is_amount else f"are {few}"
    raise DataError(
        f"Only {count} of {summary.n_users} labelled users {kind}; at least {min_positives} are needed to learn "
        f"and to judge. {_advise(spec, few, count)}"
    )


def _advise(spec: LabelSpec, few: str, count: int) -> str:
    """Say what brings more positives, or more negatives."""
    rule = spec.settings
    if not isinstance(rule, EventRule):
        return "Label more users."
    if (few == "positive") == (rule.kind == "leaving"):
        return "Take a shorter horizon (`within`), more cut-offs, or a narrower condition (`where`)."
    longer = "Take a longer horizon (`within`), more cut-offs, or a wider condition (`where`)."
    same = f"Do {spec.table.method.name} and {spec.population.download} write the user id the same way? "
    return longer if count else f"{same}{longer}"


def _check_total(summary: LabelSummary) -> None:
    """Refuse amounts that nothing can be learnt from, and those of which no list could reach the larger part."""
    if not any(cutoff.deviation for cutoff in summary.cutoffs):
        raise DataError(f"The amounts of all {summary.n_users} labelled users are the same: there is nothing to learn.")
    if summary.total <= 0:
        raise DataError(
            f"The amounts of the labelled users add up to {summary.total:,.2f}, but a list is made to reach as much of "
            "a total as possible, so the total has to be above 0. Is the sign right? Otherwise leave out, by the "
            "condition, what lowers it."
        )
