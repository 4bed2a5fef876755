"""What fits have cost and what they had to learn from, by the records that they have left."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from yule.core.errors import CorruptedOutput
from yule.models.members import MemberSettings, read_member
from yule.storage.record import Record, parse_records, verify
from yule.storage.store import Store
from yule.training.members import DECISION, DataSize, read_decisions

_FAMILIES = ("FitFold", "TakePooled", "FitEmbedded")
_SIZES = "DecideMembers"


@dataclass(frozen=True, kw_only=True)
class FitCosts:
    """The fits of a member on all folds.

    Parameters
    ----------
    member
        Its settings.
    seconds
        What they took together.
    size
        What there was to learn from; None where nobody has counted it, or it was cleaned away.
    """

    member: MemberSettings
    seconds: float
    size: DataSize | None


def read_fit_records(store: Store) -> dict[str, Record]:
    """Return the records of all fits that a workspace still has, by unique id."""
    return {record.unique_id: record for family in _FAMILIES for record in parse_records(store.read_records(family))}


def find_costs(store: Store, records: Mapping[str, Record], fits: Iterable[str]) -> FitCosts | None:
    """Return what the fits of a member cost, by their unique ids; None where one was cleaned away.

    Parameters
    ----------
    store
        The workspace's store.
    records
        See :func:`read_fit_records`.
    fits
        The unique ids.
    """
    found = [records.get(fit) for fit in fits]
    known = [record for record in found if record is not None]
    if not known or len(known) < len(found):
        return None
    with suppress(ExceptionGroup, KeyError, TypeError, ValueError):  # of another version
        return FitCosts(
            member=read_member(known[0].parameters["member"]),
            seconds=sum(record.seconds for record in known),
            size=_read_size(store, known[0]),
        )
    return None


def _read_size(store: Store, fit: Record) -> DataSize | None:
    """Return the counts by which it was decided whether the member is fitted."""
    for unique_id in fit.requires:
        with suppress(CorruptedOutput):
            folder = store.fetch(f"cache/{_SIZES}/{unique_id}")
            if folder is not None:
                verify(folder, unique_id)
                return read_decisions(folder / DECISION)[0].size
    return None
