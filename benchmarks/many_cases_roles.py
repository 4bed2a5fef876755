"""What a model of other questions needs: one thing at a time is taken from it, on logs that ``many_cases.py`` asked.

    benchmarks/many_cases_roles.py FOLDER [--logs journey,seasons] [--columns product_category,product_type]

Judged, with no label of theirs, are the questions of the half that is for judging, at the test of ``many_cases.py``,
of which that program has computed at least the answer without a label. A model is fitted to all auxiliary questions
that repeat none of them: so one fit serves all, where Yule has one for each half. One fold of users is held out in the
fit, another says when to stop.

Gaps are to the first line: :class:`~yule.models.pooled.Pooled` with all roles, and the column, the number of questions
and of users that Yule asks.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from features_quality import score
from many_cases_logs import LOGS, Log
from many_cases_table import N_RESAMPLES, NOISE, measure_weighted
from numpy.typing import NDArray

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.schema import describe_features
from yule.core.seeds import draw_numbers
from yule.core.settings import from_json, to_json
from yule.core.tracker import SilentTracker
from yule.features.matrix import read_features
from yule.features.settings import FeatureSpec
from yule.labels.observe import read_labels
from yule.models.linear.refined import Refined
from yule.models.pooled import Pooled
from yule.models.protocol import Estimator, FitContext
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.questions import ChoosePooled, FindQuestions, TakePooled
from yule.pipeline.report import outcome_task
from yule.pipeline.specs import ReportSpec
from yule.preparation.preparation import Preparation, prepare
from yule.questions import answers, find
from yule.questions.answers import Answers, read_answers, write_answers
from yule.questions.find import Questions, find_questions, read_questions
from yule.questions.overlap import compare_questions, read_overlaps
from yule.questions.rows import divide_answers
from yule.questions.settings import QuestionSpec
from yule.storage.setup import configure

GROUPS = {
    "the own history": ("own_",),
    "shares of it": ("own_share",),
    "affinity": ("affinity",),
    "rates": ("rate",),
    "activity": ("days", "recency", "tenure", "items"),
}
SIZES = (5, 10, 20, 80, 160)
USERS = (1_250, 20_000)
N_FOLDS = 5
SALT = 7


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A question that is judged: what it asks, and its users at the test with roles and answers."""

    name: str
    asks: FeatureSpec
    features: Features
    tested: Examples


@dataclass(frozen=True, kw_only=True)
class Learned:
    """Auxiliary questions with their answers at each cut-off, and places of those that are learned from."""

    questions: Questions
    answers: list[Answers]
    places: tuple[int, ...]


class Study:
    """A log with its judged questions."""

    def __init__(self, folder: Path, log: Log) -> None:
        project = read_project(folder, None, {})
        configure(project.workspace, n_threads=1, fetching=to_json(project.fetching))
        self.judged: list[Judged] = []
        for question in log.questions(folder):
            if not question.is_judged or not (folder / "cells" / question.name / "0-0" / "pooled.npz").exists():
                continue
            case = read_case(log.write_case(folder, question), project, {})
            graph = build_graph(case, Tables(project))
            dataset = graph.answer.model.dataset
            if not self.judged:
                self.spec: QuestionSpec = dataset.questions
                finding = FindQuestions(questions=to_json(self.spec))
                self.tables = [target.load_files() for target in finding.input()["tables"]]
                self.column = read_questions(finding.output().load()).column
            elif dataset.questions != self.spec:
                continue
            taken = TakePooled(dataset=to_json(dataset), member=to_json(Pooled()), fold=0).requires()["model"]
            assert isinstance(taken, ChoosePooled)
            asks = from_json(FeatureSpec, taken.roles)
            (roles,) = features_at([asks], case.predict.cutoff)
            outcome = outcome_task(graph.answer, from_json(ReportSpec, graph.report.report))
            tested = read_labels(outcome.output().load())
            seen = read_features(feature_files([roles.output().load()]), tested.user_ids)
            features = prepare(Preparation(kept=describe_features(seen)), seen)
            self.judged.append(Judged(name=question.name, asks=asks, features=features, tested=tested))

    def ask(self, column: str, *, n_questions: int = find.N_QUESTIONS, n_users: int = answers.N_USERS) -> Learned:
        """Ask the log itself, as Yule does, but for how many questions of how many users."""
        usual = find.N_QUESTIONS, answers.N_USERS
        find.N_QUESTIONS, answers.N_USERS = n_questions, n_users
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "questions"
            folder.mkdir()
            find_questions(self.spec, self.tables, column=column, folder=folder, scratch=Path(scratch), n_threads=1)
            questions = read_questions(folder)
            answered = [self._answer(questions, cutoff, Path(scratch)) for cutoff in self.spec.cutoffs]
            repeating = {place for judged in self.judged for place in self._compare(judged, questions, Path(scratch))}
        find.N_QUESTIONS, answers.N_USERS = usual
        places = tuple(place for place in range(len(questions.questions)) if place not in repeating)
        return Learned(questions=questions, answers=answered, places=places)

    def _answer(self, questions: Questions, cutoff: datetime, scratch: Path) -> Answers:
        folder = scratch / f"{cutoff:%Y%m%d}"
        folder.mkdir()
        write_answers(self.spec, self.tables, questions, cutoff=cutoff, folder=folder, n_threads=1)
        read = read_answers(folder)
        numeric, codes = np.array(read.features.numeric), np.array(read.features.codes)
        return replace(read, features=replace(read.features, numeric=numeric, codes=codes))

    def _compare(self, judged: Judged, questions: Questions, scratch: Path) -> frozenset[int]:
        folder = scratch / judged.name
        folder.mkdir()
        compare_questions(self.spec, judged.asks, self.tables, questions, folder=folder, scratch=scratch, n_threads=1)
        return read_overlaps(folder).left_out


