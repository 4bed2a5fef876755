"""The bundle: one folder with all that is needed to predict.

::

    bundle.json          features, members with their weights, calibrator
    members/NAME/K/      the files of the member's model of fold K, as its ``save`` wrote them

A member predicts with the models of all its folds: the mean of their log-odds.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.ensemble.blend import Ensemble
from yule.ensemble.calibration import Calibrator, calibrate
from yule.ensemble.log_odds import log_odds, weighted_mean
from yule.models.members import load_model
from yule.models.protocol import Model
from yule.training.fitting import MODEL, read_schema
from yule.training.schema import FeatureSchema

REVISION = 1
"""Raised when the meaning of a bundle's files changes."""


@dataclass(frozen=True, kw_only=True)
class BundleMember:
    """A member of the ensemble.

    Parameters
    ----------
    name
        Name of the member and of its folder.
    weight
        Its share in the blend, above 0.
    n_models
        Number of its models, one for each fold.
    """

    name: str
    weight: float
    n_models: int


@dataclass(frozen=True, kw_only=True)
class BundleFile:
    """The content of ``bundle.json``.

    Parameters
    ----------
    revision
        Meaning of the files; see ``REVISION``.
    schema
        The features that the members know.
    members
        Members with a weight, whose weights sum to 1.
    calibrator
        Applied to the weighted mean of the members' log-odds.
    """

    revision: int
    schema: FeatureSchema
    members: tuple[BundleMember, ...]
    calibrator: Calibrator


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A loaded bundle.

    Parameters
    ----------
    content
        What ``bundle.json`` says.
    models
        The models of each member, in the order of ``content.members``.
    """

    content: BundleFile
    models: tuple[tuple[Model, ...], ...]

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """Return the probability of each user.

        Parameters
        ----------
        features
            n_users rows; the model's features in any order, and maybe others.
        n_threads
            Threads the members may use; they do not change a probability.

        Returns
        -------
        ndarray
            float64 (n_users,), strictly between 0 and 1.

        Raises
        ------
        DataError
            Features are missing, or of another kind than those the model was fitted on. All are listed.
        """
        known = conform_features(features, self.content.schema)
        values, weights = [], []
        for member, models in zip(self.content.members, self.models, strict=True):
            values += [log_odds(model.predict(known, n_threads=n_threads)) for model in models]
            weights += [member.weight / member.n_models] * member.n_models
        return calibrate(self.content.calibrator, weighted_mean(values, weights))


def write_bundle(folder: Path, *, members: Mapping[str, Sequence[Path]], ensemble: Ensemble) -> None:
    """Copy the members that have a weight, and write down how they are blended.

    Parameters
    ----------
    folder
        Where to; it exists.
    members
        For each member, in the order of the ensemble's weights, the folders of its fits
        (see :func:`yule.training.fitting.write_fold_fit`).
    ensemble
        Weights and calibrator.
    """
    weighted = {name: float(weight) for name, weight in zip(members, ensemble.weights, strict=True) if weight > 0}
    for name in weighted:
        for fold, fit in enumerate(members[name]):
            shutil.copytree(fit / MODEL, folder / "members" / name / str(fold))
    content = BundleFile(
        revision=REVISION,
        schema=read_schema(members[next(iter(weighted))][0]),
        members=tuple(
            BundleMember(name=name, weight=weight, n_models=len(members[name])) for name, weight in weighted.items()
        ),
        calibrator=ensemble.calibrator,
    )
    (folder / "bundle.json").write_text(to_json(content), encoding="utf-8")


def open_bundle(folder: Path, *, load: Callable[[Path], Model] = load_model) -> Bundle:
    """Load what :func:`write_bundle` wrote.

    Parameters
    ----------
    folder
        The bundle.
    load
        Loads a member from its folder.

    Raises
    ------
    DataError
        Another version of Yule wrote the bundle.
    """
    text = (folder / "bundle.json").read_text(encoding="utf-8")
    revision = json.loads(text)["revision"]
    if revision != REVISION:
        raise DataError(
            f"The model in {folder} is of revision {revision}, but this version of Yule reads revision {REVISION}. "
            "Use the version that wrote it, or run the case again."
        )
    content = from_json(BundleFile, text)
    models = tuple(
        tuple(load(folder / "members" / member.name / str(fold)) for fold in range(member.n_models))
        for member in content.members
    )
    return Bundle(content=content, models=models)


def conform_features(features: Features, schema: FeatureSchema) -> Features:
    """Return just the features of a schema, in its order.

    Parameters
    ----------
    features
        n_users rows; the schema's features in any order, and maybe others.
    schema
        The features wanted.

    Returns
    -------
    Features
        n_users rows.

    Raises
    ------
    DataError
        Features are missing, or of another kind. All are listed.
    """
    _check_features(features, schema)
    if (features.numeric_names, features.categorical_names) == (schema.numeric_names, schema.categorical_names):
        return features
    numeric = [features.numeric_names.index(name) for name in schema.numeric_names]
    categorical = [features.categorical_names.index(name) for name in schema.categorical_names]
    return Features(
        numeric=np.ascontiguousarray(features.numeric[:, numeric]),
        codes=np.ascontiguousarray(features.codes[:, categorical]),
        numeric_names=schema.numeric_names,
        categorical_names=schema.categorical_names,
        vocabularies=tuple(features.vocabularies[column] for column in categorical),
    )


def _check_features(features: Features, schema: FeatureSchema) -> None:
    offered = set(features.names)
    known = schema.numeric_names + schema.categorical_names
    problems = [f"{name} is missing" for name in known if name not in offered]
    problems += [
        f"{name} is now numeric, but the model knows it as categorical"
        for name in schema.categorical_names
        if name in features.numeric_names
    ]
    problems += [
        f"{name} is now categorical, but the model knows it as numeric"
        for name in schema.numeric_names
        if name in features.categorical_names
    ]
    if problems:
        raise DataError(
            f"The features are not those the model was fitted on: {'; '.join(problems)}. "
            "Use the feature sets and the downloads the model was fitted with, or run the case again to fit a new one."
        )
