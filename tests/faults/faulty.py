"""Commands under an injector of faults: what they must leave, whatever the system refuses them."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

INJECTOR = Path(__file__).parent / "injector"
UNLIKE = ("task.json", "run.json", "fingerprints.json", "claims", "owner")
"""Files that tell when, or how long it took, or on which machine."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is refused: to whom, the how manieth thing, with which error, and whether all after it."""

    who: str
    number: int
    code: str
    is_lasting: bool

    def __str__(self) -> str:
        return f"{self.who}:{self.number}:{self.code}:{'on' if self.is_lasting else 'once'}"


def call(project: Path, command: Sequence[str], fault: Fault | None = None) -> "subprocess.CompletedProcess[str]":
    """Give a command, with a fault or without."""
    process = start(project, command, fault)
    printed, errors = process.communicate(timeout=280)
    return subprocess.CompletedProcess(process.args, process.returncode, printed, errors)


def start(project: Path, command: Sequence[str], fault: Fault | None = None) -> "subprocess.Popen[str]":
    """Start a command, with a fault or without."""
    environment = dict(os.environ)
    if fault is not None:
        path = os.pathsep.join(filter(None, [str(INJECTOR), environment.get("PYTHONPATH")]))
        told = {"YULE_FAULT": str(fault), "YULE_FAULT_ROOT": str(project), "YULE_FAULT_LOG": str(find_log(project))}
        environment |= {"PYTHONPATH": path, **told}
    return subprocess.Popen(
        [sys.executable, "-m", "yule", *command],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def find_log(project: Path) -> Path:
    """Return the file that the injector writes to: outside what counts."""
    return project.parent / f"{project.name}.calls"


def count_calls(project: Path, command: Sequence[str], who: str) -> int:
    """Return how much one process of a command writes when nothing is refused."""
    find_log(project).unlink(missing_ok=True)
    call(project, command, Fault(who=who, number=10**9, code="EIO", is_lasting=False))
    lines = find_log(project).read_text().splitlines() if find_log(project).exists() else []
    return max((int(line.split()[0]) for line in lines), default=0)


def find_faults(done: "subprocess.CompletedProcess[str]", *, codes: Sequence[int]) -> list[str]:
    """Return what is wrong with how a command that something was refused to ended."""
    faults = []
    if done.returncode not in codes:
        faults.append(f"exit code {done.returncode}")
    if "Traceback" in done.stderr or "bug in Yule" in done.stderr:
        faults.append("a traceback, or a bug")
    if done.returncode and not any(line.startswith("yule: ") for line in done.stderr.splitlines()):
        faults.append("no sentence")
    return faults


def digest(folder: Path) -> dict[str, str]:
    """Digest all files that must be the same, whatever was refused before."""
    left_out = ("logs", "events", ".partial", "leases", "ledger", "probes", "tensorboard")
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in UNLIKE and not set(left_out) & set(file.relative_to(folder).parts)
    }


def try_fault(prepared: Path, place: Path, command: Sequence[str], fault: Fault, expected: dict[str, str]) -> list[str]:
    """Refuse a command something in a copy of a project, then give it again; return all that is wrong."""
    project = Path(shutil.copytree(prepared, place / "project"))
    find_log(project).unlink(missing_ok=True)
    try:
        done = call(project, command, fault)
        is_met = find_log(project).exists() and "REFUSED" in find_log(project).read_text()
        faults = find_faults(done, codes=(1, 4) if is_met else (0,))
        if is_met and done.returncode == 0 and faults == ["exit code 0"]:
            faults = []  # it could do without
        again = done if done.returncode == 0 else call(project, command)
        if again.returncode:
            faults.append(f"given again it ends with {again.returncode}: {again.stderr[-500:]}")
        found = digest(project)
        faults += [
            f"differs: {name}" for name in sorted(expected.keys() | found) if expected.get(name) != found.get(name)
        ]
        if faults:
            faults.append(find_log(project).read_text().splitlines()[-1] if find_log(project).exists() else "no call")
            faults.append(done.stderr[-1500:])
        return faults
    finally:
        shutil.rmtree(project)
