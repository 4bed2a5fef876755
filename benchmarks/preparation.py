"""Measure what preparations are worth, by one LightGBM and a logistic regression, on the data sets given.

Usage: ``benchmarks/preparation.py FOLDER... [--labelled 300] [--repeats 3] [--ways groups,gain] [--test]``, where a
folder holds ``data.parquet``: user_id, split (train or test), target, maybe cutoff, and the features. All is decided
inside the training part; ``--test`` looks at the test part besides.
"""

import argparse
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.dataset import Features, Labelled
from yule.core.examples import Examples
from yule.core.tracker import SilentTracker
from yule.ensemble.log_odds import log_odds
from yule.metrics.scores import roc_auc
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.heads import Head
from yule.models.linear.logistic import LogisticRegression
from yule.models.protocol import FitContext
from yule.preparation.preparation import fit_preparation, prepare, prepare_training
from yule.preparation.settings import (
    Derivation,
    DropDuplicates,
    PreparationSettings,
    SelectByGain,
    SelectByNullImportance,
    SelectByPermutation,
    SelectGroups,
    selection,
)
from yule.training.folds import assign_folds, split_fold
from yule.training.settings import FoldSettings

HORIZON = timedelta(days=28)
N_FOLDS = 5
MEMBERS = (LightGBM(), LogisticRegression())
WAYS = {
    "none": PreparationSettings(select=selection("none")),
    "duplicates": PreparationSettings(select=selection("duplicates")),
    "duplicates.99": PreparationSettings(select=DropDuplicates(max_correlation=0.99)),
    "duplicates.95": PreparationSettings(select=DropDuplicates(max_correlation=0.95)),
    "gain": PreparationSettings(select=SelectByGain()),
    "gain50": PreparationSettings(select=SelectByGain(keep=50)),
    "gain150": PreparationSettings(select=SelectByGain(keep=150)),
    "permutation": PreparationSettings(select=SelectByPermutation()),
    "null": PreparationSettings(select=SelectByNullImportance()),
    "groups": PreparationSettings(select=SelectGroups()),
    "groups.5": PreparationSettings(select=SelectGroups(min_score=0.5)),
    "groups1": PreparationSettings(select=SelectGroups(min_score=1.0)),
    "targets": PreparationSettings(derive=Derivation(targets=50)),
    "crosses": PreparationSettings(derive=Derivation(crosses=20)),
    "arithmetic10": PreparationSettings(derive=Derivation(arithmetic=10)),
    "arithmetic30": PreparationSettings(derive=Derivation(arithmetic=30)),
}


def read(folder: Path, *, is_test: bool) -> tuple[Examples, Features, np.ndarray]:
    """Read a data set: examples, features, and which rows are of the test part."""
    table = pq.read_table(folder / "data.parquet")
    if not is_test:
        table = table.filter(pa.compute.equal(table["split"], "train"))
    is_time = "cutoff" in table.column_names
    if is_time:
        table = table.sort_by([("cutoff", "ascending"), ("user_id", "ascending")])
    names = [name for name in table.column_names if name not in ("user_id", "split", "target", "cutoff")]
    texts = [name for name in names if pa.types.is_large_string(table.schema.field(name).type)]
    numbers = [name for name in names if name not in texts]
    codes, vocabularies = [], []
    for name in texts:
        values = table[name].to_pylist()
        vocabulary = sorted({value for value in values if value is not None})
        places = {value: place for place, value in enumerate(vocabulary)}
        codes.append([-1 if value is None else places[value] for value in values])
        vocabularies.append(tuple(vocabulary))
    n_rows = table.num_rows
    features = Features(
        numeric=np.stack([table[name].cast(pa.float32()).to_numpy(zero_copy_only=False) for name in numbers], axis=1),
        codes=np.array(codes, np.int32).T.reshape(n_rows, len(texts)),
        numeric_names=tuple(numbers),
        categorical_names=tuple(texts),
        vocabularies=tuple(vocabularies),
    )
    cutoffs = table["cutoff"].to_numpy() if is_time else np.full(n_rows, np.datetime64("2024-01-01", "us"))
    examples = Examples(
        user_ids=np.array([f"u{user:06}" for user in table["user_id"].to_pylist()], dtype=object),
        cutoffs=cutoffs.astype("datetime64[us]"),
        labels=table["target"].to_numpy().astype(np.float64),
    )
    return examples, features, np.array(table["split"].to_pylist()) == "test"


def keep_users(examples: Examples, n_users: int | None, *, seed: int) -> np.ndarray:
    """Return the rows of some users, drawn at random."""
    users = np.unique(examples.user_ids)
    if n_users is None or n_users >= len(users):
        return np.ones(examples.n_examples, np.bool_)
    return np.isin(examples.user_ids, np.random.default_rng(seed).choice(users, n_users, replace=False))


