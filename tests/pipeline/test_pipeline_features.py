"""Facts about the tasks of features in the graph of a case."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import write_made_up_project

from yule.config.cases import Case, read_case
from yule.config.projects import read_project
from yule.core.errors import DataError
from yule.features.settings import ProfileFeatures, is_proposed
from yule.pipeline.feature_sets import find_feature_sets
from yule.pipeline.features import features_at
from yule.pipeline.graph import Tables, build_graph, score_anew
from yule.sql.conditions import condition_problems
from yule.storage.setup import configure

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


def read_graph(project: Path, case: str) -> tuple[Case, Tables]:
    read = read_project(project, None, {})
    configure(str(project / "workspace"), n_threads=1, fetching="{}")
    return read_case(project / "cases" / f"{case}.yaml", read, {}), Tables(read)


def test_a_finished_model_keeps_what_it_has_learned_when_data_change(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path)
    sets = "sets: [profile, shopping, basket, names]"
    (project / "features" / "basket.yaml").write_text(BASKET)
    (project / "features" / "names.yaml").write_text(NAMES)
    case = project / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace(SETS, sets))
    found, tables = read_graph(project, "beer")
    answer = build_graph(found, tables).answer
    purchases = pq.read_table(project / "data" / "purchases.parquet")
    pq.write_table(purchases.slice(1000), project / "data" / "purchases.parquet")
    anew = score_anew(answer, read_graph(project, "beer")[1], cutoff=answer.population.cutoff)
    assert [spec.table for spec in anew.features[1:]] != [spec.table for spec in answer.features[1:]]
    for before, after in zip(answer.features, anew.features, strict=True):
        learned = [task.requires() for spec in (before, after) for task in features_at([spec], found.predict.cutoff)]
        for name in ("vocabulary", "factors"):
            assert learned[0].get(name) == learned[1].get(name)
    assert [bool(spec.learn_from) for spec in anew.features] == [False, True, True, True]


GIVEN_CASE = """\
version: 1
question: Who lives in the north?
labels: {kind: class, download: profiles, label: town, classes: [north, south], cutoff: 2024-07-01}
predict: {cutoff: 2024-07-01, population: purchases}
features: FEATURES
models: quick
"""


def write_given(project: Path, features: str) -> None:
    (project / "cases" / "given.yaml").write_text(GIVEN_CASE.replace("FEATURES", features))


def test_a_profile_of_the_table_with_the_labels_takes_all_columns_but_these(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path)
    for features, names in (("{sets: [profile]}", ["profile"]), ("{auto: [profiles]}", ["auto-profiles"])):
        write_given(project, features)
        case, tables = read_graph(project, "given")
        sets = find_feature_sets(case, tables.project)
        assert [item.name for item in sets] == names
        assert [item.columns for item in sets if isinstance(item, ProfileFeatures)] == [("age",)]


def test_a_set_that_names_the_labels_is_refused(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path)
    (project / "features" / "leak.yaml").write_text("version: 1\nkind: profile\ndownload: profiles\ncolumns: [town]\n")
    write_given(project, "{sets: [leak]}")
    case, tables = read_graph(project, "given")
    with pytest.raises(DataError, match="feature set leak takes the labels of given from profiles"):
        find_feature_sets(case, tables.project)


def test_a_cutoff_within_a_day_is_refused_where_a_table_tells_days(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path)
    purchases = project / "downloads" / "purchases.yaml"
    purchases.write_text(purchases.read_text().replace("bought_at: timestamp", "bought_at: date"))
    found, tables = read_graph(project, "beer")
    answer = build_graph(found, tables).answer
    with pytest.raises(DataError, match="2024-07-02 06:00 UTC is within a day"):
        score_anew(answer, tables, cutoff=datetime(2024, 7, 2, 6, tzinfo=UTC))
    case = project / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("2024-07-01", "2024-07-01T06:00:00Z"))
    with pytest.raises(DataError, match="2024-07-01 06:00 UTC is within a day, but the time of purchases is a date"):
        build_graph(*read_graph(project, "beer"))


def test_the_history_of_classes_may_have_a_comment_in_its_condition(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path)
    text = (project / "cases" / "beer.yaml").read_text()
    rule = 'kind: class\n  of: product\n  classes: [beer, tea]\n  where: "price > 2 -- paid"'
    text = text.replace("where: \"product = 'beer'\"", rule).replace(SETS, f"{SETS}, history: true")
    (project / "cases" / "kinds.yaml").write_text(text)
    case, tables = read_graph(project, "kinds")
    history = [item for item in find_feature_sets(case, tables.project) if is_proposed(item)]
    purchases = [tables.project.downloads["purchases"]]
    assert [condition_problems(getattr(item, "where", ""), purchases) for item in history] == [[], []]
