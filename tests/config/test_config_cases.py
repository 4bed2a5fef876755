# ruff: noqa: E501 - messages stand here as they are printed
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from config_files import FILES, explain_case, load_case, load_project, write_files
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.config.cases import read_case
from yule.config.projects import Project
from yule.core.errors import ConfigError
from yule.ensemble.settings import Stacking
from yule.labels.settings import ClassRule, ClassTable, EventRule, LabelTable, Population, PositiveList
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.linear.refined import Refined
from yule.models.neural.mlp import Mlp
from yule.models.pooled import Pooled
from yule.prediction.settings import PredictSettings
from yule.preparation.settings import PREPARE_PROPOSED, Derivation, PreparationSettings, SelectByGain, SelectGroups
from yule.training.portfolios import portfolio
from yule.training.settings import FoldSettings

BEER = dedent(FILES["cases/beer.yaml"])


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_case_is_read_with_the_settings_defaults(tmp_path: Path):
    case = load_case(write_files(tmp_path))
    assert case.name == "beer"
    assert case.labels == EventRule(
        event="purchases",
        where="department = 'BEER'",
        within=timedelta(days=28),
        cutoffs=(day("2017-04-02"), day("2017-04-30"), day("2017-05-28")),
    )
    assert case.population == Population(download="purchases")
    assert case.predict == PredictSettings(cutoff=day("2017-12-03"))
    assert case.feature_sets == ("purchases", "households")
    assert case.members == portfolio("quick")
    assert (case.ensemble, case.folds, case.seed, case.code) == (Stacking(), FoldSettings(), 0, None)


def test_cutoffs_that_are_left_out_are_a_horizon_apart_and_end_before_the_prediction(tmp_path: Path):
    written = "  cutoffs: {from: 2017-04-02, every: 28 days, count: 3}\n"
    write_files(tmp_path, cases_beer=BEER.replace(written, ""))
    expected = ("2017-08-13", "2017-09-10", "2017-10-08", "2017-11-05")
    assert load_case(tmp_path).labels.cutoffs == tuple(day(text) for text in expected)


def test_with_transfer_members_learn_from_other_questions_too(tmp_path: Path):
    models = "transfer: auto\nmodels: [{kind: lightgbm}, {kind: pooled, num_leaves: 7}]\n"
    write_files(tmp_path, cases_beer=BEER.replace("models: quick\n", models))
    assert load_case(tmp_path).members == (LightGBM(), Pooled(num_leaves=7), Refined())


@pytest.mark.parametrize("transfer", ["none", "auto"])
def test_where_transfer_comes_from_can_be_a_word(tmp_path: Path, transfer: str):
    write_files(tmp_path, cases_beer=f"{BEER}transfer: {{from: {transfer}}}\n")
    mapped = load_case(tmp_path)
    write_files(tmp_path, cases_beer=f"{BEER}transfer: {transfer}\n")
    assert mapped == load_case(tmp_path)


def test_a_case_can_name_models_of_other_questions_and_says_so_again(tmp_path: Path):
    write_files(tmp_path, cases_beer=f"{BEER}transfer: {{from: purchases-28d-2017-05-28}}\n")
    case = load_case(tmp_path)
    assert (case.takes, case.members) == ("purchases-28d-2017-05-28", portfolio("quick"))
    (tmp_path / "again.yaml").write_text(case.resolved)
    again = read_case(tmp_path / "again.yaml", load_project(tmp_path), {})
    assert (again.takes, again.members) == (case.takes, case.members)


def test_models_of_other_questions_come_with_members_of_their_own(tmp_path: Path):
    models = "transfer: {from: last-month}\nmodels: [{kind: lightgbm}, {kind: pooled}]\n"
    write_files(tmp_path, cases_beer=BEER.replace("models: quick\n", models))
    with pytest.raises(ConfigError, match=r"drop pooled from models, or write transfer: auto"):
        load_case(tmp_path)


def test_members_are_written_with_their_settings(tmp_path: Path):
    models = "models:\n  - {kind: lightgbm, num_leaves: 7, learning_rate: 1e-2}\n  - {kind: mlp, name: wide, hidden_sizes: [64]}\n"
    write_files(tmp_path, cases_beer=BEER.replace("models: quick\n", models))
    assert load_case(tmp_path).members == (
        LightGBM(num_leaves=7, learning_rate=0.01),
        Mlp(name="wide", hidden_sizes=(64,)),
    )


