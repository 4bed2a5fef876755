"""The model that a run keeps, to predict with at once in this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yule.session.views.tables import Given, read_given

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from yule.core.schema import FeatureSchema
    from yule.prediction.bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model of a run.

    Parameters
    ----------
    parts
        One bundle, which has no name; of several classes one for each, by their names.
    """

    parts: "Mapping[str, Bundle]"
    _combine: "Callable[[NDArray[np.float64]], NDArray[np.float64]]" = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features that it needs, each once."""
        return self._schema.names

    def predict(self, table: Given, *, n_threads: int = 1) -> "pa.Table":
        """Score users by their features.

        Parameters
        ----------
        table
            (n_users rows) of pyarrow, pandas, polars or whatever has Arrow's stream interface, or the path of a Parquet
            file: ``user_id``, and a column for each of ``features`` as the feature sets compute it, not prepared for
            any member: numbers, or texts of those that are categories. Other columns are passed over; null is missing.
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
            If it is no table, or columns are missing or not of their type. All are listed.
        """
        import numpy as np
        import pyarrow as pa

        user_ids, features = read_given(table, self._schema)
        predicted = [bundle.predict(features, n_threads=n_threads) for bundle in self.parts.values()]
        scores, names = self._combine(np.column_stack(predicted)), list(self.parts)
        if names == [""]:
            return pa.table({"user_id": user_ids, "score": scores[:, 0]})
        likeliest = np.array(names, dtype=object)[scores.argmax(axis=1)]
        columns = {f"score_{name}": scores[:, number] for number, name in enumerate(names)}
        return pa.table(
            {"user_id": user_ids, "score": scores.max(axis=1), "class": pa.array(likeliest, pa.string()), **columns}
        )

    @property
    def _schema(self) -> "FeatureSchema":
        from yule.core.schema import unite_schemas

        return unite_schemas([bundle.content.schema for bundle in self.parts.values()])
