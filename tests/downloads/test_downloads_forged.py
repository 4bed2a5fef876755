"""What others may have written beside downloads leads nowhere, and stops nobody."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from yule.core.errors import CorruptedOutput
from yule.core.settings import to_json
from yule.downloads.costs.ledger import Entry, read_entries, write_entry
from yule.downloads.keeping.fetch import DAYS, list_day_keys
from yule.storage.objects.folder import FolderObjects

DAY = "days/visits-0123456789abcdef/0123456789abcdef/2024-01-01--final"


@pytest.mark.parametrize(
    "key",
    ["runs/beer-00000000", "../../victim", "/etc", f"{DAY}/..", "days/visits/../..", "", "cache/Fit/0a", f"{DAY}\n"],
)
def test_a_list_of_days_names_nothing_but_days(tmp_path: Path, key: str) -> None:
    (tmp_path / DAYS).write_text(json.dumps([DAY, key]))
    with pytest.raises(CorruptedOutput, match="does not list days"):
        list_day_keys(tmp_path)


@pytest.mark.parametrize("text", ["", "1", "null", '["x"', "[1]", "[" * 100_000])
def test_a_damaged_list_of_days_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / DAYS).write_text(text)
    with pytest.raises(CorruptedOutput, match="Delete this output"):
        list_day_keys(tmp_path)


def test_a_list_of_days_is_read(tmp_path: Path) -> None:
    (tmp_path / DAYS).write_text(json.dumps([DAY, DAY.replace("final", "2024-01-02")]))
    assert len(list_day_keys(tmp_path)) == 2


def test_a_forged_line_of_the_ledger_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = FolderObjects(tmp_path)
    entry = Entry(
        query_id="20240101T000000.000000Z-00000000", at="2024-01-01T00:00:00", method="m", source="s", columns=1
    )
    write_entry(objects, entry)
    for number, content in enumerate(["", "[]", "null", "[" * 100_000]):
        objects.write(f"ledger/2024-01/x{number}.json", content.encode())
    forged = to_json(entry).replace(entry.query_id, "../../runs")
    objects.write("ledger/2024-01/forged.json", forged.encode())
    for number, n_bytes in enumerate([10**30, 1 << 61, -1]):  # would eat every budget, or give it back
        name = f"20240101T000000.000000Z-0000000{number + 1}"
        objects.write(f"ledger/2024-01/{name}.json", to_json(replace(entry, query_id=name, n_bytes=n_bytes)).encode())
    objects.write(f"ledger/2024-02/{entry.query_id}.json", to_json(entry).encode())
    assert list(read_entries(objects)) == [entry]
    assert "x0.json in the workspace is damaged or forged. Delete it" in capsys.readouterr().err
