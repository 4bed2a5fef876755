"""Outputs are what they were, byte for byte: on the processor and with the libraries of the record."""

import os
from pathlib import Path

import pytest
from golden_outputs import (
    describe_machine,
    find_changed_files,
    find_changed_numbers,
    find_changed_texts,
    read_outputs,
    read_recorded,
)
from golden_projects import HERE, RE_RECORD, find_cases, run_cases, write_golden_project

pytestmark = pytest.mark.slow

N_CORES = int(os.environ.get("YULE_GOLDEN_CORES", "2"))
N_THREADS = int(os.environ.get("YULE_GOLDEN_THREADS", "1"))
SHOWN = 40


def test_every_output_of_every_kind_of_case_is_what_is_on_record(tmp_path: Path) -> None:
    project = write_golden_project(tmp_path / "golden")
    run_cases(project, n_cores=N_CORES, n_threads=N_THREADS)
    recorded, found = read_recorded(HERE), read_outputs(project)
    if describe_machine() == recorded.machine:
        changed = [*find_changed_files(recorded, found, find_cases(project)), *find_changed_texts(recorded, found)]
    else:
        changed = list(find_changed_numbers(recorded, found))
    assert not changed, "\n".join([f"{len(changed)} outputs have changed:", *changed[:SHOWN], RE_RECORD])
