"""The form of classes in a table."""

from typing import Annotated, Literal

from yule.config.forms.checks import checked, checked_with, find_repeated
from yule.config.forms.fields import like
from yule.config.forms.labels.classes import find_class_faults
from yule.config.forms.labels.given import GivenForm, write_when
from yule.core.settings import Json
from yule.labels.settings import ClassTable


class ClassTableForm(GivenForm):
    """Classes given in a table."""

    kind: Literal["class"] = like(ClassTable, "kind")
    label: Annotated[str, checked_with("download", find_class_faults)] = like(ClassTable, "label", example="segment")
    classes: Annotated[tuple[str, ...], checked(find_repeated)] = like(
        ClassTable, "classes", example="[loyal, new, gone]"
    )

    def settings(self) -> ClassTable:
        """Return the settings."""
        return ClassTable(download=self.download, label=self.label, classes=self.classes, cutoffs=self.expand_cutoffs())


def write_class_table(given: ClassTable) -> dict[str, Json]:
    """Return a table in the written form."""
    classes: list[Json] = list(given.classes)
    what: dict[str, Json] = {"kind": given.kind, "download": given.download, "label": given.label, "classes": classes}
    return what | write_when(given.cutoffs)
