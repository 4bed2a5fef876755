"""The written form of ``downloads/NAME.yaml``."""

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from yule.config.forms.checks import Fault, find_repeated, known, raise_faults, suggest_choice
from yule.config.forms.expectations import BandForm, Value, find_value_faults, is_value, settle_values
from yule.config.forms.fields import FORM, SHAPE, Version, like, version_field
from yule.config.forms.values import Duration
from yule.downloads.formats import find_format_problem
from yule.downloads.keeping.rows.expectations import Checks, ColumnChecks
from yule.downloads.settings import Column, Days, Engine, Method, Parameter, Pii, start_of_day, write_value
from yule.sql.columns import ColumnType

_BYTES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def parse_bytes(text: object) -> int:
    """Read a number of bytes.

    >>> parse_bytes("20 GB"), parse_bytes("500MB")
    (20000000000, 500000000)
    """
    match = re.fullmatch(r"([0-9]{1,6}) ?(MB|GB|TB)", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"a number of bytes is written like 500 MB, 20 GB or 1 TB, not {text!r}")
    return int(match[1]) * _BYTES[match[2]]


def parse_day(text: object) -> date:
    """Read a date.

    >>> parse_day("2024-01-01")
    datetime.date(2024, 1, 1)
    """
    try:
        if isinstance(text, str) and len(text) == len("2024-01-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"a day is written like 2024-01-01, not {text!r}")


def check_zone(name: str) -> str:
    """Refuse a time zone that is not known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; write one like Asia/Tokyo or UTC") from error
    return name


def check_source(name: str, info: ValidationInfo) -> str:
    """Refuse a source that the project does not have."""
    sources = known(info).sources
    if sources is not None and name not in sources:
        raise ValueError(f"project.yaml has no source {name!r}{suggest_choice(name, sources)}")
    return name


def check_encoding(name: str) -> str:
    """Refuse an encoding that is not known."""
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"there is no encoding {name!r}; write one like cp932, utf-16 or latin-1") from error


Bytes: TypeAlias = Annotated[
    int, BeforeValidator(parse_bytes), WithJsonSchema({"type": "string", "examples": ["20 GB"]})
]
Day: TypeAlias = Annotated[
    date, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "examples": ["2024-01-01"]})
]


class ColumnForm(BaseModel):
    """A column: its type, what it means, whether it says who a person is, and what is expected of its values."""

    model_config = FORM

    type: ColumnType = like(Column, "type", example="string")
    meaning: str = like(Column, "meaning")
    pii: Pii = like(Column, "pii")
    not_null: bool = like(ColumnChecks, "not_null")
    unique: bool = like(ColumnChecks, "unique")
    accepted_values: tuple[Value, ...] = like(ColumnChecks, "accepted_values")
    min: Value | None = like(ColumnChecks, "min", example="0")
    max: Value | None = like(ColumnChecks, "max", example="100")
    format: str = like(Column, "format", example='"%d.%m.%Y"')
    missing: tuple[Value, ...] = like(Column, "missing", example='["-", n/a]')
    since: Day | None = Field(None, description="First day on which every row has it.", examples=["2024-03-01"])
    until: Day | None = Field(None, description="First day on which rows may lack it again.", examples=["2025-01-01"])

    @property
    def checks(self) -> ColumnChecks:
        """What is expected of its values."""
        return ColumnChecks(
            not_null=self.not_null,
            unique=self.unique,
            accepted_values=tuple(write_value(value) for value in self.accepted_values),
            min=None if self.min is None else write_value(self.min),
            max=None if self.max is None else write_value(self.max),
        )

    def settings(self, name: str) -> Column:
        """Return the column."""
        return Column(
            name=name,
            type=self.type,
            meaning=self.meaning,
            pii=self.pii,
            since=None if self.since is None else start_of_day(self.since),
            until=None if self.until is None else start_of_day(self.until),
            format=self.format,
            missing=tuple(write_value(word) for word in self.missing),
        )


class ParameterForm(BaseModel):
    """A value that the SQL takes as `@name`."""

    model_config = FORM

    type: ColumnType = like(Parameter, "type", example="string")
    value: Value = Field(description="The value unless the caller gives another.", examples=["web"])
    meaning: str = like(Parameter, "meaning")

    def settings(self) -> Parameter:
        """Return the parameter."""
        return Parameter(type=self.type, value=write_value(self.value), meaning=self.meaning)


class DaysForm(BaseModel):
    """That a table grows by the day: each day is fetched once and kept."""

    model_config = FORM

    since: Day = like(Days, "since", example="2024-01-01")
    late_days: Annotated[int, Ge(0), Le(366)] = like(Days, "late_days")
    column: str | None = like(Days, "column")
    rewritten: Literal["warn", "refresh"] = like(Days, "rewritten")

    def settings(self) -> Days:
        """Return how the table grows."""
        return Days(since=self.since, late_days=self.late_days, column=self.column, rewritten=self.rewritten)


AnyColumn: TypeAlias = Annotated[Annotated[ColumnType, Tag("name")] | Annotated[ColumnForm, Tag("mapping")], SHAPE]


class DownloadForm(BaseModel):
    """One shared, named way to fetch a table. Its name is the name of the file; SQL may stand beside it."""

    model_config = FORM

    version: Version = version_field()
    description: str = Field(Method.description, description="One line for the reader.")
    owner: str = Field(Method.owner, description="Whom to ask.")
    source: Annotated[str, AfterValidator(check_source)] = like(Method, "source", example="shop")
    table: str = Field(
        Method.table,
        description="Table in the source; of files their name without suffix, or a path or glob below its path. "
        "Left out when the SQL in NAME.sql says what to read.",
        examples=["purchases.parquet"],
    )
    parameters: Mapping[str, ParameterForm] = Field(
        {}, description="What the SQL takes as `@name`.", examples=["{site: {type: string, value: web}}"]
    )
    user: str | None = Field(None, description="Column that holds the user id.", examples=["customer_id"])
    item: str | None = Field(
        None, description="In place of `user`, of a table of items: the column that holds the item id."
    )
    time: str | None = like(Method, "time")
    time_zone: Annotated[str, AfterValidator(check_zone)] = like(Method, "time_zone")
    encoding: Annotated[str, AfterValidator(check_encoding)] | None = Field(
        None, description="Encoding of CSV files that are not UTF-8.", examples=["cp932"]
    )
    days: DaysForm | None = like(Method, "days")
    columns: Mapping[str, AnyColumn] = Field(
        description="The columns to fetch and their types. User and time are added where they are left out.",
        examples=["{department: string, sales_value: number}"],
    )
    max_bytes: Bytes | None = like(Method, "max_bytes")
    unique: tuple[str, ...] = like(Checks, "unique", example="[order_id, line]")
    rows_per_day: BandForm | None = like(Checks, "rows_per_day", example="{min: 1000, max: 50000}")
    warn_after: Duration | None = like(Method, "warn_after", example="2 days")

    @model_validator(mode="after")
    def _check_columns(self) -> "DownloadForm":
        raise_faults(self._find_faults())
        return self

    @property
    def key(self) -> str:
        """The column that tells what a row is about."""
        return self.user or self.item or ""

    def settings(self, name: str, sql: Mapping[Engine, str]) -> Method:
        """Return the method. The user's column comes first, then the time's, then the others as written.

        Parameters
        ----------
        name
            Its name.
        sql
            What stands beside its file, by engine.
        """
        written = {column: self._column(column) for column in self.columns}
        added = {self.key: Column(name=self.key, type="string")}
        if self.time is not None:
            added[self.time] = Column(name=self.time, type="timestamp")
        return Method(
            name=name,
            source=self.source,
            table=self.table,
            sql=dict(sql),
            parameters={key: parameter.settings() for key, parameter in self.parameters.items()},
            user=self.key,
            about="users" if self.item is None else "items",
            time=self.time,
            time_zone=self.time_zone,
            encoding=self.encoding or "",
            days=self.days.settings() if self.days else None,
            columns=tuple((added | written).values()),
            max_bytes=self.max_bytes,
            description=self.description,
            owner=self.owner,
            checks=self._checks,
            warn_after=self.warn_after,
        )

    @property
    def _checks(self) -> Checks | None:
        """What is expected of the data; None for nothing."""
        written = {
            name: column.checks if name == self.key else settle_values(column.checks, column.type)
            for name, column in self.columns.items()
            if isinstance(column, ColumnForm)
        }
        checks = Checks(
            columns={name: expected for name, expected in written.items() if expected != ColumnChecks()},
            unique=self.unique,
            rows_per_day=self.rows_per_day.settings() if self.rows_per_day else None,
        )
        return None if checks == Checks() else checks

    def _column(self, name: str) -> Column:
        column = self.columns[name]
        if isinstance(column, ColumnForm):
            return column.settings(name)
        return Column(name=name, type=column)

    def _find_faults(self) -> Iterable[Fault]:
        if (self.user is None) == (self.item is None):
            yield Fault(
                message="the key 'user' is missing; write e.g. user: customer_id, or of items item: product_id"
                if self.user is None
                else "a table is about users or about items: write either 'user' or 'item'"
            )
            return
        if self.item is not None and self.time is not None:
            yield Fault(at=("time",), message="a table of items has one row per item and no time; drop this")
        if self.key == self.time:
            what = "user" if self.user else "item"
            yield Fault(
                at=("time",), message=f"{self.time!r} is the {what} already; name the column with the time, or none"
            )
        if self.key in self.columns and self._column(self.key).type not in ("string", "integer"):
            yield Fault(at=("columns", self.key), message="an id is a string or an integer")
        if self.time is not None and self.time in self.columns:
            yield from self._find_time_faults(self.time)
        if self.days is not None and self.time is None:
            yield Fault(at=("days",), message="a table that grows by the day needs a `time`; add it, or drop this")
        for name in self.columns:
            if self._column(name).pii == "hash" and self._column(name).type != "string" and name != self.key:
                yield Fault(at=("columns", name, "pii"), message="a digest is a text: declare the column as a string")
            if self._column(name).pii == "deny" and name in (self.key, self.time):
                yield Fault(at=("columns", name, "pii"), message="user and time are always fetched; write `hash` or no")
        for name in self.columns:
            yield from self._find_period_faults(self._column(name))
            yield from self._find_format_faults(self._column(name))
        for name, parameter in self.parameters.items():
            yield from _find_parameter_faults(name, parameter)
        yield from self._find_check_faults()

    def _find_check_faults(self) -> Iterable[Fault]:
        for name, column in self.columns.items():
            if isinstance(column, ColumnForm):
                kind = None if name == self.key else column.type
                faults = find_value_faults(column.checks, kind, is_digest=column.pii == "hash")
                yield from (replace(fault, at=("columns", name, *fault.at)) for fault in faults)
        there = {*self.columns, self.key, *([self.time] if self.time else [])}
        for index, name in enumerate(self.unique):
            if name not in there:
                yield Fault(at=("unique", index), message=f"there is no column {name!r}{suggest_choice(name, there)}")
        yield from find_repeated(self.unique, ("unique",))
        if self.rows_per_day is not None and self.days is None:
            yield Fault(at=("rows_per_day",), message="only a table with `days` has these; add `days`, or drop this")

    def _find_period_faults(self, column: Column) -> Iterable[Fault]:
        at = ("columns", column.name, "since" if column.since else "until")
        if column.is_dated and self.time is None:
            yield Fault(at=at, message="a table without a `time` has no rows before or after a day; drop this")
        elif column.is_dated and column.name in (self.key, self.time):
            yield Fault(at=at, message="every row has a user and a time; drop this")
        elif column.since and column.until and column.since >= column.until:
            yield Fault(at=at, message="`since` is before `until`")

    def _find_format_faults(self, column: Column) -> Iterable[Fault]:
        problem = find_format_problem(column.type, column.format) if column.format else ""
        if column.name == self.key and (column.format or column.missing):
            key = "format" if column.format else "missing"
            yield Fault(at=("columns", column.name, key), message="an id is read as it is written; drop this")
        elif problem:
            yield Fault(at=("columns", column.name, "format"), message=problem)

    def _find_time_faults(self, name: str) -> Iterable[Fault]:
        kind = self._column(name).type
        if kind not in ("timestamp", "date"):
            yield Fault(at=("columns", name), message="a time is a timestamp or a date")
        if kind == "date" and self.time_zone != "UTC":
            message = "a date in a time zone of its own is an instant: declare it as a timestamp"
            yield Fault(at=("columns", name), message=message)
        if self._column(name).pii == "hash":
            yield Fault(at=("columns", name, "pii"), message="a time cannot be a digest")


def _find_parameter_faults(name: str, parameter: ParameterForm) -> Iterable[Fault]:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in ("since", "until", "users"):
        message = f"{name!r} cannot name a parameter; since, until and users are given, others are letters and digits"
        yield Fault(at=("parameters", name), message=message)
    if not is_value(parameter.type, parameter.value):
        yield Fault(at=("parameters", name, "value"), message=f"{parameter.value!r} is no {parameter.type}")
