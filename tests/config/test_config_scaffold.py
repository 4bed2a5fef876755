"""``yule init``: new projects are sound, tables become what a project can read, nothing is overwritten."""

import csv
import gzip
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.config.cases import Case, read_case
from yule.config.projects import Project, read_project
from yule.config.scaffold import Made, prepare_table, write_project, write_project_from_table
from yule.core.errors import DataError
from yule.downloads.keeping.rows.tables import TABLE, write_download
from yule.downloads.settings import Column
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import TableSpec
from yule.features.settings import ProfileFeatures, TextFeatures
from yule.labels.settings import LabelTable

N_ROWS = 60
NOON = datetime(2021, 4, 1, tzinfo=UTC)


def write_csv(path: Path, columns: dict[str, Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def customers(n_rows: int = N_ROWS) -> dict[str, Sequence[object]]:
    return {
        "customer": [f"{7 * i:04}" for i in range(n_rows)],
        "bought": [("yes", "no", "no", "")[i % 4] for i in range(n_rows)],
        "age": [("NA", 20 + i % 30, 40.5)[i % 3] for i in range(n_rows)],
        "town": [("north", "south", "")[i % 3] for i in range(n_rows)],
        "joined": [f"2021-0{1 + i % 9}-15" for i in range(n_rows)],
        "seen at": [f"2022-01-01T0{i % 9}:00:00Z" for i in range(n_rows)],
        "is member": [("true", "false")[i % 2] for i in range(n_rows)],
        "postcode": [f"0{100 + i % 7}" for i in range(n_rows)],
        "note": [f"wrote {i}" for i in range(n_rows)],
        "country": ["NO"] * n_rows,
        "line": range(1, n_rows + 1),
        "nothing": [""] * n_rows,
    }


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "Our customers.csv", customers())


def read_back(folder: Path, case: str) -> tuple[Project, Case]:
    project = read_project(folder, None, {})
    return project, read_case(folder / "cases" / f"{case}.yaml", project, {})


def download(project: Project, method: str, folder: Path) -> pa.Table:
    """Read a table the way a run does, with all its checks."""
    (source,) = project.sources.values()
    folder.mkdir()
    spec = TableSpec(method=project.downloads[method], data_version="")
    write_download(
        spec.method, open_source(source, cache_folder=None).read(spec.query, n_threads=1), folder, n_threads=1
    )
    return pq.read_table(folder / TABLE)


def test_a_new_project_is_sound_and_its_data_are_what_it_declares(tmp_path: Path) -> None:
    files = write_project(tmp_path / "shop", "my: shop")
    project, case = read_back(tmp_path / "shop", "coffee-buyers")
    assert project.name == "my: shop"
    assert case.feature_sets == ("orders",)
    assert all(file.exists() for file in files)
    orders = download(project, "orders", tmp_path / "download")
    assert orders.num_rows > 1000
    assert "coffee" in orders["product"].to_pylist()


def test_a_new_project_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = (write_project(tmp_path / name, "shop") for name in ("a", "b"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_the_workspace_and_the_data_of_a_new_project_stay_out_of_git(tmp_path: Path, table: Path) -> None:
    write_project(tmp_path / "a", "a")
    write_project_from_table(tmp_path / "b", table, target="bought", user=None)
    for name in ("a", "b"):
        assert (tmp_path / name / ".gitignore").read_text().split() == ["workspace/", "data/"]


def test_nothing_is_overwritten(tmp_path: Path, table: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "project.yaml").write_text("mine")
    with pytest.raises(DataError, match=r"Nothing was written: .*project\.yaml is there already"):
        write_project(tmp_path / "a", "a")
    with pytest.raises(DataError, match=r"Nothing was written: .*project\.yaml is there already"):
        write_project_from_table(tmp_path / "a", table, target="bought", user=None)
    assert [path.name for path in (tmp_path / "a").rglob("*")] == ["project.yaml"]
    assert (tmp_path / "a" / "project.yaml").read_text() == "mine"


def test_a_folder_with_other_files_is_used(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_project(tmp_path, "a")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_table_becomes_a_sound_project(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    project, case = read_back(tmp_path / "p", "our-customers")
    day_after = datetime(2022, 1, 2, tzinfo=UTC)
    assert case.labels == LabelTable(download="our-customers", label="bought", cutoffs=(day_after,))
    assert case.predict.cutoff == day_after
    (features,) = (project.feature_sets[name] for name in case.feature_sets)
    assert isinstance(features, ProfileFeatures)
    assert features.columns == ("age", "town", "joined", "seen at", "is member", "postcode")


def test_the_types_of_columns_are_guessed_from_all_values(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    columns = read_project(tmp_path / "p", None, {}).downloads["our-customers"].columns
    assert {column.name: column.type for column in columns} == {
        "customer": "string",
        "bought": "integer",
        "age": "number",
        "town": "string",
        "joined": "date",
        "seen at": "timestamp",
        "is member": "boolean",
        "postcode": "string",
    }


def test_columns_that_say_nothing_are_left_out_and_why_is_said(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    text = (tmp_path / "p" / "downloads" / "our-customers.yaml").read_text()
    assert "# note is left out: most rows have a value of their own. To use it, make a column" in text
    assert "# country is left out: it is the same in every row\n" in text
    assert "# line is left out: it numbers the rows\n" in text
    assert "# nothing is left out: it is empty in every row\n" in text


@pytest.mark.parametrize(
    ("number", "is_kept"), [("9007199254740993", False), ("9007199254740992", True), ("1e17", True)]
)
def test_a_column_whose_numbers_would_be_rounded_is_left_out(tmp_path: Path, number: str, is_kept: bool) -> None:
    values = [number, *(f"{row}.5" for row in range(59))]
    columns = {
        "u": range(60),
        "bought": [row % 2 for row in range(60)],
        "age": [20 + row % 7 for row in range(60)],
        "x": values,
    }
    table = write_csv(tmp_path / "t.csv", columns)
    write_project_from_table(tmp_path / "p", table, target="bought", user="u")
    text = (tmp_path / "p" / "downloads" / "t.yaml").read_text()
    assert (f"# x is left out: a number keeps some 15 digits, and {number} would be rounded" not in text) == is_kept


def test_the_copied_table_passes_the_checks_of_its_download(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    rows = download(read_project(tmp_path / "p", None, {}), "our-customers", tmp_path / "download").to_pylist()
    assert len(rows) == N_ROWS
    assert [rows[i]["bought"] for i in range(4)] == [1, 0, 0, None]
    assert rows[1]["customer"] == "0007"
    assert rows[1]["age"] == 21.0
    assert rows[0]["age"] is None
    assert rows[2]["town"] is None


def test_without_a_user_column_rows_are_numbered_so_that_they_sort(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user=None)
    copy = pq.read_table(tmp_path / "p" / "data" / "our-customers.parquet")
    assert copy["row"].to_pylist() == [f"{i:02}" for i in range(1, N_ROWS + 1)]
    assert copy["postcode"].to_pylist() == customers()["postcode"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "0", ""], [1, 0, None]),
        (["1.0", "0.0", "NaN"], [1, 0, None]),
        (["True", "False", "NA"], [1, 0, None]),
        (["YES", "No", "?"], [1, 0, None]),
        ([True, False, None], [1, 0, None]),
        ([1.0, 0.0, float("nan")], [1, 0, None]),
        ([1, 0, None], [1, 0, None]),
    ],
)
def test_a_target_of_two_values_becomes_0_and_1(
    tmp_path: Path, values: list[object], expected: list[int | None]
) -> None:
    columns: dict[str, Sequence[object]] = {"target": values * 20, "age": range(20, 20 + 60)}
    columns["age"] = [30 + i % 7 for i in range(60)]
    if isinstance(values[0], str):
        table = write_csv(tmp_path / "t.csv", columns)
    else:
        table = tmp_path / "t.parquet"
        pq.write_table(pa.table({name: pa.array(column, from_pandas=False) for name, column in columns.items()}), table)
    write_project_from_table(tmp_path / "p", table, target="target", user=None)
    assert pq.read_table(tmp_path / "p" / "data" / "t.parquet")["target"].to_pylist() == expected * 20


def test_a_parquet_table_keeps_its_types(tmp_path: Path) -> None:
    moments = [datetime(2020, 1, 1 + i % 9, tzinfo=UTC) for i in range(N_ROWS)]
    table = {
        "id": pa.array(range(100, 100 + N_ROWS)),
        "target": pa.array([i % 2 for i in range(N_ROWS)]),
        "town": pa.array([("a", "b")[i % 2] for i in range(N_ROWS)]).dictionary_encode(),
        "moment": pa.array(moments),
        "price": pa.array([i * 1.25 for i in range(N_ROWS)], pa.float32()),
        "list": pa.array([[i] for i in range(N_ROWS)]),
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    write_project_from_table(tmp_path / "p", tmp_path / "t.parquet", target="target", user="id")
    columns = read_project(tmp_path / "p", None, {}).downloads["t"].columns
    kinds = [(column.name, column.type) for column in columns[2:]]
    assert kinds == [("town", "string"), ("moment", "timestamp"), ("price", "number")]
    assert "# list is left out: a bigint[] is no feature" in (tmp_path / "p" / "downloads" / "t.yaml").read_text()


def test_names_that_yaml_would_misread_are_quoted(tmp_path: Path) -> None:
    names = ["no", "a: b", "1", "#x", "it's", 'say "so"', "$price", "été", "-"]
    columns: dict[str, Sequence[object]] = {"true": [i % 2 for i in range(30)]}
    columns |= {name: [i % 3 for i in range(30)] for name in names}
    table = write_csv(tmp_path / "t.csv", columns)
    write_project_from_table(tmp_path / "p", table, target="true", user=None)
    project, case = read_back(tmp_path / "p", "t")
    assert case.labels == LabelTable(download="t", label="true", cutoffs=(datetime(2000, 1, 1, tzinfo=UTC),))
    assert project.feature_sets["profile"] == ProfileFeatures(name="profile", download="t", columns=tuple(names))


def test_characters_that_yaml_does_not_take_are_escaped(tmp_path: Path) -> None:
    name, value = "c\x9b\u202e\ufffeé", "t\x7f\U000e0001"
    columns = {**customers(), **{key: [i % 3 for i in range(N_ROWS)] for key in (name, value)}}
    file = write_csv(tmp_path / "customers.csv", columns)
    write_project_from_table(tmp_path / "made", file, target="bought", user=None)
    project, _ = read_back(tmp_path / "made", "customers")
    assert {name, value} <= {column.name for column in project.downloads["customers"].columns}


def message_of(tmp_path: Path, table: Path, *, target: str = "bought", user: str | None = None) -> str:
    with pytest.raises(DataError) as raised:
        write_project_from_table(tmp_path / "p", table, target=target, user=user)
    assert not (tmp_path / "p").exists()
    return str(raised.value).replace(str(tmp_path), "")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = message_of(tmp_path, tmp_path / "no.csv")
    assert message == "There is no file /no.csv. Give a CSV or Parquet file with one row per user."


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"x")
    message = message_of(tmp_path, tmp_path / "t.xlsx")
    assert message == "/t.xlsx is neither a .csv nor a .parquet file. Save the table as one of them."


@pytest.mark.parametrize(("name", "content"), [("t.parquet", b"xx"), ("t.csv", b"a,b\n"), ("t.csv", b"")])
def test_a_file_without_rows_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert message_of(tmp_path, tmp_path / name).startswith(f"/{name} ")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, table: Path) -> None:
    assert message_of(tmp_path, table, target="bougt", user="Customer") == (
        "/Our customers.csv has no column 'Customer' (did you mean 'customer'?).\n"
        "/Our customers.csv has no column 'bougt' (did you mean 'bought'?)."
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("country", "country is 'NO' in every row of /Our customers.csv that has one: it takes users of both kinds"),
        ("nothing", "nothing is empty in every row of /Our customers.csv. Write 1 for those who are to be found"),
        ("town", "town in /Our customers.csv is 'north' or 'south', and which of them is to be found is not clear."),
        (
            "postcode",
            "postcode has 7 values in /Our customers.csv, for example '0100', '0101', '0102', '0103', '0104';",
        ),
    ],
)
def test_a_target_that_is_not_a_matter_of_yes_or_no_is_refused(
    tmp_path: Path, table: Path, target: str, expected: str
) -> None:
    assert message_of(tmp_path, table, target=target).startswith(expected)


def test_users_without_an_id_or_with_several_rows_are_refused(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", {"u": ["a", "a", "b", ""], "bought": [1, 0, 1, 0], "x": [1, 2, 1, 2]})
    assert message_of(tmp_path, table, user="u") == (
        "1 rows of /t.csv have no u: fill them in or remove the rows.\n"
        "Users of /t.csv with several rows: 1, for example a (2 rows). One row per user is needed: "
        "keep one of them, or write a project over events with `yule init DIR`."
    )


def test_a_column_called_user_id_is_not_confused_with_the_users_made_up(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", {"user_id": ["a", "b"], "bought": [1, 0], "x": [1, 2]})
    assert "name it with --user user_id" in message_of(tmp_path, table)


def test_a_table_with_nothing_to_look_at_is_refused(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", {"bought": [1, 0, 1], "x": [2, 2, 2]})
    assert message_of(tmp_path, table) == (
        "Nothing in /t.csv says anything about a user (x: it is the same in every row). Add columns."
    )


def test_infinite_numbers_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"bought": [1, 0], "x": [1.5, float("inf")]}), tmp_path / "t.parquet")
    assert message_of(tmp_path, tmp_path / "t.parquet").startswith("1 rows are infinite in x: leave them empty")


def prepare_new(tmp_path: Path, table: Path, *, user: str | None) -> pa.Table:
    write_project_from_table(tmp_path / "p", table, target="bought", user=user)
    new = write_csv(tmp_path / "new.csv", {name: values for name, values in customers(12).items() if name != "bought"})
    project = read_project(tmp_path / "p", None, {})
    out = tmp_path / "p" / "data" / "our-customers.parquet"
    method = project.downloads["our-customers"]
    prepared = prepare_table(new, out, method=method, label="bought", user=None, cutoff=NOON, known={"town": ["north"]})
    assert (prepared.n_users, prepared.user) == (12, user)
    assert [(found.column, found.why, found.count, found.example) for found in prepared.unusable] == [
        ("town", "unseen", 4, "south"),
        ("joined", "late", 6, "2021-04-15"),
        ("seen at", "late", 12, "2022-01-01T00:00:00Z"),
    ]
    return download(project, "our-customers", tmp_path / "download")


def test_a_new_table_without_labels_passes_the_checks_of_the_download(tmp_path: Path, table: Path) -> None:
    prepared = prepare_new(tmp_path, table, user="customer")
    assert prepared["customer"].to_pylist() == customers(12)["customer"]
    assert prepared["bought"].null_count == 12
    assert prepared["age"].to_pylist()[:3] == [None, 21.0, 40.5]


def test_the_users_of_a_new_table_are_numbered_like_those_of_the_first(tmp_path: Path, table: Path) -> None:
    assert prepare_new(tmp_path, table, user=None)["row"].to_pylist() == [f"{i:02}" for i in range(1, 13)]


def test_the_columns_that_a_new_table_lacks_are_listed(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    method = read_project(tmp_path / "p", None, {}).downloads["our-customers"]
    new = write_csv(tmp_path / "new.csv", {"Age": [1], "town": ["a"], "joined": [""], "postcode": ["1"]})
    with pytest.raises(DataError) as raised:
        prepare_table(
            new, tmp_path / "out.parquet", method=method, label="bought", user="customer", cutoff=NOON, known={}
        )
    assert str(raised.value).replace(str(tmp_path), "") == (
        "/new.csv has no column 'customer'; it has Age, town, joined, postcode.\n"
        "/new.csv lacks 3 of the 6 columns of the model: 'age' (is it 'Age'?), 'seen at', 'is member'. "
        "Add them, even if they are empty."
    )
    assert not (tmp_path / "out.parquet").exists()


@given(
    words=st.lists(
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8), min_size=2, max_size=6
    )
)
@settings(deadline=None, max_examples=25)
def test_any_text_in_a_table_makes_a_sound_project(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    values = [words[i % len(words)] for i in range(40)]
    pq.write_table(
        pa.table({"target": [i % 2 for i in range(40)], "x": values, "y": [i % 3 for i in range(40)]}),
        folder / "t.parquet",
    )
    write_project_from_table(folder / "p", folder / "t.parquet", target="target", user=None)
    project, _ = read_back(folder / "p", "t")
    assert download(project, "t", folder / "download").num_rows == 40
    assert Column(name="y", type="number") in project.downloads["t"].columns


def test_a_new_table_without_the_projects_users_is_refused_with_what_may_be_them(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    method = read_project(tmp_path / "p", None, {}).downloads["our-customers"]
    columns = {"kunde" if name == "customer" else name: values for name, values in customers(12).items()}
    new = write_csv(tmp_path / "new.csv", columns)
    with pytest.raises(DataError) as raised:
        prepare_table(new, tmp_path / "out.parquet", method=method, label="bought", user=None, cutoff=NOON, known={})
    assert "has no column 'customer', which holds the users of the project" in str(raised.value)
    assert "It may be kunde, note, line: no two rows are the same there." in str(raised.value)


def test_a_new_table_with_several_rows_for_a_user_is_refused(tmp_path: Path, table: Path) -> None:
    write_project_from_table(tmp_path / "p", table, target="bought", user="customer")
    method = read_project(tmp_path / "p", None, {}).downloads["our-customers"]
    new = write_csv(tmp_path / "new.csv", {name: list(values) * 2 for name, values in customers(3).items()})
    with pytest.raises(DataError, match=r"Users of .* with several rows: 3, for example 0000 \(2 rows\)"):
        prepare_table(new, tmp_path / "out.parquet", method=method, label="bought", user=None, cutoff=NOON, known={})


READ_AS = [
    (["$1,200.50", "$7.00", "($8.10)"], 'number, format: "$1,234.5"'),
    (["1,5", "2,5", "3,5"], 'number, format: "1234,5"'),
    (["12 %", "7%", "5%"], 'number, format: "1234.5 %"'),
    (["1.200,00 €", "7,50 €", "なし"], 'number, format: "1.234,5 €", missing: ["なし"]'),
    (["1 day", "3 days", "12 days"], 'number, format: "1234.5 days"'),
    (["5.5", "7", "-"], 'number, missing: ["-"]'),
    (["１２３円", "１，２３４．５円", ""], 'number, format: "1,234.5円"'),
    (["2024/01/05", "2024/02/05", ""], 'date, format: "%Y/%m/%d"'),
    (["5.1.2024", "13.02.2024", "1.1.2023"], 'date, format: "%d.%m.%Y"'),
    (["1/5/24 9:05", "1/13/24 22:10"], 'timestamp, format: "%m/%d/%y %H:%M"'),
    (["1/5/45", "13/1/99", "13/1/62", "13/1/75", "4/4/05"], 'date, format: "%d/%m/%y until 2025"'),
    (["20170103", "20170228"], 'date, format: "%Y%m%d"'),
    (["3 Jan 2017", "14 May 2018"], 'date, format: "%d %b %Y"'),
    (["平成29年12月3日", "令和元年5月1日"], "date, format: japanese"),
    (["2017年12月3日", "2018年1月13日"], 'date, format: "%Y年%m月%d日"'),
    (["はい", "いいえ"], 'boolean, format: "はい/いいえ"'),
    (["Ja", "Nein", "k.A."], 'boolean, format: "Ja/Nein", missing: ["k.A."]'),
]


@pytest.mark.parametrize(("values", "declared"), READ_AS)
def test_how_values_are_written_is_found_said_and_declared(tmp_path: Path, values: list[str], declared: str) -> None:
    made = make_from(tmp_path, values)
    assert made.notes == (f"x is read as {{type: {declared}}}",)
    assert f"  x: {{type: {declared}}}\n" in (tmp_path / "p" / "downloads" / "t.yaml").read_text()
    rows = download(read_project(tmp_path / "p", None, {}), "t", tmp_path / "download")
    assert rows["x"].null_count == sum(value in ("", "-", "なし", "k.A.") for value in column_of(values))


def make_from(tmp_path: Path, values: list[str], **others: list[str]) -> Made:
    columns = {"bought": [i % 2 for i in range(60)], "x": column_of(values)}
    columns |= {name: column_of(more) for name, more in others.items()}
    return write_project_from_table(tmp_path / "p", write_csv(tmp_path / "t.csv", columns), target="bought", user=None)


def column_of(values: list[str]) -> list[str]:
    return [values[i % len(values)] for i in range(60)]


def test_days_as_excel_counts_them_are_known_by_the_name_of_their_column(tmp_path: Path) -> None:
    made = make_from(tmp_path, ["42738", "43738"], order_date=["42738", "43738"])
    assert made.notes == ("order_date is read as {type: date, format: excel}",)


def test_days_and_months_that_can_be_mistaken_are_asked_for(tmp_path: Path) -> None:
    made = make_from(tmp_path, ["1/2/2024", "3/4/2024"], town=["north", "south"])
    (note,) = made.notes
    assert note.startswith("x is left out: its days and months can be mistaken, for none is above 12. ")
    assert 'x: {type: date, format: "%d/%m/%Y"} or x: {type: date, format: "%m/%d/%Y"}' in note
    file = tmp_path / "p" / "downloads" / "t.yaml"
    file.write_text(file.read_text() + '  x: {type: date, format: "%d/%m/%Y"}\n')
    rows = download(read_project(tmp_path / "p", None, {}), "t", tmp_path / "download")
    assert rows["x"].to_pylist()[:2] == [date(2024, 2, 1), date(2024, 4, 3)]


def test_the_other_dates_of_a_table_tell_the_order_of_day_and_month(tmp_path: Path) -> None:
    made = make_from(tmp_path, ["1/2/2024", "3/4/2024"], end=["13/2/2024", "13/4/2024"])
    assert made.notes == (
        'x is read as {type: date, format: "%d/%m/%Y"}. Its days and months can be mistaken; it is read as %d/%m/%Y, '
        "like other dates of the table",
        'end is read as {type: date, format: "%d/%m/%Y"}',
    )


@pytest.mark.parametrize(
    ("values", "declared", "otherwise"),
    [(["1,234", "987"], '{type: number, format: "1,234.5"}', '"1234,5"'), (["1.234", "987"], "number", '"1.234,5"')],
)
def test_that_values_do_not_tell_thousands_from_decimals_is_said(
    tmp_path: Path, values: list[str], declared: str, otherwise: str
) -> None:
    made = make_from(tmp_path, values, rate=["0.123", "1.250"])
    assert made.notes == (
        f"x is read as {declared}. Its values do not tell thousands from decimals; if it is otherwise, write "
        f"{{type: number, format: {otherwise}}}",
    )
    file = tmp_path / "p" / "downloads" / "t.yaml"
    file.write_text(file.read_text().replace(f"x: {declared}", f"x: {{type: number, format: {otherwise}}}"))
    rows = download(read_project(tmp_path / "p", None, {}), "t", tmp_path / "download")
    assert rows["x"].to_pylist()[0] == {"1,234": 1.234, "1.234": 1234.0}[values[0]]


def test_dates_beyond_the_tenth_are_told_to_have_no_differences(tmp_path: Path) -> None:
    days = {f"d{number:02}": ["2024-01-01", "2024-02-01"] for number in range(11)}
    made = make_from(tmp_path, ["a", "b"], **days)
    assert made.notes[0].startswith("d10 and later dates have no differences: only the first 10 of 11 have.")


def test_a_column_that_is_nearly_of_a_type_is_told_with_the_first_value_that_is_not(tmp_path: Path) -> None:
    made = make_from(tmp_path, ["5", "6", "many", "8", "9"], red=["red", "blue", "12 monkeys"])
    assert made.notes == (
        "x is read as a category. 12 of its values are no number, the first is 'many' in row 3; "
        "correct them or leave them empty to have a number",
    )


WORDS = "the red blue green old new car house dog cat runs sees eats likes finds small".split()  # noqa: SIM905
JAPANESE = str.maketrans("abcdefghijklmnopqrstuvwxyz", "赤青緑古新車家犬猫走見食好探小大上下左右前後水火木金")


def sentences(n_rows: int, *, between: str = " ", n_words: int = 6) -> list[str]:
    numbers = Random(0)
    return [between.join(numbers.choices(WORDS, k=n_words)) for _ in range(n_rows)]


@pytest.mark.parametrize(
    ("values", "terms", "file"),
    [
        (sentences(60), "words", "texts"),
        (sentences(60, between=";", n_words=3), "values", "lists"),
        ([json.dumps(text.split()) for text in sentences(60, n_words=3)], "values", "lists"),
        ([text.translate(JAPANESE) for text in sentences(60, between="", n_words=4)], "characters", "characters"),
    ],
)  # fmt: skip
def test_texts_and_lists_become_a_feature_set_of_what_rows_have_in_common(
    tmp_path: Path, values: list[str], terms: str, file: str
) -> None:
    made = make_from(tmp_path, values, age=["30", "40", "50"])
    (note,) = made.notes
    assert "what its rows have in common is a feature" in note
    project, case = read_back(tmp_path / "p", "t")
    assert case.feature_sets == ("profile", file)
    assert project.feature_sets[file] == TextFeatures(name=file, download="t", columns=("x",), terms=terms)  # type: ignore[arg-type]
    profile = project.feature_sets["profile"]
    assert isinstance(profile, ProfileFeatures)
    assert profile.columns == ("age",)
    assert download(project, "t", tmp_path / "download")["x"].to_pylist() == column_of(values)


def test_a_table_of_nothing_but_texts_needs_no_profile(tmp_path: Path) -> None:
    make_from(tmp_path, sentences(60))
    project, case = read_back(tmp_path / "p", "t")
    assert (case.feature_sets, set(project.feature_sets)) == (("texts",), {"texts"})


@pytest.mark.parametrize(
    "values",
    [[f"{name} {number}" for number, name in enumerate(sentences(60, n_words=1))], [f"a,{i}" for i in range(60)]],
)
def test_what_rows_have_not_in_common_is_neither_text_nor_list(tmp_path: Path, values: list[str]) -> None:
    made = make_from(tmp_path, values, age=["30", "40", "50"])
    assert made.notes[0].startswith("x is left out: most rows have a value of their own.")


def test_a_new_table_is_read_by_the_formats_of_the_first(tmp_path: Path) -> None:
    make_from(tmp_path, ["$1,200.50", "$7.00"], day=["13.1.2024", "14.1.2024"])
    method = read_project(tmp_path / "p", None, {}).downloads["t"]
    new = write_csv(tmp_path / "new.csv", {"row": ["a"], "x": ["$3,000"], "day": ["31.12.2030"]})
    out = tmp_path / "out.parquet"
    made = prepare_table(new, out, method=method, label="bought", user="row", cutoff=NOON, known={})
    assert [(found.column, found.why, found.example) for found in made.unusable] == [("day", "late", "31.12.2030")]
    wrong = write_csv(tmp_path / "wrong.csv", {"row": ["a"], "x": ["3.000,00"], "day": ["12/31/2030"]})
    with pytest.raises(
        DataError, match=r"have no number in x, written as \$1,234\.5, for example '3\.000,00'.*in row 1"
    ):
        prepare_table(wrong, out, method=method, label="bought", user="row", cutoff=NOON, known={})


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "tsv", "txt", "CSV"])
def test_a_table_is_read_as_downloads_are(tmp_path: Path, suffix: str) -> None:
    text = "id;y;x\r\n" + "".join(f"#{number};{number % 2};{number % 7}\r\n" for number in range(100))
    content = text.encode("utf-16")
    (tmp_path / f"t.{suffix}").write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    write_project_from_table(tmp_path / "p", tmp_path / f"t.{suffix}", target="y", user="id")
    assert pq.read_table(tmp_path / "p" / "data" / "t.parquet")["id"].to_pylist() == [f"#{i}" for i in range(100)]


def test_two_exports_in_one_file_are_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,bought,x\n1,1,5\n2,0,6\nid,bought,x,z\n3,1,5,1\n4,0,6,2\n")
    assert "line 4 of t.csv holds names of columns: two files were put together" in message_of(
        tmp_path, tmp_path / "t.csv", user="id"
    )


def test_an_encoding_is_named_and_can_be_given(tmp_path: Path) -> None:
    text = "id,bought,町\n" + "".join(
        f"{number},{number % 2},{('東京', 'カナダ')[number // 2 % 2]}\n" for number in range(40)
    )
    (tmp_path / "t.csv").write_bytes(text.encode("cp932"))
    assert "It looks like cp932: write --encoding cp932" in message_of(tmp_path, tmp_path / "t.csv", user="id")
    write_project_from_table(tmp_path / "p", tmp_path / "t.csv", target="bought", user="id", encoding="cp932")
    assert set(pq.read_table(tmp_path / "p" / "data" / "t.parquet")["町"].to_pylist()) == {"東京", "カナダ"}
