"""LightGBM: leaf-wise gradient boosting of histogram trees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.files import read_bounded
from yule.core.losses import LOSSES, Loss
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.categories import Categories, encode_categories, learn_categories
from yule.models.early_stopping import best_step, is_over
from yule.models.gbdt.fast_trees import load_fast_trees, sum_checked
from yule.models.gbdt.tree_text import check_trees
from yule.models.heads import Head, SquaredErrorHead, fit_head, track_judgement, track_loss
from yule.models.protocol import BLOCK, FitContext, Stop

if TYPE_CHECKING:
    import lightgbm
    import lignum

_FILE = "model.txt"

_JUDGED_EVERY = 10
"""From the tenth tree on, trees from one look at training users, and at the AUC, to the next."""


@dataclass(frozen=True, kw_only=True)
class _Objective:
    """A loss in LightGBM's words."""

    name: str
    loss: str


_OBJECTIVES: Mapping[Loss, _Objective] = {
    "log_loss": _Objective(name="binary", loss="binary_logloss"),
    "squared_error": _Objective(name="regression", loss="l2"),
}


@dataclass(frozen=True, kw_only=True)
class LightGBM:
    """Settings of a LightGBM member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    learning_rate
        Shrinkage of each tree.
    max_trees
        Upper limit of trees; the loss of the users kept aside usually stops the fit earlier.
    num_leaves
        Leaves per tree.
    min_data_in_leaf
        Training users a leaf needs.
    feature_fraction, bagging_fraction
        Share of the features and of the training users each tree may use.
    lambda_l1, lambda_l2
        Penalties on the values of leaves.
    extra_trees
        Try one random threshold per feature instead of all: weaker trees that differ more.
    """

    kind: Literal["lightgbm"] = "lightgbm"
    name: str = "lightgbm"
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.03
    max_trees: Annotated[int, Ge(1), Le(100_000)] = 4000
    num_leaves: Annotated[int, Ge(2), Le(1024)] = 16
    min_data_in_leaf: Annotated[int, Ge(1)] = 20
    feature_fraction: Annotated[float, Gt(0), Le(1)] = 0.35
    bagging_fraction: Annotated[float, Gt(0), Le(1)] = 0.8
    lambda_l1: Annotated[float, Ge(0)] = 0.0
    lambda_l2: Annotated[float, Ge(0)] = 1.0
    extra_trees: bool = False

    losses: ClassVar[frozenset[Loss]] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "LightGBMModel":
        """See :class:`~yule.models.protocol.Estimator`."""
        return _train(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class LightGBMModel:
    """A fitted LightGBM model.

    Parameters
    ----------
    card
        What is known of the model.
    text
        The trees in LightGBM's text format.
    """

    card: ModelCard
    text: str

    @property
    def n_steps(self) -> int:
        """Number of trees."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the gain of all splits."""
        return self.card.importance

    @property
    def total_gain(self) -> float:
        """Sum of the gains of all splits."""
        gains = [line.removeprefix("split_gain=") for line in self.text.splitlines() if line.startswith("split_gain=")]
        return sum(float(gain) for line in gains for gain in line.split())

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """See :class:`~yule.models.protocol.Model`."""
        if not features.n_users:
            return np.empty(0)
        matrix = _matrix(self.card.categories, features)

        def native(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
            return np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=n_threads))

        if len(matrix) <= BLOCK or (fast := self._fast_trees) is None:
            return self.card.head.predictions(native(matrix))
        raw = sum_checked(matrix, fast=partial(fast.predict, raw_score=True, n_jobs=n_threads), native=native)
        return self.card.head.predictions(raw)

    def rename(self, names: Mapping[str, str]) -> "LightGBMModel":
        """Return the same model of features that are called otherwise: new names by those that they had."""
        importance = {names[name]: share for name, share in self.importance.items()}
        return replace(self, card=replace(self.card, importance=importance))

    def rescale(self, learned: Labelled) -> "LightGBMModel":
        """Return the same model of amounts in another unit: for some users they add up to as much as their labels."""
        head, expected = self.card.head, float(self.predict(learned.features, n_threads=1).sum())
        assert isinstance(head, SquaredErrorHead)
        factor = float(learned.labels.sum()) / expected if expected > 0 else 1.0
        return replace(self, card=replace(self.card, head=head.rescale(factor)))

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``model.txt``."""
        write_card(self.card, folder)
        (folder / _FILE).write_text(self.text, encoding="utf-8")

    @cached_property
    def _booster(self) -> "lightgbm.Booster":
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    @cached_property
    def _fast_trees(self) -> "lignum.Model | None":
        return load_fast_trees(self.text)


def load_lightgbm(folder: Path) -> LightGBMModel:
    """Load what :meth:`LightGBMModel.save` wrote."""
    text = read_bounded(folder / _FILE).decode()
    check_trees(text)
    return LightGBMModel(card=read_card(folder), text=text)


def _train(settings: LightGBM, train: Labelled, stop: Stop, *, context: FitContext) -> LightGBMModel:
    import lightgbm

    categories, head = learn_categories(train.features), fit_head(train)
    parameters = _parameters(settings, _OBJECTIVES[head.loss], context)
    n_numeric = len(train.features.numeric_names)
    data = lightgbm.Dataset(
        _matrix(categories, train.features),
        head.targets(train.labels),
        categorical_feature=list(range(n_numeric, n_numeric + len(categories.names))),
        params=parameters,
    )
    losses: list[float] = []
    kept_aside = (
        [data.create_valid(_matrix(categories, stop.features), head.targets(stop.labels))]
        if isinstance(stop, Labelled)
        else []
    )
    booster = lightgbm.train(
        parameters,
        data,
        stop if isinstance(stop, int) else settings.max_trees,
        valid_sets=kept_aside,
        valid_names=["valid"] * len(kept_aside),
        callbacks=[
            _look(head, stop, context=context),
            _watch(losses, head, n_users=len(train.labels), context=context),
        ],
    )
    n_trees = best_step(losses) if losses else booster.current_iteration()
    gains = booster.feature_importance("gain", iteration=n_trees)
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=n_trees,
        importance=importance_shares(train.features.names, gains),
        categories=categories,
    )
    return LightGBMModel(card=card, text=_without_parameters(booster.model_to_string(num_iteration=n_trees)))


def _parameters(settings: LightGBM, objective: _Objective, context: FitContext) -> dict[str, str | float]:
    return {
        "objective": objective.name,
        "metric": objective.loss,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.num_leaves,
        "min_data_in_leaf": settings.min_data_in_leaf,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "lambda_l1": settings.lambda_l1,
        "lambda_l2": settings.lambda_l2,
        "extra_trees": settings.extra_trees,
        "seed": context.seed,
        "num_threads": context.n_threads,
        # The next two give equal trees for any number of threads; columns are also faster for tables like ours.
        "deterministic": True,
        "force_col_wise": True,
        "verbose": -1,
    }


def _look(head: Head, stop: Stop, *, context: FitContext) -> Callable[["lightgbm.callback.CallbackEnv"], None]:
    """Return a callback that logs now and then the loss of training users, and how users kept aside are told apart.

    LightGBM could be asked for both after each tree; it would then look at all users again, and copy what it predicts.
    """
    import lightgbm

    def look(env: "lightgbm.callback.CallbackEnv") -> None:
        step = env.iteration + 1

        def track(predictions: NDArray[np.float64], _: "lightgbm.Dataset") -> list[tuple[str, float, bool]]:
            if isinstance(stop, Labelled):
                track_judgement(context.tracker, head, stop.labels, predictions, step=step)
            return []

        if step <= _JUDGED_EVERY or env.iteration % _JUDGED_EVERY == 0:
            assert isinstance(env.model, lightgbm.Booster)
            for _, _, value, *_ in env.model.eval_train():
                track_loss(context.tracker, head, value, split="train", step=step)
            env.model.eval_valid(track)

    return look


def _watch(
    losses: list[float], head: Head, *, n_users: int, context: FitContext
) -> Callable[["lightgbm.callback.CallbackEnv"], None]:
    """Return a callback that logs and collects the losses on users kept aside, and stops the fit."""
    import lightgbm

    def watch(env: "lightgbm.callback.CallbackEnv") -> None:
        for _, _, value, *_ in env.evaluation_result_list or ():
            losses.append(track_loss(context.tracker, head, value, split="valid", step=env.iteration + 1))
        if losses and is_over(losses, n_users=n_users):
            raise lightgbm.EarlyStopException(best_step(losses) - 1, [])

    return watch


def _matrix(categories: Categories, features: Features) -> NDArray[np.float32]:
    """Return numbers, then codes, (n_users, n_features); NaN = missing or an unknown category."""
    codes = encode_categories(categories, features).astype(np.float32)
    codes[codes < 0] = np.nan
    return np.concatenate([features.numeric, codes], axis=1)


def _without_parameters(text: str) -> str:
    """Drop the settings at the end of LightGBM's text: they are not needed to predict, and name the threads."""
    return text[: text.index("\nparameters:")] + "\n"