def leave_out(features: Features, parts: tuple[str, ...]) -> Features:
    """Return features without the roles whose part begins with one of these."""
    kept = [
        place
        for place, name in enumerate(features.numeric_names)
        if not (features.meanings[name].part or "").startswith(parts)
    ]
    return features.take_columns(kept, [])


def without(learned: Learned, parts: tuple[str, ...]) -> Learned:
    """Return answers without some roles."""
    return replace(
        learned, answers=[replace(part, features=leave_out(part.features, parts)) for part in learned.answers]
    )


def of_questions(learned: Learned, n_questions: int) -> Learned:
    """Return fewer questions."""
    values = [learned.questions.questions[place].value for place in learned.places]
    order = np.argsort(draw_numbers(values, SALT), kind="stable")[:n_questions]
    return replace(learned, places=tuple(learned.places[place] for place in order))


Predicted = dict[str, NDArray[np.float64]]


def predict(
    study: Study, learned: Learned, estimator: Estimator, *, parts: tuple[str, ...] = ()
) -> tuple[Predicted, float]:
    """Return what is predicted for each question, and seconds of work of the fit."""
    started = time.process_time()
    rows = (without(learned, parts) if parts else learned).answers
    train, stop = divide_answers(rows, questions=learned.places, fold=0, n_folds=N_FOLDS)
    model = estimator.fit(train, stop, context=FitContext(seed=0, n_threads=1, tracker=SilentTracker()))
    seconds = time.process_time() - started
    predicted = {
        judged.name: model.predict(leave_out(judged.features, parts) if parts else judged.features, n_threads=1)
        for judged in study.judged
    }
    return predicted, seconds


def find_variants(study: Study, columns: Sequence[str]) -> Iterator[tuple[str, tuple[Predicted, float]]]:
    """Give what Yule does, then each variant."""
    assert study.column is not None
    usual = study.ask(study.column)
    n_rows = sum(len(part.labels) for part in usual.answers)
    told = f"{len(usual.places)} of {len(usual.questions.questions)} {study.column}, {n_rows:,} rows"
    yield told, predict(study, usual, Pooled())
    for name, parts in GROUPS.items():
        yield f"without {name}", predict(study, usual, Pooled(), parts=parts)
    yield "linear: the mean of refined", predict(study, usual, Refined())
    for n_users in USERS:
        fewer = study.ask(study.column, n_users=n_users)
        n_left = sum(len(part.labels) for part in fewer.answers)
        if n_left != n_rows:
            yield f"{n_users:,} users at the most, {n_left:,} rows", predict(study, fewer, Pooled())
    many = study.ask(study.column, n_questions=max(SIZES))
    for size in SIZES:
        fewer = of_questions(many, size)
        yield f"{len(fewer.places)} {study.column}", predict(study, fewer, Pooled())
        if len(fewer.places) < size:
            break
    for column in columns:
        asked = study.ask(column)
        yield f"{len(asked.places)} of {len(asked.questions.questions)} {column}", predict(study, asked, Pooled())


def show_variant(name: str, study: Study, usual: Predicted, variant: Predicted, seconds: float) -> None:
    """Print a line: AUC over the questions that both answer, and the gap with its interval over users."""
    users = np.unique(np.concatenate([judged.tested.user_ids.astype(str) for judged in study.judged]))
    drawn = np.random.default_rng(0).integers(0, len(users), (N_RESAMPLES, len(users)))
    times = np.array([np.bincount(rows, minlength=len(users)) for rows in drawn], dtype=np.float32)
    aucs, gaps, resampled = [], [], []
    for judged in study.judged:
        if judged.name in usual and judged.name in variant:
            own = times[:, np.searchsorted(users, judged.tested.user_ids.astype(str))]
            labels, both = judged.tested.labels, (variant[judged.name], usual[judged.name])
            auc, base = (float(score(labels, predicted)[0]) for predicted in both)
            aucs.append(auc)
            gaps.append(auc - base)
            first, second = (measure_weighted(labels, predicted, own) for predicted in both)
            resampled.append(first - second)
    low, high = np.nanquantile(np.nanmean(resampled, axis=0), [NOISE, 1 - NOISE])
    print(
        f"{name:44} AUC {np.mean(aucs):.4f}  gap {np.mean(gaps):+.4f} ({low:+.4f} to {high:+.4f})  better on "
        f"{sum(gap > 0 for gap in gaps)} of {len(gaps)}  {seconds:5.1f} s a fit",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--logs", default=",".join(LOGS))
    parser.add_argument("--columns", default="", help="others to ask by, separated by commas")
    arguments = parser.parse_args()
    for log in arguments.logs.split(","):
        study = Study(arguments.folder / log, LOGS[log])
        print(f"\n{log}, judged: {', '.join(judged.name for judged in study.judged)}", flush=True)
        usual: Predicted | None = None
        for name, (predicted, seconds) in find_variants(study, [one for one in arguments.columns.split(",") if one]):
            usual = predicted if usual is None else usual
            show_variant(name, study, usual, predicted, seconds)


if __name__ == "__main__":
    main()
