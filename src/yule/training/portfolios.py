"""Portfolios: the members a case gets by one word."""

from typing import Literal, TypeAlias

from yule.models.gbdt.cat_boost import CatBoost
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.linear import LogisticRegression
from yule.models.members import MemberSettings
from yule.models.neural.mlp import Mlp

PortfolioName: TypeAlias = Literal["quick", "standard", "best"]


def portfolio(name: PortfolioName) -> tuple[MemberSettings, ...]:
    """Return the members of a portfolio.

    Parameters
    ----------
    name
        ``quick`` for a first look, ``standard`` for the usual case, ``best`` when time does not matter: each
        portfolio begins with the members of the one before.

    Returns
    -------
    tuple
        Members with names of their own.

    >>> [member.name for member in portfolio("quick")]
    ['lightgbm', 'logistic']
    """
    return _PORTFOLIOS[name]


_QUICK = (LightGBM(), LogisticRegression())
_STANDARD = (*_QUICK, CatBoost(), Mlp())
_BEST = (
    *_STANDARD,
    LightGBM(name="lightgbm_extra_trees", extra_trees=True, feature_fraction=0.4, num_leaves=64),
    Mlp(name="mlp_second"),
    Mlp(name="mlp_wide", hidden_sizes=(256, 256), dropout=0.3),
)
_PORTFOLIOS: dict[PortfolioName, tuple[MemberSettings, ...]] = {
    "quick": _QUICK,
    "standard": _STANDARD,
    "best": _BEST,
}