def test_what_is_prepared_in_folds_is_written_with_the_features(tmp_path: Path):
    features = "households], select: {kind: gain, keep: 90}, derive: {targets: 5}}"
    write_files(tmp_path, cases_beer=BEER.replace("households]}", features))
    case = load_case(tmp_path)
    assert case.preparation == PreparationSettings(select=SelectByGain(keep=90), derive=Derivation(targets=5))
    (tmp_path / "again.yaml").write_text(case.resolved)
    assert read_case(tmp_path / "again.yaml", load_project(tmp_path), {}).preparation == case.preparation


def test_a_word_stands_for_a_selection_with_its_defaults(tmp_path: Path):
    write_files(tmp_path, cases_beer=BEER.replace("households]}", "households], select: groups}"))
    assert load_case(tmp_path).preparation.select == SelectGroups()


def test_auto_features_are_of_all_events_and_select_what_pays(tmp_path: Path):
    write_files(tmp_path, cases_beer=BEER.replace("{sets: [purchases, households]}", "auto"))
    case = load_case(tmp_path)
    assert (case.feature_sets, case.auto, case.has_history) == ((), ("purchases",), True)
    assert case.preparation == PREPARE_PROPOSED
    (tmp_path / "again.yaml").write_text(case.resolved)
    again = read_case(tmp_path / "again.yaml", load_project(tmp_path), {})
    assert (again.auto, again.has_history, again.preparation) == (case.auto, True, case.preparation)


def test_with_auto_a_written_selection_leaves_the_derivation_as_it_was_and_the_other_way_round(tmp_path: Path):
    proposed = "{auto: [purchases], select: gain}", "{auto: [purchases], derive: {targets: 5}}"
    write_files(tmp_path, cases_beer=BEER.replace("{sets: [purchases, households]}", proposed[0]))
    assert load_case(tmp_path).preparation == replace(PREPARE_PROPOSED, select=SelectByGain())
    write_files(tmp_path, cases_beer=BEER.replace("{sets: [purchases, households]}", proposed[1]))
    assert load_case(tmp_path).preparation == replace(PREPARE_PROPOSED, derive=Derivation(targets=5))


def test_a_proposed_set_is_named_or_proposed_but_not_both(tmp_path: Path):
    written = BEER.replace("{sets: [purchases, households]}", "{sets: [auto-purchases], auto: [purchases]}")
    write_files(tmp_path, cases_beer=written)
    (tmp_path / "features/auto-purchases.yaml").write_text("version: 1\ndownload: purchases\nproposed: true\n")
    with pytest.raises(ConfigError, match="write either the names of all sets, or auto and history without them"):
        load_case(tmp_path)


def test_labels_may_come_from_a_table(tmp_path: Path):
    write_files(
        tmp_path,
        cases_beer="""\
            version: 1
            question: Who owns their home?
            labels: {download: households, label: is_owner, cutoff: 2017-12-03}
            predict: {cutoff: 2017-12-03, population: {download: purchases, within: 13 weeks}, shards: 4}
            features: {sets: [purchases]}
            models: quick
            ensemble: {kind: greedy, n_steps: 10}
            folds: {n_folds: 3}
            seed: 7
            code: 4f2c1ab
            """,
    )
    case = load_case(tmp_path)
    assert case.labels == LabelTable(download="households", label="is_owner", cutoffs=(day("2017-12-03"),))
    assert case.population == Population(download="purchases", within=timedelta(weeks=13))
    assert case.predict.shards == 4
    assert (case.ensemble.n_steps, case.folds.n_folds, case.seed, case.code) == (10, 3, 7, "4f2c1ab")


def test_a_case_is_laid_over_the_one_it_extends(tmp_path: Path):
    write_files(tmp_path)
    wine = "version: 1\nextends: beer.yaml\nquestion: Wine?\nlabels: {where: department = 'WINE'}\nfeatures: {sets: [purchases]}\n"
    (tmp_path / "cases/wine.yaml").write_text(wine)
    beer, wine_case = load_case(tmp_path), load_case(tmp_path, "wine")
    assert isinstance(wine_case.labels, EventRule)
    assert wine_case.labels.where == "department = 'WINE'"
    assert wine_case.labels.cutoffs == beer.labels.cutoffs
    assert wine_case.feature_sets == ("purchases",)


def test_problems_of_an_extended_case_are_told_where_they_stand(tmp_path: Path):
    write_files(tmp_path, cases_beer=BEER.replace("28 days\n  cutoffs", "28\n  cutoffs"))
    (tmp_path / "cases/wine.yaml").write_text("version: 1\nextends: beer.yaml\nseed: none\n")
    with pytest.raises(ConfigError) as caught:
        load_case(tmp_path, "wine")
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("cases/beer.yaml", 6),
        ("cases/wine.yaml", 3),
    ]


