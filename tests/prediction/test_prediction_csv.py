"""Facts about lists as CSV."""

import csv
import io

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yule.prediction.csv_files import write_csv

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1) | st.integers(-2_000_000, 2_000_000)
AT_TIES = [0.1234565, 0.5, 0.9999995, 0.99999949, 99999.95, 999999.5, 1e-4, 0.00009999995, 1.0, -0.0, 1234565.0]


def write_rows(columns):
    """Write columns as Python does: by rows."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(columns)
    rounded = [float(f"{value:.6g}") for value in columns["score"]]
    writer.writerows(zip(columns['say "id"'], columns["rank"], rounded, strict=True))
    return stream.getvalue().encode()


@given(st.lists(st.tuples(TEXTS, NUMBERS.map(float)), max_size=20))
@example([("a", value) for value in AT_TIES])
@settings(deadline=None, max_examples=200)
def test_columns_give_the_bytes_that_rows_give(tmp_path_factory, rows):
    columns = {'say "id"': [text for text, _ in rows], "rank": list(range(len(rows))), "score": [n for _, n in rows]}
    types = {'say "id"': pa.string(), "rank": pa.int64(), "score": pa.float64()}
    file = tmp_path_factory.mktemp("csv") / "users.csv"
    write_csv(pa.table({name: pa.array(columns[name], kind) for name, kind in types.items()}), file)
    assert file.read_bytes() == write_rows(columns)
