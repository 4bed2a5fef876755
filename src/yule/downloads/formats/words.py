"""Yes and no in other words: a format is the word for yes and the word for no, such as ``はい/いいえ``."""

from yule.downloads.formats.widths import narrow_sql
from yule.sql.quoting import quote_text

PAIRS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("j", "n"), ("oui", "non"),
    ("sí", "no"), ("si", "no"), ("sì", "no"), ("sim", "não"), ("ja", "nej"), ("ja", "nee"), ("tak", "nie"),
    ("да", "нет"), ("evet", "hayır"), ("はい", "いいえ"), ("あり", "なし"), ("有り", "無し"), ("有", "無"), ("○", "×"),
    ("〇", "×"), ("済", "未"), ("是", "否"), ("是", "不是"), ("예", "아니요"), ("예", "아니오"),
)  # fmt: skip
"""Words for yes, each with its word for no, in small letters."""

UNKNOWN = (
    "-", "--", "---", "–", "—", ".", "..", "?", "na", "n/a", "n.a.", "n.a", "#n/a", "nan", "null", "none", "nil", "\\n",
    "unknown", "missing", "not available", "not applicable", "k.a.", "keine angabe", "unbekannt", "inconnu",
    "desconocido", "0000-00-00",
    "0000-00-00 00:00:00", "00/00/0000", "00.00.0000", "なし", "無し", "無", "不明", "未記入", "未入力",
    "該当なし", "ー", "－", "无", "未知", "없음",
)  # fmt: skip
"""How people write that a value is not known, in small letters."""


def find_words_problem(written: str) -> str:
    """Say why two words cannot stand for yes and no; empty when they can.

    >>> find_words_problem("ja/nein")
    ''
    >>> find_words_problem("ja")
    "write the word for yes and the word for no, like ja/nein, not 'ja'"
    """
    words = [word.strip().lower() for word in written.split("/")]
    if len(words) == 2 and all(words) and words[0] != words[1]:
        return ""
    return f"write the word for yes and the word for no, like ja/nein, not {written!r}"


def words_sql(written: str, value: str) -> str:
    """Return whether a text is the word for yes as SQL; NULL where it is neither word."""
    yes, no = (quote_text(word.strip().lower()) for word in written.split("/"))
    return f"CASE lower({narrow_sql(value)}) WHEN {yes} THEN true WHEN {no} THEN false END"
