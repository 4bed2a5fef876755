"""A small project over made-up shopping logs, for tests of the whole way."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

N_USERS = 240
FIRST_DAY = datetime(2024, 1, 1)
N_DAYS = 240

PROJECT = """\
version: 1
name: made-up
workspace: workspace
sources: {shop: {kind: files, path: data}}
"""

PURCHASES = """\
version: 1
description: What users bought.
source: shop
table: purchases.parquet
user: user
time: bought_at
columns:
  user: string
  bought_at: timestamp
  product: {type: string, meaning: kind of product}
  price: number
"""

PROFILES = """\
version: 1
source: shop
table: profiles.csv
user: user
columns: {user: string, age: integer, town: string}
"""

SHOPPING = """\
version: 1
kind: events
download: purchases
windows: [14 days, 56 days, all]
aggregates: [count, recency, {sum: price}, {distinct: product}]
shares: [{of: product, top: 3}]
"""

PROFILE = """\
version: 1
kind: profile
download: profiles
"""

CASE = """\
version: 1
question: Who will buy {product} in the next 14 days?
labels:
  event: purchases
  where: "product = '{product}'"
  within: 14 days
  cutoffs: {{from: 2024-03-01, every: 14 days, count: 5}}
predict: {{cutoff: 2024-07-01, population: purchases, shards: 3}}
features: {{sets: [profile, shopping]}}
models:
  - {{kind: lightgbm, {lightgbm}}}
  - {{kind: logistic}}
ensemble: greedy
folds: {{n_folds: 3}}
"""

LIGHTGBM = "max_trees: 30"


def write_made_up_project(folder: Path, *, lightgbm: str = LIGHTGBM) -> Path:
    """Write a project whose users like beer or tea, and buy more of what they like."""
    for name in ("data", "downloads", "features", "cases"):
        (folder / name).mkdir(parents=True)
    write_logs(folder / "data")
    (folder / "project.yaml").write_text(PROJECT)
    (folder / "downloads" / "purchases.yaml").write_text(PURCHASES)
    (folder / "downloads" / "profiles.yaml").write_text(PROFILES)
    (folder / "features" / "shopping.yaml").write_text(SHOPPING)
    (folder / "features" / "profile.yaml").write_text(PROFILE)
    for product in ("beer", "tea"):
        (folder / "cases" / f"{product}.yaml").write_text(CASE.format(product=product, lightgbm=lightgbm))
    return folder


def write_logs(folder: Path) -> None:
    """Write the purchases and the profiles of the made-up users."""
    random = np.random.default_rng(7)
    likes_beer = random.random(N_USERS) < 0.4
    rows = []
    for user in range(N_USERS):
        n_events = random.poisson(40)
        days = np.sort(random.uniform(0, N_DAYS, n_events))
        weights = [0.25, 0.05, 0.4, 0.3] if likes_beer[user] else [0.02, 0.25, 0.43, 0.3]
        products = random.choice(["beer", "tea", "bread", "milk"], n_events, p=weights)
        rows += [
            (f"u{user:03}", FIRST_DAY + timedelta(days=float(day)), str(product), round(float(price), 2))
            for day, product, price in zip(days, products, random.uniform(1, 9, n_events), strict=True)
        ]
    users, times, products, prices = zip(*rows, strict=True)
    table = {"user": users, "bought_at": pa.array(times, pa.timestamp("us")), "product": products, "price": prices}
    pq.write_table(pa.table(table), folder / "purchases.parquet")
    profiles = [f"u{user:03},{20 + user % 50},{'north' if user % 3 else 'south'}" for user in range(N_USERS)]
    (folder / "profiles.csv").write_text("\n".join(["user,age,town", *profiles]) + "\n")


def read_events(printed: str) -> list[dict[str, object]]:
    """Parse the JSON lines that ``yule run --json`` prints."""
    return [json.loads(line) for line in printed.splitlines()]
