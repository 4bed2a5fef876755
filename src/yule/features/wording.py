"""Words as parts of the names of features."""

import re
from collections.abc import Sequence
from itertools import chain, count


def name_values(values: Sequence[str]) -> list[str]:
    """Return values as parts of column names: letters, digits and ``_``, each one different, even in lower case.

    >>> name_values(["BEERS/ALES", "BEERS-ALES", ""])
    ['BEERS_ALES', 'BEERS_ALES_2', 'value']
    """
    names: dict[str, str] = {}  # by lower case: DuckDB takes "Beer" and "beer" for one column
    for value in values:
        plain = re.sub(r"\W+", "_", value).strip("_") or "value"
        candidates = chain([plain], (f"{plain}_{number}" for number in count(2)))
        name = next(name for name in candidates if name.lower() not in names)
        names[name.lower()] = name
    return list(names.values())
