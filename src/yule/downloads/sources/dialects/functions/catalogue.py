"""The functions that are translated, and what is said of some that are not."""

from collections.abc import Mapping

from yule.core.spelling import find_close
from yule.downloads.sources.dialects.functions.aggregates import AGGREGATES
from yule.downloads.sources.dialects.functions.arrays import ARRAYS
from yule.downloads.sources.dialects.functions.conditions import CONDITIONS
from yule.downloads.sources.dialects.functions.json import JSON
from yule.downloads.sources.dialects.functions.numbers import NUMBERS
from yule.downloads.sources.dialects.functions.texts import TEXTS
from yule.downloads.sources.dialects.functions.times import TIMES
from yule.downloads.sources.dialects.pieces import Function

FUNCTIONS: Mapping[str, Function] = {
    function.usage.split("(")[0]: function
    for function in (*NUMBERS, *TEXTS, *JSON, *ARRAYS, *CONDITIONS, *TIMES, *AGGREGATES)
}
"""By name. Those with a grammar of their own (CASE, CAST, EXTRACT, IF, SAFE_CAST, UNNEST) are written elsewhere."""

_CHANGES = "it is another at every run: write a parameter, such as @until"
_JSON = "write JSON_VALUE(json, '$.name'), or have the table hold columns"

REFUSED: Mapping[str, str] = {
    "RAND": "it is another at every run",
    "CURRENT_TIMESTAMP": _CHANGES,
    "CURRENT_DATE": _CHANGES,
    "CURRENT_DATETIME": _CHANGES,
    "CURRENT_TIME": _CHANGES,
    "GENERATE_UUID": "it is another at every run",
    "SESSION_USER": "it depends on who asks: write a parameter",
    "FARM_FINGERPRINT": "only BigQuery has it: write TO_HEX(SHA256(text))",
    "ANY_VALUE": "which value it gives is not defined: write MIN(value) or MAX_BY(value, order)",
    "ARRAY_CONCAT_AGG": "the order is not defined: write ARRAY_AGG(value ORDER BY ...)",
    "PERCENTILE_CONT": "its last digits differ between databases; use NTILE or RANK",
    "PERCENTILE_DISC": "it is not translated; use NTILE or RANK",
    "CORR": "it gives NaN for numbers that are all the same",
    "IEEE_DIVIDE": "it gives NaN and infinities: write SAFE_DIVIDE(a, b)",
    "INITCAP": "which letters it changes differs between databases",
    "REVERSE": "accents are reversed differently by databases",
    "FORMAT": "write CONCAT, FORMAT_DATE or FORMAT_TIMESTAMP",
    "STRING": "write FORMAT_TIMESTAMP or CAST(value AS STRING)",
    "CONTAINS_SUBSTR": "write STRPOS(LOWER(text), 'part') > 0",
    "JSON_QUERY": _JSON,
    "JSON_EXTRACT": _JSON,
    "PARSE_JSON": _JSON,
    "TO_JSON_STRING": _JSON,
}


def say_refused(name: str) -> str:
    """Say that a function is not translated, and why or what to write instead.

    >>> say_refused("RAND")
    'RAND is not translated: it is another at every run'
    """
    if name.startswith("APPROX_"):
        return (
            f"{name} is not translated: each run and database gives another approximation: write COUNT(DISTINCT value)"
        )
    if reason := REFUSED.get(name):
        return f"{name} is not translated: {reason}"
    close = find_close(name, FUNCTIONS)
    return f"{name} is not among the functions that are translated" + (f" (did you mean {close}?)" if close else "")
