"""How ``tables.py`` runs a system: two commands, each a process of its own, timed as a whole."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tables_sets import ROW, TARGET

RIVALS = Path(__file__).parent / "tables_rivals.py"
YULE = Path(sys.executable).parent / "yule"
TABULAR = ("pandas", "pyarrow", "scikit-learn", "lightgbm")


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a command took: CPU seconds of all its processes, seconds, and MiB of its largest process."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True, kw_only=True)
class Yule:
    """Yule, run as a user would: a project from the table, and its one case.

    Parameters
    ----------
    models
        Portfolio of the case.
    """

    models: str

    def fit(self, folder: Path, train: Path, seconds: int, seed: int, log: Path) -> Spent:
        """Make the project and run its case; it knows no limit of seconds and needs no seed."""
        del seconds, seed
        project = folder / "project"
        made = run([str(YULE), "init", str(project), "--from", str(train), "--target", TARGET, "--user", ROW], log)
        case = project / "cases" / f"{train.stem}.yaml"
        case.write_text(case.read_text().replace("models: standard ", f"models: {self.models} "))
        ran = run([str(YULE), "run", train.stem, "--cores", "2"], log, project)
        return Spent(cpu=made.cpu + ran.cpu, wall=made.wall + ran.wall, memory=max(made.memory, ran.memory))

    def predict(self, folder: Path, train: Path, table: Path, scores: Path, log: Path) -> Spent:
        """Write the list of the table's users."""
        command = [str(YULE), "predict", train.stem, "--table", str(table), "--out", str(scores), "--cores", "2"]
        return run(command, log, folder / "project")

    def read(self, scores: Path, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores in the order of the rows."""
        listed = pq.read_table(scores, columns=["user_id", "score"])
        by_row = dict(zip(map(int, listed["user_id"].to_pylist()), listed["score"].to_pylist(), strict=True))
        return np.array([by_row[row] for row in rows.tolist()])


@dataclass(frozen=True, kw_only=True)
class Rival:
    """Another system, in an environment of its own.

    Parameters
    ----------
    system
        Its name in ``tables_rivals.py``.
    environment
        Name of its environment.
    packages
        What is installed there.
    environments
        Folder of all environments.
    """

    system: str
    environment: str
    packages: tuple[str, ...]
    environments: Path

    def fit(self, folder: Path, train: Path, seconds: int, seed: int, log: Path) -> Spent:
        """Fit within the seconds."""
        return self._run("fit", folder, train, log, str(seconds), str(seed))

    def predict(self, folder: Path, train: Path, table: Path, scores: Path, log: Path) -> Spent:
        """Score the table."""
        del train
        return self._run("predict", folder, table, log, str(scores))

    def read(self, scores: Path, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores in the order of the rows, which is that of the table."""
        del rows
        return pq.read_table(scores)["p"].to_numpy()

    def _run(self, action: str, folder: Path, table: Path, log: Path, *more: str) -> Spent:
        command = [str(self._python()), str(RIVALS), action, self.system, str(folder), str(table), *more]
        return run(command, log, folder)

    def _python(self) -> Path:
        home = self.environments / self.environment
        python = home / "bin" / "python"
        if not (home / "ready").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", "uv"], check=True)
            subprocess.run(
                [str(home / "bin" / "uv"), "pip", "install", "-q", "--python", str(python), *self.packages], check=True
            )
            (home / "ready").touch()
        return python


def find_systems(environments: Path) -> dict[str, Yule | Rival]:
    """Return all systems by name."""
    torch = "torch==2.13.0"
    rivals = {
        "lightgbm": ("plain", TABULAR),
        "logistic": ("plain", TABULAR),
        "flaml": ("flaml", ("flaml[automl]", "pyarrow")),
        "autogluon-medium": ("autogluon", (torch, "autogluon.tabular[lightgbm,catboost,xgboost,fastai]", "pyarrow")),
        "autogluon-best": ("autogluon", (torch, "autogluon.tabular[lightgbm,catboost,xgboost,fastai]", "pyarrow")),
        "lightautoml": ("lightautoml", (torch, "lightautoml", "pyarrow")),
        "mljar": ("mljar", ("mljar-supervised", "pyarrow")),
    }
    yule = {f"yule-{models}": Yule(models=models) for models in ("quick", "standard", "best")}
    return yule | {
        name: Rival(system=name, environment=environment, packages=packages, environments=environments)
        for name, (environment, packages) in rivals.items()
    }


def run(command: Sequence[str], log: Path, folder: Path | None = None) -> Spent:
    """Run a command to its end and return what it took.

    Raises
    ------
    CalledProcessError
        If it fails; what it said is in the log.
    """
    before = os.times()
    with log.open("ab") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env=_environment())
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    wall = os.times().elapsed - before.elapsed
    return Spent(cpu=used.ru_utime + used.ru_stime, wall=wall, memory=used.ru_maxrss / 1024)


def _environment() -> dict[str, str]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    return {**os.environ, **limits, "PYTHONWARNINGS": "ignore"}
