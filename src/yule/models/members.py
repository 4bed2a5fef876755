"""The kinds of member: a plain list. A new kind is one file, its names here, and one line in the contract tests."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast, get_args

from yule.core.dataset import Labelled
from yule.core.errors import DELETE_IT, CorruptedOutput, DataError
from yule.core.losses import Loss
from yule.core.settings import from_json
from yule.models.card import read_card
from yule.models.gbdt.cat_boost import CatBoost, load_catboost
from yule.models.gbdt.light_gbm import LightGBM, LightGBMModel, load_lightgbm
from yule.models.gbdt.xg_boost import XGBoost, load_xgboost
from yule.models.linear.embedded import Embedded
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.model import load_linear
from yule.models.linear.refined import LinearPrior, Refined, load_prior, refine
from yule.models.linear.ridge import RidgeRegression
from yule.models.neural.mlp import Mlp, load_mlp
from yule.models.neural.multitask import Multitask, SharedNetwork, load_shared, move_head
from yule.models.neural.needs import has_torch
from yule.models.pooled import Pooled
from yule.models.protocol import Model

MemberSettings: TypeAlias = (
    LightGBM | CatBoost | XGBoost | LogisticRegression | RidgeRegression | Mlp | Pooled | Refined | Multitask | Embedded
)

Transferred: TypeAlias = Pooled | Refined | Multitask
"""Members that learn from other questions than the case's own."""

Selective: TypeAlias = Transferred | Embedded
"""Members that see columns of their own, whatever a fold has made of the features."""

_LOADERS: Mapping[str, Callable[[Path], Model]] = {
    "lightgbm": load_lightgbm,
    "catboost": load_catboost,
    "xgboost": load_xgboost,
    "logistic": load_linear,
    "ridge": load_linear,
    "mlp": load_mlp,
    "embedded": load_linear,
    "refined": load_prior,
    "multitask": load_shared,
}


def find_kinds(loss: Loss) -> list[str]:
    """Return the kinds of members that can be fitted by a loss.

    >>> find_kinds("squared_error")
    ['lightgbm', 'catboost', 'xgboost', 'ridge', 'mlp', 'pooled']
    """
    return [member.kind for member in get_args(MemberSettings) if loss in member.losses]


def find_transferred(members: Iterable[MemberSettings]) -> set[str]:
    """Return the names of the members that learn from other questions than the case's own."""
    return {member.name for member in members if isinstance(member, Transferred)}


def find_uninstalled(members: Iterable[MemberSettings]) -> list[str]:
    """Return the names of the members that need libraries which are not installed here."""
    return [member.name for member in members if isinstance(member, Mlp | Multitask) and not has_torch()]


def find_least_users(member: MemberSettings) -> int:
    """Return of how many labelled users a member can learn anything at all.

    A tree of LightGBM parts users into two leaves at least: with fewer, none has a split.

    >>> find_least_users(LightGBM()), find_least_users(RidgeRegression())
    (40, 1)
    """
    return 2 * member.min_data_in_leaf if isinstance(member, LightGBM) else 1


def take_up(model: Model, learned: Labelled, *, names: Sequence[str]) -> Model:
    """Return what becomes of a model of other questions by the labels of one more; most kinds stay as they are.

    Parameters
    ----------
    model
        The model.
    learned
        Users with their labels: its columns in its order. Those of a class or of another horizon are called otherwise.
    names
        What the model calls its columns.
    """
    match model:
        case LinearPrior():
            return refine(model, learned)
        case SharedNetwork():
            return move_head(model, learned)
        case LightGBMModel():
            renamed = model.rename(dict(zip(names, learned.features.names, strict=True)))
            return renamed.rescale(learned) if learned.loss == "squared_error" else renamed
        case _:
            return model


def read_member(text: str) -> MemberSettings:
    """Rebuild the settings of a member from their canonical JSON."""
    return from_json(cast(type[MemberSettings], MemberSettings), text)


def load_model(folder: Path) -> Model:
    """Load what a model's ``save`` wrote; ``model.json`` tells its kind.

    Raises
    ------
    CorruptedOutput
        If its files are no model: not whole, of other sizes than they say, or with numbers that lead nowhere.
    """
    kind = read_card(folder).kind
    try:
        return _LOADERS[kind](folder)
    except (CorruptedOutput, DataError, MemoryError):
        raise
    except Exception as error:  # each library has its own words for a file that it cannot read
        raise CorruptedOutput(
            f"The model in {folder} is damaged, or was not written by this version of Yule ({type(error).__name__}: "
            f"{error}). {DELETE_IT}"
        ) from error
