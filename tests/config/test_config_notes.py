"""What is told of a case before it is run."""

from pathlib import Path

import pytest
from config_files import load_case, write_files

from yule.session.needs import find_notes

AMOUNTS = """\
version: 1
question: How much do they earn?
labels: {download: households, kind: amount, label: income, cutoff: 2017-12-03}
predict: {cutoff: 2017-12-03, population: purchases}
features: {sets: [purchases]}
models: quick
transfer: TRANSFER
"""


@pytest.mark.parametrize(("transfer", "n_notes"), [("auto", 1), ("none", 0), ("{from: auto}", 1)])
def test_transfer_that_adds_nothing_is_told(tmp_path: Path, transfer: str, n_notes: int) -> None:
    write_files(tmp_path, cases_beer=AMOUNTS.replace("TRANSFER", transfer))
    notes = [note for note in find_notes(load_case(tmp_path)) if "transfer" in note]
    assert len(notes) == n_notes
