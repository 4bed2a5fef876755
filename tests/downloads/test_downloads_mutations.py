"""Two hundred damaged data files: each gives exactly its rows, as another reader sees them, or one sentence.

Nothing ends in a traceback, and none gives fewer, more or other rows in silence.
"""

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from downloads_toys import fetch

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method

pytestmark = pytest.mark.slow

METHOD = Method(
    name="log",
    source="s",
    table="log.*",
    user="id",
    time="at",
    columns=(
        Column(name="id", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="town", type="string"),
        Column(name="n", type="integer"),
        Column(name="x", type="number"),
    ),
)
NAMES = [column.name for column in METHOD.columns]

Row = tuple[object, ...]


def make_rows(random: Random) -> list[list[str]]:
    towns = ["Oslo", "Bø", "東京", 'the "x"', "a,b", "two\nlines", "", "c;d"]
    return [
        [f"{number:03}", f"2024-01-{1 + number % 28:02} 0{number % 10}:00:00", random.choice(towns), str(number), "0.5"]
        for number in range(random.randint(3, 30))
    ]


def write(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([NAMES, *rows])
    return out.getvalue().encode()


def cut(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(1, len(content))]


def double_a_line(content: bytes, random: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    place = random.randrange(len(lines))
    return b"".join([*lines[: place + 1], *lines[place:]])


def insert(what: bytes) -> Callable[[bytes, Random], bytes]:
    def mutate(content: bytes, random: Random) -> bytes:
        place = random.randrange(len(content))
        return content[:place] + what + content[place:]

    return mutate


def insert_line(what: bytes) -> Callable[[bytes, Random], bytes]:
    def mutate(content: bytes, random: Random) -> bytes:
        lines = content.splitlines(keepends=True)
        place = random.randrange(len(lines) + 1)
        return b"".join([*lines[:place], what, *lines[place:]])

    return mutate


def swap(old: bytes, new: bytes, count: int = -1) -> Callable[[bytes, Random], bytes]:
    def mutate(content: bytes, random: Random) -> bytes:
        return content.replace(old, new, count)

    return mutate


def flip(encoding: str) -> Callable[[bytes, Random], bytes]:
    def mutate(content: bytes, random: Random) -> bytes:
        return content.decode(errors="ignore").encode(encoding, errors="ignore")

    return mutate


def drop_a_byte(content: bytes, random: Random) -> bytes:
    place = random.randrange(len(content))
    return content[:place] + content[place + 1 :]


HEADER = ",".join(NAMES).encode()
TEXT_MUTATIONS: list[Callable[[bytes, Random], bytes]] = [
    cut, double_a_line, drop_a_byte, insert(b"\0"), insert(b'"'), insert(b","), insert(b"\n"), insert(b"\r"),
    insert(b"\xff"), insert(b"#"), insert(b"\\"), insert(b";"), insert_line(HEADER + b"\n"),
    insert_line(HEADER + b",y\n"),
    insert_line(b"id,town,at,n,x\n"), insert_line(b"\n"), insert_line(b"# remark\n"), insert_line(b"Title,,,,\n"),
    insert_line(b",,,,\n"), swap(b",", b";"), swap(b",", b"\t"), swap(b",", b";", 1), swap(b"\n", b"\r\n"),
    swap(b"\n", b"\r\n", 3), swap(b"\n", b"\r"), swap(b"0.5", b"0,5"), swap(b"0.5", b"$0.50", 1),
    swap(b"0.5", b"1_0", 1),
    swap(b"id,", b"ID,", 1), swap(b"n,x", b"x,n", 1), swap(b"n,x", b"n,n", 1), swap(b"town", b" town ", 1),
    swap(b"2024-01-0", b"2024/1/", 1), swap(b"2024-01-0", b"5/1/", 1), swap(b'"', b"'"), flip("utf-16"),
    flip("utf-8-sig"), flip("cp932"), flip("latin-1"), flip("utf-16-le"),
]  # fmt: skip


def typed(row: list[str]) -> Row:
    """Read a row as its columns are declared."""
    at = dt.datetime.strptime(row[1].strip().replace("/", "-"), "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.UTC)
    return (
        row[0],
        at,
        row[2] or None,
        int(row[3]) if row[3].strip() else None,
        float(row[4]) if row[4].strip() else None,
    )


def read_independently(content: bytes) -> Counter[Row] | None:
    """Return the rows as Python's own reader sees them; None when it does not see a table of ours, either."""
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            return None
        for delimiter, quote in ((",", '"'), (";", '"'), ("\t", '"'), (",", "'"), (";", "'")):
            try:
                lines = io.StringIO(text, newline="")
                rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True) if row]
                names = [name.strip() for name in rows[0]]
                if "\0" not in text and set(NAMES) <= set(names) and {len(row) for row in rows} == {len(names)}:
                    places = [names.index(name) for name in NAMES]
                    return Counter(typed([row[place] for place in places]) for row in rows[1:])
            except (csv.Error, ValueError, IndexError):
                continue
    return None


def fetch_rows(folder: Path) -> Counter[Row] | None:
    """Return the rows that are downloaded; None when they are refused in a sentence."""
    try:
        table = fetch(folder, METHOD)
    except DataError as error:
        message = str(error)
    else:
        return Counter(tuple(row.values()) for row in table.to_pylist())
    assert message.startswith("downloads/log.yaml: ")
    assert "Error:" not in message, message
    return None


def mutate_parquet(random: Random) -> Iterator[pa.Table]:
    """Yield tables with another type in a column, or another name."""
    rows = [typed([*row[:2], row[2] or "-", *row[3:]]) for row in make_rows(random)]
    table = pa.table(dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True)))
    whole = random.random() < 0.5
    x = [float(number) if whole else number + 0.5 for number in range(len(rows))]
    for kind in (pa.float64(), pa.float32(), pa.decimal128(20, 3), pa.string(), pa.int8(), pa.bool_()):
        for name in ("n", "x"):
            values = pa.array(x)
            if not whole and kind in (pa.int8(), pa.bool_()):
                continue
            yield table.set_column(NAMES.index(name), name, values.cast(kind))
    yield table.set_column(3, "n", pa.nulls(len(rows)))
    yield table.rename_columns(["id", "at", "town", "n", "X"])
    yield table.append_column("ID", table["n"])
    yield table.set_column(0, "id", pa.array(range(len(rows))))
    yield table.set_column(1, "at", table["at"].cast(pa.date32()))
    yield table.set_column(2, "town", table["town"].dictionary_encode())
    yield table.set_column(2, "town", table["town"].cast(pa.binary()))


