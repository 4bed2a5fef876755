"""Kinds of answers: what can be predicted of users, and all that follows from it, one file each.

Belongs here: which metrics, cards, lists and words an answer has, as one object; the only list of them.
Does not belong here: how any of it is computed or drawn (``report``, ``ensemble``, ``prediction``).
"""

from typing import Any

from yule.kinds.binary import BINARY
from yule.kinds.kind import Kind
from yule.kinds.multiclass import MULTICLASS
from yule.kinds.positive_unlabelled import POSITIVE_UNLABELLED
from yule.kinds.regression import REGRESSION
from yule.labels.settings import Labels

KINDS: tuple[Kind[Any], ...] = (BINARY, POSITIVE_UNLABELLED, REGRESSION, MULTICLASS)


def find_kind(labels: Labels) -> Kind[Any]:
    """Return the kind of answer that labels ask for."""
    sought = labels.target, labels.supervision
    return next(kind for kind in KINDS if (kind.target, kind.supervision) == sought)


def read_kind(name: str) -> Kind[Any]:
    """Return the kind of answer that files call so; a KeyError where none is."""
    return {kind.name: kind for kind in KINDS}[name]