def test_a_case_that_is_extended_does_not_extend(tmp_path: Path):
    write_files(tmp_path, cases_beer=BEER + "extends: wine.yaml\n")
    (tmp_path / "cases/wine.yaml").write_text("version: 1\nextends: beer.yaml\n")
    with pytest.raises(ConfigError, match="extends: a case that others extend cannot extend one itself"):
        load_case(tmp_path, "wine")


def test_a_resolved_case_is_a_case_file_that_gives_the_same_case(tmp_path: Path):
    case = load_case(write_files(tmp_path))
    (tmp_path / "again").mkdir()
    (tmp_path / "again/beer.yaml").write_text(case.resolved)
    assert read_case(tmp_path / "again/beer.yaml", load_project(tmp_path), {}) == case


@pytest.mark.parametrize(
    ("written", "due"), [("2026-12-24", "2026-12-25T00:00"), ("2026-12-24T12:00:00+09:00", "2026-12-24T03:00")]
)
def test_a_case_is_due_by_the_end_of_a_day_or_at_an_instant(tmp_path: Path, written: str, due: str):
    write_files(tmp_path, cases_beer=f"{BEER}due: {written}\n")
    assert load_case(tmp_path).due == day(due)


def test_by_when_a_case_is_due_is_no_part_of_what_it_asks(tmp_path: Path):
    asked = load_case(write_files(tmp_path)).resolved
    write_files(tmp_path, cases_beer=f"{BEER}due: 2026-12-24\n")
    assert load_case(tmp_path).resolved == asked


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_project(write_files(tmp_path_factory.mktemp("project")))


@settings(deadline=None, max_examples=30)
@given(
    hours=st.integers(1, 24 * 56),
    first=st.datetimes(datetime(2015, 1, 1), datetime(2017, 1, 1)),
    question=st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable() and "${" not in text),
    where=st.sampled_from(["true", "department = 'BEER'", "department = 'A: b # c'"]),
)
def test_any_case_survives_being_resolved(project: Project, hours: int, first: datetime, question: str, where: str):
    file = project.root / "cases/any.yaml"
    instant = first.replace(microsecond=0).isoformat()
    text = BEER.replace("28 days\n  cutoffs", f"{hours} hours\n  cutoffs").replace(
        "from: 2017-04-02", f"from: {instant}"
    )
    text = text.replace("Which households will buy beer in the next 28 days?", json.dumps(question))
    file.write_text(text.replace("department = 'BEER'", json.dumps(where)), "utf-8")
    case = read_case(file, project, {})
    assert case.question == question
    file.write_text(case.resolved, "utf-8")
    assert read_case(file, project, {}) == case


