"""The written form of a feature set of roles."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from yule.config.forms.checks import (
    Fault,
    check_download,
    check_has_time,
    checked,
    find_column_faults,
    find_repeated,
)
from yule.config.forms.features.joins import check_joined_condition, find_join_faults, with_joined_columns
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.config.forms.values import Duration
from yule.downloads.settings import Method
from yule.features.settings import Join, RoleFeatures


def find_items_faults(items: tuple[str, ...], method: Method) -> Iterable[Fault]:
    """Find columns that cannot say what events are of: they must be text or whole numbers, and not the user."""
    for index, name in enumerate(items):
        if name == method.user:
            yield Fault(at=(index,), message=f"{name!r} is the user of {method.name}; name columns that hold what")
        else:
            yield from find_column_faults(name, method, ("string", "integer"), at=(index,))


def find_amount_faults(of: str | None, method: Method) -> Iterable[Fault]:
    """Find out whether a column cannot be added up."""
    return () if of is None else find_column_faults(of, method, ("integer", "number"))


class RoleFeaturesForm(BaseModel):
    """A feature set of a user's history of one question. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["roles"]
    download: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        RoleFeatures, "download", example="purchases"
    )
    joins: Annotated[tuple[Join, ...], AfterValidator(find_join_faults)] = like(RoleFeatures, "joins")
    where: Annotated[str | None, AfterValidator(check_joined_condition)] = like(RoleFeatures, "where")
    of: Annotated[str | None, with_joined_columns(find_amount_faults)] = like(RoleFeatures, "of", example="price")
    within: Duration = like(RoleFeatures, "within", example="28 days")
    items: Annotated[tuple[str, ...], with_joined_columns(find_items_faults), checked(find_repeated)] = like(
        RoleFeatures, "items", example="[product_category]"
    )
    min_users: int = like(RoleFeatures, "min_users")
    proposed: bool = like(RoleFeatures, "proposed")

    def settings(self, name: str) -> RoleFeatures:
        """Return the feature set."""
        return RoleFeatures(
            name=name,
            download=self.download,
            joins=self.joins,
            where=self.where,
            of=self.of,
            within=self.within,
            items=self.items,
            min_users=self.min_users,
            proposed=self.proposed,
        )
