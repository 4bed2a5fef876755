"""A matrix of labels holds what was observed of several outcomes, and nothing else."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.examples import Examples, LabelMatrix, divide_classes, join_labels, to_matrix

DAY = np.timedelta64(1, "D")
ROWS = st.dictionaries(
    st.tuples(st.integers(0, 2), st.sampled_from(["ann", "bob", "cid", "\u00e9va", "\U0001f600"])),
    st.floats(0, 9),
    max_size=8,
)


def make_examples(labels: dict[tuple[int, str], float], loss: str = "log_loss") -> Examples:
    keys = sorted(labels)
    return Examples(
        user_ids=np.array([user for _, user in keys], dtype=object),
        cutoffs=np.array([np.datetime64("2024-01-01", "us") + day * DAY for day, _ in keys], dtype="datetime64[us]"),
        labels=np.array([labels[key] for key in keys], dtype=np.float64),
        loss="squared_error" if loss == "squared_error" else "log_loss",
    )


def assert_equal(found: Examples, expected: Examples) -> None:
    assert found.user_ids.tolist() == expected.user_ids.tolist()
    assert found.cutoffs.tolist() == expected.cutoffs.tolist()
    assert found.labels.tolist() == expected.labels.tolist()
    assert found.loss == expected.loss


@given(ROWS, ROWS, ROWS)
@settings(deadline=None, max_examples=40)
def test_every_case_is_a_column_of_the_matrix_of_all(
    one: dict[tuple[int, str], float], two: dict[tuple[int, str], float], three: dict[tuple[int, str], float]
) -> None:
    cases = {"one": make_examples(one, "squared_error"), "two": make_examples(two), "three": make_examples(three)}
    joined = join_labels([to_matrix(name, examples) for name, examples in cases.items()])
    assert joined.names == ("one", "two", "three")
    assert len(joined.labels) == len({*one, *two, *three})
    for name, examples in cases.items():
        assert_equal(joined.column(name), examples)


@given(ROWS, ROWS)
@settings(deadline=None, max_examples=20)
def test_matrices_are_joined_in_any_grouping(
    one: dict[tuple[int, str], float], two: dict[tuple[int, str], float]
) -> None:
    first, second, third = (to_matrix(name, make_examples(rows)) for name, rows in (("a", one), ("b", two), ("c", one)))
    at_once = join_labels([first, second, third])
    in_steps = join_labels([join_labels([first, second]), third])
    np.testing.assert_array_equal(at_once.labels, in_steps.labels)
    assert at_once.user_ids.tolist() == in_steps.user_ids.tolist()


def test_a_user_who_is_not_observed_for_an_outcome_is_not_among_its_examples() -> None:
    matrix = LabelMatrix(
        user_ids=np.array(["ann", "bob"], dtype=object),
        cutoffs=np.full(2, np.datetime64("2024-01-01", "us")),
        labels=np.array([[1.0, np.nan], [0.0, 5.0]]),
        names=("buys", "spends"),
        losses=("log_loss", "squared_error"),
    )
    assert matrix.column("buys").user_ids.tolist() == ["ann", "bob"]
    assert matrix.column("spends").user_ids.tolist() == ["bob"]
    assert matrix.column("spends").loss == "squared_error"


def test_each_class_is_a_column_against_the_rest() -> None:
    examples = make_examples({(0, "ann"): 2.0, (0, "bob"): 0.0, (1, "ann"): 1.0})
    matrix = divide_classes(examples, ["beer", "wine", "none"])
    assert matrix.labels.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert matrix.column("none").labels.tolist() == [1, 0, 0]
    assert matrix.column("none").user_ids.tolist() == examples.user_ids.tolist()
