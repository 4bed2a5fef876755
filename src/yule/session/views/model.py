"""The model that a run keeps, to predict with at once in this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yule.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from yule.core.dataset import Features
    from yule.core.schema import FeatureSchema
    from yule.prediction.bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model of a run.

    Parameters
    ----------
    parts
        One bundle; of several classes one for each, by their names.
    """

    parts: "Mapping[str, Bundle]"

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features that it needs, each once."""
        return self._schema.names

    def predict(self, table: "pa.Table", *, n_threads: int = 1) -> "pa.Table":
        """Score users by their features.

        Parameters
        ----------
        table
            (n_users rows): ``user_id``, and a column for each of ``features``: numbers, or texts of those that are
            categories. Other columns are passed over; null is missing.
        n_threads
            Threads; they do not change a score.

        Returns
        -------
        pyarrow.Table
            (n_users rows), in the order given: ``user_id``, ``score``: the probability or the amount. Of several
            classes the likeliest ``class``, its chance as ``score``, and ``score_CLASS`` of each.

        Raises
        ------
        DataError
            If columns are missing or not of their kind. All are listed.
        """
        import numpy as np
        import pyarrow as pa

        features = _read_features(table, self._schema)
        scores = [bundle.predict(features, n_threads=n_threads) for bundle in self.parts.values()]
        user_ids = table["user_id"].cast(pa.string())
        if len(scores) == 1:
            return pa.table({"user_id": user_ids, "score": scores[0]})
        from yule.ensemble.classes import normalise

        chances, names = normalise(np.column_stack(scores)), list(self.parts)
        likeliest = np.array(names, dtype=object)[chances.argmax(axis=1)]
        columns = {f"score_{name}": chances[:, number] for number, name in enumerate(names)}
        return pa.table(
            {"user_id": user_ids, "score": chances.max(axis=1), "class": pa.array(likeliest, pa.string()), **columns}
        )

    @property
    def _schema(self) -> "FeatureSchema":
        from yule.core.schema import unite_schemas

        return unite_schemas([bundle.content.schema for bundle in self.parts.values()])


def _read_features(table: "pa.Table", schema: "FeatureSchema") -> "Features":
    """Return the features of a schema that a table has, checked."""
    import numpy as np

    from yule.core.dataset import Features

    problems = [f"{name} is missing" for name in ("user_id", *schema.names) if name not in table.column_names]
    numbers: list[NDArray[np.float32]] = []
    codes: list[tuple[NDArray[np.int32], tuple[str, ...]]] = []
    for name in schema.numeric_names if not problems else ():
        column = _take_numbers(table, name)
        problems += [f"{name} holds {table.schema.field(name).type}, no numbers"] * (column is None)
        numbers += [] if column is None else [column]
    for name in schema.categorical_names if not problems else ():
        codes.append(_take_codes(table, name))
    if problems:
        raise DataError(f"The table cannot be scored: {'; '.join(problems)}. `model.features` lists what it needs.")
    n_users = table.num_rows
    return Features(
        numeric=np.column_stack(numbers) if numbers else np.empty((n_users, 0), np.float32),
        codes=np.column_stack([of for of, _ in codes]) if codes else np.empty((n_users, 0), np.int32),
        numeric_names=schema.numeric_names,
        categorical_names=schema.categorical_names,
        vocabularies=tuple(vocabulary for _, vocabulary in codes),
    )


def _take_numbers(table: "pa.Table", name: str) -> "NDArray[np.float32] | None":
    import numpy as np
    import pyarrow as pa

    kind = table.schema.field(name).type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return None
    values = table[name].cast(pa.float64()).to_numpy().astype(np.float32)
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def _take_codes(table: "pa.Table", name: str) -> "tuple[NDArray[np.int32], tuple[str, ...]]":
    import numpy as np
    import pyarrow as pa

    values = table[name].cast(pa.string()).to_pylist()
    vocabulary = tuple(sorted({value for value in values if value is not None}))
    code_of = {value: code for code, value in enumerate(vocabulary)}
    return np.array([code_of.get(value, -1) for value in values], dtype=np.int32), vocabulary