def test_all_problems_of_a_case_are_told_at_once_each_at_its_place(tmp_path: Path):
    found = explain_case(
        write_files(tmp_path),
        """\
        version: 1
        questoin: Which households will buy beer?
        labels:
          event: purchase
          within: 28
          cutoffs: {from: 2017-04-02, every: 28 days, cnt: 3}
        predict: {cutoff: 2017-12-33, population: [purchases]}
        features: {sets: [purchases, household]}
        models:
          - kind: lightgbm
            num_leaves: "31"
            leaves: 1
          - {kind: mlp, hidden_sizes: [1, a], dropout: 1}
          - {kind: logistik}
          - {learning_rate: 1e-3}
          - 3
        ensemble: bagging
        folds: {n_folds: yes, n_fold: 3}
        seed: -1
        code: 12e4567
        """,
    )
    assert found == dedent(
        """\
        cases/beer.yaml:1:1: the key 'question' is missing; write e.g. question: Who will buy beer in the next 28 days?
            1 | version: 1
              | ^
        cases/beer.yaml:2:1: questoin: unknown key 'questoin' (did you mean 'question'?)
            2 | questoin: Which households will buy beer?
              | ^~~~~~~~
        cases/beer.yaml:4:10: labels.event: there is no downloads/purchase.yaml (did you mean 'purchases'?)
            4 |   event: purchase
              |          ^~~~~~~~
        cases/beer.yaml:5:11: labels.within: a duration is written like '28 days', '4 weeks' or '12 hours', not 28
            5 |   within: 28
              |           ^~
        cases/beer.yaml:6:12: labels.cutoffs: the key 'count' is missing; write e.g. count: 8
            6 |   cutoffs: {from: 2017-04-02, every: 28 days, cnt: 3}
              |            ^
        cases/beer.yaml:6:47: labels.cutoffs.cnt: unknown key 'cnt' (did you mean 'count'?)
            6 |   cutoffs: {from: 2017-04-02, every: 28 days, cnt: 3}
              |                                               ^~~
        cases/beer.yaml:7:19: predict.cutoff: there is no such instant: 2017-12-33 (day is out of range for month)
            7 | predict: {cutoff: 2017-12-33, population: [purchases]}
              |                   ^~~~~~~~~~
        cases/beer.yaml:7:43: predict.population: expected a name or a mapping, got a list
            7 | predict: {cutoff: 2017-12-33, population: [purchases]}
              |                                           ^
        cases/beer.yaml:8:30: features.sets[1]: there is no features/household.yaml (did you mean 'households'?)
            8 | features: {sets: [purchases, household]}
              |                              ^~~~~~~~~
        cases/beer.yaml:11:17: models[0].num_leaves: expected a whole number, got the text '31'
           11 |     num_leaves: "31"
              |                 ^~~~
        cases/beer.yaml:12:5: models[0].leaves: unknown key 'leaves' (did you mean 'num_leaves'?)
           12 |     leaves: 1
              |     ^~~~~~
        cases/beer.yaml:13:35: models[1].hidden_sizes[1]: expected a whole number, got the text 'a'
           13 |   - {kind: mlp, hidden_sizes: [1, a], dropout: 1}
              |                                   ^
        cases/beer.yaml:13:48: models[1].dropout: must be less than 1, got 1
           13 |   - {kind: mlp, hidden_sizes: [1, a], dropout: 1}
              |                                                ^
        cases/beer.yaml:14:12: models[2].kind: 'logistik' is not one of lightgbm, catboost, xgboost, logistic, ridge, mlp, pooled, refined, multitask, embedded (did you mean 'logistic'?)
           14 |   - {kind: logistik}
              |            ^~~~~~~~
        cases/beer.yaml:15:5: models[3]: the key 'kind' is missing; write one of lightgbm, catboost, xgboost, logistic, ridge, mlp, pooled, refined, multitask, embedded
           15 |   - {learning_rate: 1e-3}
              |     ^
        cases/beer.yaml:16:5: models[4]: expected a mapping, got 3
           16 |   - 3
              |     ^
        cases/beer.yaml:17:11: ensemble: 'bagging' is not one of stacking, greedy
           17 | ensemble: bagging
              |           ^~~~~~~
        cases/beer.yaml:18:18: folds.n_folds: expected a whole number, got the text 'yes'
           18 | folds: {n_folds: yes, n_fold: 3}
              |                  ^~~
        cases/beer.yaml:18:23: folds.n_fold: unknown key 'n_fold' (did you mean 'n_folds'?)
           18 | folds: {n_folds: yes, n_fold: 3}
              |                       ^~~~~~
        cases/beer.yaml:19:7: seed: must be at least 0, got -1
           19 | seed: -1
              |       ^~
        cases/beer.yaml:20:7: code: expected text, got 12e4567; put it in quotes
           20 | code: 12e4567
              |       ^~~~~~~"""
    )


