# ruff: noqa: E501 - messages stand here as they are printed
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from config_files import explain_project, load_project, write_files

from yule.config.projects import find_project
from yule.core.errors import ConfigError
from yule.downloads.keeping.rows.expectations import Band, Checks, ColumnChecks
from yule.downloads.settings import BigQuerySource, Column, DuckDBSource, FilesSource, SnowflakeSource, SourceSettings
from yule.features.settings import Aggregate, EventFeatures, ItemFeatures, ProfileFeatures, Share, TextFeatures

PLAIN_PROJECT = """\
version: 1
name: acme-audience
workspace: workspace
sources: {shop: {kind: files, path: data}}
"""


def test_a_project_has_absolute_paths(tmp_path: Path):
    project = load_project(write_files(tmp_path))
    assert project.workspace == str(tmp_path / "workspace")
    assert project.sources == {"shop": FilesSource(path=str(tmp_path / "data"))}


def test_a_profile_is_laid_over_the_project(tmp_path: Path):
    project = load_project(write_files(tmp_path), "production", {"SHOP_DATA": "/mnt/shop"})
    assert project.workspace == "/srv/yule"
    assert project.sources == {"shop": FilesSource(path="/mnt/shop")}


def test_user_and_time_are_among_a_downloads_columns(tmp_path: Path):
    method = load_project(write_files(tmp_path)).downloads["purchases"]
    assert method.columns[:3] == (
        Column(name="household_id", type="string"),
        Column(name="bought_at", type="timestamp"),
        Column(name="department", type="string", meaning="Department of the product."),
    )


def test_feature_sets_are_read(tmp_path: Path):
    assert load_project(write_files(tmp_path)).feature_sets == {
        "households": ProfileFeatures(name="households", download="households"),
        "purchases": EventFeatures(
            name="purchases",
            download="purchases",
            where="sales_value > 0",
            windows=(timedelta(days=28), timedelta(days=91), None),
            aggregates=(
                Aggregate(kind="count"),
                Aggregate(kind="recency"),
                Aggregate(kind="sum", of="sales_value"),
                Aggregate(kind="distinct", of="department"),
            ),
            shares=(Share(of="department", top=10, weight="sales_value"),),
        ),
    }


def test_what_a_feature_set_leaves_out_is_the_settings_default(tmp_path: Path):
    write_files(tmp_path, features_purchases="version: 1\ndownload: purchases\n")
    feature_set = load_project(tmp_path).feature_sets["purchases"]
    assert feature_set == EventFeatures(name="purchases", download="purchases")


