"""The form of a rule that tells which of several classes most of a user's events are of."""

from collections.abc import Iterable
from typing import Annotated, Literal

from yule.config.forms.checks import Fault, checked, checked_with, find_column_faults, find_repeated
from yule.config.forms.fields import like
from yule.config.forms.labels.rules import RuleForm, write_when
from yule.core.settings import Json
from yule.downloads.settings import Method
from yule.labels.settings import NONE, ClassRule
from yule.sql.columns import ColumnType

LISTED_TYPES: tuple[ColumnType, ...] = ("string", "integer", "boolean")
"""Types of the columns whose values can be listed as classes."""


def find_class_faults(column: str, method: Method) -> Iterable[Fault]:
    """Find out whether a column can hold classes."""
    return find_column_faults(column, method, LISTED_TYPES)


def find_reserved(classes: tuple[str, ...]) -> Iterable[Fault]:
    """Find a class that has the name of those who have none."""
    for index, name in enumerate(classes):
        if name == NONE:
            yield Fault(
                at=(index,), message=f"{NONE!r} is the class of users without any such event; leave it out here"
            )


class ClassRuleForm(RuleForm):
    """A rule: a user is of the class that most of the events within a horizon have; of `none` without any."""

    kind: Literal["class"] = like(ClassRule, "kind")
    of: Annotated[str, checked_with("event", find_class_faults)] = like(ClassRule, "of", example="department")
    classes: Annotated[tuple[str, ...], checked(find_repeated), checked(find_reserved)] = like(
        ClassRule, "classes", example="[BEER, WINE, SPIRITS]"
    )

    def settings(self) -> ClassRule:
        """Return the rule."""
        return ClassRule(
            event=self.event,
            of=self.of,
            classes=self.classes,
            where=self.where,
            within=self.within,
            cutoffs=self.expand_cutoffs(),
        )


def write_class_rule(rule: ClassRule) -> dict[str, Json]:
    """Return a rule in the written form."""
    classes: list[Json] = list(rule.classes)
    return {"kind": rule.kind, "event": rule.event, "of": rule.of, "classes": classes, **write_when(rule)}
