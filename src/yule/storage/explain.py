"""Why an output is not cached: what differs from the most similar one that is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff

from yule.core.settings import Json
from yule.storage.opening import open_store
from yule.storage.record import parse_records
from yule.storage.task import Task


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One setting that differs.

    Parameters
    ----------
    path
        Where in the task's parameters, e.g. ``member.num_leaves``.
    cached, wanted
        Its values in the cached output and in the task, as JSON; empty when it is not there.
    """

    path: str
    cached: str
    wanted: str

    def find_lines(self) -> tuple[list[str], list[str]]:
        r"""Return both values by lines; of two texts of several lines only those that differ.

        >>> Difference(path="resolved", cached=json.dumps("a: 1\nb: 2"), wanted=json.dumps("a: 1\nb: 3")).find_lines()
        (['b: 2'], ['b: 3'])
        >>> Difference(path="seed", cached="1", wanted="").find_lines()
        (['1'], ['(absent)'])
        """
        texts = [_parse(value) for value in (self.cached, self.wanted)]
        first, second = (text.splitlines() if isinstance(text, str) else [] for text in texts)
        if min(len(first), len(second)) > 1:
            told = list(ndiff(first, second))
            return [line[2:] for line in told if line[0] == "-"], [line[2:] for line in told if line[0] == "+"]
        return [self.cached or "(absent)"], [self.wanted or "(absent)"]


def explain_task(task: Task) -> tuple[str, tuple[Difference, ...]] | None:
    """Compare a task that is not cached with the cached output of its kind that is most like it.

    Returns
    -------
    tuple or None
        Unique id of that output and what differs; no difference when only something it requires differs; None when
        nothing of its kind is cached.
    """
    wanted = _unfold(task.key_parameters)
    best: tuple[str, tuple[Difference, ...]] | None = None
    for record in parse_records(open_store(task.workspace_directory).read_records(task.task_family)):
        differences = tuple(_compare("", _unfold(record.parameters), wanted))
        if best is None or len(differences) < len(best[1]):
            best = (record.unique_id, differences)
    return best


def _unfold(parameters: Mapping[str, str]) -> Json:
    """Parse the parameters that are JSON, so that they can be compared part by part."""
    return {name: _parse(text) for name, text in parameters.items()}


def _parse(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except ValueError:
        return text
    return parsed


def _compare(path: str, cached: Json, wanted: Json) -> Iterator[Difference]:
    if isinstance(cached, dict) and isinstance(wanted, dict):
        yield from _compare_parts(path, cached, wanted)
    elif isinstance(cached, list) and isinstance(wanted, list):
        yield from _compare_parts(path, _number(cached), _number(wanted))
    elif cached != wanted:
        yield Difference(path=path.lstrip("."), cached=json.dumps(cached), wanted=json.dumps(wanted))


def _compare_parts(path: str, cached: Mapping[str, Json], wanted: Mapping[str, Json]) -> Iterator[Difference]:
    for key in sorted(cached.keys() | wanted.keys()):
        place = f"{path}{key}" if key.startswith("[") else f"{path}.{key}"
        if key not in cached:
            yield Difference(path=place.lstrip("."), cached="", wanted=json.dumps(wanted[key]))
        elif key not in wanted:
            yield Difference(path=place.lstrip("."), cached=json.dumps(cached[key]), wanted="")
        else:
            yield from _compare(place, cached[key], wanted[key])


def _number(items: Sequence[Json]) -> Mapping[str, Json]:
    return {f"[{index}]": item for index, item in enumerate(items)}