def test_wrong_names_do_not_hide_wrong_times(tmp_path: Path):
    found = explain_case(
        write_files(tmp_path),
        """\
        version: 1
        question: Q
        labels:
          event: purchases
          where: deprtment = 'BEER'
          within: 28 days
          cutoffs: [2017-11-10, 2017-11-12]
        predict: {cutoff: 2017-12-03, population: {download: households, within: 3 days}}
        features: {sets: []}
        models: standrd
        """,
    )
    assert found == dedent(
        """\
        cases/beer.yaml:5:10: labels.where: there is no column 'deprtment' (did you mean 'department'?)
            5 |   where: deprtment = 'BEER'
              |          ^~~~~~~~~~~~~~~~~~
        cases/beer.yaml:7:12: labels.cutoffs: none of the 2 label cut-offs is left to train on: folds.n_validation_cutoffs keeps \
the last 1 for validation, and 28 days must be over before; add earlier ones, or keep fewer
            7 |   cutoffs: [2017-11-10, 2017-11-12]
              |            ^
        cases/beer.yaml:8:19: predict.cutoff: labels would look past the predict cut-off: those at 2017-11-12 are observed until \
2017-12-10; move it to 2017-12-10 or later, or drop label cut-offs after 2017-11-05
            8 | predict: {cutoff: 2017-12-03, population: {download: households, within: 3 days}}
              |                   ^~~~~~~~~~
        cases/beer.yaml:8:74: predict.population.within: this needs a time, and downloads/households.yaml has no 'time'; \
add one there, or drop this
            8 | predict: {cutoff: 2017-12-03, population: {download: households, within: 3 days}}
              |                                                                          ^~~~~~
        cases/beer.yaml:9:11: features: models need something to see; write features: auto, or sets: [NAME, ...]
            9 | features: {sets: []}
              |           ^
        cases/beer.yaml:10:9: models: 'standrd' is not one of quick, standard, best (did you mean 'standard'?)
           10 | models: standrd
              |         ^~~~~~~"""
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{from: 2017-04-02, every: 28 days, count: 3}", "[]", "labels.cutoffs: must not be empty"),
        ("{from: 2017-04-02, every: 28 days, count: 3}", "[2017-05-02, 2017-04-02]", "labels.cutoffs[1]: 2017-04-02 comes before "
         "2017-05-02; write cut-offs from the earliest to the latest"),
        ("{from: 2017-04-02, every: 28 days, count: 3}", "[2017-05-02, 2017-05-02T00:00:00Z]", "2017-05-02 stands twice"),
        ("{from: 2017-04-02, every: 28 days, count: 3}", "2017-05-02", "expected a list or a mapping, got the text '2017-05-02'"),
        ("event: purchases", "event: households", "labels.event: events need a time, and downloads/households.yaml has no 'time'"),
        ("models: quick", "models: [{kind: mlp}, {kind: mlp}]", "models[1]: a member before is called 'mlp' too; "
         "give this one a 'name' of its own"),
        ("models: quick", "models: [{kind: mlp, name: a/b}]", "models[0].name: 'a/b' cannot be a name"),
        ("models: quick", "models: []", "models: must not be empty"),
        ("models: quick", "models:", "cases/beer.yaml:10:1: models: expected a name or a list, got nothing"),
        ("models: quick", "models: [{kind: mlp, mlp: 2}]", "models[0].mlp: unknown key 'mlp'; choose from batch_size, "),
        ("event: purchases", "event: purchases\n  table: x", "labels.table: unknown key 'table'; choose from cutoffs, event, "),
        ("models: quick", "models: [{kind: lightgbm, num_leaves: 1.5}]", "expected a whole number, got 1.5"),
        ("models: quick", "models: [{kind: lightgbm, lambda_l1: .inf}]", "expected a finite number, got .inf"),
        ("models: quick", "models: [{kind: lightgbm, extra_trees: 1}]", "expected true or false, got 1"),
        ("[purchases, households]", "[purchases, purchases]", "features.sets[1]: this stands twice; first at [0]"),
        ("[purchases, households]", "purchases", "features.sets: expected a list, got the text 'purchases'"),
        ("households]}", "households], select: gains}", "features.select: 'gains' is not one of none, duplicates, gain, "),
        ("households]}", "households], select: {kind: gain, keep: 0}}", "features.select.keep: must be at least 1, got 0"),
        ("households]}", "households], select: {kind: none, keep: 9}}", "features.select.keep: unknown key 'keep'"),
        ("households]}", "households], select: {keep: 9}}", "features.select: the key 'kind' is missing; write one of none, duplicates, "),
        ("households]}", "households], derive: {target: 9}}", "features.derive.target: unknown key 'target' (did you mean 'targets'?)"),
    ],
)  # fmt: skip
def test_cases_are_checked(tmp_path: Path, old: str, new: str, message: str):
    assert message in explain_case(write_files(tmp_path), BEER.replace(old, new))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("{download: households, label: age, cutoff: 2017-01-01}", "labels.label: needs a column of type integer or number or "
         "boolean; 'age' of households is string"),
        ("{download: households, label: is_owner}", "labels of a table need a cut-off"),
        ("{download: households, label: is_owner, cutoffs: [2017-01-01]}", "labels.cutoffs: this needs a time"),
        ("{download: households, label: is_owner, cutoff: 2018-01-01}", "labels would look past the predict cut-off: those are of "
         "2018-01-01; move it to 2018-01-01 or later"),
        ("{download: households, lable: is_owner, cutoff: 2017-01-01}", "unknown key 'lable' (did you mean 'label'?)"),
    ],
)  # fmt: skip
def test_label_tables_are_checked(tmp_path: Path, labels: str, message: str):
    text = f"""\
        version: 1
        question: Q
        labels: {labels}
        predict: {{cutoff: 2017-12-03, population: purchases}}
        features: {{sets: [purchases]}}
        models: quick
        """
    assert message in explain_case(write_files(tmp_path), text)


