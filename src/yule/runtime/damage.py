"""Outputs that are there but are not what their records say."""

import errno
from collections.abc import Iterable

from yule.core.errors import CorruptedOutput
from yule.core.patience import is_transient
from yule.storage.task import Task


def remove_damaged(tasks: Iterable[Task]) -> list[str]:
    """Delete those outputs of tasks that are not what their records say.

    Returns
    -------
    list of str
        What was wrong, a few sentences each.
    """
    faults = []
    for task in tasks:
        try:
            task.output().verify()
        except CorruptedOutput as error:
            faults.append(str(error))
    return faults


def remove_unreadable(tasks: Iterable[Task]) -> list[str]:
    """Delete also those outputs that this machine cannot read, as when a disk has bad blocks; see remove_damaged."""
    faults = []
    for task in tasks:
        try:
            faults += remove_damaged([task])
        except OSError as error:
            if is_transient(error) and error.errno != errno.EIO:  # who does not answer has lost nothing
                raise
            faults.append(f"{task.output().path()} cannot be read: {error.strerror or error}. It is computed anew.")
            task.output().remove()
    return faults
