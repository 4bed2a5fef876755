"""Facts about labels of which only the positives are known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.labels.observe import EXAMPLES, read_labels, read_summary, write_labels
from yule.labels.population import KnownUsers, read_population, write_population
from yule.labels.settings import LabelSpec, Population, PositiveList
from yule.labels.sources.positives import N_DRAWS

CUTOFF = datetime(2024, 1, 11, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
USER, AT = Column(name="user", type="string"), Column(name="at", type="timestamp")

EVENTS = Method(name="events", source="s", table="t", user="user", time="at", columns=(USER, AT))
SEEDS = Method(name="seeds", source="s", table="t", user="user", columns=(USER,))
TIMED = replace(SEEDS, time="at", columns=(USER, AT))
LISTED = PositiveList(download="seeds", cutoffs=(CUTOFF,), per_positive=1)


def spec(listed: PositiveList = LISTED, method: Method = SEEDS) -> LabelSpec:
    return LabelSpec(
        settings=listed,
        table=TableSpec(method=method, data_version="1"),
        population=Population(download="events"),
        population_table=TableSpec(method=EVENTS, data_version="1"),
    )


def names(n_users: int) -> list[str]:
    return [f"u{number:04}" for number in range(n_users)]


def write_users(users: list[str], file: Path, *, at: list[datetime] | None = None) -> Path:
    table: dict[str, object] = {"user": users}
    if at is not None:
        table["at"] = pa.array(at, INSTANT)
    write_table(pa.table(table), file)
    return file


def observe(folder: Path, *, known: list[str], users: list[str], labels: LabelSpec | None = None) -> Examples:
    """Observe the labels of a list in a population of users who were there a day before the cut-off."""
    seeds = write_users(known, folder / "seeds.parquet")
    events = write_users(users, folder / "events.parquet", at=[CUTOFF - timedelta(days=1)] * len(users))
    write_labels(labels or spec(), [seeds], [events], folder=folder, n_threads=1)
    return read_labels(folder)


@settings(deadline=None, max_examples=20)
@given(st.integers(10, 30), st.integers(10, 900), st.integers(1, 3), st.integers(0, 5))
def test_all_known_positives_are_taken_and_as_many_others_as_the_draws_need(
    n_known: int, n_others: int, per_positive: int, n_absent: int
) -> None:
    users = names(n_known + n_others)
    known = users[:n_known] + [f"absent{number}" for number in range(n_absent)]
    with TemporaryDirectory() as name:
        labels = spec(replace(LISTED, per_positive=per_positive))
        examples = observe(Path(name), known=known, users=users, labels=labels)
        summary = read_summary(Path(name))
    positives = set(examples.user_ids[examples.labels == 1])
    unlabelled = examples.user_ids[examples.labels == 0].tolist()
    assert positives == set(users[:n_known])
    assert len(unlabelled) == len(set(unlabelled)) == min(N_DRAWS * per_positive * n_known, n_others)
    assert set(unlabelled) <= set(users[n_known:])
    assert (summary.n_positives, summary.n_unknown) == (n_known, n_absent)


def test_a_user_who_is_listed_at_any_cutoff_is_never_unlabelled(tmp_path: Path) -> None:
    users = names(100)
    later = CUTOFF + timedelta(days=7)
    seeds = write_users(users[:40], tmp_path / "seeds.parquet", at=[CUTOFF] * 20 + [later] * 20)
    events = write_users(users, tmp_path / "events.parquet", at=[CUTOFF - timedelta(days=1)] * 100)
    labels = spec(replace(LISTED, cutoffs=(CUTOFF, later)), TIMED)
    write_labels(labels, [seeds], [events], folder=tmp_path, n_threads=1)
    examples = read_labels(tmp_path)
    assert not set(examples.user_ids[examples.labels == 0]) & set(users[:40])
    at_first = examples.cutoffs == np.datetime64(CUTOFF.replace(tzinfo=None), "us")
    assert set(examples.user_ids[at_first & (examples.labels == 1)]) == set(users[:20])


def test_who_comes_only_after_the_cutoff_is_not_drawn(tmp_path: Path) -> None:
    users = names(60)
    seeds = write_users(users[:20], tmp_path / "seeds.parquet")
    times = [CUTOFF - timedelta(days=1)] * 40 + [CUTOFF] * 20
    events = write_users(users, tmp_path / "events.parquet", at=times)
    write_labels(spec(), [seeds], [events], folder=tmp_path, n_threads=1)
    assert set(read_labels(tmp_path).user_ids) == set(users[:40])


def test_the_order_of_the_rows_changes_no_byte(tmp_path: Path) -> None:
    users, written = names(900), []
    for order in (1, -1):
        observe(tmp_path, known=users[:20][::order], users=users[::order])
        written.append((tmp_path / EXAMPLES).read_bytes())
    assert written[0] == written[1]


def test_a_list_of_nobody_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="None of the 2 users of seeds is in the population events"):
        observe(tmp_path, known=["a", "b"], users=names(30))


def test_a_list_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Only 9 known positives are in the population; at least 10 are needed"):
        observe(tmp_path, known=names(9), users=names(30))


def test_a_population_of_known_positives_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Only 5 users of the population events are not on the list of seeds"):
        observe(tmp_path, known=names(25), users=names(30))


def test_rows_at_other_cutoffs_are_refused(tmp_path: Path) -> None:
    seeds = write_users(names(20), tmp_path / "seeds.parquet", at=[CUTOFF] * 19 + [CUTOFF + timedelta(days=1)])
    events = write_users(names(60), tmp_path / "events.parquet", at=[CUTOFF - timedelta(days=1)] * 60)
    with pytest.raises(DataError, match="1 rows are at other cut-offs than the case's, for example 2024-01-12"):
        write_labels(spec(method=TIMED), [seeds], [events], folder=tmp_path, n_threads=1)


def test_known_positives_are_not_scored(tmp_path: Path) -> None:
    users = names(30)
    seeds = write_users(users[:10], tmp_path / "seeds.parquet")
    events = write_users(users, tmp_path / "events.parquet", at=[CUTOFF - timedelta(days=1)] * 30)
    known = KnownUsers(method=SEEDS, table=[seeds])
    population = Population(download="events")
    write_population(population, EVENTS, [events], cutoff=CUTOFF, folder=tmp_path, n_threads=1, known=known)
    assert read_population(tmp_path).tolist() == users[10:]
