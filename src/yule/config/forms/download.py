"""The written form of ``downloads/NAME.yaml``."""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, Field, Tag, model_validator

from yule.config.forms.checks import Fault, check_source, raise_faults
from yule.config.forms.fields import FORM, SHAPE, Version, like, version_field
from yule.downloads.settings import Column, ColumnType, Method


class ColumnForm(BaseModel):
    """A column: its type and what it means."""

    model_config = FORM

    type: ColumnType = like(Column, "type", example="string")
    meaning: str = like(Column, "meaning")


AnyColumn: TypeAlias = Annotated[Annotated[ColumnType, Tag("name")] | Annotated[ColumnForm, Tag("mapping")], SHAPE]


class DownloadForm(BaseModel):
    """One shared, named way to fetch a table. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    description: str = Field(Method.description, description="One line for the reader.")
    owner: str = Field(Method.owner, description="Whom to ask.")
    source: Annotated[str, AfterValidator(check_source)] = like(Method, "source", example="shop")
    table: str = like(Method, "table", example="purchases.parquet")
    user: str = like(Method, "user", example="customer_id")
    time: str | None = like(Method, "time")
    columns: Mapping[str, AnyColumn] = Field(
        description="The columns to fetch and their types. User and time are added where they are left out.",
        examples=["{department: string, sales_value: number}"],
    )

    @model_validator(mode="after")
    def _check_user_and_time(self) -> "DownloadForm":
        raise_faults(self._find_faults())
        return self

    def settings(self, name: str) -> Method:
        """Return the method. The user's column comes first, then the time's, then the others as written."""
        written = {column: self._column(column) for column in self.columns}
        added = {self.user: Column(name=self.user, type="string")}
        if self.time is not None:
            added[self.time] = Column(name=self.time, type="timestamp")
        return Method(
            name=name,
            source=self.source,
            table=self.table,
            user=self.user,
            time=self.time,
            columns=tuple((added | written).values()),
            description=self.description,
            owner=self.owner,
        )

    def _column(self, name: str) -> Column:
        column = self.columns[name]
        if isinstance(column, ColumnForm):
            return Column(name=name, type=column.type, meaning=column.meaning)
        return Column(name=name, type=column)

    def _find_faults(self) -> Iterable[Fault]:
        if self.user == self.time:
            yield Fault(
                at=("time",), message=f"{self.time!r} is the user already; name the column with the time, or none"
            )
        if self.user in self.columns and self._column(self.user).type not in ("string", "integer"):
            yield Fault(at=("columns", self.user), message="a user id is a string or an integer")
        if (
            self.time is not None
            and self.time in self.columns
            and self._column(self.time).type not in ("timestamp", "date")
        ):
            yield Fault(at=("columns", self.time), message="a time is a timestamp or a date")
