"""Ids of tasks are what they were: an id that changes by accident loses all that was computed under it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden_projects import HERE, RE_RECORD, plan_ids, write_example, write_golden_project

WRITERS = {"golden": write_golden_project, "example": write_example}


@pytest.mark.parametrize("project", ["golden", pytest.param("example", marks=pytest.mark.slow)])
def test_every_task_of_every_case_has_the_id_that_is_on_record(project: str, tmp_path: Path) -> None:
    recorded = json.loads((HERE / "ids.json").read_text(encoding="utf-8"))[project]
    found = plan_ids(WRITERS[project](tmp_path / project))
    changed = list(_find_changed(recorded, found))
    assert not changed, "\n".join(["Ids of tasks have changed, of those first that others read:", *changed, RE_RECORD])


def _find_changed(recorded: dict[str, dict[str, list[str]]], found: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    for case in dict.fromkeys((*recorded, *found)):
        before, after = recorded.get(case, {}), found.get(case, {})
        families = [
            f"{family} ({len(gone)} gone, {len(new)} new)"
            for family in dict.fromkeys((*after, *before))
            for gone, new in [_differ(before.get(family, []), after.get(family, []))]
            if gone or new
        ]
        if families:
            yield f"case {case}: {', '.join(families)}"


def _differ(before: list[str], after: list[str]) -> tuple[set[str], set[str]]:
    return set(before) - set(after), set(after) - set(before)
