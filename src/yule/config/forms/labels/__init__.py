"""The written form of a case's labels: a plain list of forms, one file for each source of labels.

A new one is a file with its form, its rules and how it is written, its name here, and its word in :func:`find_form`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Tag

from yule.config.forms.labels.class_tables import ClassTableForm, write_class_table
from yule.config.forms.labels.classes import ClassRuleForm, write_class_rule
from yule.config.forms.labels.events import EventLabelsForm, write_rule
from yule.config.forms.labels.positives import PositiveListForm, write_positives
from yule.config.forms.labels.tables import LabelTableForm, write_table
from yule.core.settings import Json
from yule.labels.settings import ClassRule, ClassTable, EventRule, Labels, LabelTable, PositiveList


def find_form(written: object) -> str:
    """Say which form of labels is written.

    >>> find_form({"kind": "class", "download": "segments"})
    'class_table'
    """
    if not isinstance(written, dict):
        return "rule"
    if written.get("kind") == "positives":
        return "positives"
    source = "table" if {"download", "label"} & set(written) else "rule"
    return f"class_{source}" if written.get("kind") == "class" else source


LabelsForm: TypeAlias = Annotated[
    Annotated[EventLabelsForm, Tag("rule")]
    | Annotated[LabelTableForm, Tag("table")]
    | Annotated[PositiveListForm, Tag("positives")]
    | Annotated[ClassRuleForm, Tag("class_rule")]
    | Annotated[ClassTableForm, Tag("class_table")],
    Discriminator(find_form),
]

_WRITERS: Mapping[type[Labels], Callable[..., dict[str, Json]]] = {
    EventRule: write_rule,
    LabelTable: write_table,
    PositiveList: write_positives,
    ClassRule: write_class_rule,
    ClassTable: write_class_table,
}


def write_labels(labels: Labels) -> dict[str, Json]:
    """Return labels in the written form: as part of a case they give the same labels."""
    return _WRITERS[type(labels)](labels)
