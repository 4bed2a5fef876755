"""Forecast the sales of each store for the coming week: a product of its own that shares the download library.

It knows nothing of cases, features or reports. It is a plain gokart pipeline of three tasks, and where its data come
from is one line: ``download("purchases", ...)``. The days it needs are fetched once for all who share the workspace.

    python ../complete-journey/fetch_data.py    # once, in that folder: the data
    python forecast.py --week 2017-11-06
"""

import argparse
from datetime import date, timedelta
from pathlib import Path

import duckdb
import gokart
import luigi
import numpy as np
import pyarrow as pa
from sklearn.linear_model import Ridge

from yule.library import Download, download

LIBRARY = Path(__file__).parent.parent / "complete-journey"
WEEK = timedelta(days=7)
N_WEEKS = 20
N_LAGS = 4
MIN_SALES = 100.0


class WeeklySales(gokart.TaskOnKart[pa.Table]):
    """Add up the sales of each store in each of the weeks before a Monday."""

    week = luigi.DateParameter()
    library = luigi.Parameter(significant=False)

    def requires(self) -> Download:
        since = self.week - N_WEEKS * WEEK
        columns = ["store_id", "sales_value"]
        return download("purchases", since=since, until=self.week, columns=columns, project=self.library)

    def run(self) -> None:
        purchases = self.load()  # a pyarrow.dataset.Dataset, which DuckDB streams from
        sql = """
            SELECT store_id, CAST(floor((epoch(bought_at) - epoch(CAST(? AS DATE))) / 604800) AS INTEGER) AS week,
                   sum(sales_value) AS sales
            FROM purchases GROUP BY ALL ORDER BY ALL
        """
        with duckdb.connect() as connection:
            connection.register("purchases", purchases)
            self.dump(connection.sql(sql, params=[self.week.isoformat()]).to_arrow_table())


class Forecast(gokart.TaskOnKart[pa.Table]):
    """Forecast the week from a Monday on by each store's last weeks."""

    week = luigi.DateParameter()
    library = luigi.Parameter(significant=False)

    def requires(self) -> WeeklySales:
        return WeeklySales(week=self.week, library=self.library)

    def run(self) -> None:
        stores, sales = spread(self.load())
        windows = np.lib.stride_tricks.sliding_window_view(sales, N_LAGS + 1, axis=1).reshape(-1, N_LAGS + 1)
        model = Ridge().fit(np.log1p(windows[:, :-1]), np.log1p(windows[:, -1]))
        forecast = np.expm1(model.predict(np.log1p(sales[:, -N_LAGS:])))
        self.dump(pa.table({"store_id": stores, "last_week": sales[:, -1], "forecast": forecast}))


def spread(sales: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the stores that sell enough, and their sales by week, the oldest first: (n_stores, N_WEEKS)."""
    stores, rows = np.unique(sales["store_id"].to_numpy(), return_inverse=True)
    spread_out = np.zeros((len(stores), N_WEEKS))
    spread_out[rows, sales["week"].to_numpy() + N_WEEKS] = sales["sales"].to_numpy()
    is_large = spread_out.mean(axis=1) >= MIN_SALES
    return stores[is_large], spread_out[is_large]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--week", type=date.fromisoformat, default=date(2017, 11, 6), help="a Monday")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="the project whose downloads are used")
    parser.add_argument("--workspace", default="workspace", help="where this product keeps its own results")
    arguments = parser.parse_args()
    luigi.configuration.get_config().set("TaskOnKart", "workspace_directory", arguments.workspace)
    forecast = gokart.build(Forecast(week=arguments.week, library=str(arguments.library)))
    for row in forecast.sort_by([("forecast", "descending")]).slice(0, 10).to_pylist():
        print(f"store {row['store_id']:>6}  last week {row['last_week']:>9.2f}  forecast {row['forecast']:>9.2f}")


if __name__ == "__main__":
    main()
