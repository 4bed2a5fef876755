"""The contract of the forms of labels: all of them run through the same tests. A new one is one line in ``WRITTEN``."""

import json
from typing import get_args

import pytest
from pydantic import TypeAdapter

from yule.config.forms.checks import Known
from yule.config.forms.labels import LabelsForm, write_labels
from yule.core.settings import Json
from yule.labels.settings import Labels

RULE: dict[str, Json] = {"event": "purchases", "within": "28 days", "cutoffs": ["2017-04-02", "2017-04-30"]}
GIVEN: dict[str, Json] = {"download": "survey", "cutoff": "2017-04-02"}

WRITTEN: dict[str, dict[str, Json]] = {
    "events": {**RULE, "where": "price > 0"},
    "leaving": {**RULE, "kind": "leaving"},
    "sum": {**RULE, "kind": "amount", "of": "price"},
    "most frequent": {**RULE, "kind": "class", "of": "department", "classes": ["BEER", "WINE"]},
    "table": {**GIVEN, "label": "is_positive"},
    "table of numbers": {**GIVEN, "label": "spent", "kind": "amount"},
    "table of classes": {**GIVEN, "label": "segment", "kind": "class", "classes": ["loyal", "gone"]},
    "positives": {**GIVEN, "kind": "positives", "per_positive": 3},
    "table of several cut-offs": {
        "download": "survey",
        "label": "is_positive",
        "cutoffs": ["2017-04-02", "2017-05-01"],
    },
}

FORMS = TypeAdapter[LabelsForm](LabelsForm)


def read(written: dict[str, Json]) -> Labels:
    return FORMS.validate_json(json.dumps(written), context=Known()).settings()


def test_every_kind_of_labels_can_be_written() -> None:
    assert {type(read(written)) for written in WRITTEN.values()} == set(get_args(Labels))


@pytest.mark.parametrize("name", WRITTEN)
def test_labels_that_are_written_down_are_the_same_labels(name: str) -> None:
    labels = read(WRITTEN[name])
    assert read(write_labels(labels)) == labels


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_stays_and_defaults_are_added(name: str) -> None:
    resolved = write_labels(read(WRITTEN[name]))
    assert resolved | WRITTEN[name] == resolved


@pytest.mark.parametrize("name", WRITTEN)
def test_only_a_table_holds_answers_that_features_are_not_made_of(name: str) -> None:
    form = FORMS.validate_json(json.dumps(WRITTEN[name]), context=Known())
    assert form.unseen == (None if form.settings().is_rule else form.settings().method)
