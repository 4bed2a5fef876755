"""The example of a second product: it runs on the download library of the first."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

EXAMPLES = Path(__file__).parents[2] / "examples"

PURCHASES = """
    COPY (
        SELECT i % 9 AS household_id, 10 + i % 3 AS store_id, 1 AS basket_id, 1 AS product_id, 1 AS quantity,
               10.0 + i % 3 AS sales_value, 0.0 AS retail_disc, 0.0 AS coupon_disc, 0.0 AS coupon_match_disc,
               'G' AS department, 'B' AS brand, 'C' AS product_category, 'T' AS product_type, 7 AS manufacturer_id,
               TIMESTAMP '2017-01-02 12:00:00' + INTERVAL (i // 60) DAY AS bought_at
        FROM range(60 * 320) r(i)
    ) TO '{file}'
"""


def test_another_product_forecasts_from_the_same_downloads(tmp_path: Path) -> None:
    library, product = tmp_path / "complete-journey", tmp_path / "store-demand"
    for name in ("downloads", "features", "cases"):
        shutil.copytree(EXAMPLES / "complete-journey" / name, library / name)
    shutil.copy(EXAMPLES / "complete-journey" / "project.yaml", library)
    (library / "data").mkdir()
    duckdb.sql(PURCHASES.format(file=library / "data" / "purchases.parquet"))
    product.mkdir()
    shutil.copy(EXAMPLES / "store-demand" / "forecast.py", product)
    command = [sys.executable, "forecast.py", "--week", "2017-10-02"]
    done = subprocess.run(command, cwd=product, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    shown = [line.split("  forecast")[0] for line in done.stdout.splitlines()[-3:]]
    assert shown == [
        "store     12  last week   1680.00",
        "store     11  last week   1540.00",
        "store     10  last week   1400.00",
    ]
