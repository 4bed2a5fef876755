"""The manifest of a Job: which tasks each of its indexes runs. A file in the workspace, named by its content."""

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass

from yule.core.errors import WorkspaceError
from yule.core.settings import from_bytes, to_json
from yule.core.steps import Step
from yule.runtime.messages import TaskMessage, is_ours
from yule.storage.objects.protocol import Objects
from yule.storage.setup import Setup

MAX_BYTES = 1 << 28
"""The most that is unpacked of a manifest."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a Job does.

    Parameters
    ----------
    setup
        What its workers are told.
    step, pool, tier
        What its tasks are part of, the pool of nodes, and which of the pool's memory sizes (0 is the smallest).
    attempt, turn, n_evicted
        See :class:`~yule.runtime.kubernetes.placement.Placement`.
    batches
        For each index the tasks it runs, one after the other.
    """

    setup: Setup
    step: Step
    pool: str
    tier: int
    attempt: int = 0
    turn: int = 0
    n_evicted: int = 0
    batches: tuple[tuple[TaskMessage, ...], ...]


def write_manifest(objects: Objects, manifest: Manifest) -> str:
    """Write a manifest to the workspace and return its SHA-256."""
    text = to_json(manifest).encode()
    sha256 = hashlib.sha256(text).hexdigest()
    # The tasks of a step have nearly all of their parameters in common: this leaves a hundredth.
    objects.write(_name(sha256), gzip.compress(text, compresslevel=3, mtime=0))
    return sha256


def read_manifest(objects: Objects, sha256: str) -> Manifest:
    """Read a manifest and check that it is what it is named after.

    Raises
    ------
    WorkspaceError
        If it is not there or damaged, or names tasks that are none of Yule's.
    """
    content = objects.read(_name(sha256))
    if content is None:
        raise WorkspaceError(f"The manifest {_name(sha256)} is not in the workspace. Start the run again.")
    try:
        text = _unpack(content)
        manifest = from_bytes(Manifest, text) if hashlib.sha256(text).hexdigest() == sha256 else None
    except (EOFError, OSError, ValueError, zlib.error):  # no archive, or the beginning of one
        manifest = None
    if manifest is None:
        raise WorkspaceError(f"The manifest {_name(sha256)} is damaged. Delete it and start the run again.")
    foreign = [message for batch in manifest.batches for message in batch if not is_ours(message)]
    if foreign:
        raise WorkspaceError(
            f"The manifest {_name(sha256)} asks for {foreign[0].family!r} of {foreign[0].module!r}, which is no task "
            "of Yule. Look who can write the workspace, and start the run again."
        )
    return manifest


def _unpack(content: bytes) -> bytes:
    """Unpack as much as a manifest may be: of a forged one, the digest differs then."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        return file.read(MAX_BYTES)


def _name(sha256: str) -> str:
    return f"manifests/{sha256}.json.gz"
