"""Refits learn from all labelled users."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from yule.core.dataset import Features, Labelled
from yule.core.examples import Examples
from yule.core.losses import LOSSES, Loss
from yule.core.tracker import SilentTracker
from yule.messages.telling import tell
from yule.models.protocol import FitContext, Stop
from yule.training.fitting import write_fit
from yule.training.folds import Folds
from yule.training.prepared import see_as_they_are
from yule.training.refits import count_rarer, describe_refits, find_least, find_n_steps, fit_whole, split_whole

N_USERS = 50


def make_examples() -> Examples:
    days = np.repeat(np.array(["2024-01-01", "2024-02-01"], "datetime64[us]"), N_USERS // 2)
    users = np.array([f"u{number % 25:02}" for number in range(N_USERS)], dtype=object)
    return Examples(user_ids=users, cutoffs=days, labels=(np.arange(N_USERS) % 5 == 0).astype(float))


def make_features() -> Features:
    return Features(
        numeric=np.arange(N_USERS, dtype=np.float32)[:, None],
        codes=np.empty((N_USERS, 0), np.int32),
        numeric_names=("number",),
        categorical_names=(),
        vocabularies=(),
    )


@dataclass(frozen=True)
class Told:
    """A model that only knows what it was fitted on."""

    numbers: tuple[float, ...]
    n_steps: int

    @property
    def importance(self) -> Mapping[str, float]:
        return {}

    def predict(self, features: Features, *, n_threads: int) -> np.ndarray:
        assert n_threads
        return np.full(features.n_users, 0.5)

    def save(self, folder: Path) -> None:
        assert folder.is_dir()


@dataclass(frozen=True)
class Listener:
    """Settings whose fit keeps what it is told."""

    name: str = "listener"
    losses: frozenset[Loss] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> Told:
        assert isinstance(stop, int)
        assert context.n_threads
        return Told(numbers=tuple(train.features.numeric[:, 0].tolist()), n_steps=stop)


def test_a_refit_learns_from_every_user_at_every_cutoff() -> None:
    context = FitContext(seed=0, n_threads=1, tracker=SilentTracker())
    model = fit_whole(Listener(), make_examples(), see_as_they_are(make_features()), n_steps=7, context=context)
    assert model == Told(numbers=tuple(map(float, range(N_USERS))), n_steps=7)


def test_a_refit_makes_as_many_steps_as_its_folds_did_in_the_mean(tmp_path: Path) -> None:
    for number, n_steps in enumerate((10, 20, 40)):
        (tmp_path / str(number)).mkdir()
        write_fit(Told(numbers=(), n_steps=n_steps), tmp_path / str(number))
    assert find_n_steps([tmp_path / "0", tmp_path / "1", tmp_path / "2"]) == 23


def test_a_preparation_of_all_users_leaves_none_out() -> None:
    rows = split_whole(make_examples())
    assert sorted([*rows.train, *rows.stop]) == list(range(N_USERS))
    assert (len(rows.stop), len(rows.held_out)) == (5, 0)


def test_the_age_of_the_newest_labels_is_told_and_what_was_judged_instead() -> None:
    examples = make_examples()
    later = examples.cutoffs == examples.cutoffs.max()
    folds = Folds(fold=np.zeros(N_USERS, np.int32), is_validation=later, is_training=~later)
    finding = describe_refits(["one", "two"], examples, folds, cutoff=datetime(2024, 2, 29, tzinfo=UTC))
    assert tell(finding).seen == (
        "one and two learned once more, from all 50 labelled users, the newest as of 2024-02-01, 28 days before users "
        "are scored. Quality is that of the models of the folds, which had learned from labels as of 2024-01-01 and "
        "before, on later ones."
    )


def test_users_of_the_rarer_kind_are_counted_once_at_all_their_cutoffs() -> None:
    assert make_examples().labels.sum() == 10
    assert count_rarer(make_examples()) == 5
    assert (find_least("none"), find_least("all")) == (None, 0)
