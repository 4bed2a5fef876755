"""Facts about CSV files: every row is read as it is written, or the file is refused with the line and what to do."""

import csv
import gzip
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from downloads_toys import fetch
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method
from yule.downloads.sources.files.encodings import guess_encoding
from yule.sql.columns import ColumnType

PEOPLE = Method(
    name="people",
    source="s",
    table="people.csv",
    user="id",
    columns=(Column(name="id", type="string"), Column(name="town", type="string")),
)
FOLDER = replace(PEOPLE, table="people")


def read(
    folder: Path, content: bytes | str, method: Method = PEOPLE, name: str = "people.csv"
) -> list[tuple[object, ...]]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [tuple(row.values()) for row in fetch(folder, method).to_pylist()]


def refusal(folder: Path, content: bytes | str, method: Method = PEOPLE) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, method)
    message = str(caught.value)
    assert message.startswith("downloads/people.yaml: ")
    return message


ROWS = [("1", "Oslo"), ("2", "Bø")]


@pytest.mark.parametrize("type_", ["integer", "number", "timestamp", "date", "boolean"])
def test_no_message_gives_a_value_of_a_personal_column(tmp_path: Path, type_: ColumnType) -> None:
    columns = (Column(name="id", type="string"), Column(name="town", type=type_, pii="deny"))
    message = refusal(tmp_path, "id,town\n1,eve@x.org\n", replace(PEOPLE, columns=columns))
    assert "in town, the first in row 1" in message
    assert "eve" not in message


def test_a_line_of_the_wrong_length_is_not_shown_where_a_column_is_personal(tmp_path: Path) -> None:
    columns = (Column(name="id", type="string"), Column(name="town", type="string", pii="hash"))
    message = refusal(tmp_path, "id,town\n1,a\n2,eve@x.org,c\n", replace(PEOPLE, columns=columns))
    assert "line 3 of people.csv has 3 values where the first line names 2 columns. Put quotes" in message
    assert "eve" not in message


