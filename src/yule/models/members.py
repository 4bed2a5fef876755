"""The kinds of member: a plain list. A new kind is one file, one name here and one line in the contract tests."""

from pathlib import Path
from typing import TypeAlias

from yule.models.gbdt.cat_boost import CatBoost
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.linear import LogisticRegression
from yule.models.neural.mlp import Mlp
from yule.models.protocol import Model

MemberSettings: TypeAlias = LightGBM | CatBoost | LogisticRegression | Mlp


def load_model(folder: Path) -> Model:
    """Load what a model's ``save`` wrote."""
    raise NotImplementedError