def test_a_project_is_found_from_below(tmp_path: Path):
    write_files(tmp_path)
    assert find_project(tmp_path / "cases" / "beer.yaml") == tmp_path
    with pytest.raises(ConfigError, match=r"no project\.yaml here or in a folder above"):
        find_project(tmp_path.parent)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path):
    write_files(
        tmp_path,
        project="""\
            version: 1
            name: acme-audience
            workspce: workspace
            sources:
              shop: {kind: teradata, path: s3://shop}
            """,
        downloads_purchases="""\
            version: 1
            source: shop
            table: transactions/*.parquet
            user: household_id
            time: bought_at
            columns: {department: string, sales_value: float, bought_at: string}
            """,
        downloads_households="version: 1\nsource: shop\ntable: 3\nuser: household_id\ncolumns: {income: number}\n",
        features_purchases="version: 1\ndownload: purchase\nwindows: [28, all]\naggregates: [cuont]\n",
        features_households="version: 1\nkind: profiles\ndownload: households\n",
    )
    assert explain_project(tmp_path) == dedent(
        """\
        downloads/households.yaml:3:8: table: expected text, got 3; put it in quotes
            3 | table: 3
              |        ^
        downloads/purchases.yaml:6:44: columns.sales_value: 'float' is not one of string, integer, number, boolean, timestamp, date
            6 | columns: {department: string, sales_value: float, bought_at: string}
              |                                            ^~~~~
        features/households.yaml:2:7: kind: 'profiles' is not one of events, profile, items, text, roles (did you mean 'profile'?)
            2 | kind: profiles
              |       ^~~~~~~~
        features/purchases.yaml:2:11: download: there is no downloads/purchase.yaml (did you mean 'purchases'?)
            2 | download: purchase
              |           ^~~~~~~~
        features/purchases.yaml:3:11: windows[0]: a duration is written like '28 days', '4 weeks' or '12 hours', not 28
            3 | windows: [28, all]
              |           ^~
        features/purchases.yaml:4:14: aggregates[0]: 'cuont' is no aggregate (did you mean 'count'?)
            4 | aggregates: [cuont]
              |              ^~~~~
        project.yaml:1:1: the key 'workspace' is missing; write e.g. workspace: workspace
            1 | version: 1
              | ^
        project.yaml:3:1: workspce: unknown key 'workspce' (did you mean 'workspace'?)
            3 | workspce: workspace
              | ^~~~~~~~
        project.yaml:5:16: sources.shop.kind: 'teradata' is not one of files, duckdb, postgres, bigquery, snowflake
            5 |   shop: {kind: teradata, path: s3://shop}
              |                ^~~~~~~~"""
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("aggregates: [{sum: department}]", "aggregates[0].sum: needs a column of type integer or number; "
         "'department' of purchases is string"),
        ("aggregates: [{sum: sales_valu}]", "aggregates[0].sum: downloads/purchases.yaml has no column 'sales_valu' "
         "(did you mean 'sales_value'?)"),
        ("aggregates: [{last: bought_at}]", "aggregates[0].last: needs a column of type string or boolean or integer or "
         "number; 'bought_at' of purchases is timestamp"),
        ("aggregates: [sum]", "aggregates[0]: sum needs a column; write {sum: COLUMN}"),
        ("aggregates: [{count: quantity}]", "aggregates[0]: count takes no column; write count"),
        ("aggregates: [{sum: quantity, mean: quantity}]", "an item of this list is one aggregate: count, or {sum: COLUMN}"),
        ("aggregates: [count, count]", "aggregates[1]: this stands twice; first at [0]"),
        ("aggregates: []", "this computes nothing; write aggregates or shares"),
        ("windows: [4 weeks, 28 days]", "windows[1]: this stands twice; first at [0]"),
        ("windows: []", "windows: must not be empty"),
        (
            "shares: [{of: sales_value}]",
            "shares[0].of: needs a column of type string or integer or boolean; 'sales_value' of purchases is number",
        ),
        ("aggregates: [streaks]", "aggregates[0]: streaks needs the length of a period; write {streaks: 7 days}"),
        ("aggregates: [{streaks: 7}]", "aggregates[0]: a duration is written like '28 days'"),
        ("aggregates: [trend]\nwindows: [all]", "aggregates[0]: a trend compares a window with the next longer one"),
        ("aggregates: [decayed]\nwindows: [all]", "aggregates[0]: decayed takes the lengths of the windows"),
        ("joins: [{download: nothing, by: quantity, columns: []}]", "joins[0].download: there is no downloads/nothing.yaml"),
        (
            "joins: [{download: purchases, by: sales_value, columns: [department]}]",
            "joins[0].download: downloads/purchases.yaml is not a table of items",
        ),
        (
            "joins: [{download: purchases, by: sales_value, columns: [department]}]",
            "joins[0].by: needs a column of type string or integer; 'sales_value' of purchases is number",
        ),
        (
            "joins: [{download: purchases, by: quantity, columns: [department]}]",
            "joins[0].columns[0]: there is a column 'department' beside the event already; leave it out",
        ),
        ("shares: [{of: weekday, bands: 3}]", "shares[0].bands: weekday is no number and has no bands; leave this out"),
        ("shares: [{of: department, top: 501}]", "shares[0].top: must be at most 500, got 501"),
        ("shares: [{of: department, weight: department}]", "shares[0].weight: needs a column of type integer or number"),
        ("shares: [{of: department}, {of: department, top: 3}]", "shares[1].of: this stands twice; first at [0]"),
        ("where: sales_valu > 0", "where: there is no column 'sales_valu' (did you mean 'sales_value'?)"),
    ],
)  # fmt: skip
def test_feature_sets_are_checked_against_their_download(tmp_path: Path, line: str, message: str):
    write_files(tmp_path, features_purchases=f"version: 1\ndownload: purchases\n{line}\n")
    assert message in explain_project(tmp_path)


def test_what_stands_twice_does_not_hide_what_is_not_there(tmp_path: Path):
    write_files(
        tmp_path,
        features_purchases="version: 1\ndownload: purchases\naggregates: [count, count, {sum: sales_valu}]\n",
    )
    explained = explain_project(tmp_path)
    assert "aggregates[1]: this stands twice; first at [0]" in explained
    assert "has no column 'sales_valu'" in explained


