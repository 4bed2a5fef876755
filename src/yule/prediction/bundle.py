"""The bundle: one folder with all that is needed to predict.

::

    bundle.json          features, members with their weights, calibrator
    preparations/K.json  how the features are prepared for the models of fold K
    members/NAME/K/      the files of the member's model of fold K, as its ``save`` wrote them

A member predicts with the models of all its folds: the mean of their log-odds, or of their amounts.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.errors import DELETE_IT, CorruptedOutput, DataError
from yule.core.losses import WORDS, Loss, LossWord, read_loss
from yule.core.schema import FeatureSchema, take_features, unite_schemas
from yule.core.settings import read_json, read_plain, to_json
from yule.ensemble.blend import Ensemble
from yule.ensemble.log_odds import weighted_mean
from yule.ensemble.scales import AnyCalibrator, scale_of
from yule.models.members import load_model
from yule.models.protocol import Model
from yule.preparation.preparation import PREPARATION, Preparation, prepare, read_preparation
from yule.storage.names import resolve_below
from yule.training.fitting import MODEL

REVISION = 3
"""Raised when the meaning of a bundle's files changes."""

BUNDLE = "bundle.json"


@dataclass(frozen=True, kw_only=True)
class BundleMember:
    """A member of the ensemble.

    Parameters
    ----------
    name
        Name of the member and of its folder.
    weight
        Its share in the blend, above 0.
    """

    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class BundleFile:
    """The content of ``bundle.json``.

    Parameters
    ----------
    revision
        Meaning of the files; see ``REVISION``.
    outcome
        What the members were fitted by, as files spell it.
    schema
        The features that are needed.
    n_folds
        Number of folds: each has a preparation, and a model of every member.
    members
        Members with a weight, whose weights sum to 1.
    calibrator
        Applied to the weighted mean of the members' log-odds, or amounts.
    """

    revision: int
    outcome: LossWord
    schema: FeatureSchema
    n_folds: int
    members: tuple[BundleMember, ...]
    calibrator: AnyCalibrator


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A loaded bundle.

    Parameters
    ----------
    content
        What ``bundle.json`` says.
    preparations
        That of each fold.
    models
        For each fold the models of the members, in the order of ``content.members``.
    """

    content: BundleFile
    preparations: tuple[Preparation, ...]
    models: tuple[tuple[Model, ...], ...]

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """Return the prediction of each user.

        Parameters
        ----------
        features
            n_users rows; the model's features in any order, and maybe others.
        n_threads
            Threads the members may use; they do not change a prediction.

        Returns
        -------
        ndarray
            float64 (n_users,): probabilities strictly between 0 and 1, or amounts.

        Raises
        ------
        DataError
            Features are missing, or of another kind than those the model was fitted on. All are listed.
        """
        known = conform_features(features, self.content.schema)
        scale = scale_of(read_loss(self.content.outcome))
        values, weights = [], []
        for preparation, models in zip(self.preparations, self.models, strict=True):
            prepared = prepare(preparation, known)
            predictions = [model.predict(prepared, n_threads=n_threads) for model in models]
            values += [scale.to_values(prediction) for prediction in predictions]
            weights += [member.weight / self.content.n_folds for member in self.content.members]
        return self.content.calibrator.apply(weighted_mean(values, weights))


def write_bundle(
    folder: Path,
    *,
    preparations: Sequence[Path],
    members: Mapping[str, Sequence[Path]],
    ensemble: Ensemble,
    loss: Loss = "log_loss",
) -> None:
    """Copy the preparations and the members that have a weight, and write down how they are blended.

    Parameters
    ----------
    folder
        Where to; it exists.
    preparations
        For each fold the folder of its preparation (see
        :func:`yule.preparation.preparation.write_preparation`).
    members
        For each member, in the order of the ensemble's weights, the folders of its fits
        (see :func:`yule.training.fitting.write_fold_fit`).
    ensemble
        Weights and calibrator.
    loss
        What the members were fitted by.
    """
    weighted = {name: float(weight) for name, weight in zip(members, ensemble.weights, strict=True) if weight > 0}
    (folder / "preparations").mkdir()
    for fold, preparation in enumerate(preparations):
        shutil.copyfile(preparation / PREPARATION, _preparation_file(folder, fold))
    for name in weighted:
        for fold, fit in enumerate(members[name]):
            shutil.copytree(fit / MODEL, folder / "members" / name / str(fold))
    taken = [read_preparation(fold / PREPARATION).taken for fold in preparations]
    content = BundleFile(
        revision=REVISION,
        outcome=WORDS[loss],
        schema=unite_schemas(taken),
        n_folds=len(preparations),
        members=tuple(BundleMember(name=name, weight=weight) for name, weight in weighted.items()),
        calibrator=ensemble.calibrator,
    )
    (folder / BUNDLE).write_text(to_json(content), encoding="utf-8")


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
    CorruptedOutput
        Its files are not whole, or do not belong together.
    """
    plain = read_plain(folder / BUNDLE)
    revision = plain.get("revision") if isinstance(plain, dict) else None
    if revision != REVISION:
        raise DataError(
            f"The model in {folder} is of revision {revision}, but this version of Yule reads revision {REVISION}. "
            "Use the version that wrote it, or run the case again."
        )
    content = read_json(BundleFile, folder / BUNDLE)
    folds = range(content.n_folds)
    models = tuple(
        tuple(load(resolve_below(folder, f"members/{member.name}/{fold}")) for member in content.members)
        for fold in folds
    )
    preparations = tuple(read_preparation(_preparation_file(folder, fold)) for fold in folds)
    bundle = Bundle(content=content, preparations=preparations, models=models)
    _try_out(bundle, folder)
    return bundle


def find_revision(content: bytes) -> int | None:
    """Return the revision of a bundle by the content of its ``bundle.json``; None of what is none."""
    try:
        plain = json.loads(content)
    except (RecursionError, ValueError):
        return None
    revision = plain.get("revision") if isinstance(plain, dict) else None
    return revision if isinstance(revision, int) else None


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
    return take_features(features, schema)


def _try_out(bundle: Bundle, folder: Path) -> None:
    """Predict a user of whom nothing is known: models whose features are not the bundle's cannot."""
    schema = bundle.content.schema
    unknown = Features(
        numeric=np.full((1, len(schema.numeric_names)), np.nan, dtype=np.float32),
        codes=np.full((1, len(schema.categorical_names)), -1, dtype=np.int32),
        numeric_names=schema.numeric_names,
        categorical_names=schema.categorical_names,
        vocabularies=((),) * len(schema.categorical_names),
    )
    try:
        bundle.predict(unknown, n_threads=1)
    except MemoryError:
        raise
    except Exception as error:  # each library has its own words
        raise CorruptedOutput(
            f"The files of the model in {folder} do not belong together ({type(error).__name__}: {error}). {DELETE_IT}"
        ) from error


def _preparation_file(folder: Path, fold: int) -> Path:
    return folder / "preparations" / f"{fold}.json"


def _check_features(features: Features, schema: FeatureSchema) -> None:
    offered = set(features.names)
    problems = [f"{name} is missing" for name in schema.names if name not in offered]
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
