"""What came of the golden project, as it is put on record and compared."""

import csv
import hashlib
import json
import math
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from golden_projects import find_cases

from yule.core.libraries import find_installed_versions

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
Digests: TypeAlias = dict[str, dict[str, str]]

TOLERANCE = 1e-6
"""By how much, of its size, a number may differ on another machine."""

SMALL = 4096
"""Bytes; JSON files of the cache above it are on record by their digests alone."""

OF_THE_MOMENT = frozenset(("started_at", "ended_at", "code", "versions", "model"))
"""Fields of ``run.json`` that are not compared: when, by which commit, with which versions, and digests of files that
are on record themselves."""

_INNERMOST_LIST = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What came of all cases of a project.

    Parameters
    ----------
    machine
        What decides the last bits of numbers: processor and versions of the libraries.
    cache
        SHA-256 of every file by its task (``FitFold/ID``); not of ``task.json``, which tells seconds and versions.
    runs
        SHA-256 of every file of ``runs/RUN`` by case, but of ``task.json``; of ``run.json`` without what is of the
        moment.
    texts
        Small outputs in full by case and file, so that a difference can be read: JSON and lists.
    """

    machine: dict[str, str]
    cache: Digests
    runs: Digests
    texts: dict[str, dict[str, str]]


def read_outputs(project: Path) -> Outputs:
    """Read what came of a project whose cases have been run."""
    workspace, cases = project / "workspace", find_cases(project)
    cache: Digests = {}
    texts: dict[str, dict[str, str]] = {"cache": {}}
    for file in _list_files(workspace / "cache"):
        family, unique_id, name = file.relative_to(workspace / "cache").as_posix().split("/", 2)
        if name != "task.json" and f"{family}/{unique_id}" in cases:
            content = file.read_bytes()
            cache.setdefault(f"{family}/{unique_id}", {})[name] = _digest(content)
            if name.endswith(".json") and family not in ("BuildBundle", "FitFold") and len(content) <= SMALL:
                texts["cache"][f"{family}-{unique_id[:8]}-{name.replace('/', '-')}"] = _lay_out(json.loads(content))
    runs: Digests = {}
    for folder in sorted((workspace / "runs").iterdir()):
        case = folder.name.rsplit("-", 1)[0]
        contents = {file.relative_to(folder).as_posix(): file.read_bytes() for file in _list_files(folder)}
        record = {key: value for key, value in json.loads(contents["run.json"]).items() if key not in OF_THE_MOMENT}
        contents["run.json"] = json.dumps(record).encode()
        runs[case] = {name: _digest(content) for name, content in contents.items() if not name.endswith("/task.json")}
        texts[case] = {name: _lay_out(json.loads(contents[name])) for name in ("report.json", "run.json")}
        texts[case]["users.csv"] = contents["users.csv"].decode()
    return Outputs(machine=describe_machine(), cache=cache, runs=runs, texts=texts)


def describe_machine() -> dict[str, str]:
    """Return what decides the last bits of numbers: two machines of which it is the same compute the same bytes."""
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.partition(":")[::2] for line in told.replace("\t", "").splitlines() if ":" in line)
    wide = sorted(flag for flag in lines.get("flags", "").split() if flag.startswith(("sse", "avx", "fma", "amx")))
    versions = {name: version for name, version in find_installed_versions(has_torch=True).items() if name != "yule"}
    processor = lines.get("model name", platform.processor()).strip()
    return {"machine": platform.machine(), "processor": processor, "instructions": " ".join(wide), **versions}


def write_outputs(outputs: Outputs, folder: Path) -> None:
    """Put outputs on record."""
    digests = {"machine": outputs.machine, "cache": outputs.cache, "runs": outputs.runs}
    write_json(folder / "outputs.json", digests)
    for case, texts in outputs.texts.items():
        (folder / "texts" / case).mkdir(parents=True)
        for name, text in texts.items():
            (folder / "texts" / case / name).write_text(text, encoding="utf-8")


def read_recorded(folder: Path) -> Outputs:
    """Read the outputs that are on record."""
    digests = json.loads((folder / "outputs.json").read_text(encoding="utf-8"))
    texts: dict[str, dict[str, str]] = {}
    for file in _list_files(folder / "texts"):
        texts.setdefault(file.parent.name, {})[file.name] = file.read_text(encoding="utf-8")
    return Outputs(**digests, texts=texts)


def write_json(file: Path, value: object) -> None:
    """Write JSON that people can read."""
    file.write_text(_lay_out(value), encoding="utf-8")


def find_changed_files(recorded: Outputs, found: Outputs, cases: Mapping[str, str]) -> Iterator[str]:
    """Say which files have other bytes, those of tasks first; ``cases`` says of which case a task is."""
    for task, name in _find_different(recorded.cache, found.cache):
        yield f"case {cases.get(task, 'unknown')}: {task}/{name}"
    for case, name in _find_different(recorded.runs, found.runs):
        yield f"case {case}: runs/{case}-*/{name}"


def find_changed_texts(recorded: Outputs, found: Outputs) -> Iterator[str]:
    """Show how small outputs differ from the record."""
    for case, name in _find_different(recorded.texts, found.texts):
        before, after = (texts.get(case, {}).get(name, "").splitlines() for texts in (recorded.texts, found.texts))
        place = f"texts/{case}/{name}"
        yield "\n".join(islice(unified_diff(before, after, place, "now", lineterm="", n=1), 20))


def find_changed_numbers(recorded: Outputs, found: Outputs) -> Iterator[str]:
    """Say which values of the small outputs differ by more than the tolerance."""
    for case, name in _find_different(recorded.texts, found.texts):
        before, after = (texts.get(case, {}).get(name) for texts in (recorded.texts, found.texts))
        if before is None or after is None:
            yield f"texts/{case}/{name}: {'not on record' if before is None else 'missing now'}"
        else:
            yield from _compare(_parse(name, before), _parse(name, after), f"texts/{case}/{name}")


def _compare(before: Json, after: Json, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for key in before:
            yield from _compare(before[key], after[key], f"{place} {key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from _compare(*pair, f"{place} {index}")
    elif isinstance(before, float) and isinstance(after, int | float):
        if not math.isclose(before, after, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{place}: {after} instead of {before}"
    elif before != after:
        yield f"{place}: {str(after)[:60]} instead of {str(before)[:60]}"


def _parse(name: str, text: str) -> Json:
    """Parse JSON, or a list: its scores by user, since users of close scores may change places."""
    if not name.endswith(".csv"):
        parsed: Json = json.loads(text)
        return parsed
    return {row["user_id"]: float(row["score"]) for row in csv.DictReader(text.splitlines())}


def _find_different(recorded: Digests, found: Digests) -> Iterator[tuple[str, str]]:
    """Give the places and names of what is not the same in both."""
    for place in dict.fromkeys((*recorded, *found)):
        before, after = recorded.get(place, {}), found.get(place, {})
        yield from ((place, name) for name in sorted({*before, *after}) if before.get(name) != after.get(name))


def _lay_out(value: object) -> str:
    """Write JSON over lines, with short lists on one."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    return _INNERMOST_LIST.sub(lambda found: "[" + re.sub(r"\n *", " ", found[1]) + "]", text) + "\n"


def _list_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
