"""Projects for sessions: one that is quick to run."""

import csv
import random
from pathlib import Path

from yule.config.scaffold import write_project_from_table

GOLDEN = Path(__file__).parents[1] / "golden"
RECORDED = GOLDEN / "runs" / "v0.1.0"


def write_small_project(folder: Path, *, seed: int) -> Path:
    """Write a project of one table, with one case that trains in a few seconds."""
    table = folder.with_suffix(".csv")
    rng = random.Random(seed)
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "age", "town", "bought"])
        for number in range(400):
            age = rng.randint(18, 80)
            writer.writerow([f"u{number}", age, rng.choice("abc"), int(rng.random() < age / 100)])
    write_project_from_table(folder, table, target="bought", user="user", encoding="")
    (case,) = (folder / "cases").glob("*.yaml")
    text = case.read_text().replace("models: standard", "models: quick")
    case.with_name("buyers.yaml").write_text(text)
    case.unlink()
    return folder
