"""Facts about labels of one of several classes."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.labels.observe import read_labels, read_summary, write_labels
from yule.labels.settings import Classes, ClassRule, ClassTable, LabelSpec, Population
from yule.labels.summary import LabelSummary
from yule.messages.telling import tell

CUTOFF = datetime(2024, 1, 11, tzinfo=UTC)
WITHIN = timedelta(days=5)
CLASSES = ("beer", "wine")
Row = tuple[str, float, str | None]
"""A user, days from the cut-off, what was bought."""

EVENTS = Method(
    name="events",
    source="s",
    table="t",
    user="user",
    time="at",
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="what", type="string"),
    ),
)
GIVEN = Method(
    name="given",
    source="s",
    table="t",
    user="user",
    columns=(Column(name="user", type="string"), Column(name="what", type="string")),
)
RULE = ClassRule(event="events", of="what", classes=CLASSES, within=WITHIN, cutoffs=(CUTOFF,))
TABLE = ClassTable(download="given", label="what", classes=CLASSES, cutoffs=(CUTOFF,))

# Everybody is known before the cut-off; ten are of each class, and a last event closes the horizon.
CROWD: list[Row] = [
    row
    for number in range(30)
    for row in ((f"crowd{number:02}", -1.0, "bread"), (f"crowd{number:02}", 1.0, ("beer", "wine", "bread")[number % 3]))
]
LAST: Row = ("late", 30.0, "bread")


def told(summary: LabelSummary) -> tuple[str, ...]:
    """Return what is to be known of labels, in words."""
    return tuple(tell(finding).text for finding in summary.findings)


def write_events(rows: list[Row], folder: Path) -> Path:
    users, days, whats = (list(column) for column in zip(*rows, strict=True))
    times = pa.array([CUTOFF + timedelta(days=day) for day in days], pa.timestamp("us", tz="UTC"))
    file = folder / "events.parquet"
    write_table(pa.table({"user": users, "at": times, "what": pa.array(whats, pa.string())}), file)
    return file


def write_given(rows: list[tuple[str, str | None]], folder: Path) -> Path:
    users, whats = (list(column) for column in zip(*rows, strict=True))
    file = folder / "given.parquet"
    write_table(pa.table({"user": users, "what": pa.array(whats, pa.string())}), file)
    return file


def observe(
    labels: Classes, table: Path, population: Path, *, min_users: int = 10
) -> tuple[dict[str, float], LabelSummary]:
    folder = table.parent / "labels"
    folder.mkdir(exist_ok=True)
    spec = LabelSpec(
        settings=labels,
        table=TableSpec(method=EVENTS if isinstance(labels, ClassRule) else GIVEN, data_version="1"),
        population=Population(download="events"),
        population_table=TableSpec(method=EVENTS, data_version="1"),
    )
    write_labels(spec, [table], [population], folder=folder, n_threads=1, min_positives=min_users)
    found = read_labels(folder)
    return dict(zip(found.user_ids.tolist(), found.labels.tolist(), strict=True)), read_summary(folder)


LOGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([-5.0, -1.0, 0.0, 2.0, 4.999, 5.0, 7.0]),
        st.sampled_from(["beer", "wine", "bread", None]),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(LOGS)
def test_a_class_is_what_counting_by_hand_gives(rows: list[Row]) -> None:
    rows = [*rows, *CROWD, LAST]
    expected = {}
    for user in sorted({user for user, day, _ in rows if day < 0}):
        bought = Counter(what for other, day, what in rows if other == user and 0 <= day < 5 and what in CLASSES)
        # Of equally many the one written first; the last number is that of users with no such event.
        expected[user] = float(max((0, 1), key=lambda number: bought[CLASSES[number]])) if bought else 2.0
    with TemporaryDirectory() as name:
        table = write_events(rows, Path(name))
        found, summary = observe(RULE, table, table)
    assert found == expected
    assert summary.n_users == len(expected)
    assert summary.n_positives == sum(label < 2 for label in expected.values())


def test_a_table_gives_the_number_of_its_class_and_empty_rows_are_not_observed(tmp_path: Path) -> None:
    given_rows = [(f"crowd{number:02}", CLASSES[number % 2]) for number in range(20)]
    table = write_given([*given_rows, ("crowd20", None)], tmp_path)
    found, summary = observe(TABLE, table, write_events([*CROWD, LAST], tmp_path))
    assert found == {user: float(CLASSES.index(what or "")) for user, what in given_rows}
    assert summary.n_unobserved == 1
    assert summary.n_positives == summary.n_users == 20


def test_values_that_are_no_class_are_listed(tmp_path: Path) -> None:
    table = write_given([("crowd00", "beer"), ("crowd01", "cider"), ("crowd02", "Beer")], tmp_path)
    with pytest.raises(DataError, match=r"values that are not among labels\.classes: 'Beer', 'cider'; add them there"):
        observe(TABLE, table, write_events([*CROWD, LAST], tmp_path))


def test_a_class_that_no_event_has_is_refused_with_what_comes_close(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST], tmp_path)
    rule = ClassRule(event="events", of="what", classes=("beers", "wine"), within=WITHIN, cutoffs=(CUTOFF,))
    with pytest.raises(DataError, match=r"No event of events has the what 'beers'.*Did you mean 'beer'\?"):
        observe(rule, table, table)


def test_too_few_users_of_a_class_are_refused_and_every_class_counted(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST, ("u", -1.0, "bread"), ("u", 1.0, "wine")], tmp_path)
    told = r"Too few users of beer and of none: there are 10 of beer, 11 of wine, 10 of none, and at least 11 of each"
    with pytest.raises(DataError, match=told):
        observe(RULE, table, table, min_users=11)


def test_a_horizon_that_is_still_open_is_refused(tmp_path: Path) -> None:
    table = write_events(CROWD, tmp_path)
    with pytest.raises(DataError, match="cannot be known yet"):
        observe(RULE, table, table)


def test_a_rule_on_the_hour_asks_for_what_the_clock_showed(tmp_path: Path) -> None:
    # 22:30 on the day before in New York, where the fifth hour of this day has not come.
    hours = [(user, day + (3.5 / 24 if day > 0 else 0), what) for user, day, what in CROWD]
    table = write_events([*hours, LAST], tmp_path)
    in_new_york = replace(EVENTS, time_zone="America/New_York")
    rule = replace(RULE, where='hour("at") = 22 AND TRY_CAST("at" AS DATE) = \'2024-01-11\'')
    folder = tmp_path / "labels"
    folder.mkdir()
    spec = LabelSpec(
        settings=rule,
        table=TableSpec(method=in_new_york, data_version="1"),
        population=Population(download="events"),
        population_table=TableSpec(method=EVENTS, data_version="1"),
    )
    write_labels(spec, [table], [table], folder=folder, n_threads=1)
    assert Counter(read_labels(folder).labels.tolist()) == {0.0: 10, 1.0: 10, 2.0: 10}


def test_values_that_are_a_class_but_for_case_and_blanks_are_told(tmp_path: Path) -> None:
    table = write_events([*CROWD, LAST, ("crowd02", 1.0, "Beer ")], tmp_path)
    _, summary = observe(RULE, table, table)
    assert told(summary) == ("Events of 'Beer ' do not count: classes are compared exactly, blanks and case as well.",)
