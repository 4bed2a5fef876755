"""Facts about ids that are spelt in another way."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from test_labels_observe import CROWD, EVENTS, GIVEN, LAST, RULE, TABLE, observe, spec, write_events

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.labels.alike import Alike, find_alike
from yule.labels.summary import LabelSummary
from yule.messages.telling import tell

USERS = sorted({user for user, _, _ in CROWD})


def told(summary: LabelSummary) -> tuple[str, ...]:
    """Return what is to be known of labels, in words."""
    return tuple(tell(finding).text for finding in summary.findings)


def write_labels_of(users: list[str], folder: Path) -> Path:
    file = folder / "given.parquet"
    write_table(pa.table({"user": users, "label": [str(place % 2) for place in range(len(users))]}), file)
    return file


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("7.0", "7"),
        ("007", "7"),
        (" 7", "7"),
        ("7\u3000", "7"),
        ("\ufeff7", "7"),
        ("A1", "a1"),
        ("e\u0301", "é"),
        ("7", "7.00"),
    ],
)
def test_another_spelling_of_an_id_is_found(given: str, known: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE a AS SELECT ? AS user_id", [given])
        connection.execute("CREATE TABLE b AS SELECT ? AS user_id", [known])
        found = find_alike(connection, "SELECT user_id FROM a", "SELECT user_id FROM b")
    assert found == Alike(n_users=1, given=given, known=known)


@pytest.mark.parametrize(("given", "known"), [("7", "7"), ("7", "70"), ("0", "00x"), ("a b", "ab"), ("7.5", "7")])
def test_ids_that_are_the_same_or_others_are_not(given: str, known: str) -> None:
    with duckdb.connect() as connection:
        query = "SELECT unnest([{}]) AS user_id"
        assert find_alike(connection, query.format(f"'{given}'"), query.format(f"'{known}'")) is None


def test_labelled_users_who_are_known_by_another_spelling_are_told(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    given = write_labels_of([*USERS, "crowd07 ", "CROWD08", "nobody"], tmp_path)
    summary = observe(spec(TABLE, replace(GIVEN)), given, population)
    assert told(summary) == (
        "3 labelled users are not in the population and were left out. 2 of them would be if ids were written alike: "
        "'CROWD08' is not 'crowd08'.",
    )


def test_labels_of_nobody_who_is_known_say_how_the_ids_differ(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    given = write_labels_of([f"{user} " for user in USERS], tmp_path)
    with pytest.raises(DataError, match="20 of them would be if ids were written alike: 'crowd00 ' is not 'crowd00'"):
        observe(spec(TABLE, GIVEN), given, population)


def test_events_of_users_whom_the_population_spells_in_another_way_are_told(tmp_path: Path) -> None:
    events = write_events([*CROWD, LAST, ("Crowd03", CROWD[1][1], "beer")], tmp_path)
    people = tmp_path / "people.parquet"
    write_table(pa.table({"user": USERS}), people)
    labels = spec(RULE, EVENTS)
    without_time = replace(GIVEN, name="people", columns=GIVEN.columns[:1])
    labels = replace(
        labels,
        population=replace(labels.population, download="people"),
        population_table=replace(labels.population_table, method=without_time),
    )
    (warning,) = told(observe(labels, events, people))
    assert warning == (
        "Users of the events are not in the population. 1 of them would be if ids were written alike: "
        "'Crowd03' is not 'crowd03'."
    )


def test_rows_without_a_label_are_told(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    file = tmp_path / "given.parquet"
    labels = [None, None, *(str(place % 2) for place in range(len(USERS)))]
    write_table(pa.table({"user": ["crowd00", "crowd01", *USERS], "label": pa.array(labels, pa.string())}), file)
    assert told(observe(spec(TABLE, GIVEN), file, population)) == ("2 rows have no label and were left out.",)


def test_too_few_labels_are_told_with_the_ids_that_are_spelt_in_another_way(tmp_path: Path) -> None:
    population = write_events([*CROWD, LAST], tmp_path)
    users = [user if place % 2 == 0 else f"{user} " for place, user in enumerate(USERS)]  # those of the positives
    with pytest.raises(DataError) as error:
        observe(spec(TABLE, GIVEN), write_labels_of(users, tmp_path), population)
    assert "Only 0 of 10 labelled users are positive" in str(error.value)
    assert "10 of them would be if ids were written alike: 'crowd01 ' is not 'crowd01'." in str(error.value)
