"""CatBoost: gradient boosting of symmetric trees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.files import read_bounded
from yule.core.losses import LOSSES, Loss
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.categories import Categories, encode_categories, learn_categories
from yule.models.early_stopping import best_step, is_over
from yule.models.heads import Head, fit_head, track_loss
from yule.models.protocol import FitContext, Stop
from yule.storage.owners import temporary_folder

if TYPE_CHECKING:
    import catboost

_FILE = "model.cbm"
_LARGEST = 1e30
_SPLITS = {"learn": "train", "validation": "valid"}


@dataclass(frozen=True, kw_only=True)
class _Objective:
    """A loss in CatBoost's words, what else is measured, and the power of what it tells that is the mean loss."""

    name: str
    metrics: tuple[str, ...] = ()
    power: int = 1


_OBJECTIVES: Mapping[Loss, _Objective] = {
    "log_loss": _Objective(name="Logloss", metrics=("AUC:hints=skip_train~true",)),
    "squared_error": _Objective(name="RMSE", power=2),
}


@dataclass(frozen=True, kw_only=True)
class CatBoost:
    """Settings of a CatBoost member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the loss of the users kept aside usually stops the fit earlier.
    depth
        Depth of the symmetric trees: each has ``2 ** depth`` leaves.
    l2_leaf_reg
        Penalty on the values of leaves.
    subsample
        Share of the training users each tree may use.
    feature_fraction
        Share of the features each split may use.
    border_count
        Thresholds tried for each numeric feature.
    random_strength
        Noise on the scores of splits, as a multiple of CatBoost's own.
    one_hot_max_size
        A categorical feature with more values than this is turned into target statistics.
    """

    kind: Literal["catboost"] = "catboost"
    name: str = "catboost"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.08
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 2000
    depth: Annotated[int, Ge(1), Le(12)] = 6
    l2_leaf_reg: Annotated[float, Ge(0)] = 3.0
    subsample: Annotated[float, Gt(0), Le(1)] = 0.8
    feature_fraction: Annotated[float, Gt(0), Le(1)] = 0.25
    border_count: Annotated[int, Ge(1), Le(255)] = 64
    random_strength: Annotated[float, Ge(0)] = 1.0
    one_hot_max_size: Annotated[int, Ge(2), Le(255)] = 16

    losses: ClassVar[frozenset[Loss]] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "CatBoostModel":
        """See :class:`~yule.models.protocol.Estimator`."""
        return _train(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class CatBoostModel:
    """A fitted CatBoost model.

    Parameters
    ----------
    card
        What is known of the model.
    cbm
        The trees in CatBoost's binary format.
    """

    card: ModelCard
    cbm: bytes

    @property
    def n_steps(self) -> int:
        """Number of trees."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the change of predictions over all splits."""
        return self.card.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """See :class:`~yule.models.protocol.Model`."""
        if not features.n_users:
            return np.empty(0)
        pool = _pool(self.card.categories, features)
        raw = self._trees.predict(pool, prediction_type="RawFormulaVal", thread_count=n_threads)
        return self.card.head.predictions(raw)

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``model.cbm``."""
        write_card(self.card, folder)
        (folder / _FILE).write_bytes(self.cbm)

    @cached_property
    def _trees(self) -> "catboost.CatBoost":
        import catboost

        return catboost.CatBoost().load_model(blob=self.cbm)


def load_catboost(folder: Path) -> CatBoostModel:
    """Load what :meth:`CatBoostModel.save` wrote."""
    return CatBoostModel(card=read_card(folder), cbm=read_bounded(folder / _FILE))


class _Info(Protocol):
    """What CatBoost tells a callback: for each split and metric its values so far."""

    metrics: Mapping[str, Mapping[str, list[float]]]
    iteration: int


class _Watcher:
    """A callback, in the form CatBoost asks for: logs the curves, collects the losses, and stops the fit."""

    def __init__(self, head: Head, *, n_users: int, context: FitContext) -> None:
        self.losses: list[float] = []
        self._head = head
        self._n_users = n_users
        self._tracker = context.tracker

    def after_iteration(self, info: _Info) -> bool:
        """Return whether to go on."""
        objective = _OBJECTIVES[self._head.loss]
        for name, told in info.metrics.items():
            split = _SPLITS[name]
            loss = told[objective.name][-1] ** objective.power
            track_loss(self._tracker, self._head, loss, split=split, step=info.iteration)
            if split == "valid":
                self.losses.append(loss)
            if "AUC" in told:
                self._tracker.log(f"{split}/auc", told["AUC"][-1], step=info.iteration)
        return not (self.losses and is_over(self.losses, n_users=self._n_users))


def _train(settings: CatBoost, train: Labelled, stop: Stop, *, context: FitContext) -> CatBoostModel:
    categories, head = learn_categories(train.features), fit_head(train)
    max_trees = stop if isinstance(stop, int) else settings.max_trees
    trees = _new_trees(replace(settings, max_trees=max_trees), _OBJECTIVES[head.loss], context=context)
    watcher = _Watcher(head, n_users=len(train.labels), context=context)
    trees.fit(
        _pool(categories, train.features, head.targets(train.labels)),
        eval_set=_pool(categories, stop.features, head.targets(stop.labels)) if isinstance(stop, Labelled) else None,
        use_best_model=False,
        callbacks=[watcher],
    )
    n_trees = best_step(watcher.losses) if watcher.losses else trees.tree_count_
    trees.shrink(ntree_end=n_trees)
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=n_trees,
        importance=importance_shares(train.features.names, np.array(trees.get_feature_importance())),
        categories=categories,
    )
    return CatBoostModel(card=card, cbm=_native_bytes(trees))


def _new_trees(settings: CatBoost, objective: _Objective, *, context: FitContext) -> "catboost.CatBoost":
    import catboost

    return catboost.CatBoost(
        {
            "loss_function": objective.name,
            "custom_metric": list(objective.metrics),
            "iterations": settings.max_trees,
            "learning_rate": settings.learning_rate,
            "depth": settings.depth,
            "l2_leaf_reg": settings.l2_leaf_reg,
            "bootstrap_type": "Bernoulli",
            "subsample": settings.subsample,
            "rsm": settings.feature_fraction,
            "border_count": settings.border_count,
            "random_strength": settings.random_strength,
            "one_hot_max_size": settings.one_hot_max_size,
            "max_ctr_complexity": 1,
            "boosting_type": "Plain",  # ordered boosting is several times slower
            "leaf_estimation_iterations": 1,
            "random_seed": context.seed,
            "thread_count": context.n_threads,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }
    )


def _pool(categories: Categories, features: Features, labels: NDArray[np.float64] | None = None) -> "catboost.Pool":
    """Return CatBoost's form of a table. Missing numbers become smaller than all others.

    CatBoost refuses a missing number where training had none, so it is not shown any.
    """
    import catboost

    numeric = np.clip(features.numeric, -_LARGEST, _LARGEST)
    numeric[np.isnan(numeric)] = -2 * _LARGEST
    codes = encode_categories(categories, features)
    data = catboost.FeaturesData(
        num_feature_data=numeric if numeric.shape[1] else None,
        cat_feature_data=_write_codes(codes) if codes.shape[1] else None,
    )
    return catboost.Pool(data, labels)


def _write_codes(codes: NDArray[np.int32]) -> NDArray[np.object_]:
    """Return codes as CatBoost takes them, as texts: one object for each code, not for each user."""
    texts: NDArray[np.object_] = np.arange(-1, codes.max(initial=-1) + 1).astype("S").astype(object)
    return texts[codes + 1]


def _native_bytes(trees: "catboost.CatBoost") -> bytes:
    """Return the content of a cbm file without its metadata, which tell time and threads and are not needed."""
    metadata = trees.get_metadata()
    for key in list(metadata.keys()):
        del metadata[key]
    with temporary_folder() as folder:
        path = folder / _FILE
        trees.save_model(str(path))
        return path.read_bytes()
