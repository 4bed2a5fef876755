"""Tables of users: Yule and other systems on public sets, with all labels or few, and how fast they score.

    benchmarks/tables.py FOLDER [--sets adult,...] [--systems yule-standard,lightgbm,...] [--seconds 60]
        [--labels all] [--draws 1] [--rows 200000] [--show]

FOLDER keeps the sets, the environments of the other systems and what was measured; what is there is not measured again,
and ``--show`` measures nothing. A set may be a path: a Parquet table with ``target`` and ``split``. Half of the sets
were there to choose settings by; the others are *judged*. With fewer labels than all, as many rows are drawn as there
are labels, with the set's share of either answer. Test rows are never learned from, and no system sees their answers.

CPU seconds are those of whole commands, of all their processes; memory is that of the largest process. A system that
fails on a set counts there as one that says nothing: AUC .5, log loss and average precision of the share in training.
"""

import argparse
import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tables_sets import PART, ROW, SETS, TARGET, draw, read_set
from tables_show import show
from tables_systems import Rival, Yule, find_systems

SYSTEMS = "yule-quick,yule-standard,lightgbm,logistic"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One system on one set, with so many labels, drawn so.

    Parameters
    ----------
    folder
        Where all is kept.
    name, system
        Names of set and system.
    labels
        A number, or ``all``.
    seed
        Number of the draw.
    seconds
        How long a system with a limit may learn.
    """

    folder: Path
    name: str
    system: str
    labels: str
    seed: int
    seconds: int

    @property
    def place(self) -> Path:
        """Where its figures and scores are."""
        return self.folder / "cells" / self.name / f"{self.labels}-{self.seed}" / f"{self.system}-{self.seconds}"


def measure(cell: Cell, table: pa.Table, system: Yule | Rival, n_rows: int) -> None:
    """Fit, score the test rows, score ``n_rows`` of them repeated; keep scores and figures."""
    work = cell.place.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    (work / "model").mkdir(parents=True)
    n_labels = None if cell.labels == "all" else int(cell.labels)
    train = draw(table, n_labels, cell.seed)
    test = table.filter(pc.equal(table[PART], "test")).drop_columns([PART, TARGET])
    tables = {"train": train, "test": test, "many": _repeat(test, n_rows)}
    for name, each in tables.items():
        pq.write_table(each, work / f"{name}.parquet")
    figures, scores = _run(work, system, cell, tables)
    cell.place.mkdir(parents=True, exist_ok=True)
    np.save(cell.place / "scores.npy", scores)
    (work / "log.txt").rename(cell.place / "log.txt")
    (cell.place / "figures.json").write_text(json.dumps(figures))
    shutil.rmtree(work)


def _run(
    work: Path, system: Yule | Rival, cell: Cell, tables: dict[str, pa.Table]
) -> tuple[dict[str, object], NDArray[np.float64]]:
    train, log, scores = work / "train.parquet", work / "log.txt", work / "scores.parquet"
    rows = tables["test"][ROW].to_numpy()
    try:
        fitted = system.fit(work / "model", train, cell.seconds, cell.seed, log)
        system.predict(work / "model", train, work / "test.parquet", scores, log)
        found = system.read(scores, rows)
        many = system.predict(work / "model", train, work / "many.parquet", scores, log)
    except subprocess.CalledProcessError as error:
        share = float(np.mean(tables["train"][TARGET].to_numpy()))
        return {"refused": str(error)}, np.full(len(rows), share)
    n_rows = tables["many"].num_rows
    return {"fit": asdict(fitted), "score": asdict(many), "rows": n_rows}, found


def _repeat(test: pa.Table, n_rows: int) -> pa.Table:
    repeated = test.take(np.resize(np.arange(test.num_rows), n_rows))
    return repeated.set_column(repeated.column_names.index(ROW), ROW, pa.array(np.arange(n_rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--systems", default=SYSTEMS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--labels", default="all", help="numbers of labels, or all")
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--rows", type=int, default=200_000, help="rows to score for the time")
    parser.add_argument("--show", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    systems = find_systems(folder / "environments")
    for asked in arguments.sets.split(","):
        name, table = read_set(asked, folder)
        cells = [
            Cell(folder=folder, name=name, system=system, labels=labels, seed=seed, seconds=arguments.seconds)
            for labels in arguments.labels.split(",")
            for seed in range(1 if labels == "all" else arguments.draws)
            for system in arguments.systems.split(",")
        ]
        for cell in cells:
            if not (cell.place / "figures.json").exists() and not arguments.show:
                measure(cell, table, systems[cell.system], arguments.rows)
                print(cell.name, cell.labels, cell.seed, cell.system, flush=True)
    show(folder, arguments.systems.split(","), arguments.labels.split(","), arguments.seconds)


if __name__ == "__main__":
    main()
