"""Facts about what is known of runs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from yule.core.errors import WorkspaceError
from yule.core.settings import Json
from yule.pipeline.runs.reading import find_run, read_run, read_runs
from yule.pipeline.runs.trust import check_run
from yule.storage.opening import open_store
from yule.storage.store import Store

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "runs").glob("v*/*/run.json"))


def test_a_damaged_run_is_passed_over_and_named_when_asked_for(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.objects.write("runs/beer-00000003/run.json", b'{"run_id": ')
    assert read_runs(store) == []
    with pytest.raises(WorkspaceError, match=r"run\.json of the run beer-00000003 is damaged"):
        find_run(store, "beer-00000003")
    with pytest.raises(WorkspaceError, match="There is no run 'beer-00000002'"):
        find_run(store, "beer-00000002")


@pytest.mark.parametrize("record", GOLDEN, ids=lambda record: record.parent.name)
def test_runs_of_every_version_are_read_whole(record: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.objects.write(f"runs/{record.parent.name}/run.json", record)
    assert check_run(read_run(store, record.parent.name)).asked


def _write_changed(store: Store, change: Callable[[dict[str, Json]], None]) -> str:
    """Write the record of a run with something changed; return its id."""
    plain = json.loads(GOLDEN[0].read_text())
    change(plain)
    store.objects.write(f"runs/{plain['run_id']}/run.json", json.dumps(plain).encode())
    return str(plain["run_id"])


def test_what_a_later_version_adds_to_a_run_is_passed_over(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    run = _write_changed(store, lambda plain: plain.update(spice="salt"))
    assert [found.run_id for found in read_runs(store)] == [run]
    assert check_run(read_run(store, run)).asked


def test_what_an_earlier_version_did_not_say_of_a_run_has_a_default(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    run = _write_changed(store, lambda plain: [plain.pop(name) for name in ("question", "outcome", "seed", "code")])
    assert read_run(store, run).question == ""
    assert check_run(read_run(store, run)).asked


def test_what_another_version_computed_with_is_refused_with_its_number(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))

    def change(plain: dict[str, Json]) -> None:
        plain["versions"]["yule"] = "7.8.9"  # type: ignore[index,call-overload]
        plain["answer"]["model"]["spice"] = "salt"  # type: ignore[index,call-overload]

    run = read_run(store, _write_changed(store, change))
    assert run.status == "done"
    with pytest.raises(WorkspaceError, match=r"was made by Yule 7\.8\.9, .* Use that version, or run budget again"):
        check_run(run)


def _model(plain: dict[str, Json]) -> dict[str, Json]:
    return plain["answer"]["model"]  # type: ignore[call-overload, index, return-value]


def _labels(plain: dict[str, Json]) -> dict[str, Json]:
    return _model(plain)["dataset"]["labels"]["settings"]  # type: ignore[call-overload, index, return-value]


FORGED: dict[str, tuple[Callable[[dict[str, Json]], object], str]] = {
    "one class": (lambda plain: _model(plain)["dataset"].update(one_class="tea"), "of the class 'tea' alone"),  # type: ignore[union-attr]
    "loss": (
        lambda plain: _model(plain).update(members=[{"kind": "logistic", "name": "logistic"}]),
        "the member 'logistic' is no model of regression labels",
    ),
    "no members": (lambda plain: _model(plain).update(members=[]), "it has no members"),
    "names": (lambda plain: _model(plain).update(members=_model(plain)["members"] * 2), "two members are called"),  # type: ignore[operator]
    "bounds": (
        lambda plain: _model(plain)["members"][0].update(max_trees=10**9),  # type: ignore[index, union-attr]
        r"model\.members\.max_trees is 1000000000",
    ),
    "infinite": (
        lambda plain: _model(plain)["members"][0].update(lambda_l1=float("inf")),  # type: ignore[index, union-attr]
        r"model\.members\.lambda_l1 is inf",
    ),
    "folds": (lambda plain: _model(plain)["dataset"]["folds"].update(n_folds=1), r"folds\.n_folds is 1"),  # type: ignore[call-overload, index, union-attr]
    "ensemble": (lambda plain: _model(plain)["ensemble"].update(n_bags=0), r"ensemble\.n_bags is 0"),  # type: ignore[union-attr]
    "no cut-offs": (lambda plain: _labels(plain).update(cutoffs=[]), "no cut-offs"),
    "a cut-off of no zone": (
        lambda plain: _labels(plain).update(cutoffs=["2024-01-01T00:00:00"]),
        r"settings\.cutoffs is",
    ),
    "a column": (lambda plain: _labels(plain).update(label="nothing"), "a column 'nothing' that is not there"),
    "other features": (lambda plain: plain["answer"].update(features=[]), "scored by other features"),  # type: ignore[union-attr]
}


@pytest.mark.parametrize(("forge", "told"), FORGED.values(), ids=FORGED)
def test_what_no_case_could_have_is_refused_with_the_name_of_its_file(
    forge: Callable[[dict[str, Json]], object], told: str, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path))
    run_id = _write_changed(store, forge)
    with pytest.raises(WorkspaceError, match=rf"^runs/{run_id}/run\.json is not one that Yule writes: .*{told}"):
        check_run(read_run(store, run_id))


def test_two_classes_of_one_name_are_refused(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    (record,) = [file for file in GOLDEN if file.parent.name.startswith("segment") and file.parts[-3] == "v0.1.0"]
    plain = json.loads(record.read_text())
    _labels(plain)["classes"] = ["new", "new"]
    store.objects.write(f"runs/{record.parent.name}/run.json", json.dumps(plain).encode())
    with pytest.raises(WorkspaceError, match="a class is named twice among 'new', 'new'"):
        check_run(read_run(store, record.parent.name))
