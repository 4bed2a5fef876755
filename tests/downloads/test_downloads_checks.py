"""Facts about what a declaration expects of its data: what is let in, and what is told of the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yule.core.errors import DataError
from yule.core.settings import to_json
from yule.downloads.costs.ledger import read_entries
from yule.downloads.keeping.days.kept import find_days
from yule.downloads.keeping.fetch import fetch_table, select, specify, table_files
from yule.downloads.keeping.rows.acceptance import find_failures
from yule.downloads.keeping.rows.expectations import Band, Checks, ColumnChecks
from yule.downloads.settings import Column, Days, FilesSource, Method
from yule.downloads.specs import Fetching, TableSpec
from yule.sql.columns import ColumnType
from yule.storage.opening import open_store
from yule.storage.store import Store

ORDERS = Method(
    name="orders",
    source="shop",
    table="orders.parquet",
    user="user",
    time="at",
    days=Days(since=date(2024, 1, 1), late_days=1),
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="id", type="integer"),
        Column(name="kind", type="string"),
        Column(name="price", type="number"),
        Column(name="email", type="string", pii="deny"),
    ),
)
GOOD = [(day, "u", day * 10 + number, "web", 1.0, "e") for day in range(4) for number in range(2)]
Row = tuple[int, str, int | None, str | None, float | None, str | None]


def write_orders(folder: Path, rows: list[Row]) -> FilesSource:
    """Put orders into a source."""
    folder.mkdir(exist_ok=True)
    days, users, ids, kinds, prices, emails = (list(column) for column in zip(*rows, strict=True))
    at = pa.array([datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=day) for day in days])
    table = {"user": users, "at": at, "id": ids, "kind": kinds, "price": prices, "email": emails}
    pq.write_table(pa.table(table), folder / "orders.parquet")
    return FilesSource(path=str(folder))


def plan(store: Store, fetching: Fetching, method: Method = ORDERS, columns: list[str] | None = None) -> TableSpec:
    """Return the table as it is planned when the fourth day is over, and the third is final."""
    spec = select(specify(method, fetching, store), columns)
    if method.days is None:
        return spec
    return replace(spec, data_version="2024-01-05", until=datetime(2024, 1, 5, tzinfo=UTC))


def fetch(store: Store, spec: TableSpec, fetching: Fetching) -> int:
    """Fetch a table; return how many rows it has."""
    with store.staging() as folder:
        fetch_table(store, spec, fetching, folder, n_threads=1)
        return sum(pq.read_metadata(file).num_rows for file in table_files(folder, store))


def refusal(folder: Path, checks: Checks, rows: list[Row], method: Method = ORDERS) -> str:
    """Return what is said of rows that do not pass."""
    store = open_store(str(folder / "w"))
    fetching = Fetching(sources={"shop": write_orders(folder / "data", rows)}, checks={"orders": checks})
    with pytest.raises(DataError) as caught:
        fetch(store, plan(store, fetching, method, ["id", "kind", "price", "email"]), fetching)
    return str(caught.value)


WHOLE = replace(ORDERS, days=None)
ALL = Checks(
    columns={
        "id": ColumnChecks(not_null=True, unique=True),
        "kind": ColumnChecks(accepted_values=("web", "shop")),
        "price": ColumnChecks(min="0", max="99.5"),
        "email": ColumnChecks(accepted_values=("e",)),
    },
    rows_per_day=Band(min=2, max=3),
)
BAD: list[Row] = [
    (1, "u", None, "web", 1.0, "e"),
    (1, "v", 11, "fax", -1.0, "secret@example.com"),
    (2, "u", 20, "wob", 100.0, "e"),
    (2, "u", 20, None, None, None),
]


def test_all_that_is_wrong_is_told_at_once_with_its_days_and_examples(tmp_path: Path) -> None:
    assert refusal(tmp_path, ALL, [*GOOD, *BAD]) == (
        "downloads/orders.yaml: the data do not pass its checks on 2 days, which are not kept; those that pass are:\n"
        "  email: accepted_values e: 1 row of 2024-01-02\n"
        "  id: not_null: 1 row of 2024-01-02, for example of user 'u'\n"
        "  id: unique: 1 row of 2024-01-02, for example '11'; 2 rows of 2024-01-03, for example '20'\n"
        "  kind: accepted_values web, shop: 1 row of 2024-01-02, for example 'fax'; "
        "1 row of 2024-01-03, for example 'wob'\n"
        "  price: max 99.5: 1 row of 2024-01-03, for example '100.0'\n"
        "  price: min 0: 1 row of 2024-01-02, for example '-1.0'\n"
        "  rows_per_day: max 3: 4 rows of 2024-01-02; 4 rows of 2024-01-03\n"
        "Correct the data, or what is declared of them."
    )


def test_a_table_that_is_fetched_whole_is_checked_too(tmp_path: Path) -> None:
    message = refusal(tmp_path, replace(ALL, rows_per_day=None), [*GOOD, *BAD], WHOLE)
    assert "downloads/orders.yaml: the data do not pass its checks:\n" in message
    assert "  id: unique: 3 rows, for example '11'\n" in message


def test_days_that_pass_are_kept_and_only_the_others_are_asked_for_again(tmp_path: Path) -> None:
    refusal(tmp_path, ALL, [*GOOD, *BAD])
    store = open_store(str(tmp_path / "w"))
    fetching = Fetching(sources={"shop": write_orders(tmp_path / "data", GOOD)}, checks={"orders": ALL})
    spec = plan(store, fetching, columns=["id", "kind", "price", "email"])
    assert [day.day for day in find_days(store, spec)] == [1, 4]
    assert fetch(store, spec, fetching) == len(GOOD)
    last = list(read_entries(store.objects))[-1]
    assert (last.since[:10], last.until[:10]) == ("2024-01-02", "2024-01-04")


def test_too_few_rows_are_refused_once_the_day_is_final(tmp_path: Path) -> None:
    band = Checks(rows_per_day=Band(min=2))
    message = refusal(tmp_path, band, [row for row in GOOD if row[0] == 0])
    assert "rows_per_day: min 2: 0 rows of 2024-01-02; 0 rows of 2024-01-03\n" in message
    assert "2024-01-04" not in message


def test_a_key_of_several_columns_occurs_once(tmp_path: Path) -> None:
    checks = Checks(unique=("user", "kind"))
    assert "  user, kind: unique: 1 row of 2024-01-01, for example 'u, web'" in refusal(tmp_path, checks, GOOD)


def test_columns_that_are_not_fetched_are_not_looked_at(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "w"))
    fetching = Fetching(sources={"shop": write_orders(tmp_path / "data", [*GOOD, *BAD])}, checks={"orders": ALL})
    fetching = replace(fetching, checks={"orders": replace(ALL, rows_per_day=None)})
    assert fetch(store, plan(store, fetching, columns=[]), fetching) == len(GOOD) + len(BAD)


def test_checks_key_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "w"))
    fetching = Fetching(sources={"shop": write_orders(tmp_path / "data", GOOD)})
    checked = replace(ORDERS, checks=ALL, warn_after=timedelta(days=2))
    assert plan(store, fetching, checked) == plan(store, fetching)
    text = to_json(plan(store, fetching))
    assert "checks" not in text
    assert "warn_after" not in text


@pytest.mark.parametrize(
    ("kind", "value", "passes", "fails"),
    [
        ("integer", 5, ColumnChecks(min="5", max="5"), ColumnChecks(max="4")),
        ("number", 0.5, ColumnChecks(accepted_values=("0.5", "1")), ColumnChecks(accepted_values=("1",))),
        ("boolean", True, ColumnChecks(accepted_values=("true",)), ColumnChecks(accepted_values=("false",))),
        ("date", date(2024, 1, 2), ColumnChecks(min="2024-01-02"), ColumnChecks(max="2024-01-01")),
        (
            "timestamp",
            datetime(2024, 1, 2, 1, tzinfo=UTC),
            ColumnChecks(min="2024-01-02T01:00:00+00:00"),
            ColumnChecks(max="2024-01-02"),
        ),
        ("string", "it's", ColumnChecks(accepted_values=("it's",)), ColumnChecks(accepted_values=("its",))),
        ("string", None, ColumnChecks(accepted_values=("x",)), ColumnChecks(not_null=True)),
    ],
)
def test_values_of_every_type_are_compared_in_their_type(
    tmp_path: Path, kind: ColumnType, value: object, passes: ColumnChecks, fails: ColumnChecks
) -> None:
    method = replace(WHOLE, columns=(*ORDERS.columns[:2], Column(name="a b", type=kind)))
    file = tmp_path / "x" / "table.parquet"
    file.parent.mkdir()
    pq.write_table(pa.table({"user": ["u"], "at": [datetime(2024, 1, 1, tzinfo=UTC)], "a b": [value]}), file)
    assert find_failures(method, Checks(columns={"a b": passes}), file, n_threads=1) == []
    assert len(find_failures(method, Checks(columns={"a b": fails}), file, n_threads=1)) == 1
