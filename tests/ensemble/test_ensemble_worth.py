import numpy as np
import pytest

from yule.ensemble.blend import blend
from yule.ensemble.files import read_worths, write_ensemble
from yule.ensemble.settings import GreedySelection, Stacking
from yule.ensemble.worth import Worth, find_worths


def sample(n_users=3000):
    """A member that knows much, one that knows something else, and one of noise."""
    random = np.random.default_rng(0)
    causes = random.normal(size=(n_users, 2)) * (2.0, 1.0)
    labels = (random.uniform(size=n_users) < 1 / (1 + np.exp(-causes.sum(axis=1)))).astype(np.float64)
    seen = np.column_stack([causes, random.normal(size=n_users)])
    return 1 / (1 + np.exp(-seen)), labels, np.arange(n_users, dtype=np.int32) % 5


@pytest.mark.parametrize("settings", [Stacking(), GreedySelection(n_bags=3)], ids=["stacking", "greedy"])
def test_members_bring_what_they_alone_know(settings):
    much, some, nothing = find_worths(*sample(), settings)
    assert much.rise > 0.2 > some.rise > 5 * some.error > 0
    assert abs(nothing.rise) < 0.002


def test_a_member_of_two_that_say_the_same_brings_nothing():
    oof, labels, folds = sample()
    worths = find_worths(np.column_stack([oof[:, 0], oof[:, 0], oof[:, 1]]), labels, folds, Stacking())
    assert abs(worths[0].rise) < 0.01 < worths[2].rise


def test_of_one_member_there_is_nothing_to_tell():
    oof, labels, folds = sample()
    assert find_worths(oof[:, :1], labels, folds, Stacking()) == ()


def test_worths_of_amounts_do_not_depend_on_their_unit():
    random = np.random.default_rng(0)
    expected = random.gamma(1.0, 20.0, 2000)
    oof = np.column_stack([expected, random.gamma(1.0, 20.0, 2000)])
    folds = np.arange(2000, dtype=np.int32) % 5
    amounts = expected * random.gamma(1.0, 1.0, 2000)
    small, large = (
        find_worths(unit * oof, unit * amounts, folds, Stacking(), loss="squared_error")[0] for unit in (1.0, 1000.0)
    )
    assert small.rise > 0.1
    assert large.rise == pytest.approx(small.rise, rel=1e-3)


def test_worths_are_kept_with_the_ensemble(tmp_path):
    oof, labels, folds = sample(200)
    worths = (Worth(rise=0.1, error=0.01), Worth(rise=-0.1, error=0.02), Worth(rise=0.0, error=0.0))
    rows, names = np.arange(200), ("one", "two", "three")
    ensemble = blend(oof, labels, folds, Stacking())
    write_ensemble(ensemble, tmp_path, names=names, rows=rows, predictions=oof, worths=worths)
    assert read_worths(tmp_path) == dict(zip(names, worths, strict=True))
    write_ensemble(ensemble, tmp_path, names=names, rows=rows, predictions=oof)
    assert read_worths(tmp_path) == {}
