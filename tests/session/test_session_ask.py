"""A question is answered without a case and without labels."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yule import Session, open_project
from yule.core.errors import DataError
from yule.runtime.events import RunEvent, TaskFinished
from yule.session.views.answers import Answer

BEGIN = datetime(2024, 1, 1)
LAST = datetime(2024, 6, 30)
AS_OF = datetime(2024, 6, 1, tzinfo=UTC)
N_USERS = 200
ITEMS = ("ale", "bread", "cheese", "dates", "eggs", "figs")

PROJECT = """\
version: 1
name: shop
workspace: workspace
sources: {shop: {kind: files, path: data}}
"""

VISITS = """\
version: 1
source: shop
table: visits
user: user
time: at
columns: {user: string, at: timestamp, item: string}
"""


def write_shop(folder: Path, *, until: datetime) -> Session:
    """Write a project whose users each have two items that they come for every few days."""
    for name in ("data", "downloads"):
        (folder / name).mkdir(parents=True)
    (folder / "project.yaml").write_text(PROJECT)
    (folder / "downloads" / "visits.yaml").write_text(VISITS)
    rng, rows = np.random.default_rng(0), []
    for user in range(N_USERS):
        for item in rng.choice(len(ITEMS), 2, replace=False):
            times = BEGIN + np.cumsum(rng.exponential(6 + user % 9, 60)) * timedelta(days=1)
            rows += [(f"u{user:03}", time, ITEMS[item]) for time in times if time < LAST]
    kept = sorted(row for row in rows if row[1] < until)
    users, times, items = zip(*kept, strict=True)
    table = {"user": users, "at": pa.array(times, pa.timestamp("us")), "item": items}
    pq.write_table(pa.table(table), folder / "data" / "visits.parquet")
    return open_project(folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return write_shop(tmp_path_factory.mktemp("ask") / "shop", until=LAST)


@pytest.fixture(scope="module")
def answer(shop: Session) -> Answer:
    return shop.ask("visits where item = 'ale'", within="14 days", at=AS_OF)


@pytest.mark.slow
def test_those_who_do_it_are_on_top(answer: Answer) -> None:
    scores = answer.users.arrow["score"].to_numpy()
    assert len(answer.users) == N_USERS
    assert scores[:20].mean() > 0.6 > 0.2 > scores[-100:].mean()


@pytest.mark.slow
def test_the_same_question_looks_back_at_what_came_of_it(answer: Answer) -> None:
    before = answer.evidence.before
    assert before.cutoff == AS_OF - timedelta(days=14)
    assert before.auc is not None
    assert before.auc > 0.8
    assert max(answer.evidence.question_cutoffs) + timedelta(days=14) <= before.cutoff


@pytest.mark.slow
def test_nothing_is_learned_from_the_question_itself(answer: Answer) -> None:
    assert answer.evidence.left_out == ("ale",)
    assert answer.evidence.n_questions >= 2


@pytest.mark.slow
def test_a_question_that_was_asked_before_runs_nothing(shop: Session, answer: Answer) -> None:
    ran: list[str] = []
    again = shop.ask(
        " visits  where item = 'ale'", within="2 weeks", at=AS_OF, progress=lambda event: ran.append(event.event)
    )
    assert again.folder == answer.folder
    assert "finished" not in ran


@pytest.mark.slow
@pytest.mark.parametrize(
    ("item", "later", "families"),
    [
        ("bread", timedelta(0), {"CompareQuestions", "ChoosePooled", "ComputeFeatures", "AnswerQuestion"}),
        ("ale", timedelta(days=1), {"FindPopulation", "CountActivity", "ComputeFeatures", "AnswerQuestion"}),
    ],
)
def test_another_question_or_the_next_day_fits_no_model(
    shop: Session, answer: Answer, item: str, later: timedelta, families: set[str]
) -> None:
    ran: set[str] = set()

    def tell(event: RunEvent) -> None:
        if isinstance(event, TaskFinished):
            ran.add(event.family)

    shop.ask(f"visits where item = '{item}'", within="14 days", at=AS_OF + later, progress=tell)
    assert ran == families


@pytest.mark.slow
def test_the_future_changes_nothing(answer: Answer, tmp_path: Path) -> None:
    past = write_shop(tmp_path / "past", until=AS_OF.replace(tzinfo=None))
    asked = past.ask("visits where item = 'ale'", within="14 days", at=AS_OF)
    assert (asked.folder / "users.parquet").read_bytes() == (answer.folder / "users.parquet").read_bytes()
    assert asked.evidence == answer.evidence


@pytest.mark.slow
def test_what_nobody_has_ever_done_is_said_to_rest_on_activity(shop: Session, answer: Answer) -> None:
    never = shop.ask("visits where item = 'grapes'", within="14 days", at=AS_OF)
    assert never.evidence.n_doers == 0
    assert "None of these users has ever done it" in " ".join(never.describe())


@pytest.mark.slow
def test_a_log_is_asked_as_of_its_last_midnight(shop: Session) -> None:
    assert shop.ask("visits where item = 'ale'", within="14 days").cutoff == datetime(2024, 6, 29, tzinfo=UTC)


@pytest.mark.slow
def test_a_day_that_the_log_does_not_reach_is_refused(shop: Session, answer: Answer) -> None:
    with pytest.raises(DataError, match="visits ends on 2024-06-29: nothing is known"):
        shop.ask("visits", within="14 days", at="2024-09-01")


@pytest.mark.slow
def test_a_log_that_is_too_short_is_refused(shop: Session, answer: Answer) -> None:
    with pytest.raises(DataError, match=r"visits begins on 2024-01-0.*Ask what happens within a shorter time"):
        shop.ask("visits", within="90 days")


@pytest.mark.slow
def test_what_nothing_can_be_learned_for_is_refused_before_models_are_fitted(shop: Session) -> None:
    ran: set[str] = set()

    def tell(event: RunEvent) -> None:
        if isinstance(event, TaskFinished):
            ran.add(event.family)

    told = r"All \d other questions.*\{kind: leaving, event: visits, within: 14 days\}"
    for _ in range(2):
        with pytest.raises(DataError, match=told):
            shop.ask("visits", leaving=True, within="14 days", at=AS_OF, progress=tell)
    assert "CompareQuestions" in ran
    assert not ran & {"FitPooled", "AnswerQuestions"}


@pytest.mark.slow
def test_an_answer_is_saved(answer: Answer, tmp_path: Path) -> None:
    answer.save(tmp_path / "ale.csv")
    assert (tmp_path / "ale.csv").read_text().startswith('"user_id","rank","score"\n')
