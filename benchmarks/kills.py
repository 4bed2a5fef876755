"""What being killed costs, and whether it changes a byte: the beer case of the Complete Journey.

Run with ``PYTHONPATH=tests python benchmarks/kills.py [N_KILLS] [SEED]``, after ``make demo`` has brought the data.
Commands are killed at random instants, with every process that they have started and without a word (SIGKILL), and
given again until they end. Then every output is compared with that of commands nobody has disturbed. An output that
was there when a command began and whose task it started all the same is counted as repeated.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from buckets import new_prefix, serve_s3

from yule.downloads.costs.ledger import read_entries
from yule.storage.objects.opening import is_bucket, open_objects

EXAMPLE = Path(__file__).parents[1] / "examples" / "complete-journey"
PAUSE_SECONDS = (0.5, 15.0)  # from the beginning of a command to its end
MAX_KILLS = 12  # of one command, before it is left alone
UNLIKE = ("task.json", "run.json", "fetched")  # files, or folders of files, that tell when, or how long it took

RUN = ("run", "beer-buyers", "--json")
PREDICT = ("predict", "beer-buyers", "--cutoff", "2017-11-05", "--json")
RERUN = ("rerun", "beer-buyers", "--json")
DOWNLOAD = ("plan", "--labels", "beer-buyers")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A command that is disturbed.

    Parameters
    ----------
    name
        What it is called in the table.
    share
        Which part of the kills.
    before
        Commands that nobody disturbs.
    command
        The one that is.
    by_day
        Whether the purchases are fetched by the day.
    """

    name: str
    share: float
    before: tuple[tuple[str, ...], ...] = ()
    command: tuple[str, ...]
    in_bucket: bool = False
    by_day: bool = False


SCENES = (
    Scene(name="downloads by the day", share=0.12, command=DOWNLOAD, by_day=True),
    Scene(name="predict", share=0.12, before=(RUN,), command=PREDICT),
    Scene(name="rerun", share=0.16, before=(RUN,), command=RERUN),
    Scene(name="run in S3", share=0.24, command=RUN, in_bucket=True),
    Scene(name="run", share=0.36, command=RUN),
)


@dataclass(kw_only=True)
class Tally:
    """What was counted of a scene."""

    n_kills: int = 0
    n_journeys: int = 0
    n_tasks: int = 0
    n_repeated: int = 0
    n_days_repeated: int = 0
    differences: list[str] = field(default_factory=list)


def write_project(folder: Path, scene: Scene, bucket: str) -> Path:
    """Copy the example, with few members, and commands that nobody disturbs already given."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("workspace", "data"))
    (folder / "project.yaml").write_text(
        (folder / "project.yaml").read_text().replace("path: data", f"path: {EXAMPLE / 'data'}")
    )
    base = folder / "cases" / "_base.yaml"
    base.write_text(base.read_text().replace("models: standard", "models: quick"))
    if scene.in_bucket:
        file = folder / "project.yaml"
        file.write_text(file.read_text().replace("workspace: workspace ", f"workspace: {new_prefix(bucket)} "))
    if scene.by_day:
        with (folder / "downloads" / "purchases.yaml").open("a") as file:
            file.write("days: {since: 2017-01-01, late_days: 2}\n")
    return folder


def find_workspace(project: Path) -> str:
    """Return the address of a project's workspace."""
    (line,) = (line for line in (project / "project.yaml").read_text().splitlines() if line.startswith("workspace:"))
    place = line.split()[1]
    return place if is_bucket(place) else str(project / place)


def start(project: Path, command: Sequence[str]) -> "subprocess.Popen[str]":
    """Start a command in a process group of its own."""
    environment = os.environ | {"YULE_CACHE": str(project / "machine")}
    return subprocess.Popen(
        [sys.executable, "-m", "yule", *command],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(project: Path, command: Sequence[str]) -> list[dict[str, object]]:
    """Let a command come to its end; return its events."""
    process = start(project, command)
    printed, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors}")
    return read_events(printed)