def test_events_need_a_time(tmp_path: Path):
    write_files(tmp_path, features_purchases="version: 1\ndownload: households\n")
    assert "download: events need a time, and downloads/households.yaml has no 'time'" in explain_project(tmp_path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("kind: items", "the key 'item' is missing; write e.g. item: product_id"),
        ("kind: items\nitem: departmen", "item: downloads/purchases.yaml has no column 'departmen' "
         "(did you mean 'department'?)"),
        ("kind: items\nitem: sales_value", "item: needs a column of type string or integer; "
         "'sales_value' of purchases is number"),
        ("kind: items\nitem: household_id", "item: 'household_id' is the user of purchases: who is no item; name the "
         "column that holds what"),
        ("kind: items\nitem: department\nweight: department", "weight: needs a column of type integer or number"),
        ("kind: items\nitem: department\nwindows: [4 weeks, 28 days]", "windows[1]: this stands twice; first at [0]"),
        ("kind: items\nitem: department\nwindows: []", "windows: must not be empty"),
        ("kind: items\nitem: department\ndimensions: 257", "dimensions: must be at most 256, got 257"),
        ("kind: items\nitem: department\nmin_users: 0", "min_users: must be at least 1, got 0"),
        ("kind: items\nitem: department\nwhere: sales_valu > 0", "where: there is no column 'sales_valu'"),
        ("kind: items\nitem: department\naggregates: [count]", "unknown key 'aggregates'"),
        ("kind: text", "the key 'columns' is missing; write e.g. columns: [title, body]"),
        ("kind: text\ncolumns: []", "columns: must not be empty"),
        ("kind: text\ncolumns: [department, quantity]", "columns[1]: needs a column of type string; "
         "'quantity' of purchases is integer"),
        ("kind: text\ncolumns: [household_id]", "columns[0]: 'household_id' is the user of purchases: no text"),
        ("kind: text\ncolumns: [department, department]", "columns[1]: this stands twice; first at [0]"),
        ("kind: text\ncolumns: [department]\nwindows: [all, all]", "windows[1]: this stands twice; first at [0]"),
        ("kind: text\ncolumns: [department]\nterms: word", "terms: 'word' is not one of words, characters"),
    ],
)  # fmt: skip
def test_embeddings_are_checked_against_their_download(tmp_path: Path, lines: str, message: str):
    write_files(tmp_path, features_purchases=f"version: 1\ndownload: purchases\n{lines}\n")
    assert message in explain_project(tmp_path)


def test_items_and_windows_of_texts_need_a_time(tmp_path: Path):
    write_files(
        tmp_path,
        features_purchases="version: 1\nkind: items\ndownload: households\nitem: age\n",
        features_households="version: 1\nkind: text\ndownload: households\ncolumns: [age]\nwindows: [all]\n",
    )
    problems = explain_project(tmp_path)
    assert "download: events need a time, and downloads/households.yaml has no 'time'" in problems
    assert "windows: this needs a time, and downloads/households.yaml has no 'time'; add one there, or drop" in problems


def test_embeddings_are_read_with_their_settings(tmp_path: Path):
    write_files(
        tmp_path,
        features_purchases="version: 1\nkind: items\ndownload: purchases\nitem: department\nwindows: [all]\n",
        features_households="version: 1\nkind: text\ndownload: households\ncolumns: [age]\nterms: characters\n",
    )
    assert load_project(tmp_path).feature_sets == {
        "households": TextFeatures(name="households", download="households", columns=("age",), terms="characters"),
        "purchases": ItemFeatures(name="purchases", download="purchases", item="department", windows=(None,)),
    }


def test_profile_columns_are_no_ids(tmp_path: Path):
    write_files(
        tmp_path, features_households="version: 1\nkind: profile\ndownload: households\ncolumns: [household_id, sex]\n"
    )
    problems = explain_project(tmp_path)
    assert "columns[0]: 'household_id' is the user or the time of households: no feature; leave it out" in problems
    assert "columns[1]: downloads/households.yaml has no column 'sex'; choose from age, " in problems


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{household_id: boolean}", "columns.household_id: an id is a string or an integer"),
        ("{bought_at: number}", "columns.bought_at: a time is a timestamp or a date"),
        ("{department: {typ: string}}", "columns.department.typ: unknown key 'typ' (did you mean 'type'?)"),
        ("[department]", "columns: expected a mapping, got a list"),
    ],
)
def test_downloads_are_checked(tmp_path: Path, columns: str, message: str):
    text = f"version: 1\nsource: shop\ntable: t\nuser: household_id\ntime: bought_at\ncolumns: {columns}\n"
    assert message in explain_project(write_files(tmp_path, downloads_purchases=text))


