"""The contract of sources of labels: all of them run through the same tests. A new one is one line in ``SOURCES``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter
from test_labels_observe import AMOUNT, CROWD, CUTOFF, EVENTS, GIVEN, LAST, RULE, SPENDING, TABLE, WITHIN, spec

from yule.config.forms.checks import Known
from yule.config.forms.labels import LabelsForm, write_labels
from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.labels import observe as observing
from yule.labels.observe import EXAMPLES, read_labels, read_summary
from yule.labels.settings import ClassRule, ClassTable, Labels, PositiveList
from yule.labels.sources import find_source

NAMED = replace(GIVEN, columns=(*GIVEN.columns, Column(name="class", type="string")))

SOURCES: dict[str, tuple[Labels, Method]] = {
    "events": (RULE, EVENTS),
    "leaving": (replace(RULE, kind="leaving"), EVENTS),
    "sum": (AMOUNT, SPENDING),
    "most frequent": (
        ClassRule(event="events", of="what", classes=("beer",), within=WITHIN, cutoffs=(CUTOFF,)),
        EVENTS,
    ),
    "table of 0 and 1": (TABLE, NAMED),
    "table of numbers": (replace(TABLE, outcome="amount"), NAMED),
    "table of classes": (ClassTable(download="given", label="class", classes=("x", "y"), cutoffs=(CUTOFF,)), NAMED),
    "positives": (PositiveList(download="given", cutoffs=(CUTOFF,)), NAMED),
}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> tuple[Labels, Method]:
    return SOURCES[request.param]


def write_log(folder: Path, *, order: int) -> Path:
    """Write events of twenty users, ten of whom buy beer in the horizon."""
    users, times, whats = zip(*[*CROWD, LAST][::order], strict=True)
    spent = [0.5 + len(user) for user in users]
    table = {"user": users, "at": pa.array(times, pa.timestamp("us", tz="UTC")), "what": whats, "spent": spent}
    write_table(pa.table(table), folder / "log.parquet")
    return folder / "log.parquet"


def write_given(folder: Path, *, order: int, n_users: int) -> Path:
    """Write labels of some of the twenty users."""
    numbers = range(n_users)[::order]
    table = {
        "user": [f"crowd{number:02}" for number in numbers],
        "label": [str(number % 2) for number in numbers],
        "class": ["xy"[number % 2] for number in numbers],
    }
    write_table(pa.table(table), folder / "given.parquet")
    return folder / "given.parquet"


def observe(source: tuple[Labels, Method], folder: Path, *, order: int = 1, min_positives: int = 5) -> Path:
    labels, method = source
    log = write_log(folder, order=order)
    # Of a list of positives, the others are the unlabelled ones.
    given = write_given(folder, order=order, n_users=12 if labels.supervision == "positive_unlabelled" else 20)
    out = folder / "labels"
    out.mkdir(exist_ok=True)
    table = [log if labels.is_rule else given]
    observing.write_labels(spec(labels, method), table, [log], folder=out, n_threads=1, min_positives=min_positives)
    return out


def test_every_kind_of_settings_has_a_source_here() -> None:
    assert {type(labels) for labels, _ in SOURCES.values()} == set(get_args(Labels))


def test_the_source_is_found_by_the_settings(source: tuple[Labels, Method]) -> None:
    labels, _ = source
    assert find_source(from_json(cast(type[Labels], Labels), to_json(labels))) == find_source(labels)


def test_labels_are_read_as_they_are_written_in_a_case(source: tuple[Labels, Method]) -> None:
    labels, _ = source
    form = TypeAdapter[LabelsForm](LabelsForm).validate_json(json.dumps(write_labels(labels)), context=Known())
    assert form.settings() == labels


def test_columns_are_those_of_the_method(source: tuple[Labels, Method]) -> None:
    labels, method = source
    assert {*labels.columns, *([labels.label] if labels.label else [])} <= {column.name for column in method.columns}
    assert labels.method == method.name


def test_labels_are_what_the_target_says(source: tuple[Labels, Method], tmp_path: Path) -> None:
    labels, _ = source
    examples = read_labels(observe(source, tmp_path))
    allowed = {"binary": {0, 1}, "multiclass": set(range(len(labels.class_names)))}.get(labels.target)
    assert allowed is None or set(examples.labels) == allowed
    assert examples.loss == labels.loss
    assert np.isfinite(examples.labels).all()


def test_what_is_counted_is_what_was_observed(source: tuple[Labels, Method], tmp_path: Path) -> None:
    labels, _ = source
    folder = observe(source, tmp_path)
    examples, summary = read_labels(folder), read_summary(folder)
    assert (summary.n_users, summary.n_positives) == (20, (examples.labels != labels.negative).sum())
    assert summary.is_amount == (labels.target == "regression")
    assert summary.total == pytest.approx(examples.labels.sum() if summary.is_amount else 0)


def test_the_order_of_rows_changes_no_byte(source: tuple[Labels, Method], tmp_path: Path) -> None:
    first, second = ((observe(source, tmp_path, order=order) / EXAMPLES).read_bytes() for order in (1, -1))
    assert first == second


def test_labels_of_which_too_few_are_there_are_refused(source: tuple[Labels, Method], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 21"):
        observe(source, tmp_path, min_positives=21)


def test_labels_that_nothing_is_learned_from_are_never_too_few(source: tuple[Labels, Method], tmp_path: Path) -> None:
    assert read_summary(observe(source, tmp_path, min_positives=0)).n_users == 20
