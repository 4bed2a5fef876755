import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from checks_toys import make_evidence, with_column, with_folds, with_labels

from yule.checks.answers import check_quick_model, check_score, check_share, check_single_features
from yule.checks.columns import check_constants, check_ids
from yule.checks.duplicates import check_conflicts, check_duplicates
from yule.checks.evidence import Evidence
from yule.checks.listing import judge_result
from yule.checks.measures.single import single_feature_aucs
from yule.checks.shuffled import check_shuffled_labels
from yule.core.dataset import Features
from yule.core.meanings import Meaning
from yule.messages.finding import Finding
from yule.messages.telling import tell

SOUND = make_evidence()
LABELS = SOUND.examples.labels


def the_one(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    return finding


def single(evidence: Evidence) -> Finding:
    return the_one(check_single_features(evidence.sample, 0))


def single_auc(values: np.ndarray, labels: np.ndarray) -> float:
    features = Features(
        numeric=values.astype(np.float32)[:, None],
        codes=np.empty((len(values), 0), np.int32),
        numeric_names=("a",),
        categorical_names=(),
        vocabularies=(),
    )
    (auc,) = single_feature_aucs(features, labels, np.arange(len(labels)) % 4 < 2)
    return float(auc)


def test_a_leaked_label_stops_everything_and_is_named_with_what_it_adds() -> None:
    found = single(with_column(SOUND, 1, 3 * LABELS))
    assert (found.severity, tell(found).title) == ("stop", "A feature gives the answer away")
    assert "shop: noise (AUC 1.000)" in tell(found).seen
    assert "reaches AUC 1.000 with it and 0." in tell(found).seen


def test_two_copies_of_a_leaked_label_do_not_hide_each_other() -> None:
    found = single(with_column(with_column(SOUND, 1, LABELS), 2, -LABELS))
    assert found.severity == "stop"
    assert "with them and 0." in tell(found).seen


def test_a_label_that_hides_in_missing_values_is_found() -> None:
    values = np.where(LABELS == 1, np.nan, np.random.default_rng(5).normal(size=len(LABELS)))
    assert single(with_column(SOUND, 1, values)).severity == "stop"


def test_a_category_that_is_the_label_is_found() -> None:
    codes = (LABELS[:, None] + 1).astype(np.int32)
    leaky = replace(SOUND, sample=replace(SOUND.sample, features=replace(SOUND.sample.features, codes=codes)))
    found = single(leaky)
    assert found.severity == "stop"
    assert "profile: town" in tell(found).seen


def test_a_feature_that_nearly_tells_is_warned_of_when_nothing_else_does() -> None:
    found = single(with_column(SOUND, 1, LABELS + np.random.default_rng(5).normal(0, 0.45, len(LABELS))))
    assert (found.severity, tell(found).title) == ("warn", "A feature nearly gives the answer away")


def test_a_telling_feature_is_no_leak_when_the_others_together_say_the_same() -> None:
    evidence = make_evidence(1500)
    labels = evidence.examples.labels
    latent = labels + np.random.default_rng(5).normal(0, 0.45, len(labels))
    noise = np.random.default_rng(6).normal(0, 0.35, len(labels))
    for column, values in ((0, latent), (1, latent + noise), (3, latent - noise)):
        evidence = with_column(evidence, column, values)
    found = single(evidence)
    assert found.severity == "ok"
    assert "the others together say the same" in tell(found).seen


@pytest.mark.parametrize("n_values", [2, 50, 20_000])
def test_noise_tells_nothing_however_many_values_it_has(n_values: int) -> None:
    labels = (np.random.default_rng(5).random(20_000) < 0.02).astype(float)
    assert single_auc(np.random.default_rng(6).integers(0, n_values, 20_000), labels) == pytest.approx(0.5, abs=0.04)


def test_a_rare_answer_at_the_end_of_a_wide_range_is_seen() -> None:
    labels = (np.arange(20_000) >= 19_900).astype(float)
    order = np.random.default_rng(5).permutation(20_000)
    assert single_auc(np.arange(20_000.0)[order], labels[order]) > 0.99


def test_a_u_shaped_feature_is_as_telling_as_a_straight_one() -> None:
    values = np.random.default_rng(5).normal(size=4000)
    assert single_auc(values, (np.abs(values) > 1.5).astype(float)) > 0.95


def test_few_labels_give_no_verdict_on_single_features() -> None:
    labels = np.where(np.arange(len(LABELS)) % 100 == 0, 1.0, 0.0)
    assert tell(single(with_labels(with_column(SOUND, 1, labels), labels))).title == "Too little for this check"


def test_a_quick_model_that_knows_the_answer_is_too_good_to_be_true() -> None:
    found = {one.check: one for one in check_quick_model(with_column(SOUND, 1, LABELS).sample, 0)}
    assert {name: one.severity for name, one in found.items()} == {"score": "warn", "dominant-feature": "warn"}
    assert "shop: noise, carries" in tell(found["dominant-feature"]).seen


STRONGEST = Meaning(feature_set="a", aggregate="count")


def test_scores_and_shares_have_limits() -> None:
    assert the_one(check_score(0.981, of="list")).severity == "warn"
    assert the_one(check_score(0.979, of="list")).severity == "ok"
    assert the_one(check_share({STRONGEST: 0.61})).severity == "warn"
    assert the_one(check_share({STRONGEST: 0.59})).severity == "ok"
    assert not list(check_share({}))


def test_what_the_ensemble_says_replaces_what_a_quick_model_said() -> None:
    quick = (*check_score(0.99, of="quick-model"), *check_ids(SOUND.sample.features))
    judged = judge_result(quick, 0.8, {STRONGEST: 0.7})
    assert [(one.check, one.severity) for one in judged] == [
        ("dominant-feature", "warn"),
        ("score", "ok"),
        ("ids", "ok"),
    ]
    assert "The list has AUC 0.800" in tell(judged[1]).seen


def test_users_who_are_learned_from_and_judged_are_found_out_by_shuffled_labels() -> None:
    evidence = make_evidence(2000, n_cutoffs=4, n_folds=5)
    for column, values in enumerate(np.random.default_rng(1).normal(size=(4, 2000))):
        evidence = with_column(evidence, column, np.tile(values, 4))
    assert the_one(check_shuffled_labels(evidence.sample, 0)).severity == "ok"
    spoiled = with_folds(evidence, np.random.default_rng(2).permutation(evidence.folds.fold))
    found = the_one(check_shuffled_labels(spoiled.sample, 0))
    assert (found.severity, found.check) == ("stop", "shuffled-labels")


def test_a_feature_set_that_says_nothing_is_warned_of() -> None:
    codes = np.full_like(SOUND.sample.features.codes, -1)
    found = list(check_constants(replace(SOUND.sample.features, codes=codes)))
    assert [(one.severity, tell(one).title) for one in found] == [
        ("warn", "The features of profile say nothing"),
        ("ok", "Features differ between users"),
    ]
    assert tell(found[1]).seen == "4 of 5 features differ between users; profile: town is the same for all."


def test_a_single_constant_feature_is_nothing_to_worry_about() -> None:
    numeric = SOUND.sample.features.numeric.copy()
    numeric[:, 1] = np.nan
    assert the_one(check_constants(replace(SOUND.sample.features, numeric=numeric))).severity == "ok"


def test_ids_are_found_among_numbers_and_texts_and_quantities_are_not() -> None:
    n_users = 300
    features = Features(
        numeric=np.column_stack([10_000 + np.arange(n_users), np.random.default_rng(5).gamma(2, 9, n_users)]).astype(
            np.float32
        ),
        codes=np.column_stack([np.arange(n_users), np.arange(n_users) % 50]).astype(np.int32),
        numeric_names=("profile__number", "profile__income"),
        categorical_names=("profile__mail", "profile__town"),
        meanings={
            f"profile__{name}": Meaning(feature_set="profile", aggregate="column", column=name)
            for name in ("number", "income", "mail", "town")
        },
        vocabularies=(tuple(f"{n:03}" for n in range(n_users)), tuple(f"{n:02}" for n in range(50))),
    )
    found = the_one(check_ids(features))
    assert found.severity == "warn"
    assert tell(found).seen.startswith("profile: number and profile: mail are different")


@pytest.mark.parametrize("ids", [10.0**9 + np.arange(300), np.random.default_rng(0).integers(2**25, 2**31, 300)])
def test_ids_too_long_to_be_told_apart_are_found(ids: np.ndarray) -> None:
    features = SOUND.sample.features.take(np.arange(300))
    numeric = features.numeric.copy()
    numeric[:, 1] = ids
    assert the_one(check_ids(replace(features, numeric=numeric))).severity == "warn"


def test_copies_of_users_are_counted_and_named_and_conflicts_too() -> None:
    rows = np.tile(np.arange(300), 4)
    features, examples = SOUND.sample.features.take(rows), SOUND.sample.take(np.arange(1200)).examples
    examples = replace(examples, cutoffs=examples.cutoffs[rows])
    found = the_one(check_duplicates(features, examples))
    assert found.severity == "warn"
    assert "1,200 of 1,200 examples (100.0%)" in tell(found).seen
    assert the_one(check_conflicts(features, examples)).severity == "warn"
    agreeing = replace(examples, labels=np.tile((np.arange(300) % 2).astype(float), 4))
    assert the_one(check_conflicts(features, agreeing)).severity == "ok"


def test_minus_zero_and_missing_values_are_equal_to_their_like() -> None:
    features = SOUND.sample.features.take(np.zeros(4, dtype=np.intp))
    features.numeric[:, 0] = (0.0, -0.0, np.nan, -np.nan)
    examples = SOUND.sample.take(np.arange(4)).examples
    assert "4 of 4 examples" in tell(the_one(check_duplicates(features, examples))).seen


def test_the_same_user_at_two_cutoffs_is_no_duplicate() -> None:
    rows = np.array([0, 400])
    features = SOUND.sample.features.take(np.zeros(2, dtype=np.intp))
    assert "No two users" in tell(the_one(check_duplicates(features, SOUND.sample.take(rows).examples))).seen
