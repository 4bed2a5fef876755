"""The bundle: one folder with all that is needed to predict.

::

    bundle.json             features, parts with their weights, calibrator
    preparations/NAME.json  how features are prepared for the models of some parts
    members/NAME/           the files of the model of a part, as its ``save`` wrote them

A part is a model with what it sees of the features: one for each member and fold, ``members/lightgbm/2`` with
``preparations/2.json``, or one for a member that was fitted once more on all labelled users, ``members/lightgbm/whole``
with ``preparations/whole.json``. Nothing here asks how many there are, or where they come from.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.errors import DELETE_IT, CorruptedOutput, DataError
from yule.core.losses import WORDS, Loss, LossWord, read_loss
from yule.core.schema import FeatureSchema, take_features, unite_schemas
from yule.core.settings import read_json, read_plain, to_json
from yule.ensemble.log_odds import weighted_mean
from yule.ensemble.scales import AnyCalibrator, scale_of
from yule.models.members import load_model
from yule.models.protocol import Model
from yule.preparation.preparation import PREPARATION, Preparation, prepare, read_preparation
from yule.storage.names import resolve_below
from yule.training.fitting import MODEL

REVISION = 4
"""Raised when the meaning of a bundle's files changes."""

READABLE = (3, REVISION)
"""Revisions that can be read: until 3 a bundle had folds and members, not parts."""

BUNDLE = "bundle.json"

_WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A model, what it sees, and how much it counts.

    Parameters
    ----------
    preparation
        Name of its preparation; several parts may share one.
    model
        Name of its model.
    weight
        Its share in the blend, above 0.
    """

    preparation: str
    model: str
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
    parts
        All parts, whose weights sum to 1; those that share a preparation stand together.
    calibrator
        Applied to the weighted mean of the models' log-odds, or amounts.
    """

    revision: int
    outcome: LossWord
    schema: FeatureSchema
    parts: tuple[Part, ...]
    calibrator: AnyCalibrator


@dataclass(frozen=True, kw_only=True)
class MemberOfFolds:
    """A member in a bundle of revision 3; its weight is shared by its models of all folds."""

    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class BundleOfFolds:
    """The content of ``bundle.json`` of revision 3; see :class:`BundleFile`."""

    revision: int
    outcome: LossWord
    schema: FeatureSchema
    n_folds: int
    members: tuple[MemberOfFolds, ...]
    calibrator: AnyCalibrator

    def to_parts(self) -> BundleFile:
        """Return the same as parts."""
        return BundleFile(
            revision=REVISION,
            outcome=self.outcome,
            schema=self.schema,
            parts=tuple(
                Part(preparation=str(fold), model=f"{member.name}/{fold}", weight=member.weight / self.n_folds)
                for fold in range(self.n_folds)
                for member in self.members
            ),
            calibrator=self.calibrator,
        )


