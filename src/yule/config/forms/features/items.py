"""The written form of a feature set of embeddings of items."""

from collections.abc import Iterable
from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel

from yule.config.forms.checks import (
    NUMBERS,
    Fault,
    check_download,
    check_has_time,
    checked,
    checked_with,
    find_column_faults,
    find_condition_faults,
    find_repeated,
)
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.config.forms.values import Window
from yule.downloads.settings import Method
from yule.features.settings import ItemFeatures


def find_item_faults(item: str, method: Method) -> Iterable[Fault]:
    """Find out whether a column can hold items: text or whole numbers, and not the user."""
    if item == method.user:
        yield Fault(message=f"{item!r} is the user of {method.name}: who is no item; name the column that holds what")
    else:
        yield from find_column_faults(item, method, ("string", "integer"))


def find_weight_faults(weight: str | None, method: Method) -> Iterable[Fault]:
    """Find out whether a column can be summed."""
    return () if weight is None else find_column_faults(weight, method, NUMBERS)


class ItemFeaturesForm(BaseModel):
    """A feature set of embeddings of the items a user touched. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["items"]
    download: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        ItemFeatures, "download", example="purchases"
    )
    where: Annotated[str | None, checked_with("download", find_condition_faults)] = like(ItemFeatures, "where")
    item: Annotated[str, checked_with("download", find_item_faults)] = like(ItemFeatures, "item", example="product_id")
    weight: Annotated[str | None, checked_with("download", find_weight_faults)] = like(ItemFeatures, "weight")
    windows: Annotated[tuple[Window, ...], MinLen(1), checked(find_repeated)] = like(ItemFeatures, "windows")
    dimensions: int = like(ItemFeatures, "dimensions")
    top: int = like(ItemFeatures, "top")
    min_users: int = like(ItemFeatures, "min_users")
    proposed: bool = like(ItemFeatures, "proposed")

    def settings(self, name: str) -> ItemFeatures:
        """Return the feature set."""
        return ItemFeatures(
            name=name,
            download=self.download,
            where=self.where,
            item=self.item,
            weight=self.weight,
            windows=self.windows,
            dimensions=self.dimensions,
            top=self.top,
            min_users=self.min_users,
            proposed=self.proposed,
        )
