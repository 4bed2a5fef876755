"""A field that settings get later is left out of keys at its default: what was computed before keeps its id."""

import json
from dataclasses import fields

from golden_fields import find_settings, has_default, is_added, list_keyed_fields
from golden_projects import HERE

from yule.downloads.keeping.days.kept import DECIDING
from yule.downloads.settings import Method

NO_DAY_CHANGES_BY = {"checks", "columns", "days", "description", "max_bytes", "owner", "warn_after"}
"""Fields of a method that say nothing of what a day holds, or, as columns and days do, have keys of their own."""


def test_no_field_of_settings_has_come_into_keys_or_gone_from_them() -> None:
    recorded, found = json.loads((HERE / "fields.json").read_text(encoding="utf-8")), list_keyed_fields()
    changed = [
        f"{name}: {', '.join(sorted(set(found.get(name, [])) ^ set(recorded.get(name, []))))}"
        for name in sorted(recorded.keys() | found.keys())
        if set(found.get(name, [])) != set(recorded.get(name, []))
    ]
    assert not changed, "\n".join(
        [
            "Fields of settings have come into keys, or gone from them:",
            *changed,
            "Give a new field `field(default=..., metadata=ADDED)`. Where a class is new, or ids are to change, "
            "run `make golden` and commit it.",
        ]
    )


def test_what_is_added_has_a_default() -> None:
    added = [(name, field) for name, kind in find_settings().items() for field in fields(kind) if is_added(field)]
    assert added
    assert [(name, field.name) for name, field in added if not has_default(field)] == []


def test_it_is_said_of_every_field_of_a_method_whether_it_decides_what_days_hold() -> None:
    assert {field.name for field in fields(Method)} == NO_DAY_CHANGES_BY | set(DECIDING)
    assert not NO_DAY_CHANGES_BY & set(DECIDING)