@pytest.mark.parametrize(
    "content",
    [
        "id,town\n1,Oslo\n2,Bø\n", "id,town\n1,Oslo\n2,Bø", "id;town\n1;Oslo\n2;Bø\n", "id\ttown\n1\tOslo\n2\tBø\n",
        "id|town\n1|Oslo\n2|Bø\n", "id,town\r\n1,Oslo\r\n2,Bø\r\n", "id,town\r1,Oslo\r2,Bø\r",
        "\ufeffid,town\n1,Oslo\n2,Bø\n",
        " id , town\n1,Oslo\n2,Bø\n", '"id","town"\n"1","Oslo"\n"2","Bø"\n', "'id','town'\n'1','Oslo'\n'2','Bø'\n",
        "\n\nid,town\n1,Oslo\n2,Bø\n", "id,town\n1,Oslo\n\n2,Bø\n\n\n", "town,id\nOslo,1\nBø,2\n",
        "id,town,age\n1,Oslo,3\n2,Bø,4\n",
        ",id,town\n0,1,Oslo\n1,2,Bø\n", "id,town,\n1,Oslo,\n2,Bø,\n", 'id,town,"a\nb"\n1,Oslo,x\n2,Bø,y\n',
        'id,town,note\r\n1,Oslo,"x\ny"\r\n2,Bø,"a ""b"", c"\r\n', "id;town;price\n1;Oslo;2,5\n2;Bø;3,5\n",
        'id,town,"a\nb"\r\n1,Oslo,x\r\n2,Bø,y\r\n', 'id,town,"a\r\nb"\n1,Oslo,x\n2,Bø,y\n',
        'id,town,"a\nb"\r1,Oslo,x\r2,Bø,y\r',
        "sep=;\r\nid;town\r\n1;Oslo\r\n2;Bø\r\n",
    ],
)  # fmt: skip
def test_a_file_is_read_however_it_is_written(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_encoding_is_known_by_its_mark(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "id,town\n1,Oslo\n2,Bø\n".encode(encoding)) == ROWS


TEXTS = {
    "cp932": "id,town\n1,東京\n2,カナダ、大阪\n",
    "euc_jp": "id,town\n1,東京のまち\n2,カナダ、大阪\n",
    "cp1252": "id,town\n1,Zürich\n2,André “x”\n",
    "gb18030": "id,town\n1,北京市海淀区\n2,上海浦东新区\n",
    "euc_kr": "id,town\n1,서울특별시\n2,부산광역시\n",
    "cp1251": "id,town\n1,Москва\n2,Новосибирск\n",
    "utf-16-le": "id,town\n1,Oslo\n2,Zürich\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_another_encoding_is_named_and_read_when_it_is_declared(tmp_path: Path, encoding: str) -> None:
    content = TEXTS[encoding].encode(encoding)
    message = refusal(tmp_path, content)
    assert f"It looks like {encoding}: write `encoding: {encoding}` into downloads/people.yaml" in message
    assert guess_encoding(content) == encoding
    expected = [tuple(line.split(",", 1)) for line in TEXTS[encoding].splitlines()[1:]]
    assert read(tmp_path, content, replace(PEOPLE, encoding=encoding)) == expected


def test_bytes_that_are_none_of_the_declared_encoding_are_refused_with_the_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, b"id,town\n1,Oslo\n2,\x81\n", replace(PEOPLE, encoding="cp932"))
    assert "people.csv is not cp932: line 3 has the bytes 81 0a" in message


HEADER_AGAIN = "line 4 of people.csv holds names of columns: two files were put together"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,town\n1,a\n2,b\nid,town\n3,c\n", HEADER_AGAIN),
        ("id,town\n1,a\n2,b\nid,town,age\n3,c,4\n", HEADER_AGAIN),
        ("id,town,age\n1,a,1\n2,b,2\nid,town\n3,c\n", HEADER_AGAIN),
        ("id,town\n1,a\n2,b\ntown,id\nc,3\n", HEADER_AGAIN),
        ("id,town,x,y\n1,a,1,1\n2,b,1,1\nid,town,x,z\n3,c,1,1\n", HEADER_AGAIN),
        ("id,town\n1,a\n2,b\nID,TOWN\n3,c\n", HEADER_AGAIN),
        ("id,town\n1,a\n2\n", "line 3 of people.csv has 1 values where the first line names 2 columns: '2'"),
        ("id,town\n1,a\n2,b,c\n", "line 3 of people.csv has 3 values where the first line names 2 columns: '2,b,c'"),
        ('id,town\n1,a\n2,"b\n3,c\n', "people.csv cannot be read from line 3 on: a quote is opened and never closed"),
        ('id,town\n1,"a"b\n', "people.csv cannot be read from line 2 on: ',' expected after '\"'"),
        ("\ufeffid,town\n1,a\n\ufeffid,town\n2,b\n", "line 3 of people.csv begins with the mark of a file's beginning"),
        ("id,town\n1,\x1b$BG=I=\x1b(B\n", "signs by which ISO-2022-JP changes between scripts"),
        ("id,town\n1,a\x00\n", "people.csv has a NUL byte in line 2, so it is damaged or not utf-8"),
        ("id,town\r\n1,a\n2,b\r\n", "people.csv ends its lines in several ways (CR LF 2 times, LF 1 times)"),
        ("id,town\n1,a\r2,b\n", "people.csv ends its lines in several ways"),
        ("id,town,id\n1,a,2\n", "line 1 of people.csv names several columns 'id', 'id'"),
        ("id,town,Town\n1,a,2\n", "line 1 of people.csv names several columns 'town', 'Town'"),
        ("Towns\nid,town\n1,a\n2,b\n", "the first line of people.csv is 'Towns', but the lines below have 2 values"),
        ("Towns,,\nid,town,age\n1,a,2\n", "line 1 of people.csv names 1 of 3 columns. If it is a title, remove it"),
        ("id,town;x\n1,a;b\n", "can be read with ',' and with ';' between its values"),
        ("  \n\n", "people.csv is empty: there is no line with the names of its columns"),
        (b"PAR1....PAR1", "people.csv is a Parquet file, whatever its name says"),
        (b"PK\x03\x04....", "people.csv is a workbook or an archive, whatever its name says"),
        ("ID,town\n1,a\n", "there is no column 'id' (did you mean 'ID'?)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_sure_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in refusal(tmp_path, content)


def test_ids_that_begin_like_remarks_are_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "id,town\n#7,a\n--,b\n;,c\n") == [("#7", "a"), ("--", "b"), (";", "c")]


def test_files_of_a_folder_are_each_read_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    read_two = {"1.csv": "id,town\n1,a\n", "2.tsv": "town\tid\tage\nb\t2\t5\n", "3.CSV": "'id';'town'\r\n'3';'c;d'\r\n"}
    for name, text in read_two.items():
        (tmp_path / "people" / name).write_text(text, newline="")
    (tmp_path / "people" / "4.csv.gz").write_bytes(gzip.compress(b"id,town\n4,e\n") + gzip.compress(b"5,f\n"))
    (tmp_path / "people" / "5.csv.zst").write_bytes(pa.compress(b"id,town\n6,g\n", codec="zstd", asbytes=True))
    rows = [tuple(row.values()) for row in fetch(tmp_path, FOLDER).to_pylist()]
    assert rows == [("1", "a"), ("2", "b"), ("3", "c;d"), ("4", "e"), ("5", "f"), ("6", "g")]


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    whole = gzip.compress(b"id,town\n" + b"".join(b"%d,x\n" % number for number in range(9999)))
    (tmp_path / "people" / "1.csv.gz").write_bytes(whole[:-100])
    with pytest.raises(DataError, match=r"people/1\.csv\.gz is damaged: "):
        fetch(tmp_path, FOLDER)


def test_all_files_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    for name, text in {"1.csv": "id,town\n1,a\n", "2.csv": "id,id\n2,b\n", "3.csv": "id,town\n3,\x00\n"}.items():
        (tmp_path / "people" / name).write_text(text)
    with pytest.raises(DataError) as caught:
        fetch(tmp_path, FOLDER)
    assert "people/2.csv names several columns" in str(caught.value)
    assert "people/3.csv has a NUL byte in line 2" in str(caught.value)


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=6),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=8,
    ),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, end: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerow(["n", "id", "town"])
        writer.writerows([number, f"u{number:02}", *row[1:]] for number, row in enumerate(rows))
    table: pa.Table = fetch(folder, PEOPLE)
    assert table["town"].to_pylist() == [row[1] or None for row in rows]


def test_a_file_of_utf8_is_not_read_by_the_encoding_of_others(tmp_path: Path) -> None:
    message = refusal(tmp_path, "id,town\n1,東京\n2,大阪\n", replace(PEOPLE, encoding="cp932"))
    assert "people.csv is UTF-8, and cp932 is what it would be read by" in message


def test_a_word_of_latin_letters_is_not_taken_for_russian_or_chinese() -> None:
    assert guess_encoding("id;Größe\n1;a\n".encode("cp1252")) == "cp1252"


def test_a_value_may_be_millions_of_characters_long(tmp_path: Path) -> None:
    assert read(tmp_path, f"id,town\n1,{'a' * 3_000_000}\n") == [("1", "a" * 3_000_000)]


def test_a_column_may_be_called_as_the_file_or_the_row_is_elsewhere(tmp_path: Path) -> None:
    columns = [Column(name=name, type="string") for name in ("id", "filename", "row number", "day")]
    method = replace(FOLDER, columns=tuple(columns))
    (tmp_path / "people" / "day=2024-01-02").mkdir(parents=True)
    name = "people/day=2024-01-02/a.csv"
    assert read(tmp_path, "id,filename,row number\n1,x,7\n", method, name) == [("1", "x", "7", "2024-01-02")]
