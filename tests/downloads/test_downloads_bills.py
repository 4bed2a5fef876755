"""Facts about bills: who pays for a query, what is written on it, and when a budget is spent."""

import re
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.settings import from_bytes, from_json, to_json
from yule.downloads.costs.labels import clean_labels, make_labels, shorten
from yule.downloads.costs.ledger import Entry, check_budget, new_query_id, read_entries, write_entry
from yule.downloads.settings import Column, Method
from yule.downloads.specs import Budget, Payer, Query
from yule.storage import lease
from yule.storage.lease import Lease
from yule.storage.objects.protocol import Objects
from yule.storage.opening import open_store
from yule.storage.owners import describe_process

BEER, TEA = Payer(run="beer-1", case="beer"), Payer(run="tea-2", case="tea")
METHOD = Method(name="events", source="web", table="t", user="user", columns=(Column(name="user", type="string"),))
QUERY = Query(method=METHOD, columns=("user",))


def entry(n_bytes: int | None, *payers: Payer) -> Entry:
    """Return a line of the ledger of this month."""
    now = datetime.now(UTC)
    return Entry(
        query_id=new_query_id(now),
        at=now.isoformat(),
        method="events",
        source="web",
        columns=1,
        n_bytes=n_bytes,
        payers=payers,
    )


@settings(max_examples=50)
@given(n_bytes=st.integers(0, 2**60), n_payers=st.integers(0, 7))
def test_the_parts_of_a_bill_add_up_to_the_whole_and_are_equal_but_for_one_byte(n_bytes: int, n_payers: int) -> None:
    found = entry(n_bytes, *(Payer(run=str(number)) for number in range(n_payers)))
    parts = [part for _, part in found.divide()]
    assert sum(parts) == n_bytes
    assert max(parts) - min(parts) <= 1


def test_a_line_of_an_older_ledger_is_billed_to_its_run() -> None:
    old = to_json(entry(5)).replace('"run":""', '"run":"beer-1"').replace('"case":""', '"case":"beer"')
    found = from_json(Entry, re.sub(r'"(payers|labels)":(\[\]|\{\}),', "", old))
    assert found.divide() == [(BEER, 5)]


def test_a_run_is_refused_what_is_more_than_its_budget_has_left_whoever_shared_it_before(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path)).objects
    write_entry(objects, entry(100, BEER, TEA))
    write_entry(objects, entry(30, BEER))
    budget = Budget(run=100)
    assert check_budget(objects, QUERY, 20, budget=budget, payers=(BEER,)) == 20
    assert check_budget(objects, QUERY, 50, budget=budget, payers=(TEA,)) == 50
    assert check_budget(objects, QUERY, 40, budget=budget, payers=(BEER, TEA)) == 40
    with pytest.raises(DataError, match="more than the 20 B left of 100 B for this run \\(beer-1\\)"):
        check_budget(objects, QUERY, 21, budget=budget, payers=(BEER,))
    with pytest.raises(DataError, match="this run \\(beer-1\\), which pays one of 2 parts"):
        check_budget(objects, QUERY, 41, budget=budget, payers=(BEER, TEA))


def test_a_bill_names_all_runs_and_cases_and_what_the_caller_says() -> None:
    labels = make_labels("events", (BEER, TEA, BEER), {"team": "growth"})
    assert labels == {"run": "beer-1_tea-2", "case": "beer_tea", "method": "events", "team": "growth"}
    assert make_labels("events", (), {}) == {"method": "events"}


@settings(max_examples=200)
@given(texts=st.sets(st.text(max_size=90), min_size=2, max_size=6))
def test_no_two_names_become_one_label_and_each_is_as_bigquery_takes_it(texts: set[str]) -> None:
    cleaned = clean_labels({text: text for text in texts})
    assert len(cleaned) == len(set(cleaned.values())) == len(texts)
    for name, value in cleaned.items():
        assert len(name) <= 63
        assert len(name.encode()) <= 128
        assert len(value) <= 63
        assert len(value.encode()) <= 128
        assert not re.search(r"[^\w-]", name + value)
        assert (name + value) == (name + value).lower()
        assert name[0].isalpha()


def test_a_name_that_is_a_label_already_is_written_as_it_is() -> None:
    assert clean_labels({"run": "beer-buyers-1f2e3d4c", "case": "日本の客"}) == {
        "run": "beer-buyers-1f2e3d4c",
        "case": "日本の客",
    }


def test_a_text_that_is_cut_still_differs_from_others_that_begin_alike() -> None:
    long = "a" * 70
    assert len(shorten(long)) == 63
    assert shorten(long) != shorten(long + "b")
    assert shorten("short") == "short"


def test_a_ledger_tells_who_paid(tmp_path: Path) -> None:
    objects = open_store(str(tmp_path)).objects
    write_entry(objects, entry(100, BEER, TEA))
    (found,) = read_entries(objects)
    assert found.payers == (BEER, TEA)


def reserve_elsewhere(objects: Objects, *, renewed_at: float) -> str:
    """Reserve 60 bytes as a pod does whose processes nobody here sees; return where its lease is."""
    asked = replace(entry(60, BEER), state="asked")
    write_entry(objects, asked)
    holder = replace(describe_process(), namespace="pid:[1]")
    place = f"leases/queries/{asked.query_id}/000000000"
    objects.write(place, to_json(Lease(holder=holder, renewed_at=renewed_at)).encode())
    return place


def test_what_a_pod_that_is_gone_had_reserved_is_free_for_the_pod_that_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 0.2)
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.02)
    objects = open_store(str(tmp_path)).objects
    reserve_elsewhere(objects, renewed_at=time.time())
    assert check_budget(objects, QUERY, 50, budget=Budget(run=100), payers=(BEER,)) == 100
    assert [(found.state, found.n_bytes) for found in read_entries(objects)] == [("failed", 0)]


def test_what_a_pod_that_is_at_work_has_reserved_is_not_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 5.0)
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.02)
    objects = open_store(str(tmp_path)).objects
    place = reserve_elsewhere(objects, renewed_at=time.time() - 20)
    content = to_json(replace(from_bytes(Lease, objects.read(place) or b""), renewed_at=time.time())).encode()
    renewal = threading.Timer(0.2, objects.write, (place, content))
    renewal.start()
    with pytest.raises(DataError, match="more than the 40 B left of 100 B"):
        check_budget(objects, QUERY, 50, budget=Budget(run=100), payers=(BEER,))
    renewal.join()
