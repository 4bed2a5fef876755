"""Facts about labels and populations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.labels.observe import EXAMPLES, is_mature, read_labels, read_summary, write_labels
from yule.labels.population import read_population, write_population
from yule.labels.settings import EventRule, LabelSpec, LabelTable, Population
from yule.labels.summary import Immature, LabelSummary
from yule.messages.telling import tell

START = datetime(2024, 1, 1, tzinfo=UTC)
CUTOFF = START + timedelta(days=10)
WITHIN = timedelta(days=5)
INSTANT = pa.timestamp("us", tz="UTC")
Row = tuple[str, datetime, str]


def told(summary: LabelSummary) -> tuple[str, ...]:
    """Return what is to be known of labels, in words."""
    return tuple(tell(finding).text for finding in summary.findings)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def columns(**kinds: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, type=kind) for name, kind in kinds.items())  # type: ignore[arg-type]


EVENTS = Method(
    name="events",
    source="s",
    table="t",
    user="user",
    time="at",
    columns=columns(user="string", at="timestamp", what="string"),
)
GIVEN = Method(name="given", source="s", table="t", user="user", columns=columns(user="string", label="string"))
TIMED = replace(GIVEN, time="at", columns=columns(user="string", at="timestamp", label="integer"))
RULE = EventRule(event="events", where="what = 'beer'", within=WITHIN, cutoffs=(CUTOFF,))
TABLE = LabelTable(download="given", label="label", cutoffs=(CUTOFF,))


def spec(labels: EventRule | LabelTable, method: Method, *, within: timedelta | None = None) -> LabelSpec:
    return LabelSpec(
        settings=labels,
        table=TableSpec(method=method, data_version="1"),
        population=Population(download="events", within=within),
        population_table=TableSpec(method=EVENTS, data_version="1"),
    )


def write_events(rows: list[Row], folder: Path) -> Path:
    users, times, whats = (list(column) for column in zip(*rows, strict=True))
    file = folder / "events.parquet"
    write_table(pa.table({"user": users, "at": pa.array(times, INSTANT), "what": whats}), file)
    return file


def observe(labels: LabelSpec, table: Path, population: Path, *, n_threads: int = 1) -> LabelSummary:
    folder = table.parent / "labels"
    folder.mkdir(exist_ok=True)
    write_labels(labels, [table], [population], folder=folder, n_threads=n_threads)
    return read_summary(folder)


def examples(folder: Path) -> list[tuple[str, datetime, float]]:
    found = read_labels(folder / "labels")
    cutoffs = [value.replace(tzinfo=UTC) for value in found.cutoffs.tolist()]
    return list(zip(found.user_ids.tolist(), cutoffs, found.labels.tolist(), strict=True))


# Enough users of both labels at CUTOFF, and a last event that closes the horizons.
CROWD: list[Row] = [
    row
    for number in range(20)
    for row in (
        (f"crowd{number:02}", day(9.5), "bread"),
        (f"crowd{number:02}", day(11.0), "beer" if number < 10 else "bread"),
    )
]
LAST: Row = ("late", day(40), "bread")

LOGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "é"]),
        st.sampled_from([0, 5, 8, 10, 12, 15, 17, 20]).map(day),
        st.sampled_from(["beer", "bread"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=20)
@given(LOGS, st.sampled_from([None, timedelta(days=5), timedelta(days=2)]), st.integers(1, 3))
def test_labels_of_a_rule_are_what_counting_by_hand_gives(
    rows: list[Row], within: timedelta | None, n_threads: int
) -> None:
    rows = [*rows, *CROWD, LAST]
    cutoffs = (CUTOFF, day(12))
    expected = []
    for cutoff in cutoffs:
        known = {user for user, at, _ in rows if at < cutoff and (within is None or at >= cutoff - within)}
        happened = {user for user, at, what in rows if what == "beer" and cutoff <= at < cutoff + WITHIN}
        expected += [(user, cutoff, float(user in happened)) for user in sorted(known)]
    with TemporaryDirectory() as name:
        table = write_events(rows, Path(name))
        observe(spec(replace(RULE, cutoffs=cutoffs), EVENTS, within=within), table, table, n_threads=n_threads)
        assert examples(Path(name)) == expected


SPENDING = replace(EVENTS, columns=columns(user="string", at="timestamp", what="string", spent="number"))
AMOUNT = EventRule(kind="amount", event="events", of="spent", where="what = 'beer'", within=WITHIN, cutoffs=(CUTOFF,))
AMOUNTS = st.lists(st.sampled_from([0.1, 0.2, 0.3, -0.05, 7.25, 1e9, None]), min_size=12, max_size=12)


def write_spending(rows: list[Row], spent: Sequence[float | None], folder: Path) -> Path:
    users, times, whats = (list(column) for column in zip(*rows, strict=True))
    file = folder / "spending.parquet"
    table = {"user": users, "at": pa.array(times, INSTANT), "what": whats, "spent": pa.array(spent, pa.float64())}
    write_table(pa.table(table), file)
    return file


@settings(deadline=None, max_examples=20)
@given(LOGS, AMOUNTS, st.integers(1, 3), st.randoms(use_true_random=False))
def test_amounts_of_a_rule_are_what_adding_by_hand_gives_whatever_the_order(
    rows: list[Row], amounts: list[float | None], n_threads: int, random: Random
) -> None:
    spent = [*amounts[: len(rows)], *([1.5] * len(CROWD)), 3.0]
    rows = [*rows, *CROWD, LAST]
    cutoffs = (CUTOFF, day(12))
    expected = []
    for cutoff in cutoffs:
        known = {user for user, at, _ in rows if at < cutoff}
        for user in sorted(known):
            millionths = sum(
                round((amount or 0) * 1e6)
                for (other, at, what), amount in zip(rows, spent, strict=True)
                if other == user and what == "beer" and cutoff <= at < cutoff + WITHIN
            )
            expected.append((user, cutoff, millionths / 1e6))
    pairs = list(zip(rows, spent, strict=True))
    random.shuffle(pairs)
    with TemporaryDirectory() as name:
        table = write_spending([row for row, _ in pairs], [amount for _, amount in pairs], Path(name))
        summary = observe(spec(replace(AMOUNT, cutoffs=cutoffs), SPENDING), table, table, n_threads=n_threads)
        assert examples(Path(name)) == expected
        assert read_labels(Path(name) / "labels").loss == "squared_error"
        assert summary.total == pytest.approx(sum(label for _, _, label in expected))
        assert summary.n_positives == sum(label != 0 for _, _, label in expected)


def test_amounts_that_add_up_to_nothing_are_refused(tmp_path: Path) -> None:
    table = write_spending([*CROWD, LAST], [-1.5] * (len(CROWD) + 1), tmp_path)
    with pytest.raises(DataError, match=r"add up to -15\.00, but a list .* Is the sign right"):
        observe(spec(AMOUNT, SPENDING), table, table)


def test_too_few_amounts_are_refused(tmp_path: Path) -> None:
    table = write_spending([*CROWD, LAST], [0.0] * len(CROWD) + [1.0], tmp_path)
    with pytest.raises(DataError, match="Only 0 of 20 labelled users have an amount other than 0; at least 10"):
        observe(spec(AMOUNT, SPENDING), table, table)


def test_amounts_of_a_table_are_taken_as_they_are(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    users = sorted({user for user, _, _ in CROWD})
    amounts = [1.25 * number for number in range(len(users))]
    file = tmp_path / "given.parquet"
    write_table(pa.table({"user": users, "label": [str(amount) for amount in amounts]}), file)
    observe(spec(replace(TABLE, outcome="amount"), GIVEN), file, population)
    assert [label for _, _, label in examples(tmp_path)] == amounts
    write_table(pa.table({"user": users, "label": ["inf", *("1.5" for _ in users[1:])]}), file)
    with pytest.raises(DataError, match="1 rows have no amount in label, for example 'inf': write a number"):
        observe(spec(replace(TABLE, outcome="amount"), GIVEN), file, population)


@pytest.mark.parametrize(("at", "label"), [(10 - 1e-6, 0), (10, 1), (15 - 1e-6, 1), (15, 0)])
def test_an_event_counts_from_the_cutoff_on_and_until_before_the_end(tmp_path: Path, at: float, label: int) -> None:
    table = write_events([("a", day(1), "bread"), ("a", day(at), "beer"), *CROWD, LAST], tmp_path)
    observe(spec(RULE, EVENTS), table, table)
    assert ("a", CUTOFF, float(label)) in examples(tmp_path)


@settings(deadline=None, max_examples=10)
@given(LOGS)
def test_events_before_the_cutoff_do_not_change_the_labels_of_the_others(rows: list[Row]) -> None:
    early = [(user, at, what) for user, at, what in rows if at < CUTOFF]
    found = []
    for log in ([*CROWD, LAST], [*early, *CROWD, LAST]):
        with TemporaryDirectory() as name:
            table = write_events(log, Path(name))
            observe(spec(RULE, EVENTS), table, table)
            found.append([row for row in examples(Path(name)) if row[0].startswith("crowd")])
    assert found[0] == found[1]


def test_the_order_of_the_rows_and_the_threads_change_no_byte(tmp_path: Path) -> None:
    written = []
    for n_threads, log in ((1, [*CROWD, LAST]), (4, [LAST, *CROWD[::-1]])):
        table = write_events(log, tmp_path)
        observe(spec(RULE, EVENTS), table, table, n_threads=n_threads)
        written.append((tmp_path / "labels" / EXAMPLES).read_bytes())
    assert written[0] == written[1]


def test_a_cutoff_whose_horizon_is_open_is_refused_with_the_latest_possible_one(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("z", day(14.9), "beer")], tmp_path)
    with pytest.raises(
        DataError, match=r"labels at 2024-01-11 cannot be known yet.*latest possible cut-off is 2024-01-10"
    ):
        observe(spec(RULE, EVENTS), table, table)


def test_a_horizon_is_closed_by_an_event_at_its_end(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("z", day(15.25), "bread")], tmp_path)
    at_once, closed = TableSpec(method=EVENTS, data_version="1"), CUTOFF + timedelta(days=0.25)
    assert is_mature(RULE, at_once, closed, [table])
    assert not is_mature(RULE, at_once, closed + timedelta(microseconds=1), [table])
    observe(spec(replace(RULE, cutoffs=(closed,)), EVENTS), table, table)


def test_the_last_day_of_a_log_that_tells_days_is_over(tmp_path: Path) -> None:
    days = [(user, day(int((at - day(0)) / timedelta(days=1))), what) for user, at, what in CROWD]
    table = write_events([*days, ("z", day(14), "bread")], tmp_path)
    at_once = TableSpec(method=EVENTS, data_version="1")
    assert is_mature(RULE, at_once, CUTOFF, [table])
    assert not is_mature(RULE, at_once, CUTOFF + timedelta(microseconds=1), [table])


def test_a_day_begins_where_it_happened(tmp_path: Path) -> None:
    table = write_events(
        [("y", day(2) - timedelta(hours=9), "beer"), ("z", day(14) - timedelta(hours=9), "bread")], tmp_path
    )
    tokyo = TableSpec(method=replace(EVENTS, time_zone="Asia/Tokyo"), data_version="1")
    over = CUTOFF - timedelta(hours=9)
    assert is_mature(RULE, tokyo, over, [table])
    assert not is_mature(RULE, tokyo, over + timedelta(microseconds=1), [table])


def test_one_event_at_midnight_makes_no_log_of_days(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("y", day(13.5), "beer"), ("z", day(14), "bread")], tmp_path)
    assert not is_mature(RULE, TableSpec(method=EVENTS, data_version="1"), CUTOFF, [table])


def test_a_condition_that_nothing_meets_is_refused_with_the_values_there_are(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    with pytest.raises(DataError) as caught:
        observe(spec(replace(RULE, where="what = 'BEER'"), EVENTS), table, table)
    assert "what has values such as 'bread', 'beer'. Did you mean 'beer'?" in str(caught.value)


def given_labels(rows: Sequence[tuple[str, object]], folder: Path) -> Path:
    file = folder / "given.parquet"
    write_table(
        pa.table({"user": [row[0] for row in rows], "label": pa.array([row[1] for row in rows], pa.string())}), file
    )
    return file


CROWD_LABELS: list[tuple[str, object]] = [(f"crowd{number:02}", str(number % 2)) for number in range(20)]


def test_given_labels_are_taken_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    population = write_events([*CROWD, ("new", CUTOFF, "beer"), ("blank", day(1), "beer"), LAST], tmp_path)
    rows = [*CROWD_LABELS, CROWD_LABELS[0], ("unknown", "1"), ("new", "0"), ("blank", None)]
    summary = observe(spec(TABLE, GIVEN), given_labels(rows, tmp_path), population)
    assert examples(tmp_path) == [(user, CUTOFF, float(str(label))) for user, label in CROWD_LABELS]
    assert (summary.n_unknown, summary.n_unobserved, summary.n_repeated) == (2, 1, 1)
    assert any("2 labelled users are not in the population" in warning for warning in told(summary))


def test_bad_and_contradicting_labels_are_refused_together(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    rows = [*CROWD_LABELS, ("crowd00", "1"), ("crowd01", "yes"), ("crowd02", "2")]
    with pytest.raises(DataError) as caught:
        observe(spec(TABLE, GIVEN), given_labels(rows, tmp_path), population)
    assert "2 rows have no label in label, for example '2'" in str(caught.value)
    assert "for example crowd00" in str(caught.value)


def test_labels_at_other_cutoffs_are_refused(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    table = tmp_path / "timed.parquet"
    write_table(pa.table({"user": ["crowd00"], "at": pa.array([day(11)], INSTANT), "label": [1]}), table)
    with pytest.raises(DataError, match="1 rows are at other cut-offs than the case's, for example 2024-01-12"):
        observe(spec(TABLE, TIMED), table, population)


def test_labels_of_nobody_known_are_refused(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    with pytest.raises(DataError, match="None of the 2 users of given is in the population events"):
        observe(spec(TABLE, GIVEN), given_labels([("1", "0"), ("2", "1")], tmp_path), population)


@pytest.mark.parametrize(("label", "few"), [("0", "positive"), ("1", "negative")])
def test_labels_of_one_class_are_refused(tmp_path: Path, label: str, few: str) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    rows = [(user, label) for user, _ in CROWD_LABELS]
    with pytest.raises(
        DataError, match=f"Only 0 of 20 labelled users are {few}; at least 10 are needed.*Label more users"
    ):
        observe(spec(TABLE, GIVEN), given_labels(rows, tmp_path), population)


def test_labels_are_counted_by_cutoff(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    summary = observe(spec(replace(RULE, cutoffs=(CUTOFF, day(20))), EVENTS), table, table)
    assert [(cutoff.n_users, cutoff.n_positives) for cutoff in summary.cutoffs] == [(20, 10), (20, 0)]


def test_the_population_has_rows_strictly_before_the_cutoff_and_not_too_long_before(tmp_path: Path) -> None:
    rows = [("c", day(8), "x"), ("a", day(9.9), "x"), ("a", day(9), "x"), ("b", CUTOFF, "x"), ("old", day(7.9), "x")]
    table = write_events(rows, tmp_path)
    for within, expected in ((None, ["a", "c", "old"]), (timedelta(days=2), ["a", "c"])):
        population = Population(download="events", within=within)
        write_population(population, EVENTS, [table], cutoff=CUTOFF, folder=tmp_path, n_threads=2)
        assert np.array_equal(read_population(tmp_path), np.array(expected, dtype=object))


def test_an_empty_population_is_refused(tmp_path: Path) -> None:
    table = write_events([("a", CUTOFF, "x")], tmp_path)
    with pytest.raises(DataError, match="Nobody is in the population as of 2024-01-11"):
        write_population(Population(download="events"), EVENTS, [table], cutoff=CUTOFF, folder=tmp_path, n_threads=1)


def test_a_cutoff_with_nobody_to_label_is_refused(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    with pytest.raises(
        DataError, match="Nobody is labelled at 2024-01-02, 2024-01-03: the population events has nobody"
    ):
        observe(spec(replace(RULE, cutoffs=(day(1), day(2), CUTOFF)), EVENTS), table, table)


def test_a_cutoff_without_a_given_label_is_refused(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    table = tmp_path / "timed.parquet"
    users, labels = [user for user, _ in CROWD_LABELS], [int(str(label)) for _, label in CROWD_LABELS]
    write_table(pa.table({"user": users, "at": pa.array([CUTOFF] * 20, INSTANT), "label": labels}), table)
    with pytest.raises(DataError, match="Nobody is labelled at 2024-01-21: given has no label"):
        observe(spec(replace(TABLE, cutoffs=(CUTOFF, day(20))), TIMED), table, population)


def test_labels_that_are_all_empty_are_refused(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    table = given_labels([(user, None) for user, _ in CROWD_LABELS], tmp_path)
    with pytest.raises(DataError, match=r"downloads/given.yaml: label is empty in all 20 rows"):
        observe(spec(TABLE, GIVEN), table, population)


@pytest.mark.parametrize("where", ["WHAT = 'BEER'", "what LIKE '%Beer%'", "what = 'bier' OR what = 'beer''s'"])
def test_what_was_meant_is_found_however_the_condition_is_written(tmp_path: Path, where: str) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    with pytest.raises(DataError, match=r"Did you mean 'beer'\?"):
        observe(spec(replace(RULE, where=where), EVENTS), table, table)


def test_labels_that_nothing_is_learned_from_may_be_few(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    labels = spec(replace(RULE, cutoffs=(day(20),)), EVENTS)
    with pytest.raises(DataError, match="Only 0 of 20 labelled users are positive"):
        write_labels(labels, [table], [table], folder=tmp_path, n_threads=1)
    write_labels(labels, [table], [table], folder=tmp_path, n_threads=1, min_positives=0)
    assert read_summary(tmp_path).n_positives == 0


def test_an_open_horizon_of_hours_is_told_to_the_minute(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("z", day(15.25), "bread")], tmp_path)
    rule = replace(RULE, within=timedelta(hours=6), cutoffs=(day(15.125),))
    with pytest.raises(
        DataError, match=r"ends at 2024-01-16 09:00, but the events of events are known until 2024-01-16 06:00"
    ):
        observe(spec(rule, EVENTS), table, table)


def test_leaving_labels_are_those_of_the_event_turned_round(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    observe(spec(RULE, EVENTS), table, table)
    happened = examples(tmp_path)
    observe(spec(replace(RULE, kind="leaving"), EVENTS), table, table)
    assert examples(tmp_path) == [(user, cutoff, 1 - label) for user, cutoff, label in happened]


@settings(deadline=None, max_examples=20)
@given(LOGS, st.sampled_from([None, timedelta(days=5)]), st.sampled_from([None, "what = 'beer'"]), st.integers(1, 3))
def test_the_population_is_what_counting_active_users_by_hand_gives(
    rows: list[Row], within: timedelta | None, where: str | None, at_least: int
) -> None:
    rows = [*rows, *[("always", day(9), "beer")] * 3]
    counted = [
        user
        for user, at, what in rows
        if at < CUTOFF and (within is None or at >= CUTOFF - within) and (where is None or what == "beer")
    ]
    expected = sorted({user for user in counted if counted.count(user) >= at_least})
    active = Population(download="events", where=where, within=within, at_least=at_least)
    with TemporaryDirectory() as name:
        table = write_events(rows, Path(name))
        write_population(active, EVENTS, [table], cutoff=CUTOFF, folder=Path(name), n_threads=1)
        assert read_population(Path(name)).tolist() == expected


def test_only_active_users_are_labelled(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("once", day(9), "beer"), LAST], tmp_path)
    labels = replace(spec(RULE, EVENTS), population=Population(download="events", where="what = 'bread'"))
    observe(labels, table, table)
    assert "once" not in {user for user, _, _ in examples(tmp_path)}


def test_a_cutoff_whose_horizon_is_open_is_left_out_and_counted(tmp_path: Path) -> None:
    table = write_events([*CROWD, ("z", day(14.9), "beer"), ("z", day(15.5), "beer")], tmp_path)
    summary = observe(spec(replace(RULE, cutoffs=(CUTOFF, day(12), day(13))), EVENTS), table, table)
    assert summary.immature == Immature(cutoffs=(day(12), day(13)), n_users=40, latest=day(10.5))
    assert {cutoff for _, cutoff, _ in examples(tmp_path)} == {CUTOFF}
    assert (
        "40 labels at 2024-01-13 and 2024-01-14 cannot be known yet and were left out: "
        "the latest possible cut-off is 2024-01-11." in told(summary)
    )


@settings(deadline=None, max_examples=10)
@given(LOGS)
def test_a_cutoff_left_out_changes_no_label_at_the_others(rows: list[Row]) -> None:
    written = []
    for cutoffs in ((CUTOFF,), (CUTOFF, day(37))):
        with TemporaryDirectory() as name:
            table = write_events([*rows, *CROWD, LAST], Path(name))
            observe(spec(replace(RULE, cutoffs=cutoffs), EVENTS), table, table)
            written.append(examples(Path(name)))
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("kind", "what", "advice"),
    [
        ("events", "beer", r"Do events and events write the user id the same way\? Take a longer horizon"),
        ("events", "bread", "Take a shorter horizon .* or a narrower condition"),
        ("leaving", "beer", "Take a longer horizon"),
        ("leaving", "bread", "Take a shorter horizon"),
    ],
)
def test_the_advice_is_for_what_there_is_too_little_of(tmp_path: Path, kind: str, what: str, advice: str) -> None:
    rows = [(user, at, "bread" if at > CUTOFF else "beer") for user, at, _ in CROWD]
    table = write_events([*rows, LAST], tmp_path)
    rule = replace(RULE, kind=kind, where=f"what = '{what}'")
    with pytest.raises(DataError, match=advice):
        observe(spec(rule, EVENTS), table, table)


def test_who_has_too_few_labels_is_told_of_a_way_that_needs_none(tmp_path: Path) -> None:
    rows = [(user, at, "beer") for user, at, _ in CROWD]
    first = rows[0][0]
    table = write_events([*rows, (first, CUTOFF + timedelta(days=1), "wine"), LAST], tmp_path)
    rule = replace(RULE, where="what = 'wine'")
    with pytest.raises(DataError, match=r"Only 1 of .*`yule ask` ranks users by such a question without a label"):
        observe(spec(rule, EVENTS), table, table)


IN_TOKYO = replace(SPENDING, time_zone="Asia/Tokyo")
EARLY = 'hour("at") < 6'  # from 15:00 UTC to 21:00 UTC


def write_round_the_clock(folder: Path) -> tuple[Path, list[tuple[str, datetime]]]:
    """Write events of one hour for each user before the cut-off, of another hour after it."""
    hours = [(number, (5 * number) % 24) for number in range(60)]
    rows: list[Row] = [
        *((f"u{number:02}", day(9) + timedelta(hours=hour), "beer") for number, hour in hours),
        *((f"u{number:02}", day(12) + timedelta(hours=number % 24), "wine") for number, _ in hours),
        LAST,
    ]
    return write_spending(rows, [2.0] * len(rows), folder), [(user, at) for user, at, _ in rows]


def is_early(at: datetime) -> bool:
    return at.astimezone(ZoneInfo("Asia/Tokyo")).hour < 6


@pytest.mark.parametrize(("kind", "hit", "missed"), [("events", 1, 0), ("leaving", 0, 1), ("amount", 2, 0)])
def test_a_rule_on_the_hour_asks_for_what_the_clock_showed(tmp_path: Path, kind: str, hit: int, missed: int) -> None:
    table, rows = write_round_the_clock(tmp_path)
    rule = replace(RULE, kind=kind, where=EARLY, of="spent" if kind == "amount" else None)
    observe(spec(rule, IN_TOKYO), table, table)
    early = {user for user, at in rows if at >= CUTOFF and is_early(at)}
    assert {user: label for user, _, label in examples(tmp_path)} == {
        user: float(hit if user in early else missed) for user, at in rows if at < CUTOFF
    }


def test_who_is_active_at_an_hour_is_who_was_by_the_clock_there(tmp_path: Path) -> None:
    table, rows = write_round_the_clock(tmp_path)
    write_population(
        Population(download="events", where=EARLY), IN_TOKYO, [table], cutoff=CUTOFF, folder=tmp_path, n_threads=1
    )
    assert set(read_population(tmp_path)) == {user for user, at in rows if at < CUTOFF and is_early(at)}


def test_events_and_population_each_have_the_clock_of_their_own_table(tmp_path: Path) -> None:
    table, rows = write_round_the_clock(tmp_path)
    labels = spec(replace(RULE, where=EARLY), IN_TOKYO)
    population = replace(labels.population, where='hour("at") BETWEEN 15 AND 20')
    (tmp_path / "labels").mkdir()
    labels = replace(labels, population=population)
    write_labels(labels, [table], [table], folder=tmp_path / "labels", n_threads=1, min_positives=0)
    assert {user for user, _, _ in examples(tmp_path)} == {user for user, at in rows if at < CUTOFF and is_early(at)}


def test_a_condition_that_nothing_meets_shows_no_value_of_a_personal_column(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    columns = tuple(replace(column, pii="deny" if column.name == "what" else "no") for column in EVENTS.columns)
    with pytest.raises(DataError) as caught:
        observe(spec(replace(RULE, where="what = 'BEER'"), replace(EVENTS, columns=columns)), table, table)
    assert "meets the condition" in str(caught.value)
    assert "bread" not in str(caught.value)
