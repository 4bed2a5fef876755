"""Portfolios: the members a case gets by one word."""

from typing import Literal, TypeAlias

from yule.core.losses import Loss
from yule.models.gbdt.cat_boost import CatBoost
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.ridge import RidgeRegression
from yule.models.members import MemberSettings
from yule.models.neural.mlp import Mlp

PortfolioName: TypeAlias = Literal["quick", "standard", "best"]


def portfolio(name: PortfolioName, loss: Loss = "log_loss") -> tuple[MemberSettings, ...]:
    """Return the members of a portfolio.

    Parameters
    ----------
    name
        ``quick`` for a first look, ``standard`` for the usual case, ``best`` when time does not matter: each
        portfolio begins with the members of the one before.
    loss
        What the members are fitted by.

    Returns
    -------
    tuple
        Members with names of their own.

    >>> [member.name for member in portfolio("quick")]
    ['lightgbm', 'logistic']
    >>> [member.name for member in portfolio("quick", "squared_error")]
    ['lightgbm', 'ridge']
    """
    return tuple(member for member in _PORTFOLIOS[name] if loss in member.losses)


_QUICK = (LightGBM(), LogisticRegression(), RidgeRegression())
_STANDARD = (*_QUICK, CatBoost(), Mlp())
_BEST = (
    *_STANDARD,
    LightGBM(name="lightgbm_extra_trees", extra_trees=True, num_leaves=24, feature_fraction=0.45, learning_rate=0.04),
    LightGBM(name="lightgbm_small_trees", num_leaves=8, feature_fraction=0.25, lambda_l2=5.0),
    CatBoost(name="catboost_shallow", depth=4, learning_rate=0.06),
    Mlp(name="mlp_second"),
    Mlp(name="mlp_wide", hidden_sizes=(128, 128), dropout=0.5),
)
_PORTFOLIOS: dict[PortfolioName, tuple[MemberSettings, ...]] = {
    "quick": _QUICK,
    "standard": _STANDARD,
    "best": _BEST,
}