def take(examples: Examples, rows: np.ndarray) -> Examples:
    return Examples(user_ids=examples.user_ids[rows], cutoffs=examples.cutoffs[rows], labels=examples.labels[rows])


def measure(ways, folder: Path, *, n_users: int | None, seed: int, is_test: bool):
    """Return for each way the losses of each member and their mean on rows that are judged, and what it cost.

    With few labelled users, they are judged on all the other users of the training part; else on those held out.
    """
    everyone, all_features, is_tested = read(folder, is_test=is_test)
    is_labelled = keep_users(everyone, n_users, seed=seed) & ~is_tested
    examples, features = take(everyone, is_labelled), all_features.take(is_labelled)
    is_judged = is_tested if is_test else ~is_labelled
    if len(np.unique(examples.cutoffs)) > 1 and not is_test:
        is_judged &= everyone.cutoffs == everyone.cutoffs.max()
    judged_labels, judged_features = everyone.labels[is_judged], all_features.take(is_judged)
    n_folds = N_FOLDS if n_users is None else 3
    folds = assign_folds(examples, FoldSettings(n_folds=n_folds), horizon=HORIZON, seed=seed)
    results = {}
    for way, settings in ways.items():
        outside = [np.zeros(len(judged_labels)) for _ in MEMBERS]
        inside = [np.full(examples.n_examples, np.nan) for _ in MEMBERS]
        seconds, n_kept = 0.0, []
        for fold in range(n_folds):
            rows = split_fold(examples, folds, fold)
            started = time.process_time()
            preparation, record = fit_preparation(
                settings,
                examples,
                features,
                train=rows.train,
                stop=rows.stop,
                horizon=HORIZON,
                seed=seed,
                n_threads=1,
            )
            seconds += time.process_time() - started
            n_kept.append(len(record.kept))
            train, stop = (
                Labelled(
                    features=prepare_training(preparation, features.take(part), examples.user_ids[part]),
                    labels=examples.labels[part],
                )
                for part in (rows.train, rows.stop)
            )
            held_out = prepare(preparation, features.take(rows.held_out))
            judged = prepare(preparation, judged_features)
            for number, member in enumerate(MEMBERS):
                context = FitContext(seed=seed, n_threads=1, tracker=SilentTracker())
                model = member.fit(train, stop, context=context)
                inside[number][rows.held_out] = model.predict(held_out, n_threads=1)
                if len(judged_labels):
                    outside[number] += log_odds(model.predict(judged, n_threads=1)) / n_folds
        if is_test or n_users is not None:
            labels, scores = judged_labels, [1 / (1 + np.exp(-values)) for values in outside]
        else:
            is_held_out = ~np.isnan(inside[0])
            labels, scores = examples.labels[is_held_out], [values[is_held_out] for values in inside]
        mean = 1 / (1 + np.exp(-sum(log_odds(values) for values in scores) / len(scores)))
        results[way] = (labels, [*scores, mean], seconds / n_folds, float(np.mean(n_kept)))
    return results


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--labelled", type=int)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--test", action="store_true")
    arguments = parser.parse_args()
    ways = {way: WAYS[way] for way in dict.fromkeys(["none", *arguments.ways.split(",")])}
    names = [*(member.name for member in MEMBERS), "mean"]
    for folder in arguments.folders:
        runs = [
            measure(ways, folder, n_users=arguments.labelled, seed=seed, is_test=arguments.test)
            for seed in range(arguments.repeats)
        ]
        print(f"\n{folder.name}: {arguments.labelled or 'all'} labelled users, {arguments.repeats} draws", flush=True)
        for way in ways:
            cells = []
            for number, name in enumerate(names):
                aucs = [roc_auc(run[way][0], run[way][1][number]) for run in runs]
                rises = [
                    Head().losses(run[way][0], run[way][1][number])
                    - Head().losses(run["none"][0], run["none"][1][number])
                    for run in runs
                ]
                mean = np.mean([rise.mean() for rise in rises])
                error = np.sqrt(np.mean([rise.var() / len(rise) for rise in rises]))
                if len(runs) > 2:
                    error = max(error, np.std([rise.mean() for rise in rises], ddof=1)) / np.sqrt(len(runs))
                cells.append(f"{name} AUC {np.mean(aucs):.4f} loss {1e4 * mean:+6.1f} ±{1e4 * error:4.1f}")
            seconds, n_kept = np.mean([run[way][2] for run in runs]), np.mean([run[way][3] for run in runs])
            print(f"{way:14} {n_kept:6.0f} features {seconds:5.1f} s  " + " | ".join(cells), flush=True)


if __name__ == "__main__":
    main()
