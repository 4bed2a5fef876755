"""Steps: find auxiliary questions, answer them, fit pooled models to them, and take those for the folds of a case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import luigi
import numpy as np

from yule.core.errors import DataError
from yule.core.schema import FeatureSchema
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.core.tracker import SilentTracker
from yule.downloads.keeping.task import Reader
from yule.features.roles.column import read_column
from yule.features.roles.roles import AGGREGATE
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.features.stacked import map_stacked
from yule.models.gbdt.light_gbm import load_lightgbm
from yule.models.protocol import FitContext
from yule.pipeline.features import LearnColumn, read_tables
from yule.pipeline.labels import read_examples
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import dataset_tasks
from yule.preparation.preparation import Preparation, write_preparation
from yule.questions.answers import read_answers, write_answers
from yule.questions.find import N_HALVES, find_questions, read_questions
from yule.questions.overlap import compare_questions, read_overlaps
from yule.questions.pooled import fit_pooled
from yule.questions.settings import QuestionSpec
from yule.storage.task import Requires, Task
from yule.training.fitting import FoldFit, write_fold_fit
from yule.training.folds import read_folds, split_fold


class FindQuestions(Reader):
    """Choose which questions Yule asks of a log itself. No case is part of it, so all cases share them.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"questions of {from_json(QuestionSpec, self.questions).settings.download}"

    def requires(self) -> Requires:
        """Need the tables, and which column says what events are of."""
        roles = from_json(QuestionSpec, self.questions).roles
        return {"tables": read_tables(roles), "column": LearnColumn(features=to_json(roles.learned))}

    def write(self, folder: Path) -> None:
        """Write ``questions.json``."""
        spec = from_json(QuestionSpec, self.questions)
        find_questions(
            spec,
            self.load_tables("tables"),
            column=read_column(self.load("column")),
            folder=folder,
            scratch=folder.parent,
            n_threads=self.n_threads,
        )


class AnswerQuestions(Reader):
    """Compute roles and labels of all questions as of a cut-off.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    cutoff
        One of its cut-offs, ISO 8601.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    cutoff: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"answers of {from_json(QuestionSpec, self.questions).settings.download} at {self.cutoff[:10]}"

    def requires(self) -> Requires:
        """Need the tables and the questions."""
        roles = from_json(QuestionSpec, self.questions).roles
        return {"tables": read_tables(roles), "questions": FindQuestions(questions=self.questions)}

    def write(self, folder: Path) -> None:
        """Write the files of :mod:`yule.questions.answers`."""
        write_answers(
            from_json(QuestionSpec, self.questions),
            self.load_tables("tables"),
            read_questions(self.load("questions")),
            cutoff=datetime.fromisoformat(self.cutoff),
            folder=folder,
            n_threads=self.n_threads,
        )


class FitPooled(Task):
    """Fit the pooled model of a fold to one half of the questions. All cases share it.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    half
        Which half is learned from, 0 or 1.
    fold
        The fold whose users are held out.
    n_folds
        Number of folds.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    half: luigi.IntParameter = luigi.IntParameter()
    fold: luigi.IntParameter = luigi.IntParameter()
    n_folds: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"fit pooled model {self.half} fold {self.fold}"

    def requires(self) -> Requires:
        """Need the questions and their answers."""
        return {"questions": FindQuestions(questions=self.questions), "answers": answer_tasks(self.questions)}

    def write(self, folder: Path) -> None:
        """Write the model."""
        questions = read_questions(self.load("questions")).questions
        model = fit_pooled(
            [read_answers(answers) for answers in self.load("answers")],
            questions=[place for place, question in enumerate(questions) if question.half == self.half],
            fold=self.fold,
            n_folds=self.n_folds,
            context=FitContext(
                seed=derive_seed(0, "pooled", self.half, self.fold), n_threads=self.n_threads, tracker=SilentTracker()
            ),
        )
        model.save(folder)
