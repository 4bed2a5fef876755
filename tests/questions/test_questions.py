"""Auxiliary questions: which are asked, what came of them, which repeat a case, and who learns from them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.roles.activity import write_activity
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.questions.answers import Answers, read_answers, write_answers
from yule.questions.choice import Choice, choose_questions
from yule.questions.doers import find_doers
from yule.questions.find import Questions, find_questions, read_questions
from yule.questions.overlap import Overlap, Overlaps, compare_questions, read_overlaps
from yule.questions.rows import divide_answers
from yule.questions.settings import QuestionSpec, align_cutoff, choose_cutoffs
from yule.training.folds import find_fold

WEEK = timedelta(days=7)
JUDGED_FROM = datetime(2024, 7, 1, tzinfo=UTC)
CUTOFFS = choose_cutoffs(JUDGED_FROM, WEEK)
ITEMS = ("beer", "crisps", "milk", "tea")

LOG = Method(
    name="visits",
    source="s",
    table="t",
    user="user",
    time="time",
    columns=(
        Column(name="user", type="string"),
        Column(name="time", type="timestamp"),
        Column(name="item", type="string"),
        Column(name="code", type="integer"),
    ),
)
ROLES = RoleFeatures(name="auto-roles", download="visits", within=WEEK, items=("item",), min_users=1)
SPEC = QuestionSpec(
    roles=FeatureSpec(settings=ROLES, table=TableSpec(method=LOG, data_version="1"), learn_before=CUTOFFS[0]),
    cutoffs=CUTOFFS,
)


def describe_case(where: str) -> FeatureSpec:
    """Return the roles of a case."""
    return replace(SPEC.roles, settings=replace(ROLES, where=where))


def walk_log(n_users: int) -> Iterator[tuple[str, datetime, str, int]]:
    """Users who come every few days, each for some of the items; beer and crisps at other times than milk and tea."""
    rng = np.random.default_rng(0)
    for user in range(n_users):
        for day in range(0, 70, 2):
            item = ITEMS[int(rng.integers(2)) + 2 * (user % 2)]
            if rng.random() < 0.5:
                yield f"u{user:03}", JUDGED_FROM - timedelta(days=day, hours=1), item, ITEMS.index(item)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    return write_log(tmp_path_factory.mktemp("log"), 200)


def write_log(folder: Path, n_users: int) -> list[list[Path]]:
    file = folder / "visits.parquet"
    user, time, item, code = zip(*sorted(walk_log(n_users)), strict=True)
    instants = pa.array(time, pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table({"user": user, "time": instants, "item": item, "code": code}), file)
    return [[file]]


@pytest.fixture(scope="module")
def questions(log: list[list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Questions:
    folder = tmp_path_factory.mktemp("questions")
    find_questions(SPEC, log, column="item", folder=folder, scratch=folder, n_threads=1)
    return read_questions(folder)


@pytest.fixture(scope="module")
def answers(log: list[list[Path]], questions: Questions, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("answers")
    return answer(log, questions, folder)


def answer(
    log: list[list[Path]],
    questions: Questions,
    folder: Path,
    *,
    spec: QuestionSpec = SPEC,
    cutoff: datetime = CUTOFFS[-1],
) -> Answers:
    activity = folder / "activity"
    activity.mkdir()
    write_activity(spec.roles, log, item="item", cutoff=cutoff, folder=activity, n_threads=1)
    write_answers(spec, log, questions, activity=activity, cutoff=cutoff, folder=folder, n_threads=1)
    return read_answers(folder, spec.loss)


def compare(log: list[list[Path]], questions: Questions, folder: Path, where: str) -> Overlaps:
    compare_questions(SPEC, describe_case(where), log, questions, folder=folder, scratch=folder, n_threads=1)
    return read_overlaps(folder)


def test_every_question_is_known_before_the_case_is_judged() -> None:
    assert max(CUTOFFS) + WEEK <= JUDGED_FROM


def test_values_that_enough_users_have_are_asked_for_in_two_halves(questions: Questions) -> None:
    assert [question.value for question in questions.questions] == list(ITEMS)
    assert sorted(question.half for question in questions.questions) == [0, 0, 1, 1]


@pytest.mark.parametrize(("n_users", "asked"), [(60, ITEMS), (16, ())])
def test_in_a_small_log_fewer_users_are_enough_but_not_a_handful(
    tmp_path: Path, n_users: int, asked: tuple[str, ...]
) -> None:
    log = write_log(tmp_path, n_users)
    find_questions(SPEC, log, column="item", folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert tuple(question.value for question in read_questions(tmp_path).questions) == asked


def test_a_log_without_a_column_asks_nothing(log: list[list[Path]], tmp_path: Path) -> None:
    find_questions(SPEC, log, column=None, folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert read_questions(tmp_path).questions == ()


def test_a_log_that_is_younger_than_the_first_cutoff_is_asked_at_a_later_one(
    log: list[list[Path]], questions: Questions, tmp_path: Path
) -> None:
    early = replace(SPEC, cutoffs=(JUDGED_FROM - timedelta(days=300), *CUTOFFS))
    find_questions(early, log, column="item", folder=tmp_path, scratch=tmp_path, n_threads=1)
    assert read_questions(tmp_path) == questions


def test_nobody_answers_as_of_a_day_before_the_log(log: list[list[Path]], questions: Questions, tmp_path: Path) -> None:
    before = JUDGED_FROM - timedelta(days=300)
    assert len(answer(log, questions, tmp_path, cutoff=before).labels) == 0


def test_answers_are_what_happened_in_the_horizon(log: list[list[Path]], answers: Answers) -> None:
    table = pq.read_table(log[0][0]).to_pylist()
    end = CUTOFFS[-1] + WEEK
    did = {(row["user"], row["item"]) for row in table if CUTOFFS[-1] <= row["time"] < end}
    found = zip(answers.user_ids, answers.questions, answers.labels, strict=True)
    assert {(user, ITEMS[question]) for user, question, label in found if label} == did


def test_amounts_are_told_in_what_is_usual_for_a_day(
    log: list[list[Path]], questions: Questions, answers: Answers, tmp_path: Path
) -> None:
    spec = replace(SPEC, kind="amount", roles=replace(SPEC.roles, settings=replace(ROLES, of="code")))
    added = answer(log, questions, tmp_path, spec=spec)
    table = pq.read_table(log[0][0]).to_pylist()
    for place, item in enumerate(ITEMS[1:], start=1):  # a beer has code 0, and adds up to nothing
        before = [row for row in table if row["item"] == item and row["time"] < CUTOFFS[-1]]
        usual = sum(row["code"] for row in before) / len({(row["user"], row["time"].date()) for row in before})
        rows = added.questions == place
        n_events = [
            sum(
                CUTOFFS[-1] <= row["time"] < CUTOFFS[-1] + WEEK
                for row in table
                if (row["user"], row["item"]) == (user, item)
            )
            for user in added.user_ids[rows]
        ]
        np.testing.assert_allclose(added.labels[rows], np.array(n_events) * place / usual)
    assert not added.labels[added.questions == 0].any()
    assert set(added.features.numeric_names) - set(answers.features.numeric_names) == {
        f"auto-roles__{part}__{window}" for part in ("own_amount", "amount") for window in ("7d", "21d", "all")
    }


def test_who_leaves_is_who_does_not_come(log: list[list[Path]], questions: Questions, answers: Answers, tmp_path: Path):
    leaving = replace(SPEC, kind="leaving")
    left = answer(log, questions, tmp_path, spec=leaving)
    np.testing.assert_array_equal(left.labels, 1 - answers.labels)


def test_a_question_that_is_the_case_is_left_out(log: list[list[Path]], questions: Questions, tmp_path: Path) -> None:
    assert compare(log, questions, tmp_path, "item = 'beer'").left_out == {0}


def test_a_question_that_is_the_case_under_another_name_is_left_out(
    log: list[list[Path]], questions: Questions, tmp_path: Path
) -> None:
    assert compare(log, questions, tmp_path, "code = 0").left_out == {0}


def test_questions_that_a_case_is_put_together_of_are_left_out(
    log: list[list[Path]], questions: Questions, tmp_path: Path
) -> None:
    assert compare(log, questions, tmp_path, "item IN ('beer', 'milk')").left_out >= {0, 2}


def test_nobody_of_the_fold_that_is_held_out_is_learned_from(answers: Answers) -> None:
    for fold in range(5):
        train, stop = divide_answers([answers], questions=[0, 2], fold=fold, n_folds=5)
        folds = find_fold(answers.user_ids.tolist(), 5)
        asked = np.isin(answers.questions, [0, 2])
        assert len(train.labels) == (asked & (folds != fold) & (folds != (fold + 1) % 5)).sum()
        assert len(stop.labels) == (asked & (folds == (fold + 1) % 5)).sum()


def test_what_comes_after_the_horizon_changes_no_answer(
    log: list[list[Path]], questions: Questions, answers: Answers, tmp_path: Path
) -> None:
    table = pq.read_table(log[0][0])
    first = CUTOFFS[0]
    early = table.filter(pc.less(table["time"], pa.scalar(first + WEEK, pa.timestamp("us", tz="UTC"))))
    pq.write_table(early, tmp_path / "early.parquet")
    written = []
    for number, tables in enumerate((log, [[tmp_path / "early.parquet"]])):
        folder = tmp_path / str(number)
        folder.mkdir()
        answer(tables, questions, folder, cutoff=first)
        written.append({file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()})
    assert written[0] == written[1]


def choose(questions: Questions, *repeating: int) -> Choice:
    """Return what is learned from where the questions of some places repeat what is asked."""
    overlaps = tuple(
        Overlap(value=question.value, shared=0.0, correlation=0.0, is_left_out=place in repeating)
        for place, question in enumerate(questions.questions)
    )
    return choose_questions(questions, Overlaps(questions=overlaps))


def test_the_half_that_does_not_repeat_what_is_asked_is_learned_from(questions: Questions) -> None:
    halves = [question.half for question in questions.questions]
    for place, half in enumerate(halves):
        others = tuple(np.flatnonzero(np.array(halves) != half).tolist())
        assert choose(questions, place) == Choice(places=others, half=1 - half)


def test_where_both_halves_repeat_what_is_asked_all_others_are_learned_from(questions: Questions) -> None:
    halves = [question.half for question in questions.questions]
    repeating = (halves.index(0), halves.index(1))
    others = tuple(place for place in range(len(halves)) if place not in repeating)
    assert choose(questions, *repeating) == Choice(places=others, half=None)


def test_where_all_questions_repeat_what_is_asked_nothing_is_learned_from(questions: Questions) -> None:
    assert choose(questions, 0, 1, 2, 3).places == ()


def test_who_did_it_in_a_period_is_found(log: list[list[Path]], tmp_path: Path) -> None:
    since, until = CUTOFFS[-1], CUTOFFS[-1] + WEEK
    found = find_doers(describe_case("item = 'beer'"), log, since=since, until=until, scratch=tmp_path)
    table = pq.read_table(log[0][0]).to_pylist()
    did = {row["user"] for row in table if row["item"] == "beer" and since <= row["time"] < until}
    assert found.tolist() == sorted(did)


def test_days_within_a_horizon_share_a_cutoff_that_is_not_after_them() -> None:
    days = [JUDGED_FROM + timedelta(days=number) for number in range(14)]
    aligned = [align_cutoff(day, WEEK) for day in days]
    assert len(set(aligned)) <= 3
    assert all(timedelta(0) <= day - found < WEEK for day, found in zip(days, aligned, strict=True))


def test_labels_that_are_learned_from_say_which_question_they_answer(answers: Answers) -> None:
    train, _ = divide_answers([answers, answers], questions=[0, 2], fold=0, n_folds=5)
    is_learned = find_fold(answers.user_ids.tolist(), 5) > 1
    expected = answers.questions[is_learned & np.isin(answers.questions, [0, 2])]
    assert train.questions is not None
    np.testing.assert_array_equal(train.questions, np.tile(expected, 2))
