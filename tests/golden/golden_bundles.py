"""Predictions of a model for made-up users."""

from pathlib import Path

import numpy as np

from yule.core.dataset import Features
from yule.prediction.bundle import open_bundle

N_USERS = 4


def predict_made_up(model: Path) -> dict[str, list[float]]:
    """Predict users of whom few things are known, by the folders of the model: of classes each has one."""
    return {
        file.parent.relative_to(model).as_posix(): _predict(file.parent) for file in sorted(model.rglob("bundle.json"))
    }


def _predict(folder: Path) -> list[float]:
    bundle = open_bundle(folder)
    schema = bundle.content.schema
    n_numeric, n_categorical = len(schema.numeric_names), len(schema.categorical_names)
    users = np.arange(N_USERS * n_numeric, dtype=np.float32).reshape(N_USERS, n_numeric) % 17
    users[0] = np.nan
    features = Features(
        numeric=users,
        codes=np.full((N_USERS, n_categorical), -1, dtype=np.int32),
        numeric_names=schema.numeric_names,
        categorical_names=schema.categorical_names,
        vocabularies=((),) * n_categorical,
    )
    return [float(value) for value in bundle.predict(features, n_threads=1)]