@dataclass(frozen=True, kw_only=True)
class FittedPart:
    """A part that is to become one of a bundle.

    Parameters
    ----------
    preparation
        Folder of its preparation (see :func:`yule.preparation.preparation.write_preparation`).
    fit
        Folder of its fit (see :func:`yule.training.fitting.write_fold_fit`).
    part
        Its names and its weight in the bundle; 0: it is left out.
    """

    preparation: Path
    fit: Path
    part: Part


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A loaded bundle.

    Parameters
    ----------
    content
        What ``bundle.json`` says.
    preparations
        All preparations by name.
    models
        The model of each part, in the order of ``content.parts``.
    """

    content: BundleFile
    preparations: Mapping[str, Preparation]
    models: tuple[Model, ...]

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
        pairs = zip(self.content.parts, self.models, strict=True)
        values = []
        for name, same in groupby(pairs, key=lambda pair: pair[0].preparation):
            prepared = prepare(self.preparations[name], known)
            values += [scale.to_values(model.predict(prepared, n_threads=n_threads)) for _, model in same]
        weights = [part.weight for part in self.content.parts]
        return self.content.calibrator.apply(weighted_mean(values, weights))


def parts_of_folds(
    preparations: Sequence[Path], members: Mapping[str, Sequence[Path]], weights: Mapping[str, float]
) -> list[FittedPart]:
    """Return the models of all folds as parts, of which each counts a share of its member's weight.

    Parameters
    ----------
    preparations
        For each fold the folder of its preparation.
    members
        For each member the folders of its fits, fold by fold.
    weights
        The weight of each member, and maybe of others.
    """
    return [
        _part_of_fold(fold, preparation, name, fit=fits[fold], weight=weights[name] / len(preparations))
        for fold, preparation in enumerate(preparations)
        for name, fits in members.items()
    ]


def parts_of_refits(preparation: Path, refits: Mapping[str, Path], weights: Mapping[str, float]) -> list[FittedPart]:
    """Return models that were fitted on all labelled users as parts.

    Parameters
    ----------
    preparation
        Folder of the preparation that they share.
    refits
        For each member the folder of its fit.
    weights
        The weight of each member, and maybe of others.
    """
    return [
        FittedPart(
            preparation=preparation,
            fit=fit,
            part=Part(preparation=_WHOLE, model=f"{name}/{_WHOLE}", weight=weights[name]),
        )
        for name, fit in refits.items()
    ]


def _part_of_fold(fold: int, preparation: Path, name: str, *, fit: Path, weight: float) -> FittedPart:
    """Return a model as a part: a fit with a preparation of its own does not see what others of the fold see."""
    has_own = (fit / PREPARATION).exists()
    return FittedPart(
        preparation=fit if has_own else preparation,
        fit=fit,
        part=Part(preparation=f"{name}-{fold}" if has_own else str(fold), model=f"{name}/{fold}", weight=weight),
    )


def write_bundle(
    folder: Path, parts: Sequence[FittedPart], *, calibrator: AnyCalibrator, loss: Loss = "log_loss"
) -> None:
    """Copy the preparations and the models that have a weight, and write down how they are blended.

    Parameters
    ----------
    folder
        Where to; it exists.
    parts
        What is blended; those that share a preparation stand together.
    calibrator
        Applied to the blend.
    loss
        What the models were fitted by.
    """
    weighted = [one for one in parts if one.part.weight > 0]
    preparations = {one.part.preparation: one.preparation / PREPARATION for one in weighted}
    (folder / "preparations").mkdir()
    for name, file in preparations.items():
        shutil.copyfile(file, _preparation_file(folder, name))
    for one in weighted:
        shutil.copytree(one.fit / MODEL, _model_folder(folder, one.part.model))
    content = BundleFile(
        revision=REVISION,
        outcome=WORDS[loss],
        schema=unite_schemas([read_preparation(file).taken for file in preparations.values()]),
        parts=tuple(one.part for one in weighted),
        calibrator=calibrator,
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
    content = _read_content(folder)
    bundle = Bundle(
        content=content,
        preparations={
            name: read_preparation(_preparation_file(folder, name))
            for name in sorted({part.preparation for part in content.parts})
        },
        models=tuple(load(_model_folder(folder, part.model)) for part in content.parts),
    )
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


def _read_content(folder: Path) -> BundleFile:
    file = folder / BUNDLE
    plain = read_plain(file)
    revision = plain.get("revision") if isinstance(plain, dict) else None
    if revision not in READABLE:
        raise DataError(
            f"The model in {folder} is of revision {revision}, but this version of Yule reads revisions "
            f"{' and '.join(map(str, READABLE))}. Use the version that wrote it, or run the case again."
        )
    return read_json(BundleFile, file) if revision == REVISION else read_json(BundleOfFolds, file).to_parts()


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


def _preparation_file(folder: Path, name: str) -> Path:
    return resolve_below(folder, f"preparations/{name}.json")


def _model_folder(folder: Path, name: str) -> Path:
    return resolve_below(folder, f"members/{name}")


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
