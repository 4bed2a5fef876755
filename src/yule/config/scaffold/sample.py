"""A small made-up shop, for a new project to begin with."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

N_CUSTOMERS = 300
FIRST_DAY = datetime(2024, 1, 1)
N_DAYS = 240
PRICES = {"coffee": 7.5, "tea": 4.9, "bread": 3.2, "cheese": 6.8, "fruit": 4.1}


def write_sample_orders(path: Path) -> None:
    """Write the orders of a shop as CSV: customer_id, ordered_at, product, price; the same ones every time.

    Some customers like coffee and buy it often: there is something to find.
    """
    numbers = random.Random(0)
    rows = []
    for customer in range(1, N_CUSTOMERS + 1):
        likes_coffee = numbers.random() < 0.3
        weights = [10 if likes_coffee else 0.5, 2, 5, 3, 4]
        for _ in range(numbers.randint(5, 50)):
            moment = FIRST_DAY + timedelta(minutes=numbers.randrange(N_DAYS * 24 * 60))
            (product,) = numbers.choices(list(PRICES), weights)
            price = PRICES[product] * numbers.randint(1, 3)
            rows.append((moment.isoformat(sep=" "), f"c{customer:03}", product, f"{price:.2f}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("ordered_at", "customer_id", "product", "price"))
        writer.writerows(sorted(rows))
