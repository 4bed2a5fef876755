"""Several cases as one run: finished one after the other, and what one lacks stops no other."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from session_projects import write_small_project
from typer.testing import CliRunner

from yule import Session, open_project
from yule.cli.app import app
from yule.core.errors import ConfigError, DataError
from yule.runtime.events import CaseEnded, RunEvent, TaskFinished
from yule.session.failures import CasesFailed, TasksFailed
from yule.session.views.results import CaseResult

pytestmark = pytest.mark.slow

NAMES = ("later", "misspelt", "gone", "alike", "urgent")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A project with two cases that can be answered, and three that cannot."""
    folder = write_small_project(tmp_path_factory.mktemp("each") / "shop", seed=1)
    table, method = folder / "data/shop.parquet", (folder / "downloads/shop.yaml").read_text()
    content = pq.read_table(table)
    alike = content.set_column(content.schema.get_field_index("bought"), "bought", pa.array([1] * len(content)))
    pq.write_table(alike, folder / "data/alike.parquet")
    for name in ("gone", "absent", "alike"):
        (folder / f"downloads/{name}.yaml").write_text(method.replace("shop.parquet", f"{name}.parquet"))
    text = (folder / "cases/buyers.yaml").read_text().replace("models: quick", "models: [{kind: logistic}]")
    for name in (*NAMES, "absent"):
        changed = text.replace("download: shop", f"download: {name}") if name in ("gone", "absent", "alike") else text
        (folder / f"cases/{name}.yaml").write_text(changed)
    _append(folder, "misspelt", "sed: 1")
    _append(folder, "urgent", "seed: 1\ndue: 2026-01-01")
    return open_project(folder)


def _append(folder: Path, name: str, line: str) -> None:
    with (folder / f"cases/{name}.yaml").open("a") as stream:
        stream.write(f"{line}\n")


@pytest.fixture(scope="module")
def told() -> list[RunEvent]:
    return []


@pytest.fixture(scope="module")
def results(shop: Session, told: list[RunEvent]) -> Sequence[CaseResult]:
    return shop.run_each(list(NAMES), progress=told.append, cores=1)


def test_each_case_has_its_run_or_why_there_is_none(results: Sequence[CaseResult]) -> None:
    assert [one.case for one in results] == list(NAMES)
    assert {one.case: one.run.status for one in results if one.run is not None} == {"later": "done", "urgent": "done"}
    errors = {one.case: type(one.error) for one in results if one.error is not None}
    assert errors == {"misspelt": ConfigError, "gone": DataError, "alike": TasksFailed}


def test_what_is_due_first_is_finished_before_the_others(results: Sequence[CaseResult], told: list[RunEvent]) -> None:
    assert results
    ended = [event.case for event in told if isinstance(event, CaseEnded)]
    assert ended[:2] == ["misspelt", "gone"]  # told as all begins
    assert ended.index("urgent") < ended.index("later")


def test_a_case_is_told_and_published_while_others_are_at_work(
    results: Sequence[CaseResult], told: list[RunEvent]
) -> None:
    assert results
    place = next(n for n, event in enumerate(told) if isinstance(event, CaseEnded) and event.case == "urgent")
    assert any(isinstance(event, TaskFinished) for event in told[place:])


def test_a_run_that_failed_says_only_what_failed_of_it(shop: Session, results: Sequence[CaseResult]) -> None:
    assert results
    found = {run.case: (run.status, run.record.message) for run in shop.runs()}
    assert found["later"] == ("done", "")
    assert found["alike"][0] == "failed"
    assert "1" in found["alike"][1]


def test_where_all_are_to_have_runs_the_reasons_of_all_are_raised(shop: Session, results: Sequence[CaseResult]) -> None:
    assert results
    with pytest.raises(CasesFailed) as failed:
        shop.run(["later", "gone", "alike"], cores=1)
    assert [one.case for one in failed.value.results if one.run is not None] == ["later"]
    assert all(name in str(failed.value) for name in ("gone: ", "alike: "))


def test_a_case_that_is_named_twice_is_run_once_and_told_twice(shop: Session, results: Sequence[CaseResult]) -> None:
    assert results
    first, second = shop.run(["later", "later"], cores=1)
    assert first.run_id == second.run_id


def test_two_files_of_one_name_cannot_be_told_apart(shop: Session, tmp_path: Path) -> None:
    shutil.copy(shop.project.root / "cases/later.yaml", tmp_path / "later.yaml")
    both = shop.run_each(["later", str(tmp_path / "later.yaml")])
    assert all("another case of this run is called later" in str(one.error) for one in both)


def test_those_that_can_be_run_are_planned_and_of_the_others_it_is_said_why_not(shop: Session) -> None:
    found = shop.plan_each(list(NAMES), labels=True)
    assert {case: type(error) for case, error in found.faults.items()} == {
        "misspelt": ConfigError,
        "gone": DataError,
        "alike": TasksFailed,
    }
    assert [one.case.name for one in found.labels] == ["later", "urgent"]


def test_a_plan_of_all_says_what_is_wrong_with_each(shop: Session) -> None:
    with pytest.raises(DataError, match=r"gone: (.|\n)*absent: "):
        shop.plan(["later", "gone", "absent"])


def test_what_is_not_cached_is_explained_of_all_or_told_of_all_that_cannot_be_run(shop: Session) -> None:
    with pytest.raises(DataError, match=r"gone: (.|\n)*absent: "):
        shop.explain(["gone", "absent"])


def test_the_command_prints_the_plan_of_the_others_and_then_every_problem(
    shop: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.project.root)
    done = CliRunner().invoke(app, ("plan", "later", "misspelt", "gone", "absent"))
    assert done.exit_code == 1
    assert "tasks to run" in done.output
    assert all(f"{name}: " in str(done.exception) for name in ("misspelt", "gone", "absent"))