def test_an_unknown_source_is_told(tmp_path: Path):
    text = "version: 1\nsource: shp\ntable: t\nuser: household_id\ncolumns: {}\n"
    write_files(tmp_path, downloads_households=text)
    assert "source: project.yaml has no source 'shp' (did you mean 'shop'?)" in explain_project(tmp_path)


def test_an_unknown_profile_is_told(tmp_path: Path):
    assert explain_project(write_files(tmp_path), "producton") == dedent(
        """\
        project.yaml:6:1: profiles: there is no profile 'producton' (did you mean 'production'?)
            6 | profiles:
              | ^~~~~~~~"""
    )


def test_only_the_chosen_profiles_variables_have_to_be_set(tmp_path: Path):
    write_files(tmp_path)
    assert explain_project(tmp_path) == ""
    assert explain_project(tmp_path, "production") == dedent(
        """\
        project.yaml:10:20: profiles.production.sources.shop.path: the environment variable SHOP_DATA is not set; \
set it, or write ${env:SHOP_DATA:-default}
           10 |       shop: {path: "${env:SHOP_DATA}"}
              |                    ^~~~~~~~~~~~~~~~~~"""
    )


@pytest.mark.parametrize(
    ("workspace", "message"),
    [
        ("ftp://acme/yule", "ftp:// is not supported; write a folder, gs://bucket/prefix or s3://bucket/prefix"),
        ("s3://", "the bucket is missing: write s3://bucket/prefix"),
    ],
)
def test_a_workspace_is_a_folder_or_in_a_bucket(tmp_path: Path, workspace: str, message: str):
    write_files(tmp_path, project=f"version: 1\nname: acme\nworkspace: {workspace}\nsources: {{}}\n")
    assert message in explain_project(tmp_path)


def test_file_names_name_folders_and_columns(tmp_path: Path):
    write_files(tmp_path)
    (tmp_path / "features/house holds.yaml").write_text("version: 1\nkind: profile\ndownload: households\n")
    (tmp_path / "features/other.yml").write_text("")
    assert explain_project(tmp_path) == dedent(
        """\
        features/house holds.yaml: 'house holds' cannot be a name; name the file with letters, digits, '-' and single '_'
        features/other.yml: the file is not read; name it other.yaml"""
    )


