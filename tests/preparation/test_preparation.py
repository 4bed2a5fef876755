from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preparation_toys import disturb, make_dataset, relabel, split_rows
from scipy.stats import spearmanr

from yule.core.dataset import Features
from yule.core.errors import DataError
from yule.core.meanings import Meaning
from yule.core.schema import take_features
from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.preparation.derivation.arithmetic import ArithmeticPair, combine
from yule.preparation.derivation.components import add_components, learn_components
from yule.preparation.derivation.derive import Derived, add_columns
from yule.preparation.derivation.encoding import N_PARTS, encode, learn_encoding
from yule.preparation.preparation import (
    PREPARATION,
    fit_preparation,
    prepare,
    prepare_training,
    read_preparation,
    write_preparation,
)
from yule.preparation.sample import divide_users, take_sample
from yule.preparation.selection.record import (
    SelectionRecord,
    judge,
    merge_selections,
    read_selection,
    summarise_groups,
    write_selection,
)
from yule.preparation.settings import (
    Derivation,
    DropDuplicates,
    KeepAll,
    PreparationSettings,
    SelectByGain,
    SelectGroups,
    selection,
)

EXAMPLES, FEATURES = make_dataset()
TRAIN, STOP, HELD_OUT = split_rows(EXAMPLES)
WAYS = [
    PreparationSettings(select=selection("none")),
    PreparationSettings(select=selection("duplicates")),
    PreparationSettings(select=selection("gain")),
    PreparationSettings(select=SelectByGain(keep=2)),
    PreparationSettings(select=selection("permutation")),
    PreparationSettings(select=selection("null_importance")),
    PreparationSettings(select=selection("groups")),
    PreparationSettings(select=SelectGroups(keep=1, keep_plain=True), derive=Derivation(components=3)),
    PreparationSettings(derive=Derivation(targets=5, crosses=3, arithmetic=6)),
]


def name_way(way):
    return "derive" if way.derive.targets else way.select.kind


def fit(way, examples=EXAMPLES, features=FEATURES, *, train=TRAIN, stop=STOP):
    horizon = timedelta(days=28)
    return fit_preparation(way, examples, features, train=train, stop=stop, horizon=horizon, seed=3, n_threads=1)


