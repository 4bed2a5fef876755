"""Fingerprints of files by their content, remembered by size and time of change."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from yule.core.files import digest_file, read_bounded
from yule.storage.names import ForgedName, resolve_below, tell_left_out
from yule.storage.objects.folder import FolderObjects

CACHE = "fingerprints.json"


def fingerprint_files(files: Sequence[Path], *, names: Sequence[str], cache_folder: Path | None) -> str:
    """Return a fingerprint of files' names and contents.

    Parameters
    ----------
    files
        The files.
    names
        What they are called, wherever they lie.
    cache_folder
        Folder of the file that remembers the digests; None: digest every time.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    known = _read_cache(cache_folder)
    keys = [_key(file) for file in files]
    digests = {key: known.get(key) or digest_file(file) for key, file in zip(keys, files, strict=True)}
    if cache_folder is not None and not digests.keys() <= known.keys():
        _write_cache(cache_folder, _keep_current(known, digests) | digests)
    text = "\n".join(f"{name}\t{digests[key]}" for name, key in zip(names, keys, strict=True))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _key(file: Path) -> str:
    status = file.stat()
    return f"{file.resolve()}|{status.st_size}|{status.st_mtime_ns}"


def _read_cache(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    try:
        known = json.loads(read_bounded(resolve_below(folder, CACHE)))
    except (ForgedName, OSError, RecursionError, ValueError):  # not there yet, or damaged: it is only a memory
        return {}
    return {key: text for key, text in known.items() if isinstance(text, str)} if isinstance(known, dict) else {}


def _keep_current(known: Mapping[str, str], digests: Mapping[str, str]) -> dict[str, str]:
    """Leave out what was known of files that have changed since or are deleted; those of other machines are kept."""
    changed = {_find_path(key) for key in digests}

    def is_current(key: str) -> bool:
        path = Path(_find_path(key))
        return str(path) not in changed and (path.exists() or not path.parent.exists())

    return {key: text for key, text in known.items() if is_current(key)}


def _find_path(key: str) -> str:
    return key.rsplit("|", 2)[0]


def _write_cache(folder: Path, digests: dict[str, str]) -> None:
    try:
        FolderObjects(folder).write(CACHE, json.dumps(digests, indent=0, sort_keys=True).encode())
    except OSError:  # planning works in a workspace that cannot be written; a run will say so
        return
    except ForgedName as error:
        tell_left_out(str(error))