def test_reading_loads_no_heavy_library(tmp_path: Path):
    write_files(tmp_path)
    code = dedent(
        """
        import sys
        from pathlib import Path
        from yule.config.cases import read_case
        from yule.config.projects import read_project
        root = Path(sys.argv[1])
        read_case(root / "cases/beer.yaml", read_project(root, None, {}), {})
        heavy = "torch lightgbm pandas gokart luigi sklearn catboost tensorboard pyarrow scipy".split()
        print([name for name in heavy if name in sys.modules])
        """
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert found.stdout == "[]\n"


def add_download(root: Path, text: str) -> Path:
    write_files(root, project=PLAIN_PROJECT)
    (root / "downloads" / "visits.yaml").write_text(text)
    return root


def test_a_source_of_another_kind_in_a_profile_takes_nothing_over(tmp_path: Path):
    profile = "profiles: {production: {sources: {shop: {kind: bigquery, project: acme, dataset: shop}}}}\n"
    folder = write_files(tmp_path, project=PLAIN_PROJECT + profile)
    project = load_project(folder, "production")
    assert project.sources == {"shop": BigQuerySource(project="acme", dataset="shop")}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{kind: duckdb, path: data/shop.duckdb}", DuckDBSource(path="ROOT/data/shop.duckdb")),
        (
            "{kind: snowflake, account: a, database: D, schema: S, warehouse: W, role: R}",
            SnowflakeSource(account="a", database="D", schema="S", warehouse="W", role="R"),
        ),
    ],
)
def test_sources_of_every_kind_are_read(tmp_path: Path, source: str, expected: SourceSettings):
    write_files(tmp_path, project=f"version: 1\nname: acme\nworkspace: w\nsources: {{shop: {source}}}\n")
    found = load_project(tmp_path).sources["shop"]
    if isinstance(expected, DuckDBSource):
        expected = replace(expected, path=expected.path.replace("ROOT", str(tmp_path)))
    assert found == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "kind: postgres, address: 'postgresql://db/shop?x=1'",
            "sources.shop.address: write postgresql://HOST:PORT/DATABASE",
        ),
        ("kind: postgres, address: 'mysql://db/shop'", "sources.shop.address: write postgresql://HOST:PORT/DATABASE"),
        ("kind: bigquery, project: acme, export: 's3://x'", "sources.shop.export: write gs://bucket/prefix"),
        ("kind: duckdb", "the key 'path' is missing; write e.g. path: data/shop.duckdb"),
        ("kind: duckdb, path: 's3://x/y.duckdb'", "sources.shop.path: s3:// is not supported here"),
        ("kind: snowflake, account: acme", "the key 'database' is missing; write e.g. database: ANALYTICS"),
        ("kind: snowflake, account: a, database: d, shema: s", "unknown key 'shema' (did you mean 'schema'?)"),
        ("kind: bigquery", "the key 'project' is missing; write e.g. project: acme-analytics"),
    ],
)
def test_sources_are_checked(tmp_path: Path, source: str, message: str):
    text = PLAIN_PROJECT.replace("kind: files, path: data", source)
    assert message in explain_project(write_files(tmp_path, project=text))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("days: {late_days: 2}", "days: the key 'since' is missing; write e.g. since: 2024-01-01"),
        ("days: {since: 2024-1-1}", "days.since: a day is written like 2024-01-01"),
        ("time_zone: Tokyo", "time_zone: there is no time zone 'Tokyo'; write one like Asia/Tokyo or UTC"),
        ("max_bytes: 20", "max_bytes: a number of bytes is written like 500 MB, 20 GB or 1 TB, not 20"),
        ("parameters: {site: {type: string, value: web}}", "parameters: parameters are for SQL"),
    ],
)
def test_what_a_download_says_of_itself_is_checked(tmp_path: Path, lines: str, message: str):
    text = "version: 1\nsource: shop\ntable: t\nuser: u\ntime: at\ncolumns: {a: string}\n"
    assert message in explain_project(add_download(tmp_path, text + lines + "\n"))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("age: {type: integer, pii: hash}", "a digest is a text: declare the column as a string"),
        ("u: {type: string, pii: deny}", "user and time are always fetched; write `hash` or no"),
        ("at: {type: timestamp, pii: hash}", "a time cannot be a digest"),
    ],
)
def test_personal_columns_are_checked(tmp_path: Path, column: str, message: str):
    text = f"version: 1\nsource: shop\ntable: t\nuser: u\ntime: at\ncolumns: {{{column}}}\n"
    assert message in explain_project(add_download(tmp_path, text))


def test_sql_of_every_engine_is_checked_at_its_place(tmp_path: Path):
    folder = add_download(tmp_path, "version: 1\nsource: shop\nuser: u\ncolumns: {n: integer}\n")
    for engine in ("duckdb", "postgres"):
        sql = folder / "downloads" / f"visits.{engine}.sql"
        sql.write_text("SELECT u, n\nFROM t; DROP TABLE t")
        assert f"downloads/visits.{engine}.sql:2:" in explain_project(folder)
        sql.write_text("SELECT u, n FROM t WHERE at < @untl")
        assert "there is no parameter @untl (did you mean @until?)" in explain_project(folder)
        sql.write_text("SELECT u, n FROM t")
        assert load_project(folder).downloads["visits"].sql == {engine: "SELECT u, n FROM t"}
        sql.unlink()


def test_sql_of_bigquery_need_not_be_translatable_beside_that_of_duckdb(tmp_path: Path):
    folder = add_download(tmp_path, "version: 1\nsource: shop\nuser: u\ncolumns: {n: integer}\n")
    (folder / "downloads" / "visits.sql").write_text("SELECT u, CORR(x, y) AS n FROM t GROUP BY u")
    assert "CORR is not translated" in explain_project(folder)
    (folder / "downloads" / "visits.duckdb.sql").write_text("SELECT u, corr(x, y) AS n FROM t GROUP BY u")
    assert set(load_project(folder).downloads["visits"].sql) == {"bigquery", "duckdb"}