@pytest.fixture(params=WAYS, ids=name_way, scope="module")
def way(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(way):
    return fit(way)


@given(seed=st.integers(0, 999))
@settings(deadline=None, max_examples=2)
def test_labels_and_features_of_users_out_of_the_fold_change_nothing(way, fitted, seed):
    examples, features = disturb(EXAMPLES, FEATURES, HELD_OUT, seed=seed)
    again = fit(way, examples, features)
    assert again == fitted
    seen, before = (
        prepare_training(preparation, table.take(TRAIN), EXAMPLES.user_ids[TRAIN])
        for (preparation, _), table in ((again, features), (fitted, FEATURES))
    )
    assert seen.numeric.tobytes() == before.numeric.tobytes()


def test_the_order_of_rows_and_columns_does_not_matter_to_what_is_kept_and_made(way, fitted):
    random = np.random.default_rng(1)
    order = random.permutation(EXAMPLES.n_examples)
    columns = FEATURES.take_columns(random.permutation(7).tolist(), random.permutation(3).tolist())
    place = np.argsort(order)
    shuffled, record = fit(way, EXAMPLES.take(order), columns.take(order), train=place[TRAIN], stop=place[STOP])
    assert record == fitted[1]
    assert set(shuffled.kept.names) == set(fitted[0].kept.names)
    assert (shuffled.derived, shuffled.components) == (fitted[0].derived, fitted[0].components)


def test_a_preparation_read_back_gives_the_same_columns(fitted, tmp_path):
    write_preparation(fitted[0], tmp_path)
    read = read_preparation(tmp_path / PREPARATION)
    assert read == fitted[0]
    before, after = prepare(fitted[0], FEATURES), prepare(read, FEATURES)
    assert before.names == after.names
    assert before.numeric.tobytes() == after.numeric.tobytes()


def test_training_rows_get_the_columns_that_others_get(fitted):
    seen = prepare_training(fitted[0], FEATURES.take(TRAIN), EXAMPLES.user_ids[TRAIN])
    assert seen.names == prepare(fitted[0], FEATURES.take(HELD_OUT)).names


@given(st.lists(st.integers(0, EXAMPLES.n_examples - 1), min_size=1, max_size=20))
@settings(deadline=None, max_examples=20)
def test_a_row_depends_on_no_other(fitted, rows):
    alone = prepare(fitted[0], FEATURES.take(np.array(rows)))
    together = prepare(fitted[0], FEATURES).take(np.array(rows))
    assert alone.numeric.tobytes() == together.numeric.tobytes()
    assert alone.codes.tobytes() == together.codes.tobytes()


def test_a_record_read_back_is_the_same(fitted, tmp_path):
    write_selection(fitted[1], tmp_path)
    assert read_selection(tmp_path) == fitted[1]


def test_nothing_is_done_when_nothing_is_asked():
    preparation, record = fit(WAYS[0])
    assert prepare(preparation, FEATURES) is FEATURES
    assert record.kept == set(FEATURES.names)


def test_constants_and_repetitions_are_dropped_and_it_is_said_why():
    _, record = fit(PreparationSettings(select=DropDuplicates()))
    assert {verdict.name: tell_message(verdict.dropped) for verdict in record.features if verdict.dropped} == {
        "site__still": "always the same",
        "shop__count__copy": "repeats shop__count__28d (rank correlation 1.0000)",
        "shop__count__half": "repeats shop__count__28d (rank correlation 1.0000)",
        "profile__plan_name": "repeats profile__plan",
    }


def test_features_that_nearly_repeat_another_are_dropped_by_their_ranks():
    noisy = FEATURES.numeric.copy()
    noisy[:, 4] = np.exp(-noisy[:, 0]) + 0.01 * noisy[:, 5]
    features = replace(FEATURES, numeric=noisy)
    kept = [
        fit(PreparationSettings(select=DropDuplicates(max_correlation=limit)), features=features)[1].kept
        for limit in (0.9, 0.99999)
    ]
    assert "shop__sum__spend" not in kept[0]
    assert {"shop__sum__spend", "site__noise__a"} <= kept[1]


def test_the_features_that_decide_have_the_most_gain():
    preparation, record = fit(PreparationSettings(select=SelectByGain(keep=2)))
    assert set(preparation.kept.names) == {"shop__sum__spend", "profile__plan"}
    assert sum(verdict.score or 0 for verdict in record.features) == pytest.approx(1)


def test_groups_that_decide_are_kept_and_one_too_rare_to_be_used_is_not_judged():
    numeric = FEATURES.numeric.copy()
    numeric[:, 6] = np.arange(len(numeric)) % 47 == 0
    _, record = fit(PreparationSettings(select=selection("groups")), features=replace(FEATURES, numeric=numeric))
    groups = {verdict.name: verdict for verdict in record.groups}
    assert min(groups["shop__sum"].score, groups["profile__plan"].score) > 5
    assert (groups["site__still"].score, groups["site__still"].dropped) == (None, None)
    assert {"shop__sum__spend", "profile__plan"} <= record.kept


@pytest.mark.parametrize(("n_rows", "n_kept"), [(8, 1), (50, 4), (200, 7)])
def test_plain_features_are_kept_and_of_the_others_as_many_as_the_labels_can_tell_apart(n_rows, n_kept):
    random = np.random.default_rng(n_rows)
    rows = np.sort(random.permutation(TRAIN)[:n_rows])
    means = {
        f"site__mean__{number}": Meaning(feature_set="site", aggregate="mean", column=str(number))
        for number in range(20)
    }
    noise = random.normal(size=(FEATURES.n_users, len(means))).astype(np.float32)
    wide = replace(
        FEATURES,
        numeric=np.concatenate([FEATURES.numeric, noise], axis=1),
        numeric_names=(*FEATURES.numeric_names, *means),
        meanings={**FEATURES.meanings, **means},
    )
    _, record = fit(
        PreparationSettings(select=SelectGroups(keep=7, rows_per_feature=4, keep_plain=True)), features=wide, train=rows
    )
    assert {"shop__sum__spend", "shop__count__28d", "profile__plan", "profile__town"} <= record.kept
    assert len(record.kept.intersection((*means, "site__noise__a", "site__noise__b"))) == n_kept
    assert all(group.is_kept for group in record.groups if group.name in {"shop__sum", "shop__count", "profile__town"})


def test_components_are_the_directions_in_which_users_differ_most():
    random = np.random.default_rng(0)
    hidden = random.normal(size=500)
    noise = random.normal(size=(500, 3))
    numeric = np.stack([hidden, np.exp(hidden), -hidden, *noise.T, np.zeros(500)], axis=1).astype(np.float32)
    numeric[::9, 3] = np.nan
    features = Features(
        numeric=numeric,
        codes=np.zeros((500, 0), np.int32),
        numeric_names=tuple("abcdefg"),
        categorical_names=(),
        vocabularies=(),
    )
    sample = replace(take_sample(EXAMPLES, FEATURES, np.arange(500)), features=features)
    components = learn_components(sample, 2, seed=0)
    assert components.sources == tuple("abcdef")
    assert [abs(row[0]) for row in components.weights[:3]] == pytest.approx([3**-0.5] * 3, abs=0.02)
    added = add_components(components, features, features)
    assert added.numeric_names == (*"abcdefg", "component 1", "component 2")
    assert abs(spearmanr(added.numeric[:, 7], hidden).statistic) > 0.99
    assert np.isfinite(added.numeric[:, 7:]).all()


def test_where_nothing_differs_there_are_no_components():
    sample = take_sample(EXAMPLES, FEATURES.take_columns([6], []), TRAIN)
    assert learn_components(sample, 5, seed=0).names == ()


@pytest.mark.parametrize(("below", "n_components"), [(None, 2), (10_000, 2), (5, 0)])
def test_components_are_left_to_few_labels(below, n_components):
    preparation, _ = fit(PreparationSettings(derive=Derivation(components=2, components_below=below)))
    assert len(preparation.components.names) == n_components


def test_a_preparation_takes_what_it_passes_on_and_what_components_are_made_of():
    preparation, _ = fit(PreparationSettings(select=SelectByGain(keep=1), derive=Derivation(components=2)))
    assert len(preparation.kept.names) == 1
    assert set(preparation.taken.numeric_names) >= {"shop__count__half", "site__noise__a", "site__noise__b"}
    taken = take_features(FEATURES, preparation.taken)
    assert prepare(preparation, taken).numeric.tobytes() == prepare(preparation, FEATURES).numeric.tobytes()


def test_kept_features_stay_in_their_order():
    preparation, _ = fit(PreparationSettings(select=DropDuplicates()))
    kept = preparation.kept
    assert kept.numeric_names == ("shop__sum__spend", "shop__count__28d", "site__noise__a", "site__noise__b")
    assert kept.categorical_names == ("profile__plan", "profile__town")


def test_what_the_members_see_means_something():
    deriving = Derivation(targets=5, crosses=3, arithmetic=6, components=2)
    preparation, _ = fit(PreparationSettings(select=DropDuplicates(), derive=deriving))
    prepared = prepare(preparation, FEATURES)
    assert {name: prepared.meaning_of(name) for name in prepared.names} == preparation.meanings
    assert "target(profile__plan)" in preparation.meanings
    assert preparation.meanings["target(profile__plan)"].made_of == (FEATURES.meaning_of("profile__plan"),)
    assert preparation.meanings["component 2"].number == 2


@pytest.mark.parametrize("select", [KeepAll(), DropDuplicates()])
def test_features_that_never_differ_are_an_error(select):
    features = replace(FEATURES, numeric=np.ones_like(FEATURES.numeric), codes=np.zeros_like(FEATURES.codes))
    with pytest.raises(DataError, match="Every feature has the same value for all 450 rows that a fold learns from"):
        fit(PreparationSettings(select=select), features=features)


def test_merged_records_tell_in_how_many_folds_a_feature_was_kept():
    way = PreparationSettings(select=SelectByGain(keep=1))
    merged = merge_selections([fit(way)[1], fit(way, train=STOP, stop=TRAIN)[1]])
    assert merged.features[0].name == "shop__sum__spend"
    assert (merged.features[0].n_kept, merged.features[0].n_folds) == (2, 2)
    assert merged.features[-1].dropped


def test_the_best_of_a_group_was_kept_and_reasons_are_of_those_that_were_not():
    folds = [
        SelectionRecord(
            method="gain",
            features=judge(
                {name: Meaning(column=name) for name in ("a__x", "a__y", "b__x")},
                scores,
                {name: Message(code=code) for name, code in dropped.items()},
            ),
        )
        for scores, dropped in (
            ({"a__x": 0.2, "a__y": 0.7, "b__x": 0.3}, {"a__y": "late", "b__x": "low"}),
            ({"a__x": 0.4, "a__y": 0.5, "b__x": 0.1}, {"a__x": "none", "a__y": "late", "b__x": "low"}),
        )
    ]
    groups = summarise_groups(merge_selections(folds))
    told = {
        row.name: (row.n_kept, row.best and row.best.name, [reason.code for reason in row.dropped]) for row in groups
    }
    assert told == {"a__x": (1, "a__x", []), "a__y": (0, None, ["late"]), "b__x": (0, None, ["low"])}


DERIVING = PreparationSettings(derive=Derivation(targets=5, crosses=3, arithmetic=6))


@given(user=st.sampled_from(sorted(set(EXAMPLES.user_ids[TRAIN]))), seed=st.integers(0, 999))
@settings(deadline=None, max_examples=10)
def test_a_users_own_labels_never_change_the_encodings_of_their_rows(user, seed):
    own = np.flatnonzero(EXAMPLES.user_ids == user)
    seen = []
    for examples in (EXAMPLES, relabel(EXAMPLES, own)):
        sample = take_sample(examples, FEATURES, TRAIN)
        parts = divide_users(sample.user_ids, N_PARTS, seed=seed)
        encodings = tuple(
            learn_encoding(sample.features, sample.labels, parts, sources)
            for sources in (("profile__plan",), ("profile__town",), ("profile__plan", "profile__town"))
        )
        derived, rows = Derived(encodings=encodings, seed=seed), FEATURES.take(own)
        seen.append(
            [add_columns(derived, rows, user_ids).numeric[:, -3:] for user_ids in (EXAMPLES.user_ids[own], None)]
        )
    (before, before_as_other), (after, after_as_other) = seen
    assert before.tobytes() == after.tobytes()
    assert (before_as_other != after_as_other).all()


def test_an_encoding_is_the_smoothed_mean_label_of_the_other_parts():
    sample = take_sample(EXAMPLES, FEATURES, TRAIN)
    parts = divide_users(sample.user_ids, N_PARTS, seed=1)
    encoding = learn_encoding(sample.features, sample.labels, parts, ("profile__plan",))
    codes = sample.features.codes[:, sample.features.categorical_names.index("profile__plan")]
    others = parts != parts[0]
    same = others & (codes == codes[0])
    expected = (sample.labels[same].sum() + 10 * sample.labels[others].mean()) / (same.sum() + 10)
    assert encode(encoding, sample.features, parts)[0] == pytest.approx(expected, rel=1e-6)


def test_values_never_seen_in_training_are_encoded_as_the_rare_ones_are():
    sample = take_sample(EXAMPLES, FEATURES, TRAIN)
    parts = divide_users(sample.user_ids, N_PARTS, seed=1)
    encoding = learn_encoding(sample.features, sample.labels, parts, ("profile__town",))
    missing = replace(FEATURES, codes=np.full_like(FEATURES.codes, -1))
    renamed = replace(FEATURES, vocabularies=tuple(tuple(f"new {v}" for v in known) for known in FEATURES.vocabularies))
    assert np.array_equal(encode(encoding, missing, None), encode(encoding, renamed, None))


def test_columns_are_named_by_what_they_are_made_of():
    preparation, _ = fit(DERIVING)
    names = set(preparation.derived.names)
    assert "target(profile__plan)" in names
    assert any(" × " in name and name.startswith("target(") for name in names)
    assert len(names) <= 14


@pytest.mark.parametrize(
    ("operation", "expected"), [("+", [5.0, 1.0]), ("−", [-1.0, 1.0]), ("×", [6.0, 0.0]), ("/", [2 / 3, np.nan])]
)
def test_arithmetic_never_gives_an_infinite_number(operation, expected):
    features = Features(
        numeric=np.array([[2, 3], [1, 0]], np.float32),
        codes=np.zeros((2, 0), np.int32),
        numeric_names=("a", "b"),
        categorical_names=(),
        vocabularies=(),
    )
    column = combine(ArithmeticPair(left="a", operation=operation, right="b"), features)
    np.testing.assert_allclose(column, np.array(expected, np.float32))


def test_arithmetic_that_is_too_large_is_missing():
    features = Features(
        numeric=np.array([[3e38]], np.float32),
        codes=np.zeros((1, 0), np.int32),
        numeric_names=("a",),
        categorical_names=(),
        vocabularies=(),
    )
    assert np.isnan(combine(ArithmeticPair(left="a", operation="×", right="a"), features)).all()
