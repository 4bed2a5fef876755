"""Finished runs of earlier versions can still be used where the cache is gone."""

import json
import shutil
from pathlib import Path

import pytest
from golden_bundles import predict_made_up
from golden_projects import HERE, run_yule, write_golden_project

RUNS = sorted(path for path in (HERE / "runs").glob("v*/*") if path.is_dir())

each_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.parent.name}-{run.name}")


@pytest.fixture
def project(run: Path, tmp_path: Path) -> Path:
    """The golden project with a finished run, and nothing in its cache."""
    project = write_golden_project(tmp_path / "golden")
    shutil.copytree(run, project / "workspace" / "runs" / run.name)
    return project


@each_run
def test_the_model_of_a_run_predicts_what_it_predicted(run: Path) -> None:
    recorded = json.loads(run.with_name(f"{run.name}.json").read_text(encoding="utf-8"))
    predicted = predict_made_up(run / "model")
    assert predicted.keys() == recorded.keys()
    for part, values in predicted.items():
        assert values == pytest.approx(recorded[part], rel=1e-6)


@pytest.mark.slow
@each_run
def test_a_run_is_shown_without_the_cache(project: Path, run: Path) -> None:
    assert json.loads(run_yule(project, "show", run.name, "--json")) == json.loads((run / "report.json").read_text())
    assert f"{run.name}/users.csv" in run_yule(project, "show", run.name)


@pytest.mark.slow
@each_run
def test_a_run_is_listed_as_done_without_the_cache(project: Path, run: Path) -> None:
    (listed,) = json.loads(run_yule(project, "runs", "--json"))
    assert (listed["run"], listed["status"]) == (run.name, "done")


@pytest.mark.slow
@each_run
def test_a_run_predicts_without_the_cache_and_trains_nothing(project: Path, run: Path) -> None:
    printed = run_yule(project, "predict", run.name, "--cutoff", "2024-07-15", "--json")
    events = [json.loads(line) for line in printed.splitlines()]
    assert {event["family"] for event in events if "family" in event}.isdisjoint(("FitFold", "CollectLabels"))
    assert (project / "workspace" / "runs" / run.name / "predictions" / "2024-07-15.csv").exists()


@pytest.mark.slow
def test_runs_are_compared_without_the_cache(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    for run in RUNS:
        shutil.copytree(run, project / "workspace" / "runs" / run.name)
    told = json.loads(run_yule(project, "compare", "budget-f74387ea", "survey-6590647f", "--json"))
    assert told["figures"]["rmse"] == [pytest.approx(3.649006), None]
    assert told["figures"]["roc_auc"] == [None, pytest.approx(0.851852)]
    assert "+   kind: table" in told["settings"]
    assert "yule" not in told["facts"]  # the same version made both
    printed = run_yule(project, "compare", "budget-f74387ea", "survey-6590647f")
    assert "160 users are in both lists" in printed
    assert "Settings that differ:" in printed


@pytest.mark.slow
def test_a_run_differs_in_nothing_from_itself(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    shutil.copytree(RUNS[0], project / "workspace" / "runs" / RUNS[0].name)
    printed = run_yule(project, "compare", RUNS[0].name, RUNS[0].name)
    assert "The settings are the same" in printed
    assert "what differs" not in printed


@pytest.mark.slow
def test_features_that_would_learn_from_other_data_are_refused(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    run = next(run for run in RUNS if run.name.startswith("survey-"))
    shutil.copytree(run, project / "workspace" / "runs" / run.name)
    purchases = project / "data" / "purchases.csv"
    purchases.write_text(purchases.read_text() + "u001,2024-07-02 00:00:00,tea,cold tea,3.00\n")
    with pytest.raises(AssertionError, match="The table of purchases is not cached any more, and its source has other"):
        run_yule(project, "predict", run.name, "--cutoff", "2024-07-15")


@pytest.mark.slow
def test_a_run_scores_with_what_its_features_have_learned_when_cache_and_data_are_gone(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    run_yule(project, "run", "survey")
    purchases = project / "data" / "purchases.csv"
    purchases.write_text(purchases.read_text() + "u001,2024-07-02 00:00:00,tea,cold tea,3.00\n")
    scored = []
    for _ in range(2):
        printed = run_yule(project, "predict", "survey", "--cutoff", "2024-07-15", "--json")
        families = {event["family"] for event in map(json.loads, printed.splitlines()) if "family" in event}
        assert "ComputeFeatures" in families
        assert families.isdisjoint(("FitFold", "LearnFactors", "LearnVocabulary"))
        (predicted,) = (project / "workspace" / "runs").glob("survey-*/predictions/2024-07-15.csv")
        scored.append(predicted.read_bytes())
        shutil.rmtree(project / "workspace" / "cache")
    assert scored[0] == scored[1]


@pytest.mark.slow
def test_a_damaged_model_that_cannot_be_made_again_is_told_with_its_place(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    run = next(run for run in RUNS if run.name.startswith("survey-"))
    kept = shutil.copytree(run, project / "workspace" / "runs" / run.name)
    member = max((kept / "model" / "members").rglob("model*"), key=lambda file: file.stat().st_size)
    member.write_bytes(member.read_bytes()[:50])
    with pytest.raises(AssertionError, match=f"The model of {run.name} .*(is|or) damaged"):
        run_yule(project, "predict", run.name, "--cutoff", "2024-07-15")
    (kept / "model" / "bundle.json").unlink()
    with pytest.raises(AssertionError, match=f"The model of {run.name} is gone or damaged in .*yule run survey"):
        run_yule(project, "predict", run.name, "--cutoff", "2024-07-15")
