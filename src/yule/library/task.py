"""A download as a gokart task, for any pipeline."""

import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import luigi
import pyarrow as pa
import pyarrow.dataset as ds

from yule.config.finding import load_project
from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.downloads.keeping.fetch import select, specify
from yule.downloads.keeping.rows.normalise import output_schema
from yule.downloads.keeping.task import DownloadTable, TableTarget
from yule.downloads.settings import Method, Parameter, start_of_day, write_value
from yule.downloads.specs import Fetching, Payer, TableSpec
from yule.runtime.cores import count_cores
from yule.storage.opening import open_store
from yule.storage.uses import use_until_exit


class DatasetTarget(TableTarget):
    """The target of :class:`Download`: what it loads is a :class:`pyarrow.dataset.Dataset`."""

    def __init__(self, task: "Download") -> None:
        self._workspace = str(task.workspace_directory)
        store = open_store(self._workspace)
        super().__init__(store, f"cache/{task.task_family}/{task.unique_id}")
        self._period = {
            ">=": datetime.fromisoformat(task.since) if task.since else None,
            "<": datetime.fromisoformat(task.until) if task.until else None,
        }
        self._time = task.spec.method.time
        self._schema = output_schema(task.spec.query)

    def _load(self) -> ds.Dataset:
        use_until_exit(self._workspace)  # its rows are read whenever whoever has it likes
        # With its schema: outputs of earlier versions list days that others fetched with more columns.
        dataset = ds.dataset(self.load_files(), schema=self._schema)
        if self._time is None:
            return dataset
        time = ds.field(self._time)
        for sign, instant in self._period.items():
            if instant is not None:
                bound = pa.scalar(instant, pa.timestamp("us", tz="UTC")).cast(dataset.schema.field(self._time).type)
                dataset = dataset.filter(time >= bound if sign == ">=" else time < bound)
        return dataset


class Download(DownloadTable):
    """Fetch a table by a method of the library; make one with :func:`download`.

    Its value, ``task.output().load()`` and what ``self.load()`` gives to the tasks that require it, is a
    :class:`pyarrow.dataset.Dataset` of Parquet files: ``.to_table()`` gives Arrow, ``.to_batches()`` streams, and
    DuckDB, polars and pandas read it.

    Parameters
    ----------
    table
        JSON of a :class:`~yule.downloads.specs.TableSpec`.
    since, until
        Rows in this half-open period, ISO 8601; empty for no bound.
    fetching
        JSON of a :class:`~yule.downloads.specs.Fetching`; does not key the task.
    """

    since: luigi.Parameter[str] = luigi.Parameter(default="")
    until: luigi.Parameter[str] = luigi.Parameter(default="")
    fetching: luigi.Parameter[str] = luigi.Parameter(significant=False)

    def output(self) -> DatasetTarget:
        """See :class:`~yule.storage.task.Task`."""
        return DatasetTarget(self)

    def find_fetching(self) -> Fetching:
        """See :class:`~yule.downloads.keeping.task.DownloadTable`."""
        return from_json(Fetching, self.fetching)

    @property
    def n_threads(self) -> int:
        """All cores: the pipeline around it is not ours."""
        return count_cores()


