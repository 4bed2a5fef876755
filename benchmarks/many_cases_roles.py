"""What a pooled model needs: groups of roles left out, and fewer questions, on logs that ``many_cases.py`` has asked.

    benchmarks/many_cases_roles.py FOLDER [--logs journey,flights,seasons]

Models are fitted to one half of the auxiliary questions at all cut-offs but the last, and judged by the other half at
the last one: questions they have not seen, at a later time, with no label of them. Both halves take their turn. The
folder is that of ``many_cases.py``, which must have asked at least one question of the log.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from features_quality import score
from many_cases_logs import LOGS

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.core.dataset import Labelled
from yule.core.settings import to_json
from yule.core.tracker import SilentTracker
from yule.models.pooled import Pooled
from yule.models.protocol import FitContext
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.questions import FindQuestions, answer_tasks
from yule.questions.answers import Answers, read_answers
from yule.questions.find import Question, read_questions
from yule.questions.rows import divide_answers
from yule.storage.setup import configure

GROUPS = {
    "nothing": (),
    "own": ("own_",),
    "share of own": ("own_share",),
    "affinity": ("affinity",),
    "rate": ("rate",),
    "activity": ("days", "recency", "tenure", "items"),
}
FEWER = (2, 5, 10)
N_FOLDS = 5


def read_all(folder: Path, log: str) -> tuple[list[Answers], tuple[Question, ...]]:
    """Return the answers of each cut-off, and the questions."""
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=1, fetching=to_json(project.fetching))
    path = LOGS[log].write_case(folder, LOGS[log].questions(folder)[0])
    dataset = build_graph(read_case(path, project, {}), Tables(project)).answer.model.dataset
    questions = to_json(dataset.questions)
    found = read_questions(FindQuestions(questions=questions).output().load())
    return [read_answers(task.output().load()) for task in answer_tasks(questions)], found.questions


def leave_out(answers: Answers, parts: tuple[str, ...]) -> Answers:
    """Return answers without the roles whose part begins with one of these."""
    features = answers.features
    kept = [
        place
        for place, name in enumerate(features.numeric_names)
        if not parts or not (features.meanings[name].part or "").startswith(parts)
    ]
    return replace(answers, features=features.take_columns(kept, []))


def judge(answers: list[Answers], questions: tuple[Question, ...], *, fewer: int | None = None) -> tuple[float, float]:
    """Return the mean AUC of questions of the half that was not learned from, and seconds of a fit."""
    aucs, seconds = [], []
    for half in (0, 1):
        places = [place for place, question in enumerate(questions) if question.half == half][:fewer]
        train, stop = divide_answers(answers[:-1], questions=places, fold=0, n_folds=N_FOLDS)
        started = time.perf_counter()
        model = Pooled().fit(train, stop, context=FitContext(seed=0, n_threads=1, tracker=SilentTracker()))
        seconds.append(time.perf_counter() - started)
        for place, question in enumerate(questions):
            asked = Labelled(
                features=answers[-1].features.take(answers[-1].questions == place),
                labels=answers[-1].labels[answers[-1].questions == place],
            )
            if question.half != half and 0 < asked.labels.mean() < 1:
                aucs.append(score(asked.labels, model.predict(asked.features, n_threads=1))[0])
    return float(np.mean(aucs)), float(np.mean(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--logs", default=",".join(LOGS))
    arguments = parser.parse_args()
    for log in arguments.logs.split(","):
        answers, questions = read_all(arguments.folder / log, log)
        n_rows = sum(len(part.labels) for part in answers)
        print(f"\n{log}: {len(questions)} questions, {n_rows:,} rows, such as {questions[0].value}")
        for name, parts in GROUPS.items():
            auc, seconds = judge([leave_out(part, parts) for part in answers], questions)
            print(f"without {name:14} {auc:.4f}  {seconds:5.1f} s a fit", flush=True)
        for fewer in FEWER:
            auc, seconds = judge(answers, questions, fewer=fewer)
            print(f"of {fewer:3} questions    {auc:.4f}  {seconds:5.1f} s a fit", flush=True)


if __name__ == "__main__":
    main()
