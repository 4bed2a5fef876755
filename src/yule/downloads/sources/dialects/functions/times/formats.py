"""Moments as texts of a format, and texts as moments."""

import re
from functools import partial

from yule.downloads.sources.dialects.casts import write_moment
from yule.downloads.sources.dialects.functions.making import literal_text, written
from yule.downloads.sources.dialects.functions.times.zones import read_optional_zone, write_instant, write_local
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Kind, Piece, fail, text_literal

_FORMATS = {
    **{letter: f"%{letter}" for letter in "YmdHMSjyaAbBpIGVuwUW%"},
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "D": "%m/%d/%y",
    "R": "%H:%M",
    "E6S": "%S.%f",
    "E3S": "%S.%g",
}
_PARSED = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"[0-5]\d", "%": "%"}
_EXPANDED = {"F": "%Y-%m-%d", "T": "%H:%M:%S"}


def _format(kind: Kind, call: Call) -> Piece:
    form = literal_text(call, 0, "the format")
    zone = read_optional_zone(call, 2)
    value = write_moment(call, call.args[1], kind)
    if form is None or zone is None:
        return NOTHING
    written_form = ""
    for element in re.findall(r"%E\dS|%E\*S|%.|[^%]+|%", form, re.DOTALL):
        known = _FORMATS.get(element[1:]) if element.startswith("%") else element
        if known is None or (kind == "DATE" and element[1:] in ("H", "M", "S", "T", "R", "E6S", "E3S", "I", "p")):
            return call.refuse(call.args[0], f"{element} is not translated in {call.name}: of % only {_list(_FORMATS)}")
        written_form += known
    civil = write_local(value, zone) if kind == "TIMESTAMP" else value
    return Piece(f"strftime({civil}, {text_literal(written_form)})", "STRING")


def _parse(kind: Kind, call: Call) -> Piece:
    """Write PARSE_DATE and its like, for texts of fixed width: of others the two databases read some differently."""
    form = literal_text(call, 0, "the format")
    zone = read_optional_zone(call, 2)
    if form is None or zone is None:
        return NOTHING
    expanded = re.sub(r"%([FT])", lambda found: _EXPANDED[found[1]], form)
    pattern, elements = "", re.findall(r"%.|[^%]+|%", expanded, re.DOTALL)
    for element in elements:
        known = _PARSED.get(element[1:]) if element.startswith("%") else re.escape(element)
        if known is None or (kind == "DATE" and element in ("%H", "%M", "%S")):
            return call.refuse(
                call.args[0], f"{element} is not translated in {call.name}: of % only F T {_list(_PARSED)}"
            )
        pattern += known
    if any(elements.count(part) != 1 for part in ("%Y", "%m", "%d")) or any(
        elements.count(part) > 1 for part in ("%H", "%M", "%S")
    ):
        return call.refuse(
            call.args[0], f"the format of {call.name} must say the year, the month and the day, each once"
        )
    text = call.write(call.args[1]).sql
    otherwise = fail(f"{call.name}: a text is not as the format says, with all its zeros")
    parsed = f"strptime({text}, {text_literal(expanded)})"
    checked = f"CASE WHEN NOT regexp_full_match({text}, {text_literal(pattern)}) THEN {otherwise} ELSE {parsed} END"
    if kind == "TIMESTAMP":
        return Piece(write_instant(checked, zone), kind)
    return Piece(f"CAST({checked} AS {'DATE' if kind == 'DATE' else 'TIMESTAMP'})", kind)


def _list(formats: dict[str, str]) -> str:
    return " ".join(formats)


FORMATS: tuple[Function, ...] = (
    written("FORMAT_DATE('format', date)", (2, 2), partial(_format, "DATE")),
    written("FORMAT_DATETIME('format', datetime)", (2, 2), partial(_format, "DATETIME")),
    written("FORMAT_TIMESTAMP('format', timestamp[, zone])", (2, 3), partial(_format, "TIMESTAMP")),
    written("PARSE_DATE('format', text)", (2, 2), partial(_parse, "DATE")),
    written("PARSE_DATETIME('format', text)", (2, 2), partial(_parse, "DATETIME")),
    written("PARSE_TIMESTAMP('format', text[, zone])", (2, 3), partial(_parse, "TIMESTAMP")),
)
