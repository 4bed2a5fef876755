"""XGBoost: gradient boosting of histogram trees by second-order gain."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.files import read_bounded
from yule.core.losses import LOSSES, Loss
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.categories import Categories, encode_categories, learn_categories
from yule.models.early_stopping import best_step, is_over
from yule.models.gbdt.tree_json import check_trees
from yule.models.heads import Head, fit_head, track_judgement, track_loss
from yule.models.protocol import FitContext, Stop

if TYPE_CHECKING:
    import xgboost

_FILE = "model.xgb.json"

_LARGEST = 1e30
"""Numbers are held within it: XGBoost takes none that is infinite."""

_JUDGED_EVERY = 10
"""Trees from one look at the AUC to the next, as of LightGBM."""


_Log: TypeAlias = dict[str, dict[str, list[float] | list[tuple[float, float]]]]
"""What XGBoost tells a callback: for each split and metric its values so far."""


@dataclass(frozen=True, kw_only=True)
class _Objective:
    """A loss in XGBoost's words, and the power of what it tells that is the mean loss."""

    name: str
    metric: str
    power: int = 1


_OBJECTIVES: Mapping[Loss, _Objective] = {
    "log_loss": _Objective(name="binary:logistic", metric="logloss"),
    "squared_error": _Objective(name="reg:squarederror", metric="rmse", power=2),
}


