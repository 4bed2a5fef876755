"""Which members are fitted is decided by counts alone."""

from pathlib import Path

import numpy as np
import pytest

from yule.core.examples import Examples
from yule.messages.telling import tell
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.members import MemberSettings
from yule.training.members import DataSize, decide_members, measure_size, read_decisions, write_decisions
from yule.training.portfolios import portfolio


def make_size(n_labelled: int) -> DataSize:
    return DataSize(n_labelled=n_labelled, n_users=n_labelled, n_positives=10, n_features=3)


@pytest.mark.parametrize("name", ["quick", "standard", "best"])
def test_of_as_many_users_as_a_case_has_every_member_is_fitted(name: str) -> None:
    members = portfolio(name)  # type: ignore[arg-type]
    assert all(decision.is_kept for decision in decide_members(members, make_size(100)))


def test_a_member_that_can_learn_nothing_is_left_out_and_told_why() -> None:
    (decision,) = decide_members([LightGBM(name="trees", min_data_in_leaf=50)], make_size(99))
    assert not decision.is_kept
    told = tell(decision.why)
    assert told.title == "trees is left out"
    assert "100 labelled users or more, and there are 99" in told.seen


def test_trees_of_two_leaves_full_of_users_are_fitted() -> None:
    (decision,) = decide_members([LightGBM(min_data_in_leaf=50)], make_size(100))
    assert decision.is_kept
    assert tell(decision.why).title == "lightgbm is fitted"


def test_what_is_decided_of_a_member_does_not_depend_on_others() -> None:
    members = portfolio("standard")
    alone = [decide_members([member], make_size(30))[0] for member in members]
    assert list(decide_members(members, make_size(30))) == alone
    assert [one.is_kept for one in alone] == [not isinstance(member, LightGBM) for member in members]


def test_a_user_of_several_cutoffs_is_counted_once_and_labelled_often() -> None:
    examples = Examples(
        user_ids=np.array(["a", "b", "a"], dtype=object),
        cutoffs=np.array(["2024-01-01", "2024-01-01", "2024-02-01"], dtype="datetime64[us]"),
        labels=np.array([0.0, 1.0, 2.5]),
        loss="squared_error",
    )
    assert measure_size(examples, n_features=7) == DataSize(n_labelled=3, n_users=2, n_positives=2, n_features=7)


def test_decisions_are_read_as_they_were_written(tmp_path: Path) -> None:
    members: tuple[MemberSettings, ...] = portfolio("quick")
    decisions = decide_members(members, make_size(30))
    write_decisions(decisions, tmp_path / "members.json")
    assert read_decisions(tmp_path / "members.json") == decisions
