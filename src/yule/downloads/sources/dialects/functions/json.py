"""Functions of texts in JSON."""

import re

from yule.downloads.sources.dialects.functions.making import literal_text, written
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Piece, fail, quote, text_literal

_STEP = r"\.[A-Za-z_]\w*|\['[^'\"\\]+'\]|\[\d+\]"


def _value(call: Call) -> Piece:
    """Write JSON_VALUE: the text of a STRING, a BOOL or a whole number; other numbers are written differently."""
    path = literal_text(call, 1, "the path") if len(call.args) == 2 else "$"
    if path is None:
        return NOTHING
    if not re.fullmatch(rf"\$(?:{_STEP})*", path):
        return call.refuse(call.args[1], f"{call.name} is translated for paths such as '$.a.b[0]'")
    steps = re.findall(_STEP, path)
    place = text_literal("$" + "".join(_step(step) for step in steps))
    json = f"CAST({call.write(call.args[0]).sql} AS VARCHAR)"
    found = f"json_extract_string({json}, {place})"
    wrong = fail(f"{call.name}: a number that is not whole, which is written differently: have the table hold columns")
    kinds = "'VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT'"
    return Piece(
        f"CASE WHEN json_type({json}, {place}) IN ({kinds}) THEN {found} "
        f"WHEN json_type({json}, {place}) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN {wrong} END",
        "STRING",
    )


def _step(step: str) -> str:
    name = step[1:] if step.startswith(".") else step[2:-2]
    return step if step[1:2].isdigit() and step.startswith("[") else f".{quote(name)}"


JSON: tuple[Function, ...] = (
    written("JSON_VALUE(json[, 'path'])", (1, 2), _value),
    written("JSON_EXTRACT_SCALAR(json[, 'path'])", (1, 2), _value),
)