def test_a_horizon_may_end_at_the_predict_cutoff(tmp_path: Path):
    text = BEER.replace("count: 3}", "count: 8}").replace("2017-12-03", "2017-11-12")
    assert explain_case(write_files(tmp_path), text) == ""


def test_one_label_cutoff_needs_none_to_train_on(tmp_path: Path):
    assert explain_case(write_files(tmp_path), BEER.replace("count: 3}", "count: 1}")) == ""


def test_a_missing_case_is_told_with_what_comes_close(tmp_path: Path):
    project = load_project(write_files(tmp_path))
    with pytest.raises(ConfigError) as caught:
        read_case(tmp_path / "cases/ber.yaml", project, {})
    assert str(caught.value) == "cases/ber.yaml: there is no such file (did you mean 'cases/beer.yaml'?)"


def test_a_base_that_is_missing_is_told(tmp_path: Path):
    found = explain_case(write_files(tmp_path), "version: 1\nextends: bear.yaml\n")
    assert found == dedent(
        """\
        cases/beer.yaml:2:10: extends: there is no bear.yaml beside this file; there are none
            2 | extends: bear.yaml
              |          ^~~~~~~~~"""
    )


ACTIVE = "population: {download: purchases, where: sales_value > 0, within: 56 days, at_least: 2}"


def test_a_population_may_be_those_who_are_active(tmp_path: Path):
    write_files(tmp_path, cases_beer=BEER.replace("population: purchases", ACTIVE))
    expected = Population(download="purchases", where="sales_value > 0", within=timedelta(days=56), at_least=2)
    assert load_case(tmp_path).population == expected


@pytest.mark.parametrize(
    ("population", "problem"),
    [
        ("{download: households, at_least: 2}", "population.at_least: counting rows needs a time"),
        ("{download: purchases, at_least: 0}", "population.at_least: "),
        ("{download: purchases, where: price > 0}", "population.where: "),
    ],
)
def test_an_activity_condition_that_cannot_be_met_is_refused(tmp_path: Path, population: str, problem: str):
    write_files(tmp_path)
    assert problem in explain_case(tmp_path, BEER.replace("population: purchases", f"population: {population}"))


LEAVING = BEER.replace("labels:\n", "labels:\n  kind: leaving\n")


def test_leaving_is_the_rule_turned_round(tmp_path: Path):
    write_files(tmp_path, cases_beer=LEAVING.replace("population: purchases", ACTIVE))
    labels = load_case(tmp_path).labels
    assert isinstance(labels, EventRule)
    assert (labels.kind, labels.event, labels.where) == ("leaving", "purchases", "department = 'BEER'")
    case = load_case(tmp_path)
    (tmp_path / "cases/beer.yaml").write_text(case.resolved)
    assert load_case(tmp_path) == case


def test_leaving_needs_to_know_who_is_there(tmp_path: Path):
    write_files(tmp_path)
    assert explain_case(tmp_path, LEAVING) == dedent("""\
        cases/beer.yaml:9:43: predict.population: only who is there can leave: say who counts as active at a cut-off, \
for example population: {download: purchases, within: 28 days}
            9 | predict: {cutoff: 2017-12-03, population: purchases}
              |                                           ^~~~~~~~~""")


LOOK_ALIKE = """\
    version: 1
    question: Who else is like these?
    labels: {kind: positives, download: households, cutoff: 2017-12-03}
    predict: {cutoff: 2017-12-03, population: purchases}
    features: {sets: [purchases]}
    models: quick
    """


def test_a_list_of_positives_is_read_and_survives_being_resolved(tmp_path: Path):
    write_files(tmp_path, cases_beer=LOOK_ALIKE)
    case = load_case(tmp_path)
    assert case.labels == PositiveList(download="households", cutoffs=(day("2017-12-03"),), per_positive=5)
    (tmp_path / "cases/beer.yaml").write_text(case.resolved)
    assert load_case(tmp_path) == case


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{kind: positives, download: households}", "labels of a table need a cut-off"),
        ("{kind: positives, download: households, cutoffs: [2017-12-03]}", "labels.cutoffs: this needs a time"),
        ("{kind: positives, download: seeds, cutoff: 2017-12-03}", "labels.download: there is no downloads/seeds.yaml"),
        ("{kind: positives, download: households, cutoff: 2017-12-04}", "labels would look past the predict cut-off"),
        ("{kind: positives, download: households, cutoff: 2017-12-03, label: x}", "labels.label: "),
        ("{kind: positives, download: households, cutoff: 2017-12-03, per_positive: 0}", "labels.per_positive: "),
    ],
)
def test_what_is_wrong_with_a_list_of_positives_is_said(tmp_path: Path, written: str, problem: str):
    write_files(tmp_path)
    text = LOOK_ALIKE.replace("{kind: positives, download: households, cutoff: 2017-12-03}", written)
    assert problem in explain_case(tmp_path, text)


