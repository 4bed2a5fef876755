"""Cases that learn from each other: what the pooled member adds to a case with no, few or all labels, on three logs.

    benchmarks/many_cases.py FOLDER [--data DATA] [--logs journey] [--questions 8] [--labels 0,100,500,all]
        [--draws 2] [--plain] [--minutes 10] [--show]

FOLDER keeps what is computed: features in projects, a file for each question, number of labels and draw in
``cells/``. What is there is not computed again; ``--show`` prints it and computes nothing. DATA is the data folder of
the example (``fetch_data.py``); the other two logs are downloaded as packages.

Everything is decided before the last cut-off, the test. With N labels, the case knows the labels of N users at the
cut-off before the test; with all, of all users at the four before it. Features, folds, fits, blend and calibration are
Yule's. The pooled model is asked at cut-offs whose answers were known by the last cut-off of labels. Half of the
questions are *judged*; the others are for choosing settings.

Arms: ``alone``, the members of ``quick`` on what ``auto`` proposes, blended; ``pooled``, these and the pooled member;
``only``, the pooled member as it is, which needs no label; ``plain``, LightGBM on the same features. Gaps are those of
AUC to ``alone``; a case that Yule refuses, with too few positives among its labels, counts for no arm but ``only``.
"""

import argparse
import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from features_quality import Data, fit_and_predict, score
from many_cases_logs import LOGS, Log, Question
from many_cases_table import read_cells, show_cells
from numpy.typing import NDArray

from yule.config.cases import Case, read_case
from yule.config.projects import read_project
from yule.core.dataset import Features
from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.core.tracker import SilentTracker
from yule.ensemble.blend import blend
from yule.ensemble.log_odds import log_odds, probabilities_of, weighted_mean
from yule.features.matrix import read_features
from yule.features.stacked import map_stacked
from yule.labels.observe import read_labels
from yule.models.members import Transferred, load_model
from yule.models.pooled import Pooled
from yule.models.protocol import FitContext, Model
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.questions import TakePooled
from yule.pipeline.report import outcome_task
from yule.pipeline.specs import ReportSpec
from yule.pipeline.training import dataset_tasks
from yule.preparation.preparation import (
    Preparation,
    fit_preparation,
    prepare,
    prepare_training,
    read_preparation,
)
from yule.runtime.execution import execute
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure
from yule.training.fitting import MODEL, FoldFit, fit_fold
from yule.training.folds import assign_folds, split_fold
from yule.training.prepared import Prepared

METRICS = ("auc", "ap", "log_loss")
ONCE = ("0", "all")
"""Numbers of labels that nothing is drawn for."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A question with its features, its answers and the pooled model of each fold.

    Parameters
    ----------
    case
        The case.
    examples, features
        Labelled users at the cut-offs before the test.
    tested, seen
        Users at the test, with what came of them, and their features.
    preparation, models
        What the pooled models see; one for each fold.
    seconds
        What all this took.
    """

    case: Case
    examples: Examples
    features: Features
    tested: Examples
    seen: Features
    preparation: Preparation
    models: list[Model]
    seconds: float


def learn(folder: Path, log: Log, question: Question) -> Known:
    """Compute the features, answers and pooled models of a question by Yule's tasks, in the workspace of its log."""
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=1, fetching=to_json(project.fetching))
    case = read_case(log.write_case(folder, question), project, {})
    graph = build_graph(case, Tables(project))
    dataset = graph.answer.model.dataset
    pooled = [
        TakePooled(dataset=to_json(dataset), member=to_json(Pooled()), fold=fold)
        for fold in range(dataset.folds.n_folds)
    ]
    shared = dataset_tasks(dataset)
    after = features_at(graph.answer.features, case.predict.cutoff)
    outcome = outcome_task(graph.answer, from_json(ReportSpec, graph.report.report))
    started = time.perf_counter()
    broken = execute(
        plan_tasks([*pooled, *after, outcome]),
        workspace=project.workspace,
        fetching=to_json(project.fetching),
        n_cores=1,
        tell=lambda _: None,
    )
    if broken:
        raise DataError(str(broken[0]))
    tested = read_labels(outcome.output().load())
    return Known(
        case=case,
        examples=read_labels(shared["labels"].output().load()),
        features=map_stacked(shared["stacked"].output().load()),
        tested=tested,
        seen=read_features(feature_files([task.output().load() for task in after]), tested.user_ids),
        preparation=read_preparation(pooled[0].output().load() / "preparation.json"),
        models=[load_model(task.output().load() / MODEL) for task in pooled],
        seconds=time.perf_counter() - started,
    )


