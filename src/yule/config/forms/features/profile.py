"""The written form of a feature set of columns taken as they are."""

from collections.abc import Iterable
from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel

from yule.config.forms.checks import Fault, check_download, checked, checked_with, find_column_faults, find_repeated
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.downloads.settings import Method
from yule.features.settings import DatePart, ProfileFeatures


def find_profile_faults(columns: tuple[str, ...], method: Method) -> Iterable[Fault]:
    """Find columns that are not there, or say who and when rather than what."""
    for index, column in enumerate(columns):
        if column in (method.user, method.time):
            yield Fault(
                at=(index,), message=f"{column!r} is the user or the time of {method.name}: no feature; leave it out"
            )
        else:
            yield from find_column_faults(column, method, None, at=(index,))


class ProfileFeaturesForm(BaseModel):
    """A feature set of columns taken as they are, from a table of users. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["profile"]
    download: Annotated[str, AfterValidator(check_download)] = like(ProfileFeatures, "download", example="households")
    # Left out they are all columns; an empty list would say none.
    columns: Annotated[
        tuple[str, ...], MinLen(1), checked_with("download", find_profile_faults), checked(find_repeated)
    ] = like(ProfileFeatures, "columns")
    dates: Annotated[tuple[DatePart, ...], checked(find_repeated)] = like(
        ProfileFeatures, "dates", example="[hour, weekday, month, differences]"
    )
    proposed: bool = like(ProfileFeatures, "proposed")

    def settings(self, name: str) -> ProfileFeatures:
        """Return the feature set."""
        return ProfileFeatures(
            name=name, download=self.download, columns=self.columns, dates=self.dates, proposed=self.proposed
        )