AMOUNT = BEER.replace("labels:\n", "labels:\n  kind: amount\n  of: sales_value\n")


def test_an_amount_is_a_sum_over_events_and_survives_being_resolved(tmp_path: Path):
    write_files(tmp_path, cases_beer=AMOUNT)
    case = load_case(tmp_path)
    assert isinstance(case.labels, EventRule)
    assert (case.labels.kind, case.labels.of, case.labels.loss) == ("amount", "sales_value", "squared_error")
    assert [member.kind for member in case.members[:2]] == ["lightgbm", "ridge"]
    (tmp_path / "cases/beer.yaml").write_text(case.resolved)
    assert load_case(tmp_path) == case


def test_amounts_of_a_table_survive_being_resolved(tmp_path: Path):
    table = "{kind: amount, download: households, label: income, cutoff: 2017-12-03}"
    write_files(
        tmp_path, cases_beer=LOOK_ALIKE.replace("{kind: positives, download: households, cutoff: 2017-12-03}", table)
    )
    case = load_case(tmp_path)
    assert isinstance(case.labels, LabelTable)
    assert case.labels.loss == "squared_error"
    (tmp_path / "cases/beer.yaml").write_text(case.resolved)
    assert load_case(tmp_path) == case


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        (
            "  of: sales_value\n",
            "",
            "an amount needs to know what is added up; write of: COLUMN, a number of purchases",
        ),
        ("  kind: amount\n", "", "'of' is for amounts; write kind: amount with it, or drop it"),
        ("of: sales_value", "of: sales", "has no column 'sales'"),
        (
            "of: sales_value",
            "of: department",
            "needs a column of type integer or number; 'department' of purchases is string",
        ),
        (
            "models: quick",
            "models: [{kind: logistic}]",
            "logistic is no model of regression labels; choose from catboost, lightgbm, mlp, pooled, ridge",
        ),
    ],
)
def test_what_is_wrong_with_an_amount_is_said(tmp_path: Path, written: str, instead: str, problem: str):
    write_files(tmp_path)
    assert written in AMOUNT
    assert problem in explain_case(tmp_path, AMOUNT.replace(written, instead))


def test_ridge_does_not_predict_yes_or_no(tmp_path: Path):
    write_files(tmp_path)
    text = BEER.replace("models: quick", "models: [{kind: ridge}]")
    assert (
        "ridge is no model of binary labels; choose from catboost, embedded, lightgbm, logistic, mlp"
        in explain_case(tmp_path, text)
    )


CLASS_RULE = """\
    version: 1
    question: Which of these will each household buy most?
    labels: {kind: class, event: purchases, of: department, classes: [BEER, WINE], within: 28 days, cutoffs: [2017-11-05]}
    predict: {cutoff: 2017-12-03, population: purchases}
    features: {sets: [purchases], history: true}
    models: quick
    """
CLASS_TABLE = CLASS_RULE.replace(
    "event: purchases, of: department, classes: [BEER, WINE], within: 28 days, cutoffs: [2017-11-05]",
    "download: households, label: age, classes: ['1', '2'], cutoff: 2017-12-03",
)


def test_classes_of_events_learn_from_other_questions_and_those_of_a_table_from_what_users_have_had(tmp_path: Path):
    for written, kinds in ((CLASS_RULE, ["pooled", "refined"]), (CLASS_TABLE, ["embedded"])):
        write_files(tmp_path, cases_beer=f"{dedent(written)}transfer: auto\n")
        assert [member.kind for member in load_case(tmp_path).members][2:] == kinds


