"""Cases that learn from each other: what other questions add to a case with no, few or all labels, on three logs.

    benchmarks/many_cases.py FOLDER [--data DATA] [--logs journey] [--questions 8] [--only NAMES]
        [--labels 0,100,500,all] [--draws 2] [--members lightgbm,logistic,pooled,refined,plain]
        [--minutes 10] [--show]

FOLDER keeps what is computed: features in projects, and each member's predictions in ``cells/``
(:mod:`many_cases_members`). What is there is not computed again, so a new member costs its own fits, and a new blend
none: ``--show`` prints what is there and fits nothing. DATA is the data folder of the example (``fetch_data.py``); the
other two logs are downloaded as packages.

Everything is decided before the last cut-off, the test. With N labels, the case knows the labels of N users at the
cut-off before the test; with all, of all users at the four before it. Features, folds, fits, blend and calibration are
Yule's. Models of other questions are asked at cut-offs whose answers were known by the last cut-off of labels. Half of
the questions are *judged*; the others are for choosing settings.

Arms are blends of members (:data:`many_cases_table.ARMS`): ``alone``, those of ``quick`` on what ``auto`` proposes;
``transfer``, these and the two that learn from other questions; and so on. Gaps are those of AUC to ``alone``. A case
that Yule refuses, with too few positives among its labels, counts for no arm.
"""

import argparse
import time
from datetime import datetime
from pathlib import Path
from typing import get_args

from many_cases_logs import LOGS, Log, Question
from many_cases_members import Known, find_missing, keep_tested, measure_cell
from many_cases_table import read_cells, show_cells

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.core.errors import DataError
from yule.core.schema import describe_features
from yule.core.settings import from_json, to_json
from yule.features.matrix import read_features
from yule.features.roles.roles import name_roles
from yule.features.stacked import map_stacked
from yule.labels.observe import read_labels
from yule.models.members import Transferred, load_model
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.questions import TakePooled
from yule.pipeline.report import outcome_task
from yule.pipeline.specs import ReportSpec
from yule.pipeline.training import dataset_tasks
from yule.preparation.preparation import Preparation
from yule.runtime.execution import execute
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure

MEMBERS = "lightgbm,logistic,pooled,refined,plain"
TRANSFERRED = {member.kind: member for member in get_args(Transferred)}
"""Members that learn from other questions: ``multitask`` is fitted where it is asked for."""
ONCE = ("0", "all")
"""Numbers of labels that nothing is drawn for."""


def learn(folder: Path, log: Log, question: Question, members: list[str]) -> Known:
    """Compute features, answers and models of other questions by Yule's tasks, in the workspace of the log."""
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=1, fetching=to_json(project.fetching))
    case = read_case(log.write_case(folder, question), project, {})
    graph = build_graph(case, Tables(project))
    dataset = graph.answer.model.dataset
    models = {
        name: [
            TakePooled(dataset=to_json(dataset), member=to_json(member()), fold=fold).requires()["model"]
            for fold in range(dataset.folds.n_folds)
        ]
        for name, member in TRANSFERRED.items()
        if name in members
    }
    shared = dataset_tasks(dataset)
    after = features_at(graph.answer.features, case.predict.cutoff)
    outcome = outcome_task(graph.answer, outcome=from_json(ReportSpec, graph.report.report).outcome)
    wanted = [shared["labels"], shared["stacked"], *after, outcome]
    broken = execute(
        plan_tasks([*wanted, *(task for tasks in models.values() for task in tasks)]),
        workspace=project.workspace,
        fetching=to_json(project.fetching),
        n_cores=1,
        tell=lambda _: None,
    )
    if broken:
        raise DataError(str(broken[0]))
    tested = read_labels(outcome.output().load())
    features = map_stacked(shared["stacked"].output().load())
    settings = dataset.questions.settings
    roles = set(name_roles(settings.name, settings.download, settings.within))
    return Known(
        case=case,
        examples=read_labels(shared["labels"].output().load()),
        features=features,
        tested=tested,
        seen=read_features(feature_files([task.output().load() for task in after]), tested.user_ids),
        roles=Preparation(kept=describe_features(features).only(roles)),
        models={name: [load_model(task.output().load()) for task in tasks] for name, tasks in models.items()},
    )


def measure_question(
    folder: Path, question: Question, cells: list[tuple[str, int]], *, members: list[str], until: float
) -> None:
    """Measure what is not there yet of the cells of a question, as long as there is time."""
    own = folder / "cells" / question.name
    names = {cell: own / f"{cell[0]}-{cell[1]}" for cell in cells}
    shared = [member for member in members if member in TRANSFERRED]
    missing = {cell: find_missing(names[cell], shared if cell[0] == "0" else members) for cell in cells}
    if not any(missing.values()) or time.monotonic() > until:
        return
    started = time.monotonic()
    known = learn(folder, LOGS[folder.name], question, members)
    keep_tested(known, own)
    print(f"{datetime.now():%H:%M:%S} {question.name}, {time.monotonic() - started:.0f} s to learn", flush=True)
    for cell, left in missing.items():
        if left and time.monotonic() < until:
            started = time.monotonic()
            n_labels = None if cell[0] == "all" else int(cell[0])
            measure_cell(known, n_labels, cell[1], folder=names[cell], members=left)
            seconds = time.monotonic() - started
            print(f"{datetime.now():%H:%M:%S} {question.name} {cell[0]}/{cell[1]} {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--logs", default="journey")
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--only", help="names of questions, separated by commas, in place of the first ones")
    parser.add_argument("--labels", default="0,100,500,all")
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--members", default=MEMBERS, help="which to fit where they are not there yet")
    parser.add_argument("--minutes", type=float, default=10, help="no cell begins later")
    parser.add_argument("--show", action="store_true", help="print what is there")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    for name in arguments.logs.split(","):
        folder = arguments.folder / name
        if arguments.show:
            questions = LOGS[name].questions(folder)
            case = read_case(LOGS[name].write_case(folder, questions[0]), read_project(folder, None, {}), {})
            show_cells(name, read_cells(folder, questions, case))
            continue
        sizes = arguments.labels.split(",")
        cells = [(size, draw) for size in sizes for draw in range(1 if size in ONCE else arguments.draws)]
        LOGS[name].write(folder, arguments.data)
        questions = LOGS[name].questions(folder)
        asked = questions[: arguments.questions]
        if arguments.only:
            asked = [question for question in questions if question.name in arguments.only.split(",")]
        for question in asked:
            measure_question(folder, question, cells, members=arguments.members.split(","), until=until)


if __name__ == "__main__":
    main()
