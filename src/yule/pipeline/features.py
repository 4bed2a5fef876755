"""Steps: learn the vocabulary or the factors of a feature set, compute it at a cut-off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import luigi

from yule.core.settings import from_json, to_json
from yule.downloads.keeping.fetch import narrow
from yule.downloads.keeping.task import DownloadTable, Reader
from yule.features.columns import FEATURES
from yule.features.embeddings.factors import read_factors, write_factors
from yule.features.embeddings.items import learn_items, write_item_features
from yule.features.embeddings.texts import learn_terms, write_text_features
from yule.features.events.write import write_event_features
from yule.features.profile import write_profile_features
from yule.features.roles.activity import write_activity
from yule.features.roles.column import learn_column, read_column
from yule.features.roles.write import write_role_features
from yule.features.settings import (
    EventFeatures,
    FeatureSpec,
    ItemFeatures,
    ProfileFeatures,
    RoleFeatures,
    TextFeatures,
)
from yule.features.vocabulary import Vocabulary, read_vocabulary, write_vocabulary
from yule.pipeline.feature_sets import name_columns
from yule.sql.conditions import is_local
from yule.storage.task import Requires

REVISION, LEARNED_REVISION = 3, 2
"""Of features, and of what is learned for them, unless the set says otherwise: see :func:`find_revision`."""


class LearnVocabulary(Reader):
    """Find the most frequent values that a feature set's shares get columns for.

    Parameters
    ----------
    features
        JSON of a :class:`~yule.features.settings.FeatureSpec`.
    """

    step = "features"

    features: luigi.Parameter[str] = luigi.Parameter()
    revision: luigi.IntParameter = luigi.IntParameter(default=LEARNED_REVISION)

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"vocabulary of {from_json(FeatureSpec, self.features).settings.name}"

    def requires(self) -> Requires:
        """Need the tables."""
        return {"tables": read_tables(from_json(FeatureSpec, self.features))}

    def write(self, folder: Path) -> None:
        """Write ``vocabulary.json``."""
        spec = from_json(FeatureSpec, self.features)
        write_vocabulary(spec, self.load_tables("tables"), folder=folder, n_threads=self.n_threads)


class LearnFactors(Reader):
    """Find which items, or which terms of texts, go together.

    Parameters
    ----------
    features
        JSON of a :class:`~yule.features.settings.FeatureSpec` of items or text.
    """

    step = "features"

    features: luigi.Parameter[str] = luigi.Parameter()
    revision: luigi.IntParameter = luigi.IntParameter(default=LEARNED_REVISION)

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"factors of {from_json(FeatureSpec, self.features).settings.name}"

    def requires(self) -> Requires:
        """Need the table."""
        return {"table": DownloadTable(table=to_json(from_json(FeatureSpec, self.features).table))}

    def write(self, folder: Path) -> None:
        """Write ``factors.json`` and ``factors.safetensors``."""
        spec = from_json(FeatureSpec, self.features)
        learn = learn_items if isinstance(spec.settings, ItemFeatures) else learn_terms
        factors = learn(spec, self.load_table("table"), scratch=folder.parent, n_threads=self.n_threads)
        write_factors(factors, folder)


class LearnColumn(Reader):
    """Find which column of a log says what its events are of, for the roles of questions.

    Parameters
    ----------
    features
        JSON of a :class:`~yule.features.settings.FeatureSpec` of roles.
    """

    step = "features"

    features: luigi.Parameter[str] = luigi.Parameter()
    revision: luigi.IntParameter = luigi.IntParameter(default=3)

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"what events of {from_json(FeatureSpec, self.features).settings.download} are of"

    def requires(self) -> Requires:
        """Need the tables."""
        return {"tables": read_tables(from_json(FeatureSpec, self.features))}

    def write(self, folder: Path) -> None:
        """Write ``column.json``."""
        spec = from_json(FeatureSpec, self.features)
        tables = self.load_tables("tables")
        learn_column(spec, tables, folder=folder, scratch=folder.parent, n_threads=self.n_threads)


class CountActivity(Reader):
    """Count what users do at all as of one cut-off. No question is part of it, so the roles of all of them share it.

    Parameters
    ----------
    features
        JSON of a :class:`~yule.features.settings.FeatureSpec` of roles that asks for nothing.
    cutoff
        The cut-off, ISO 8601.
    """

    step = "features"

    features: luigi.Parameter[str] = luigi.Parameter()
    cutoff: luigi.Parameter[str] = luigi.Parameter()

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"CountActivity/{from_json(FeatureSpec, self.features).settings.download}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"activity of {from_json(FeatureSpec, self.features).settings.download} at {self.cutoff[:10]}"

    def requires(self) -> Requires:
        """Need the tables, and which column says what events are of."""
        spec = from_json(FeatureSpec, self.features)
        tables: dict[str, Requires] = {"tables": read_tables(spec)}
        return tables | {"column": LearnColumn(features=to_json(spec.learned))} if spec.learn_from else tables

    def write(self, folder: Path) -> None:
        """Write the files of :mod:`yule.features.roles.activity`."""
        spec = from_json(FeatureSpec, self.features)
        write_activity(
            spec,
            self.load_tables("tables"),
            item=read_column(self.load("column")) if spec.learn_from else None,
            cutoff=datetime.fromisoformat(self.cutoff),
            folder=folder,
            n_threads=self.n_threads,
        )


class ComputeFeatures(Reader):
    """Compute one feature set for all users as of one cut-off. No case is part of it, so all cases share it.

    Parameters
    ----------
    features
        JSON of a :class:`~yule.features.settings.FeatureSpec`.
    cutoff
        The cut-off, ISO 8601.
    """

    step = "features"

    features: luigi.Parameter[str] = luigi.Parameter()
    cutoff: luigi.Parameter[str] = luigi.Parameter()
    revision: luigi.IntParameter = luigi.IntParameter(default=REVISION)

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"ComputeFeatures/{from_json(FeatureSpec, self.features).settings.name}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"features {from_json(FeatureSpec, self.features).settings.name} at {self.cutoff[:10]}"

    def requires(self) -> Requires:
        """Need the tables, and what the set has learned."""
        spec = from_json(FeatureSpec, self.features)
        tables: dict[str, Requires] = {"tables": read_tables(spec)}
        if isinstance(spec.settings, RoleFeatures):
            tables["activity"] = activity_task(spec, datetime.fromisoformat(self.cutoff))
        match learn_for(spec):
            case None:
                return tables
            case LearnColumn() as column:
                return tables | {"column": column}
            case LearnVocabulary() as vocabulary:
                return tables | {"vocabulary": vocabulary}
            case factors:
                return tables | {"factors": factors}

    def write(self, folder: Path) -> None:
        """Write ``features.parquet``."""
        spec = from_json(FeatureSpec, self.features)
        tables = self.load_tables("tables")
        cutoff = datetime.fromisoformat(self.cutoff)
        if isinstance(spec.settings, EventFeatures):
            vocabulary = read_vocabulary(self.load("vocabulary")) if spec.learn_from else Vocabulary()
            write_event_features(
                spec, tables, vocabulary=vocabulary, cutoff=cutoff, folder=folder, n_threads=self.n_threads
            )
        elif isinstance(spec.settings, ItemFeatures):
            factors = read_factors(self.load("factors"))[spec.settings.item]
            write_item_features(
                spec, tables[0], factors=factors, cutoff=cutoff, folder=folder, n_threads=self.n_threads
            )
        elif isinstance(spec.settings, RoleFeatures):
            item = read_column(self.load("column")) if spec.learn_from else None
            write_role_features(
                spec,
                tables,
                item=item,
                activity=self.load("activity"),
                cutoff=cutoff,
                folder=folder,
                n_threads=self.n_threads,
            )
        elif isinstance(spec.settings, TextFeatures):
            terms = read_factors(self.load("factors"))
            write_text_features(spec, tables[0], factors=terms, cutoff=cutoff, folder=folder, n_threads=self.n_threads)
        else:
            write_profile_features(spec, tables[0], cutoff=cutoff, folder=folder, n_threads=self.n_threads)


Learning: TypeAlias = LearnVocabulary | LearnFactors | LearnColumn


def learn_for(spec: FeatureSpec) -> Learning | None:
    """Return the task that learns what a feature set needs before it can be computed; None if that is nothing."""
    if not spec.learn_from:
        return None
    learned, revision = to_json(spec.learned), find_revision(spec, LEARNED_REVISION)
    if isinstance(spec.settings, RoleFeatures):
        return LearnColumn(features=learned)
    if isinstance(spec.settings, EventFeatures):
        return LearnVocabulary(features=learned, revision=revision)
    return LearnFactors(features=learned, revision=revision)


def read_tables(spec: FeatureSpec) -> list[Requires]:
    """Return the tasks that fetch what a feature set reads: its own table, then those it joins."""
    return [DownloadTable(table=to_json(table)) for table in (spec.table, *spec.joined)]


def features_at(specs: Sequence[FeatureSpec], cutoff: datetime) -> list[ComputeFeatures]:
    """Return the tasks of all feature sets at one cut-off."""
    return [
        ComputeFeatures(
            features=to_json(replace(spec, table=spec.table.before(cutoff))),
            cutoff=cutoff.isoformat(),
            revision=find_revision(spec, REVISION),
        )
        for spec in specs
    ]


def activity_task(spec: FeatureSpec, cutoff: datetime) -> CountActivity:
    """Return the task that counts what users do at all, for a feature set of roles as of a cut-off."""
    assert isinstance(spec.settings, RoleFeatures)
    settings = spec.settings.of_any_question()
    columns = (*name_columns(settings), *(join.by for join in settings.joins))
    bare = replace(
        spec,
        settings=settings,
        table=narrow(spec.table.before(cutoff), columns),
        joined=tuple(narrow(table, columns) for table in spec.joined),
    )
    return CountActivity(features=to_json(bare), cutoff=cutoff.isoformat())


def find_revision(spec: FeatureSpec, usual: int) -> int:
    """Return the revision of a set: conditions on times of another zone than UTC have changed what they mean."""
    where = None if isinstance(spec.settings, ProfileFeatures) else spec.settings.where
    return usual + is_local(where, spec.methods)


def feature_files(folders: Sequence[Path]) -> list[Path]:
    """Return the Parquet files in the folders of :class:`ComputeFeatures`."""
    return [folder / FEATURES for folder in folders]