def kill(process: "subprocess.Popen[str]") -> list[dict[str, object]]:
    """Kill a command and all that it has started; return what it had told."""
    for pid in list_family(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    printed, _ = process.communicate()
    return read_events(printed)


def list_family(pid: int) -> Iterator[int]:
    """List a process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from list_family(int(child))


def read_events(printed: str) -> list[dict[str, object]]:
    """Parse the lines that are whole."""
    lines = (line for line in printed.splitlines() if line.startswith("{") and line.endswith("}"))
    return [json.loads(line) for line in lines]


def find_outputs(project: Path, scene: Scene) -> set[str]:
    """Return the unique ids of the outputs that are there."""
    workspace = find_workspace(project)
    if is_bucket(workspace):
        return {name.rsplit("/", 1)[1].removesuffix(".json") for name in open_objects(workspace).list("published/")}
    roots = Path(workspace).glob("reruns/*") if scene.command == RERUN else [Path(workspace)]
    return {folder.name for root in roots for folder in root.glob("cache/*/*")}


def find_days(project: Path) -> set[date]:
    """Return the days that are there."""
    folders = Path(find_workspace(project)).glob("days/*/*/*--*")
    return {date.fromisoformat(folder.name[:10]) for folder in folders}


def find_queries(project: Path) -> Mapping[str, set[date]]:
    """Return the days that were asked of the source, by query."""
    asked = {}
    for entry in read_entries(open_objects(find_workspace(project))):
        if entry.since and entry.until:
            since, until = date.fromisoformat(entry.since[:10]), date.fromisoformat(entry.until[:10])
            asked[entry.query_id] = {since + timedelta(days=number) for number in range((until - since).days)}
    return asked


def digest_outputs(project: Path) -> dict[str, str]:
    """Digest every file that must be the same whatever happened, by name."""
    workspace = find_workspace(project)
    objects = open_objects(workspace)
    names = [name for place in ("cache/", "days/", "runs/") for name in objects.list(place)]
    digests = {}
    for name in names:
        parts = name.split("/")
        if not set(parts) & set(UNLIKE):
            if is_bucket(workspace) and parts[0] == "cache":
                del parts[3]  # where a publication lies differs
            digests["/".join(parts)] = hashlib.sha256(objects.read(name) or b"").hexdigest()
    return digests


def disturb(project: Path, scene: Scene, chance: random.Random, tally: Tally, *, n_kills: int) -> None:
    """Give a command until it ends, and kill it so many times at the most."""
    for number in range(n_kills + 1):
        there, days, asked = find_outputs(project, scene), find_days(project), find_queries(project)
        process = start(project, scene.command)
        events = None
        if number < n_kills:
            try:
                process.wait(chance.uniform(*PAUSE_SECONDS))
            except subprocess.TimeoutExpired:
                events = kill(process)
                tally.n_kills += 1
        is_over = events is None
        if events is None:
            printed, errors = process.communicate()
            events = read_events(printed)
            if process.returncode:
                tally.differences.append(f"exit code {process.returncode}: {errors[-300:]}")
        started = {str(event["unique_id"]) for event in events if event.get("event") == "started"}
        tally.n_tasks += len(started)
        tally.n_repeated += len(started & there)
        new = {day for query, found in find_queries(project).items() if query not in asked for day in found}
        tally.n_days_repeated += len(new & days)
        if is_over:
            return


def play(scene: Scene, scratch: Path, bucket: str, chance: random.Random, *, n_kills: int) -> Tally:
    """Disturb a scene's command so many times, over as many journeys as that takes."""
    tally = Tally()
    first = write_project(scratch / "undisturbed", scene, bucket)
    for command in scene.before:
        finish(first, command)
    prepared = scratch / "prepared"
    if scene.before:
        shutil.copytree(first, prepared)
    finish(first, scene.command)
    expected = digest_outputs(first)
    while tally.n_kills < n_kills:
        project = scratch / f"journey-{tally.n_journeys}"
        if scene.before:
            shutil.copytree(prepared, project)
        else:
            write_project(project, scene, bucket)
        tally.n_journeys += 1
        disturb(project, scene, chance, tally, n_kills=min(MAX_KILLS, n_kills - tally.n_kills))
        found = digest_outputs(project)
        tally.differences += sorted(name for name in expected.keys() | found if expected.get(name) != found.get(name))
        shutil.rmtree(project)
    return tally


def main(n_kills: int = 100, seed: int = 0) -> None:
    """Play all scenes and print what was counted."""
    chance = random.Random(seed)
    print(
        f"{'command':<22}{'kills':>6}{'journeys':>10}{'tasks':>7}{'repeated':>10}{'days twice':>12}{'wrong files':>13}"
    )
    total = Tally()
    with serve_s3() as bucket:
        for scene in SCENES:
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as scratch:
                tally = play(scene, Path(scratch), bucket, chance, n_kills=round(n_kills * scene.share))
            print_row(scene.name, tally, f"{time.monotonic() - began:6.0f} s")
            for difference in tally.differences[:5]:
                print(f"    differs: {difference}", flush=True)
            total.n_kills += tally.n_kills
            total.n_journeys += tally.n_journeys
            total.n_tasks += tally.n_tasks
            total.n_repeated += tally.n_repeated
            total.n_days_repeated += tally.n_days_repeated
            total.differences += tally.differences
    print_row("all", total, "")
    sys.exit(1 if total.differences or total.n_repeated else 0)


def print_row(name: str, tally: Tally, took: str) -> None:
    """Print a row of the table."""
    counts = f"{tally.n_kills:>6}{tally.n_journeys:>10}{tally.n_tasks:>7}{tally.n_repeated:>10}"
    print(f"{name:<22}{counts}{tally.n_days_repeated:>12}{len(tally.differences):>13}  {took}", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