def expected_rows(table: pa.Table) -> Counter[Row] | None:
    """Return the rows as they would be in the declared types, by Python; None when they do not fit."""

    def value(name: str, given: object) -> object:
        if given is None:
            return None
        if name == "n":
            return exact(given, int)
        if name == "x":
            return exact(given, float)
        if name == "at" and not isinstance(given, dt.datetime):
            assert isinstance(given, dt.date)
            return dt.datetime(given.year, given.month, given.day, tzinfo=dt.UTC)
        if isinstance(given, bytes):
            raise ValueError(given)
        return str(given) if name in ("id", "town") else given

    if len({name.lower() for name in table.schema.names}) < table.num_columns or table.schema.names[:5] != NAMES:
        return None
    try:
        return Counter(tuple(value(name, row[name]) for name in NAMES) for row in table.to_pylist())
    except ValueError:
        return None


def exact(given: object, kind: type[int] | type[float]) -> int | float:
    number = kind(float(given))  # type: ignore[arg-type]
    if number != float(given):  # type: ignore[arg-type]
        raise ValueError(given)
    return number


@pytest.mark.parametrize("seed", range(5))
def test_damaged_text_gives_its_rows_or_a_sentence(tmp_path: Path, seed: int) -> None:
    outcomes: Counter[str] = Counter()
    for number, mutation in enumerate(TEXT_MUTATIONS):
        random = Random(f"{seed} {number}")
        content = mutation(write(make_rows(random), end=random.choice(["\n", "\n", "\r\n"])), random)
        (tmp_path / "log.csv").write_bytes(content)
        found = fetch_rows(tmp_path) if content else None
        wanted = read_independently(content)
        assert found is None or found == wanted, (number, content, found, wanted)
        outcomes["refused" if found is None else "right"] += 1
    assert outcomes["right"] >= 8, outcomes


def test_other_types_in_parquet_give_their_rows_or_a_sentence(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(2):
        for number, table in enumerate(mutate_parquet(Random(seed))):
            pq.write_table(table, tmp_path / "log.parquet")
            found, wanted = fetch_rows(tmp_path), expected_rows(table)
            assert found is None or found == wanted, (seed, number, table.schema, found, wanted)
            outcomes["refused" if found is None else "right"] += 1
    assert outcomes["right"] >= 12, outcomes


@pytest.mark.parametrize("seed", range(8))
def test_a_parquet_file_that_is_cut_is_refused(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    pq.write_table(pa.table({"id": ["a"] * 99, "n": list(range(99))}), tmp_path / "log.parquet")
    (tmp_path / "log.parquet").write_bytes(cut((tmp_path / "log.parquet").read_bytes(), random))
    assert fetch_rows(tmp_path) is None