def take_labels(known: Known, n_labels: int | None, draw: int) -> tuple[Examples, Features]:
    """Return labelled users: some at the last cut-off, or all there are."""
    if n_labels is None:
        return known.examples, known.features
    latest = np.flatnonzero(known.examples.cutoffs == known.examples.cutoffs.max())
    rows = np.sort(np.random.default_rng(draw).permutation(latest)[:n_labels])
    return known.examples.take(rows), known.features.take(rows)


def predict_pooled(known: Known) -> NDArray[np.float64]:
    """Return log-odds of the users at the test, (n_tested,)."""
    seen = prepare(known.preparation, known.seen)
    return np.mean([log_odds(model.predict(seen, n_threads=1)) for model in known.models], axis=0)


def predict_arms(
    known: Known, n_labels: int | None, draw: int, *, is_plain: bool
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
    """Return each arm's probabilities at the test, and the weights of the blend with the pooled member."""
    only = predict_pooled(known)
    arms = {"only": probabilities_of(only)}
    if n_labels == 0:
        return arms, {}
    examples, features = take_labels(known, n_labels, draw)
    members = [member for member in known.case.members if not isinstance(member, Transferred)]
    folds = assign_folds(examples, known.case.folds, horizon=known.case.labels.horizon)
    rows, oof, tested = [], [], []
    for fold in range(folds.n_folds):
        parts = split_fold(examples, folds, fold)
        preparation, _ = fit_preparation(
            known.case.preparation,
            examples,
            features,
            train=parts.train,
            stop=parts.stop,
            horizon=known.case.labels.horizon,
            seed=derive_seed(draw, "prepare", fold),
            n_threads=1,
        )
        prepared = see_fold(preparation, examples, features, parts)
        seen = prepare(preparation, known.seen)
        fits: list[FoldFit] = []
        for member in members:
            context = FitContext(seed=derive_seed(draw, "fit", member.name, fold), n_threads=1, tracker=SilentTracker())
            fits.append(fit_fold(member, examples, prepared, folds, fold=fold, context=context))
        model = known.models[fold]
        held_out = prepare(known.preparation, features.take(parts.held_out))
        rows.append(parts.held_out)
        oof.append(np.column_stack([*(fit.scores for fit in fits), model.predict(held_out, n_threads=1)]))
        tested.append([log_odds(fit.model.predict(seen, n_threads=1)) for fit in fits])
    order = np.argsort(np.concatenate(rows))
    judged, predicted = np.concatenate(rows)[order], np.concatenate(oof)[order]
    values = [*np.mean(tested, axis=0), only]
    weights = {}
    for arm, n_members in (("alone", len(members)), ("pooled", len(members) + 1)):
        ensemble = blend(predicted[:, :n_members], examples.labels[judged], folds.fold[judged], known.case.ensemble)
        arms[arm] = ensemble.calibrator.apply(weighted_mean(values[:n_members], ensemble.weights))
        names = [*(member.name for member in members), "pooled"][:n_members]
        weights = dict(zip(names, ensemble.weights.tolist(), strict=True))
    if is_plain:
        data = join_test(known, examples, features)
        train, test = np.split(np.arange(data.examples.n_examples), [examples.n_examples])
        arms["plain"] = fit_and_predict(data, train, test, seed=draw)[0]
    return arms, weights


def see_fold(preparation, examples, features, parts) -> Prepared:
    """Return what the members of a fold see."""
    learned = [
        prepare_training(preparation, features.take(rows), examples.user_ids[rows])
        for rows in (parts.train, parts.stop)
    ]
    together = join([*learned, prepare(preparation, features.take(parts.held_out))])
    return Prepared(features=together, rows=np.concatenate([parts.train, parts.stop, parts.held_out]))


def join(parts: list[Features]) -> Features:
    """Put features below each other."""
    first = parts[0]
    return Features(
        numeric=np.concatenate([part.numeric for part in parts]),
        codes=np.concatenate([part.codes for part in parts]),
        numeric_names=first.numeric_names,
        categorical_names=first.categorical_names,
        vocabularies=first.vocabularies,
        meanings=first.meanings,
    )


def join_test(known: Known, examples: Examples, features: Features) -> Data:
    """Return what a plain learner is fitted to, and below it the users at the test."""
    both = Examples(
        user_ids=np.concatenate([examples.user_ids, known.tested.user_ids]),
        cutoffs=np.concatenate([examples.cutoffs, known.tested.cutoffs]),
        labels=np.concatenate([examples.labels, known.tested.labels]),
    )
    return Data(case=known.case, examples=both, features=join([features, known.seen]), seconds=0.0)


def measure_question(
    folder: Path, question: Question, cells: list[tuple[str, int]], *, until: float, is_plain: bool
) -> None:
    """Measure the cells of a question that are not there yet, as long as there is time."""
    left = [cell for cell in cells if not name_cell(folder, question, cell, "json").exists()]
    if not left or time.monotonic() > until:
        return
    known = learn(folder, LOGS[folder.name], question)
    for cell in left:
        if time.monotonic() < until:
            measure(folder, known, question, cell, is_plain=is_plain)


def measure(folder: Path, known: Known, question: Question, cell: tuple[str, int], *, is_plain: bool) -> None:
    """Measure a cell and write its two files: predictions, then scores."""
    n_labels, draw = cell
    started = time.perf_counter()
    told: dict[str, object] = {
        "question": question.name,
        "judged": question.is_judged,
        "labels": n_labels,
        "draw": draw,
    }
    try:
        wanted = None if n_labels == "all" else int(n_labels)
        arms, weights = predict_arms(known, wanted, draw, is_plain=is_plain)
    except DataError as error:
        arms, weights = {}, {}
        told["refused"] = str(error)
    told |= {"seconds": time.perf_counter() - started, "learning": known.seconds, "weights": weights}
    told["arms"] = {
        arm: dict(zip(METRICS, score(known.tested.labels, predicted).tolist(), strict=True))
        for arm, predicted in arms.items()
    }
    told |= {"n_users": known.tested.n_examples, "n_positive": int(known.tested.labels.sum())}
    np.savez(
        name_cell(folder, question, cell, "npz"),
        user_ids=known.tested.user_ids.astype(str),
        labels=known.tested.labels,
        **arms,
    )
    name_cell(folder, question, cell, "json").write_text(json.dumps(told))
    print(
        f"{datetime.now():%H:%M:%S} {question.name} {n_labels}/{draw} "
        + " ".join(f"{arm} {scores['auc']:.4f}" for arm, scores in told["arms"].items())
        + f" {told.get('refused', '')} {told['seconds']:.0f} s, weights {weights}",
        flush=True,
    )


def name_cell(folder: Path, question: Question, cell: tuple[str, int], kind: str) -> Path:
    """Return the file of a cell."""
    (folder / "cells").mkdir(exist_ok=True)
    return folder / "cells" / f"{question.name}-{cell[0]}-{cell[1]}.{kind}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--logs", default="journey")
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--labels", default="0,100,500,all")
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--minutes", type=float, default=10, help="no cell begins later")
    parser.add_argument("--show", action="store_true", help="print what is there")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    for name in arguments.logs.split(","):
        folder = arguments.folder / name
        if not arguments.show:
            sizes = arguments.labels.split(",")
            cells = [(size, draw) for size in sizes for draw in range(1 if size in ONCE else arguments.draws)]
            LOGS[name].write(folder, arguments.data)
            for question in LOGS[name].questions(folder)[: arguments.questions]:
                measure_question(folder, question, cells, until=until, is_plain=arguments.plain)
        show_cells(name, read_cells(folder))


if __name__ == "__main__":
    main()
