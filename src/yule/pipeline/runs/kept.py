"""The model that a run keeps in its folder: users are scored with it, whatever became of the cache."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from yule.core.errors import WorkspaceError
from yule.core.settings import ADDED
from yule.pipeline.graph import find_bundles
from yule.pipeline.runs.publishing import keep_model
from yule.pipeline.runs.record import MODEL, Run, run_place, write_run
from yule.prediction.bundle import BUNDLE, READABLE, find_revision
from yule.storage.names import check_name
from yule.storage.objects.protocol import Objects
from yule.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class KeptModel:
    """A model in the folder of a run.

    Parameters
    ----------
    run
        The run's id.
    files
        SHA-256 of every file, by its path in the folder of the model.
    is_unproven
        Whether the run, of an earlier version, does not tell what they were when it ended.
    """

    run: str
    files: dict[str, str]
    is_unproven: bool = field(default=False, metadata=ADDED)

    @property
    def place(self) -> str:
        """Its folder in the workspace."""
        return f"{run_place(self.run)}/{MODEL}"


def find_kept_model(store: Store, run: Run) -> KeptModel | None:
    """Return the model that a run keeps; None where it is gone or damaged.

    Raises
    ------
    WorkspaceError
        If another version of Yule wrote it, and this one cannot read it.
    """
    place = f"{run_place(run.run_id)}/{MODEL}"
    names = run.model or [name.removeprefix(f"{place}/") for name in store.objects.list(f"{place}/")]
    files = {name: _digest(store.objects, f"{place}/{check_name(name, where=place)}") for name in names}
    heads = [PurePosixPath(part, BUNDLE).as_posix() for part in find_bundles(run.asked.model)]
    if any(files.get(name) is None for name in (*heads, *files)) or (run.model and files != run.model):
        return None
    revisions = [find_revision(store.objects.read(f"{place}/{name}") or b"") for name in heads]
    if None in revisions:
        return None
    for revision in revisions:
        if revision not in READABLE:
            readable = " and ".join(map(str, READABLE))
            raise WorkspaceError(
                f"The model of {run.run_id} is of revision {revision}, and this version of Yule reads revisions "
                f"{readable}: predict with Yule {run.versions.get('yule', 'of its time')}, which wrote it, or run "
                f"{run.case} again."
            )
    known = {name: digest for name, digest in files.items() if digest}
    return KeptModel(run=run.run_id, files=known, is_unproven=not run.model)


def restore_model(store: Store, run: Run) -> KeptModel:
    """Put the model that the cache has into a run's folder again."""
    files = keep_model(store, run)
    write_run(store, replace(run, model=files))
    return KeptModel(run=run.run_id, files=files)


def _digest(objects: Objects, name: str) -> str | None:
    """Return the SHA-256 of a file, read part by part; None when there is none."""
    found, content = hashlib.sha256(), objects.read(name)
    if content is None:
        return None
    place = 0
    while content:
        found.update(content)
        place += len(content)
        content = objects.read(name, start=place)
    return found.hexdigest()
