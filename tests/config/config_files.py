"""A small project to break in many ways."""

from pathlib import Path
from textwrap import dedent

from yule.config.cases import Case, read_case
from yule.config.projects import Project, read_project
from yule.core.errors import ConfigError

FILES = {
    "project.yaml": """\
        version: 1
        name: acme-audience
        workspace: workspace
        sources:
          shop: {kind: files, path: data}
        profiles:
          production:
            workspace: /srv/yule
            sources:
              shop: {path: "${env:SHOP_DATA}"}
        """,
    "downloads/purchases.yaml": """\
        version: 1
        description: One row per product in a basket.
        owner: data-platform
        source: shop
        table: transactions/*.parquet
        user: household_id
        time: bought_at
        columns:
          department: {type: string, meaning: Department of the product.}
          sales_value: number
          quantity: integer
        """,
    "downloads/households.yaml": """\
        version: 1
        source: shop
        table: households.csv
        user: household_id
        columns: {age: string, income: number, is_owner: boolean}
        """,
    "features/purchases.yaml": """\
        version: 1
        download: purchases
        where: sales_value > 0
        windows: [28 days, 13 weeks, all]
        aggregates: [count, recency, {sum: sales_value}, {distinct: department}]
        shares:
          - {of: department, top: 10, weight: sales_value}
        """,
    "features/households.yaml": """\
        version: 1
        kind: profile
        download: households
        """,
    "cases/beer.yaml": """\
        version: 1
        question: Which households will buy beer in the next 28 days?
        labels:
          event: purchases
          where: department = 'BEER'
          within: 28 days
          cutoffs: {from: 2017-04-02, every: 28 days, count: 3}
        predict: {cutoff: 2017-12-03, population: purchases}
        features: {sets: [purchases, households]}
        models: quick
        """,
}


def write_files(root: Path, **changed: str) -> Path:
    """Write the project; ``cases_beer`` replaces ``cases/beer.yaml`` and so on."""
    for file, text in FILES.items():
        place = root / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            dedent(changed.get(place.stem if place.parent == root else file_key(file), text)), encoding="utf-8"
        )
    return root


def file_key(file: str) -> str:
    return file.removesuffix(".yaml").replace("/", "_")


def load_project(root: Path, profile: str | None = None, environment: dict[str, str] | None = None) -> Project:
    return read_project(root, profile, environment or {})


def load_case(root: Path, name: str = "beer", environment: dict[str, str] | None = None) -> Case:
    return read_case(root / "cases" / f"{name}.yaml", load_project(root), environment or {})


def explain_project(root: Path, profile: str | None = None, environment: dict[str, str] | None = None) -> str:
    """Return what is wrong with the project."""
    try:
        load_project(root, profile, environment)
    except ConfigError as error:
        return str(error)
    return ""


def explain_case(root: Path, text: str) -> str:
    """Write ``cases/beer.yaml`` and return what is wrong with it."""
    (root / "cases/beer.yaml").write_text(dedent(text), encoding="utf-8")
    try:
        load_case(root)
    except ConfigError as error:
        return str(error)
    return ""
