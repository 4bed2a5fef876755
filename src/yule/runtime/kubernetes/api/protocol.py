"""The port: the few verbs of the Kubernetes API that Yule needs, on plain dictionaries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from yule.core.errors import YuleError
from yule.core.patience import asks_to_come_back, is_unanswered

Body: TypeAlias = Mapping[str, Any]
"""An object of the cluster as its JSON says it."""

Kind: TypeAlias = Literal["configmaps", "events", "jobs", "pods", "selfsubjectaccessreviews"]


class ClusterError(YuleError):
    """The cluster refused a request, or cannot be reached.

    Parameters
    ----------
    message
        What the cluster said.
    status
        HTTP status; 0 when there was no answer.
    retry_after_seconds
        How long the cluster asks us to wait; 0 when it does not say.
    """

    def __init__(self, message: str, *, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_transient(self) -> bool:
        """Whether the same request may well succeed later."""
        return asks_to_come_back(self.status) or is_unanswered(self)


class AlreadyThere(ClusterError):
    """An object of this name exists."""


class VersionGone(ClusterError):
    """The version to watch from is too old: list again."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Objects of one kind, and the version of the collection from which they can be watched on."""

    items: tuple[Body, ...]
    version: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of one object: ``ADDED``, ``MODIFIED``, ``DELETED``, or ``BOOKMARK``, which only tells a version."""

    type: str
    object: Body


class Cluster(Protocol):
    """One namespace of a cluster. Every method raises ClusterError."""

    def create(self, kind: Kind, body: Body, *, dry_run: bool = False) -> Body:
        """Create an object and return it; a dry run only checks it and takes warnings for errors.

        Raises
        ------
        AlreadyThere
            If there is one of this name.
        """

    def get(self, kind: Kind, name: str) -> Body | None:
        """Return an object, or None."""

    def list(self, kind: Kind, selector: str) -> Listing:
        """Return the objects with some labels."""

    def watch(self, kind: Kind, selector: str, *, version: str, seconds: int) -> Iterator[Change]:
        """Yield changes from a version on, for so long at the most.

        Raises
        ------
        VersionGone
            If the version is too old.
        """

    def delete(self, kind: Kind, name: str, *, uid: str) -> None:
        """Delete an object and all it owns; nothing happens when it is not there."""

    def read_log(self, pod: str, *, n_lines: int) -> str:
        """Return the last lines a pod has printed; empty when there is none to be had."""

    def now(self) -> datetime:
        """Return the instant by the cluster's clock, which need not be that of this machine, with a time zone."""
