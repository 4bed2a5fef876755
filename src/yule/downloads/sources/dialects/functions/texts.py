"""Functions of texts."""

from yule.downloads.sources.dialects.casts import can_cast, write_text
from yule.downloads.sources.dialects.functions.making import literal_text, plain, written
from yule.downloads.sources.dialects.pieces import MANY, NOTHING, Call, Function, Piece, fail, text_literal

_BLANKS = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""All of Unicode's White_Space, which TRIM of BigQuery removes; DuckDB's removes the space only."""


def _concat(call: Call) -> Piece:
    pieces = [(arg, call.write(arg)) for arg in call.args]
    for arg, piece in pieces:
        if not can_cast(piece.kind, "STRING"):
            return call.refuse(
                arg, f"CONCAT of a {piece.kind} is not translated: write FORMAT_TIMESTAMP or FORMAT_DATETIME"
            )
    return Piece("(" + " || ".join(write_text(piece) for _, piece in pieces) + ")", "STRING")


def _change_case(call: Call) -> Piece:
    text = call.write(call.args[0]).sql
    otherwise = fail(
        f"{call.name}: a letter that is not Latin, Greek, Cyrillic, kana, hangul or Han, or that becomes two"
    )
    form = text_literal(SAFE_LETTERS[call.name])
    sql = f"CASE WHEN NOT regexp_full_match({text}, {form}) THEN {otherwise} ELSE {call.name.lower()}({text}) END"
    return Piece(sql, "STRING")


def _trim(call: Call) -> Piece:
    text = call.write(call.args[0]).sql
    if len(call.args) == 2:
        characters = call.write(call.args[1]).sql
    else:
        characters = "(" + " || ".join(f"chr({ord(blank)})" for blank in _BLANKS) + ")"
    return Piece(f"{call.name.lower()}({text}, {characters})", "STRING")


def _substring(call: Call) -> Piece:
    text, start, *length = (call.write(arg).sql for arg in call.args)
    begin = f"CASE WHEN {start} = 0 OR {start} < -length({text}) THEN 1 ELSE {start} END"
    if not length:
        return Piece(f"substring({text}, {begin})", "STRING")
    part = f"substring({text}, {begin}, {length[0]})"
    negative = fail(f"{call.name}: the length is negative")
    return Piece(f"CASE WHEN {length[0]} < 0 THEN {negative} ELSE {part} END", "STRING")


def _end(call: Call) -> Piece:
    text, length = (call.write(arg).sql for arg in call.args)
    negative = fail(f"{call.name}: the length is negative")
    part = f"{call.name.lower()}({text}, {length})"
    return Piece(f"CASE WHEN {length} < 0 THEN {negative} ELSE {part} END", "STRING")


def _pad(call: Call) -> Piece:
    text, length = (call.write(arg).sql for arg in call.args[:2])
    pattern = call.write(call.args[2]).sql if len(call.args) == 3 else "' '"
    wrong = fail(f"{call.name}: the length is negative or greater than a million, or the pattern empty")
    is_wrong = f"{length} < 0 OR {length} > 1000000 OR {pattern} = ''"
    # DuckDB computes what is constant before it asks whether it is wanted.
    padded = f"{call.name.lower()}({text}, CAST(CASE WHEN {is_wrong} THEN 0 ELSE {length} END AS INTEGER), {pattern})"
    return Piece(f"CASE WHEN {is_wrong} THEN {wrong} ELSE {padded} END", "STRING")


def _repeat(call: Call) -> Piece:
    text, times = (call.write(arg).sql for arg in call.args)
    wrong = fail("REPEAT: the number is negative, or the text would be longer than 1 MB")
    is_wrong = f"{times} < 0 OR {times} * length({text}) > 1000000"
    repeated = f"repeat(CAST({text} AS VARCHAR), CASE WHEN {is_wrong} THEN 0 ELSE {times} END)"  # see _pad
    return Piece(f"CASE WHEN {is_wrong} THEN {wrong} ELSE {repeated} END", "STRING")


def _split(call: Call) -> Piece:
    text = call.write(call.args[0]).sql
    separator = call.write(call.args[1]).sql if len(call.args) == 2 else "','"
    return Piece(f"CASE WHEN {separator} IS NOT NULL THEN string_split({text}, {separator}) END", "ARRAY")


def _regexp_contains(call: Call) -> Piece:
    pattern = literal_text(call, 1, "the pattern")
    if pattern is None:
        return NOTHING
    return Piece(f"regexp_matches({call.write(call.args[0]).sql}, {text_literal(pattern)})", "BOOL")


def _regexp_extract(call: Call) -> Piece:
    pattern = literal_text(call, 1, "the pattern")
    if pattern is None:
        return NOTHING
    group = _choose_group(call, pattern)
    text = call.write(call.args[0]).sql
    found = f"regexp_extract({text}, {text_literal(pattern)}, {group})"
    return Piece(f"CASE WHEN regexp_matches({text}, {text_literal(pattern)}) THEN {found} END", "STRING")


def _regexp_extract_all(call: Call) -> Piece:
    pattern = literal_text(call, 1, "the pattern")
    if pattern is None:
        return NOTHING
    group = _choose_group(call, pattern)
    text = call.write(call.args[0]).sql
    empty = fail(f"{call.name}: the pattern matches an empty text, of which databases find other numbers")
    whole, found = (f"regexp_extract_all({text}, {text_literal(pattern)}, {part})" for part in (0, group))
    return Piece(f"CASE WHEN list_contains({whole}, '') THEN {empty} ELSE {found} END", "ARRAY")


def _regexp_replace(call: Call) -> Piece:
    pattern = literal_text(call, 1, "the pattern")
    if pattern is None:
        return NOTHING
    text, by = call.write(call.args[0]).sql, call.write(call.args[2]).sql
    return Piece(f"regexp_replace({text}, {text_literal(pattern)}, {by}, 'g')", "STRING")


def _choose_group(call: Call, pattern: str) -> int:
    """Return the group whose text is wanted, 0 for all that matches; refuse what not every match has."""
    groups = _find_groups(pattern)
    if len(groups) > 1:
        call.refuse(call.args[1], f"{call.name} takes one group: write (?:...) for the others")
    elif any(
        pattern[end + 1 : end + 2] in {"?", "*", "{"} or "|" in pattern[:start] + pattern[end + 1 :]
        for start, end in groups
    ):
        call.refuse(call.args[1], f"the group of {call.name} must be part of every match")
    return len(groups)


def _find_groups(pattern: str) -> list[tuple[int, int]]:
    """Return where the capturing groups of a regular expression begin and end."""
    groups, opened, in_class, i = [], [], False, 0
    while i < len(pattern):
        character = pattern[i]
        if character == "\\":
            i += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            i += pattern[i + 1 : i + 2] in {"]", "^"}
        elif character == "(":
            opened.append((i, not pattern.startswith("(?", i) or pattern.startswith(("(?P<", "(?<"), i)))
        elif character == ")" and opened:
            start, is_capturing = opened.pop()
            groups += [(start, i)] if is_capturing else []
        i += 1
    return groups


def _hash(call: Call) -> Piece:
    piece = call.write(call.args[0])
    if piece.kind not in ("STRING", "unknown", "NULL"):
        return call.refuse(call.args[0], f"{call.name} is translated for a STRING: write CAST(value AS STRING)")
    return Piece(f"unhex({call.name.lower()}({piece.sql}))", "BYTES")


def _to_hex(call: Call) -> Piece:
    piece = call.write(call.args[0])
    if piece.kind != "BYTES":
        return call.refuse(call.args[0], "TO_HEX is translated for SHA256, SHA1 and MD5: write TO_HEX(SHA256(text))")
    return Piece(f"lower(hex({piece.sql}))", "STRING")


_COMMON = (
    r"\x{0}-\x{B4}\x{B6}-\x{DE}\x{E0}-\x{12F}\x{132}-\x{148}\x{14A}-\x{17E}"  # Latin, without what becomes two letters
    r"\x{391}-\x{3A1}\x{3A4}-\x{3A9}\x{3B1}-\x{3C1}\x{3C3}-\x{3C9}\x{400}-\x{45F}"  # Greek without sigma, Cyrillic
    r"\x{2000}-\x{206F}\x{20AC}\x{3000}-\x{30FF}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}\x{FF01}-\x{FF9F}\x{1F300}-\x{1FAFF}"
)
SAFE_LETTERS = {"LOWER": f"[{_COMMON}]*", "UPPER": f"[{_COMMON}]*"}
"""Characters of which all databases make the same lower and upper case."""


TEXTS: tuple[Function, ...] = (
    written("CONCAT(text, ...)", (1, MANY), _concat),
    plain("BYTE_LENGTH(text)", "strlen({0})", "INT64"),
    plain("OCTET_LENGTH(text)", "strlen({0})", "INT64"),
    plain("UNICODE(text)", "CASE WHEN {0} = '' THEN CAST(0 AS BIGINT) ELSE CAST(unicode({0}) AS BIGINT) END", "INT64"),
    plain("LENGTH(text)", "length({0})", "INT64"),
    plain("CHAR_LENGTH(text)", "length({0})", "INT64"),
    plain("CHARACTER_LENGTH(text)", "length({0})", "INT64"),
    written("LOWER(text)", (1, 1), _change_case),
    written("UPPER(text)", (1, 1), _change_case),
    written("TRIM(text[, characters])", (1, 2), _trim),
    written("LTRIM(text[, characters])", (1, 2), _trim),
    written("RTRIM(text[, characters])", (1, 2), _trim),
    written("SUBSTR(text, start[, length])", (2, 3), _substring),
    written("SUBSTRING(text, start[, length])", (2, 3), _substring),
    written("LEFT(text, length)", (2, 2), _end),
    written("RIGHT(text, length)", (2, 2), _end),
    written("LPAD(text, length[, pattern])", (2, 3), _pad),
    written("RPAD(text, length[, pattern])", (2, 3), _pad),
    written("REPEAT(text, times)", (2, 2), _repeat),
    plain("REPLACE(text, part, by)", "replace({0}, {1}, {2})", "STRING"),
    plain("STRPOS(text, part)", "strpos({0}, {1})", "INT64"),
    plain("INSTR(text, part)", "strpos({0}, {1})", "INT64"),
    plain("STARTS_WITH(text, part)", "starts_with({0}, {1})", "BOOL"),
    plain("ENDS_WITH(text, part)", "ends_with({0}, {1})", "BOOL"),
    written("SPLIT(text[, separator])", (1, 2), _split),
    written("REGEXP_CONTAINS(text, 'pattern')", (2, 2), _regexp_contains),
    written("REGEXP_EXTRACT(text, 'pattern')", (2, 2), _regexp_extract),
    written("REGEXP_EXTRACT_ALL(text, 'pattern')", (2, 2), _regexp_extract_all),
    written("REGEXP_SUBSTR(text, 'pattern')", (2, 2), _regexp_extract),
    written("REGEXP_REPLACE(text, 'pattern', by)", (3, 3), _regexp_replace),
    written("SHA256(text)", (1, 1), _hash),
    written("SHA1(text)", (1, 1), _hash),
    written("MD5(text)", (1, 1), _hash),
    written("TO_HEX(hash)", (1, 1), _to_hex),
)
