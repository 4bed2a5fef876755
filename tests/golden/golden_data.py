"""The data of the golden project, and a stand-in for those of the example: the same bytes on every machine."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

N_USERS = 160
N_DAYS = 230
FIRST_DAY = datetime(2024, 1, 1)
PRODUCTS = ("beer", "tea", "bread", "milk")
WORDS = ("cold", "warm", "fresh", "sweet", "again", "never", "cheap", "dear")

# Only tables' columns and fingerprints count where nothing is run.
EXAMPLE_TABLES = {
    "baby_club": "household_id",
    "campaigns": "household_id,started_at,campaign_id,campaign_type",
    "demographics": ("household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count"),
    "purchases": (
        "household_id,bought_at,basket_id,store_id,product_id,quantity,sales_value,retail_disc,coupon_disc,"
        "coupon_match_disc,department,brand,product_category,product_type,manufacturer_id"
    ),
    "redemptions": "household_id,redeemed_at,campaign_id,coupon_upc",
}


def write_data(folder: Path) -> None:
    """Write the tables of the golden project: users like beer or tea, and buy more of what they like.

    Of ``random.Random`` only ``random()`` is used, whose numbers Python promises to stay.
    """
    draw = Random(7).random
    likes_beer = [draw() < 0.4 for _ in range(N_USERS)]
    purchases, visits, survey = [], [], []
    for number, likes in enumerate(likes_beer):
        user = f"u{number:03}"
        n_events = 10 + int(40 * draw())
        for moment in sorted(N_DAYS * draw() for _ in range(n_events)):
            product = _choose(draw(), [0.25, 0.05, 0.4, 0.3] if likes else [0.02, 0.25, 0.43, 0.3])
            note = f"{WORDS[int(draw() * 4) + 4 * (product == 'tea')]} {product}"
            purchases.append((user, _tell(moment), product, note, f"{1 + 8 * draw():.2f}"))
        visits += [(user, _tell(N_DAYS * draw()), f"page {int(5 * draw())}") for _ in range(8)]
        segment = "loyal" if n_events > 35 else "new" if likes else "gone"
        survey.append((user, int(likes != (draw() < 0.1)), f"{n_events + 5 * draw():.2f}", segment))
    folder.mkdir(parents=True)
    _write(folder / "purchases.csv", ("user", "bought_at", "product", "note", "price"), purchases)
    _write(folder / "visits.csv", ("user", "visited_at", "page"), sorted(visits))
    _write(folder / "survey.csv", ("user", "likes_tea", "budget", "segment"), survey)
    _write(folder / "seeds.csv", ("user",), [(f"u{n:03}",) for n, likes in enumerate(likes_beer) if likes and n % 2])
    profiles = [(f"u{n:03}", 20 + n % 50, "north" if n % 3 else "south") for n in range(N_USERS)]
    _write(folder / "profiles.csv", ("user", "age", "town"), profiles)
    products = [("beer", "drinks", 1.5), ("tea", "drinks", 0.5), ("bread", "food", 1), ("milk", "food", 60)]
    _write(folder / "products.csv", ("product", "aisle", "cost"), products)


def write_example_data(folder: Path) -> None:
    """Write tables of the example's columns, without rows."""
    folder.mkdir(parents=True)
    for name, columns in EXAMPLE_TABLES.items():
        (folder / f"{name}.csv").write_text(columns + "\n", encoding="utf-8")


def _choose(drawn: float, weights: Sequence[float]) -> str:
    for product, weight in zip(PRODUCTS, weights, strict=True):
        if drawn < weight:
            return product
        drawn -= weight
    return PRODUCTS[-1]


def _tell(day: float) -> str:
    return (FIRST_DAY + timedelta(seconds=int(86400 * day))).isoformat(sep=" ")


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
