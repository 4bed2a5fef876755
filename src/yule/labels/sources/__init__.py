"""Where labels come from: a plain list, by what their settings are and what models of them are fitted by.

A new source is one file with its class, its settings, its name here, and one line in the contract tests.
"""

from collections.abc import Callable, Mapping

from yule.core.losses import Loss
from yule.labels.settings import ClassRule, ClassTable, EventRule, Labels, LabelTable, PositiveList
from yule.labels.sources.amounts import AmountTable, Sums
from yule.labels.sources.class_tables import ClassesGiven
from yule.labels.sources.classes import MostFrequent
from yule.labels.sources.events import Events
from yule.labels.sources.positives import Positives
from yule.labels.sources.protocol import LabelSource
from yule.labels.sources.tables import AnswerTable

_SOURCES: Mapping[tuple[type[Labels], Loss], Callable[..., LabelSource]] = {
    (EventRule, "log_loss"): Events,
    (EventRule, "squared_error"): Sums,
    (ClassRule, "log_loss"): MostFrequent,
    (LabelTable, "log_loss"): AnswerTable,
    (LabelTable, "squared_error"): AmountTable,
    (ClassTable, "log_loss"): ClassesGiven,
    (PositiveList, "log_loss"): Positives,
}


def find_source(labels: Labels) -> LabelSource:
    """Return the source of labels."""
    return _SOURCES[type(labels), labels.loss](labels)