def test_sql_stands_beside_the_file_and_is_checked_at_its_place(tmp_path: Path):
    text = "version: 1\nsource: shop\nuser: u\ncolumns: {n: integer}\n"
    folder = add_download(tmp_path, text)
    assert "downloads/visits.yaml:1:1: write `table`" in explain_project(folder)
    sql = folder / "downloads" / "visits.sql"
    sql.write_text("SELECT u, COUNT(*) AS n\nFROM t\nWHERE site = @site\nGROUP BY u\n")
    assert "downloads/visits.sql:3:14:" in explain_project(folder)
    sql.write_text("SELECT u, COUNT(*) AS n FROM t GROUP BY u\n")
    assert load_project(folder).downloads["visits"].sql == {"bigquery": "SELECT u, COUNT(*) AS n FROM t GROUP BY u\n"}


CHECKED = """\
    version: 1
    source: shop
    table: orders.parquet
    user: household_id
    time: bought_at
    days: {since: 2024-01-01}
    warn_after: 2 days
    columns:
      order_id: {type: integer, not_null: true, unique: true}
      kind: {type: string, accepted_values: [web, shop]}
      price: {type: number, min: 0, max: 99.5}
      email: {type: string, pii: deny}
    unique: [order_id, kind]
    rows_per_day: {min: 1000, max: 50000}
    """


def write_orders(folder: Path, text: str) -> Path:
    """Write the project with one method more."""
    write_files(folder)
    (folder / "downloads" / "orders.yaml").write_text(dedent(text))
    return folder


def test_what_is_expected_of_the_data_is_read(tmp_path: Path):
    method = load_project(write_orders(tmp_path, CHECKED)).downloads["orders"]
    assert method.warn_after == timedelta(days=2)
    assert method.checks == Checks(
        columns={
            "order_id": ColumnChecks(not_null=True, unique=True),
            "kind": ColumnChecks(accepted_values=("web", "shop")),
            "price": ColumnChecks(min="0", max="99.5"),
        },
        unique=("order_id", "kind"),
        rows_per_day=Band(min=1000, max=50000),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[web, shop]", "[web, 1]", None),
        ("min: 0, max", "min: dear, max", "columns.price.min: 'dear' is no number"),
        ("min: 0, max", "min: 100, max", "columns.price.min: 100 is more than max, 99.5"),
        ("accepted_values: [web, shop]", "min: a", "columns.kind.min: a string has no least and no greatest value"),
        ("pii: deny", "pii: hash, accepted_values: [a]", "columns.email.accepted_values: what is kept are digests"),
        ("[order_id, kind]", "[order, kind]", "unique[0]: there is no column 'order' (did you mean 'order_id'?)"),
        ("{min: 1000", "{min: 60000", "rows_per_day.min: 60000 is more than max, 50000"),
        ("days: {since: 2024-01-01}", "", "rows_per_day: only a table with `days` has these"),
        ("[order_id, kind]", "[kind, kind]", "unique: this stands twice"),
        ("min: 0, max", "min: inf, max", "columns.price.min: 'inf' is no number"),
        ("not_null: true", "max: 9223372036854775808", "columns.order_id.max: '9223372036854775808' is no integer"),
        ("pii: deny}", "pii: deny}\n      seen: {type: date, min: 2024-13-01}", "columns.seen.min: '2024-13-01' is no"),
        ("2 days", "2", "warn_after: a duration is written like '28 days'"),
    ],
)
def test_expectations_that_cannot_be_met_are_refused(tmp_path: Path, old: str, new: str, message: str | None):
    folder = write_orders(tmp_path, CHECKED.replace(old, new))
    if message is None:
        load_project(folder)
    else:
        assert message in explain_project(folder)


def test_the_address_of_notify_keeps_its_variable_until_it_is_used(tmp_path: Path):
    written = PLAIN_PROJECT + "notify: ${env:HOOK}\n"
    assert load_project(write_files(tmp_path, project=written)).notify == "${env:HOOK}"


def test_the_address_of_notify_is_one_that_others_cannot_read(tmp_path: Path):
    written = PLAIN_PROJECT + "notify: http://hooks.example.com/T0\n"
    assert "notify: write an https address" in explain_project(write_files(tmp_path, project=written))
