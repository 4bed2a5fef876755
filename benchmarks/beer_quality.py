"""Quality of the beer case on the 28 days after its predict cut-off, beside plain LightGBM on the same features.

Needs a finished run of the case: ``make demo``. Plain LightGBM is fitted on all eight label cut-offs, with a number of
trees found on the last of them; the blend's weights and calibration come from that cut-off too. Neither saw the period
it is judged on.
"""

import argparse
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.settings import to_json
from yule.features.matrix import read_features
from yule.features.stacked import map_stacked
from yule.labels.observe import read_labels
from yule.labels.population import read_population
from yule.metrics.scores import average_precision, neg_log_loss, roc_auc
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.labels import FindPopulation, ObserveOutcome
from yule.pipeline.runs.reading import find_run
from yule.pipeline.runs.record import run_place
from yule.pipeline.training import dataset_tasks
from yule.prediction.bundle import open_bundle
from yule.storage.opening import open_store
from yule.storage.setup import configure
from yule.training.folds import read_folds

EXAMPLE = Path(__file__).parent.parent / "examples" / "complete-journey"

PLAIN = {"objective": "binary", "learning_rate": 0.03, "verbose": -1, "num_threads": 2, "deterministic": True}


def as_matrix(features: Features) -> NDArray[np.float32]:
    return np.concatenate([features.numeric, features.codes.astype(np.float32)], axis=1)


def fit_plain(values: NDArray[np.float32], labels: NDArray[np.float64], is_last: NDArray[np.bool_]):
    train = lightgbm.Dataset(values[~is_last], labels[~is_last])
    valid = lightgbm.Dataset(values[is_last], labels[is_last], reference=train)
    stop = lightgbm.early_stopping(100, verbose=False)
    n_trees = lightgbm.train(PLAIN, train, 2000, valid_sets=[valid], callbacks=[stop]).best_iteration
    return lightgbm.train(PLAIN, lightgbm.Dataset(values, labels), n_trees)


def show(name: str, labels: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    figures = (roc_auc(labels, scores), average_precision(labels, scores), -neg_log_loss(labels, scores))
    print(f"{name:<28}" + "".join(f"{figure:>12.4f}" for figure in figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=EXAMPLE / "workspace")
    workspace = parser.parse_args().workspace
    configure(str(workspace), n_threads=2, fetching="{}")
    run = find_run(open_store(str(workspace)), "beer-buyers")
    answer, dataset = run.answer, run.answer.model.dataset
    users = read_population(FindPopulation(population=to_json(answer.population)).output().load())
    tasks = features_at(answer.features, answer.population.cutoff)
    features = read_features(feature_files([task.output().load() for task in tasks]), users)
    outcome = ObserveOutcome(labels=to_json(dataset.labels), cutoff=answer.population.cutoff.isoformat())
    happened = read_labels(outcome.output().load())
    assert (happened.user_ids == users).all()

    needed = dataset_tasks(dataset)
    examples = read_labels(needed["labels"].output().load())
    known = map_stacked(needed["stacked"].output().load())
    is_last = read_folds(needed["folds"].output().load()).is_validation
    plain = fit_plain(as_matrix(known), examples.labels, is_last)

    print(f"{len(users)} households, {int(happened.labels.sum())} bought beer, {len(known.names)} features")
    print(f"{'':<28}{'AUC':>12}{'avg. prec.':>12}{'log loss':>12}")
    show("plain LightGBM", happened.labels, plain.predict(as_matrix(features)))
    bundle = open_bundle(workspace / run_place(run.run_id) / "model")
    show("blend", happened.labels, bundle.predict(features, n_threads=2))


if __name__ == "__main__":
    main()
