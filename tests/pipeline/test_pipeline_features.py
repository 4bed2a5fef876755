"""Facts about the tasks of features in the graph of a case."""

from pathlib import Path

import pytest
from made_up import write_made_up_project

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.pipeline.features import features_at
from yule.pipeline.graph import Tables, build_graph
from yule.storage.task import configure

CUTOFFS = "cutoffs: {from: 2024-03-01, every: 14 days, count: 5}"
SETS = "sets: [profile, shopping]"
EVERY_KIND = "sets: [profile, shopping, basket, names], auto: [purchases]"
BASKET = "version: 1\nkind: items\ndownload: purchases\nitem: product\n"
NAMES = "version: 1\nkind: text\ndownload: purchases\ncolumns: [product]\nwindows: [all]\n"


def find_tasks(project: Path, *, cutoffs: str, predict: str) -> dict[str, set[str]]:
    """Return the ids of the tasks that compute features, by cut-off."""
    case = project / "cases" / "beer.yaml"
    written = case.read_text()
    case.write_text(written.replace(CUTOFFS, cutoffs).replace("2024-07-01", predict).replace(SETS, EVERY_KIND))
    read = read_project(project, None, {})
    configure(str(project / "workspace"), n_threads=1, fetching="{}")
    answer = build_graph(read_case(case, read, {}), Tables(read)).answer
    case.write_text(written)
    dataset = answer.model.dataset
    found = {
        str(cutoff.date()): features_at(dataset.features, cutoff) for cutoff in dataset.labels.settings.cutoffs
    } | {predict: features_at(answer.features, answer.population.cutoff)}
    return {cutoff: {task.unique_id for task in tasks} for cutoff, tasks in found.items()}


@pytest.mark.parametrize("days", ["", "days: {since: 2024-01-01, late_days: 2}\n"], ids=["whole", "by-day"])
def test_features_at_a_cutoff_are_one_task_whatever_other_cutoffs_a_case_has(tmp_path: Path, days: str) -> None:
    project = write_made_up_project(tmp_path)
    with (project / "downloads" / "purchases.yaml").open("a") as file:
        file.write(days)
    (project / "features" / "basket.yaml").write_text(BASKET)
    (project / "features" / "names.yaml").write_text(NAMES)
    many = find_tasks(project, cutoffs=CUTOFFS, predict="2024-07-01")
    few = find_tasks(project, cutoffs="cutoffs: [2024-03-01, 2024-03-15]", predict="2024-04-12")
    assert set(many) & set(few) == set(few)
    assert {cutoff: many[cutoff] for cutoff in few} == few
    assert {len(tasks) for tasks in many.values()} == {8}