def download(  # noqa: PLR0913 - the arguments of the library
    name: str,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    columns: Sequence[str] | None = None,
    users: Sequence[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    labels: Mapping[str, str] | None = None,
    project: str | Path | None = None,
    profile: str | None = None,
) -> Download:
    """Return the gokart task that fetches a table.

    Parameters
    ----------
    name
        The method: ``downloads/NAME.yaml`` of the project, or of a library that it names.
    since, until
        Rows in this half-open period: dates or instants, UTC unless they say otherwise. None for no bound; of a table
        that grows by the day the last row is before today's midnight in UTC.
    columns
        The columns that are wanted, in this order; those of user and time always come along, first unless they are
        named. None for all that say nothing of who a person is.
    users
        Only rows of these users.
    parameters
        Values for the method's parameters.
    labels
        Written on the bill, by name: in the workspace's ledger, and on the source's job. ``run`` and ``case`` say in
        whose name it is booked, as of a run of Yule: `yule downloads cost` adds them up, and the budget of a run
        holds. They do not key the task.
    project
        The project's folder; None for the one around the current folder.
    profile
        A profile of its ``project.yaml``; None for that of the variable ``YULE_PROFILE``, or none.

    Raises
    ------
    ConfigError
        If a file of the project is wrong.
    DataError
        If there is no such method, column or parameter, or its data are not at hand.
    """
    found = load_project(profile, project)
    _check_name(name, found)
    method = _with_parameters(found.downloads[name], parameters or {})
    _check_labels(name, labels or {})
    _check_users(name, users)
    _check_columns(method, columns or ())
    fetching = _bill(found.fetching, name, labels or {})
    start, end = _parse(since), _parse(until)
    spec = select(specify(method, fetching, open_store(found.workspace)), columns)
    spec = _within(spec, start, end) if method.days is not None else spec
    if users is not None:
        spec = replace(spec, since=start, until=end or spec.until, users=tuple(users))
    return Download(
        table=to_json(spec),
        since=start.isoformat() if start else "",
        until=end.isoformat() if end else "",
        fetching=to_json(fetching),
        workspace_directory=found.workspace,
    )


def _check_name(name: str, project: Project) -> None:
    if name not in project.downloads:
        known = ", ".join(sorted(project.downloads))
        raise DataError(f"There is no method {name!r} in {project.root}; there are {known}.")


def _check_columns(method: Method, columns: Sequence[str]) -> None:
    unknown = sorted({*columns} - {column.name for column in method.columns})
    if unknown:
        known = ", ".join(column.name for column in method.columns)
        raise DataError(f"{method.name} has no column {', '.join(map(repr, unknown))}; it has {known}.")


def _check_labels(method: str, labels: Mapping[str, str]) -> None:
    """Refuse labels that could not be written on every bill under their own names."""
    wrong = [
        f"the label {name!r}: its name must be of small letters, digits, - and _, a letter first, at most 63"
        for name in labels
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name)
    ]
    wrong += [
        f"the label {name!r}: its value is {labels[name]!r}, no text" for name in labels if not _is_text(labels[name])
    ]
    wrong += ["the label 'method': it is the method's own name"] * ("method" in labels)
    if wrong:
        raise DataError(f"{method} cannot be fetched with {'; '.join(wrong)}. Correct `labels`.")


def _check_users(method: str, users: Sequence[str] | None) -> None:
    if isinstance(users, str) or not all(_is_text(user) for user in users or ()):
        raise DataError(f"{method}: `users` is {reprlib.repr(users)}; it must be a list of texts, such as ['10', '3'].")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _bill(fetching: Fetching, method: str, labels: Mapping[str, str]) -> Fetching:
    """Return what downloads are told, with the labels of the caller."""
    payer = Payer(run=labels.get("run", ""), case=labels.get("case", ""))
    others = {name: value for name, value in labels.items() if name not in ("run", "case")}
    return replace(fetching, payers={method: (payer,)} if payer != Payer() else {}, labels=others)


def _within(spec: TableSpec, since: datetime | None, until: datetime | None) -> TableSpec:
    """Return the whole days around a period."""
    spec = spec if until is None else spec.before(until)
    return spec if since is None else spec.since_day_of(since)


def _with_parameters(method: Method, values: Mapping[str, object]) -> Method:
    unknown = sorted(values.keys() - method.parameters.keys())
    if unknown:
        known = ", ".join(sorted(method.parameters)) or "none"
        raise DataError(f"{method.name} has no parameter {', '.join(map(repr, unknown))}; it has {known}.")
    changed = {name: _change(method.name, name, method.parameters[name], value) for name, value in values.items()}
    return replace(method, parameters=method.parameters | changed)


def _change(method: str, name: str, parameter: Parameter, value: object) -> Parameter:
    changed = replace(parameter, value=write_value(value))
    try:
        changed.parse()
    except ValueError as error:
        raise DataError(f"{method}: the parameter {name} is {value!r}, which is no {parameter.type}.") from error
    return changed


def _parse(instant: str | date | None) -> datetime | None:
    if instant is None:
        return None
    found = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if not isinstance(found, datetime):
        found = start_of_day(found)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