@dataclass(frozen=True, kw_only=True)
class XGBoost:
    """Settings of an XGBoost member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the loss of the users kept aside usually stops the fit earlier.
    max_depth
        Depth of a tree.
    min_child_weight
        Sum of second derivatives of the loss that a leaf needs: of log loss a quarter of its users at the most.
    feature_fraction, bagging_fraction
        Share of the features each split, and of the training users each tree may use.
    lambda_l1, lambda_l2
        Penalties on the values of leaves.
    max_bins
        Thresholds tried for each numeric feature.
    """

    kind: Literal["xgboost"] = "xgboost"
    name: str = "xgboost"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.05
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 3000
    max_depth: Annotated[int, Ge(1), Le(12)] = 5
    min_child_weight: Annotated[float, Ge(0)] = 3.0
    feature_fraction: Annotated[float, Gt(0), Le(1)] = 0.35
    bagging_fraction: Annotated[float, Gt(0), Le(1)] = 0.8
    lambda_l1: Annotated[float, Ge(0)] = 0.0
    lambda_l2: Annotated[float, Ge(0)] = 3.0
    max_bins: Annotated[int, Ge(2), Le(65_535)] = 128

    losses: ClassVar[frozenset[Loss]] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "XGBoostModel":
        """See :class:`~yule.models.protocol.Estimator`."""
        return _train(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class XGBoostModel:
    """A fitted XGBoost model.

    Parameters
    ----------
    card
        What is known of the model.
    text
        The trees in XGBoost's JSON format.
    """

    card: ModelCard
    text: bytes

    @property
    def n_steps(self) -> int:
        """Number of trees."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the gain of all splits."""
        return self.card.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """See :class:`~yule.models.protocol.Model`."""
        if not features.n_users:
            return np.empty(0)
        booster = self._booster
        booster.set_param({"nthread": n_threads})
        matrix = _matrix(self.card.categories, features)
        raw = booster.inplace_predict(matrix, predict_type="margin")
        return self.card.head.predictions(raw)

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``model.xgb.json``."""
        write_card(self.card, folder)
        (folder / _FILE).write_bytes(self.text)

    @cached_property
    def _booster(self) -> "xgboost.Booster":
        import xgboost

        booster = xgboost.Booster()
        booster.load_model(bytearray(self.text))
        return booster


def load_xgboost(folder: Path) -> XGBoostModel:
    """Load what :meth:`XGBoostModel.save` wrote."""
    text = read_bounded(folder / _FILE)
    check_trees(text)
    return XGBoostModel(card=read_card(folder), text=text)


def _train(settings: XGBoost, train: Labelled, stop: Stop, *, context: FitContext) -> XGBoostModel:
    import xgboost

    categories, head = learn_categories(train.features), fit_head(train)
    objective = _OBJECTIVES[head.loss]
    data = _load(train, categories, head, context=context)
    watched, losses = {"train": data}, list[float]()
    if isinstance(stop, Labelled):
        watched["valid"] = _load(stop, categories, head, context=context)
    booster = xgboost.train(
        _parameters(settings, objective, context),
        data,
        stop if isinstance(stop, int) else settings.max_trees,
        evals=[(users, split) for split, users in watched.items()],
        callbacks=[_watch(losses, head, stop, watched, context=context, n_users=len(train.labels))],
        verbose_eval=False,
    )
    n_trees = best_step(losses) if losses else booster.num_boosted_rounds()
    booster = booster[:n_trees]
    names, gains = train.features.names, booster.get_score(importance_type="total_gain")
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=n_trees,
        importance=importance_shares(names, np.array([gains.get(f"f{place}", 0.0) for place in range(len(names))])),
        categories=categories,
    )
    return XGBoostModel(card=card, text=bytes(booster.save_raw("json")))


def _load(users: Labelled, categories: Categories, head: Head, *, context: FitContext) -> "xgboost.DMatrix":
    import xgboost

    return xgboost.DMatrix(
        _matrix(categories, users.features),
        head.targets(users.labels),
        feature_types=["q"] * len(users.features.numeric_names) + ["c"] * len(categories.names),
        enable_categorical=True,
        nthread=context.n_threads,
    )


def _parameters(settings: XGBoost, objective: _Objective, context: FitContext) -> dict[str, str | float]:
    return {
        "objective": objective.name,
        "eval_metric": objective.metric,
        "tree_method": "hist",
        "learning_rate": settings.learning_rate,
        "max_depth": settings.max_depth,
        "min_child_weight": settings.min_child_weight,
        "colsample_bynode": settings.feature_fraction,
        "subsample": settings.bagging_fraction,
        "reg_alpha": settings.lambda_l1,
        "reg_lambda": settings.lambda_l2,
        "max_bin": settings.max_bins,
        "seed": context.seed,
        "nthread": context.n_threads,
        "verbosity": 0,
    }


def _watch(
    losses: list[float],
    head: Head,
    stop: Stop,
    watched: Mapping[str, "xgboost.DMatrix"],
    *,
    n_users: int,
    context: FitContext,
) -> "xgboost.callback.TrainingCallback":
    """Return a callback that logs the curves, collects the losses on users kept aside, and stops the fit."""
    from xgboost.callback import TrainingCallback

    objective = _OBJECTIVES[head.loss]

    class Watcher(TrainingCallback):
        def after_iteration(self, model: "xgboost.Booster", epoch: int, evals_log: _Log) -> bool:
            for split in watched:
                told = evals_log[split][objective.metric][-1]
                assert isinstance(told, float)  # a mean with its deviation is told of cross-validation alone
                loss = track_loss(context.tracker, head, told**objective.power, split=split, step=epoch + 1)
                if split == "valid":
                    losses.append(loss)
            if isinstance(stop, Labelled) and (epoch < _JUDGED_EVERY or epoch % _JUDGED_EVERY == 0):
                predictions = head.predictions(model.predict(watched["valid"], output_margin=True))
                track_judgement(context.tracker, head, stop.labels, predictions, step=epoch + 1)
            return bool(losses) and is_over(losses, n_users=n_users)

    return Watcher()


def _matrix(categories: Categories, features: Features) -> NDArray[np.float32]:
    """Return numbers, then codes, (n_users, n_features); NaN = missing or an unknown category."""
    codes = encode_categories(categories, features).astype(np.float32)
    codes[codes < 0] = np.nan
    return np.concatenate([np.clip(features.numeric, -_LARGEST, _LARGEST), codes], axis=1)