def test_amounts_learn_from_the_amounts_of_other_questions(tmp_path: Path):
    amounts = "labels: {kind: amount, of: sales_value, event: purchases, within: 28 days, cutoffs: [2017-11-05]}"
    (rule,) = (line for line in dedent(CLASS_RULE).splitlines() if line.startswith("labels"))
    write_files(tmp_path, cases_beer=f"{dedent(CLASS_RULE).replace(rule, amounts)}transfer: auto\n")
    assert {member.kind for member in load_case(tmp_path).members} & {"pooled", "refined"} == {"pooled"}


def test_a_table_of_classes_asks_what_no_log_has_questions_like(tmp_path: Path):
    written = dedent(CLASS_TABLE).replace("models: quick", "models: [{kind: lightgbm}, {kind: pooled}]")
    write_files(tmp_path, cases_beer=written)
    with pytest.raises(ConfigError, match=r"these labels are not made of its events, so drop it"):
        load_case(tmp_path)


def test_classes_take_no_models_from_the_shelf(tmp_path: Path):
    write_files(tmp_path, cases_beer=f"{dedent(CLASS_RULE)}transfer: {{from: last-month}}\n")
    with pytest.raises(ConfigError, match=r"these labels ask more; write transfer: auto"):
        load_case(tmp_path)


def test_classes_are_read_and_survive_being_resolved(tmp_path: Path):
    for written, expected in (
        (
            CLASS_RULE,
            ClassRule(
                event="purchases",
                of="department",
                classes=("BEER", "WINE"),
                within=timedelta(days=28),
                cutoffs=(day("2017-11-05"),),
            ),
        ),
        (
            CLASS_TABLE,
            ClassTable(download="households", label="age", classes=("1", "2"), cutoffs=(day("2017-12-03"),)),
        ),
    ):
        write_files(tmp_path, cases_beer=written)
        case = load_case(tmp_path)
        assert case.labels == expected
        (tmp_path / "cases/beer.yaml").write_text(case.resolved)
        assert load_case(tmp_path) == case


@pytest.mark.parametrize(
    ("written", "changed", "problem"),
    [
        (CLASS_RULE, ("of: department, ", ""), "labels: the key 'of' is missing"),
        (CLASS_RULE, ("of: department", "of: departement"), "has no column 'departement' (did you mean 'department'?)"),
        (CLASS_RULE, ("of: department", "of: sales_value"), "needs a column of type string or integer or boolean"),
        (CLASS_RULE, ("[BEER, WINE]", "[BEER, BEER]"), "labels.classes[1]: this stands twice"),
        (CLASS_RULE, ("[BEER, WINE]", "[BEER, none]"), "'none' is the class of users without any such event"),
        (CLASS_RULE, ("[BEER, WINE]", "[]"), "labels.classes: "),
        (CLASS_RULE, ("2017-11-05", "2017-11-26"), "labels would look past the predict cut-off"),
        (CLASS_RULE, ("event: purchases", "event: households"), "events need a time"),
        (CLASS_TABLE, ("['1', '2']", "['1']"), "labels.classes: must have at least 2 items"),
        (CLASS_TABLE, ("['1', '2']", "[1, 2]"), "labels.classes[0]: expected text"),
        (CLASS_TABLE, (", cutoff: 2017-12-03", ""), "labels of a table need a cut-off"),
        (CLASS_TABLE, ("label: age", "label: ages"), "has no column 'ages'"),
    ],
)
def test_what_is_wrong_with_classes_is_said(tmp_path: Path, written: str, changed: tuple[str, str], problem: str):
    write_files(tmp_path)
    assert changed[0] in written
    assert problem in explain_case(tmp_path, written.replace(*changed))


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "within: 28 days",
            "within: 999999 weeks",
            "labels.within: 999999 weeks is more than a century; write at most",
        ),
        ("count: 3", "count: 1000", "labels.cutoffs: the last cut-off would be after 2200; write fewer, or less far"),
        (
            "cutoff: 2017-12-03",
            "cutoff: 9999-12-31",
            "predict.cutoff: an instant lies between 1900 and 2200, not in 9999",
        ),
        ("cutoff: 2017-12-03", "cutoff: 0001-01-01", "predict.cutoff: an instant lies between 1900 and 2200, not in 1"),
        ("within: 28 days", "within: -28 days", "labels.within: a duration is written like '28 days'"),
        ("within: 28 days", "within: 0 days", "labels.within: a duration is written like '28 days'"),
    ],
)
def test_times_that_no_calendar_has_are_refused(tmp_path: Path, written: str, instead: str, told: str):
    text = (write_files(tmp_path) / "cases/beer.yaml").read_text().replace("every: 28 days", "every: 9999 days")
    assert told in explain_case(tmp_path, text.replace(written, instead))
