"""The preparation of a fold: fitted on its training users, applied to whoever its members see."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.meanings import Meaning
from yule.core.schema import FeatureSchema, describe_features, take_features, unite_schemas
from yule.core.seeds import derive_seed
from yule.core.settings import read_json, to_json
from yule.preparation.derivation.components import Components, add_components, learn_components
from yule.preparation.derivation.derive import Derived, add_columns, derive_columns
from yule.preparation.sample import take_sample
from yule.preparation.selection.record import SelectionRecord
from yule.preparation.selection.select import select_features
from yule.preparation.settings import PreparationSettings

PREPARATION = "preparation.json"
"""Name of the file that holds a preparation."""

_NOTHING = Derived()
_NO_COMPONENTS = Components()


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How features become those that the members of a fold see.

    Parameters
    ----------
    kept
        The features that it passes on as they are.
    derived
        Columns that are made of them.
    components
        What all features have in common.
    """

    kept: FeatureSchema
    derived: Derived = _NOTHING
    components: Components = _NO_COMPONENTS

    @property
    def taken(self) -> FeatureSchema:
        """The features that it takes: those it passes on, and those the components are made of."""
        sources = FeatureSchema(numeric_names=self.components.sources, categorical_names=())
        return unite_schemas([self.kept, sources])

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What the features mean that the members see, by name."""
        return {**self.kept.meanings, **self.derived.find_meanings(self.kept.meanings), **self.components.meanings}


def fit_preparation(
    settings: PreparationSettings,
    examples: Examples,
    features: Features,
    *,
    train: NDArray[np.intp],
    stop: NDArray[np.intp],
    horizon: timedelta,
    seed: int,
    n_threads: int,
) -> tuple[Preparation, SelectionRecord]:
    """Fit the preparation of a fold by the labels of its training users.

    Parameters
    ----------
    settings
        What is done.
    examples, features
        The labelled users, row by row the same in both.
    train, stop
        Rows that are learned from, and that say when to stop. No other label is looked at.
    horizon
        How far labels look ahead.
    seed, n_threads
        Of all that is random; threads change nothing.

    Returns
    -------
    tuple
        The preparation, and why features were kept or dropped. The order of rows and columns changes neither, but
        that the features that are kept stay in their order.
    """
    learned, stopping = (take_sample(examples, features, rows) for rows in (train, stop))
    record = select_features(
        settings.select, learned, stopping, horizon=horizon, seed=derive_seed(seed, "select"), n_threads=n_threads
    )
    below = settings.derive.components_below
    n_components = settings.derive.components if below is None or learned.n_telling < below else 0
    components = learn_components(learned, n_components, seed=derive_seed(seed, "components"))
    kept = describe_features(learned.features).only(record.kept)
    learned, stopping = (part.with_features(take_features(part.features, kept)) for part in (learned, stopping))
    derived = derive_columns(settings.derive, learned, stopping, seed=derive_seed(seed, "derive"), n_threads=n_threads)
    kept = describe_features(features).only(record.kept)
    return Preparation(kept=kept, derived=derived, components=components), record


def prepare(preparation: Preparation, features: Features) -> Features:
    """Return what the members of a fold see of users whose labels they do not learn from.

    Parameters
    ----------
    preparation
        That of the fold.
    features
        n_users rows; the features it takes in any order, and maybe others.

    Returns
    -------
    Features
        n_users rows. A row depends on no other.
    """
    return _add_all(preparation, features, user_ids=None)


def prepare_training(preparation: Preparation, features: Features, user_ids: NDArray[np.object_]) -> Features:
    """Return what the members of a fold see of the users they learn from: nothing that their own labels decided.

    Parameters
    ----------
    preparation
        That of the fold.
    features
        n_users rows; the features it takes in any order, and maybe others.
    user_ids
        str (n_users,): whose rows they are.

    Returns
    -------
    Features
        n_users rows, columns as those of :func:`prepare`.
    """
    assert len(user_ids) == features.n_users
    return _add_all(preparation, features, user_ids)


def write_preparation(preparation: Preparation, folder: Path) -> None:
    """Write ``preparation.json``."""
    (folder / PREPARATION).write_text(to_json(preparation), encoding="utf-8")


def read_preparation(file: Path) -> Preparation:
    """Read a file that :func:`write_preparation` wrote."""
    return read_json(Preparation, file)


def _add_all(preparation: Preparation, features: Features, user_ids: NDArray[np.object_] | None) -> Features:
    kept = add_columns(preparation.derived, take_features(features, preparation.kept), user_ids)
    return add_components(preparation.components, features, kept)
