"""The written form of a feature set of texts."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from yule.config.forms.checks import (
    Fault,
    check_download,
    checked,
    checked_with,
    find_column_faults,
    find_condition_faults,
    find_repeated,
    find_time_faults,
)
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.config.forms.values import Window
from yule.downloads.settings import Method
from yule.features.settings import Terms, TextFeatures


def find_text_faults(columns: tuple[str, ...], method: Method) -> Iterable[Fault]:
    """Find columns that are not there, are no text, or say who rather than what."""
    for index, column in enumerate(columns):
        if column == method.user:
            yield Fault(
                at=(index,), message=f"{column!r} is the user of {method.name}: no text to learn from; leave it out"
            )
        else:
            yield from find_column_faults(column, method, ("string",), at=(index,))


def find_text_window_faults(windows: tuple[timedelta | None, ...], method: Method) -> Iterable[Fault]:
    """Find out whether a method has the time that windows need."""
    return find_time_faults(windows or None, method)


class TextFeaturesForm(BaseModel):
    """A feature set of what a user's texts are about. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["text"]
    download: Annotated[str, AfterValidator(check_download)] = like(TextFeatures, "download", example="reviews")
    where: Annotated[str | None, checked_with("download", find_condition_faults)] = like(TextFeatures, "where")
    columns: Annotated[tuple[str, ...], checked_with("download", find_text_faults), checked(find_repeated)] = like(
        TextFeatures, "columns", example="[title, body]"
    )
    windows: Annotated[
        tuple[Window, ...], checked_with("download", find_text_window_faults), checked(find_repeated)
    ] = like(TextFeatures, "windows")
    terms: Terms = like(TextFeatures, "terms")
    dimensions: int = like(TextFeatures, "dimensions")
    top: int = like(TextFeatures, "top")
    min_users: int = like(TextFeatures, "min_users")

    def settings(self, name: str) -> TextFeatures:
        """Return the feature set."""
        return TextFeatures(
            name=name,
            download=self.download,
            where=self.where,
            columns=self.columns,
            windows=self.windows,
            terms=self.terms,
            dimensions=self.dimensions,
            top=self.top,
            min_users=self.min_users,
        )
