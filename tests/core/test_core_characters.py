"""What a terminal would obey is shown instead."""

import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.characters import show_controls, show_in_line

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_escape_sequences_and_turned_text_are_shown() -> None:
    for text in ("\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "a\rb", "\x08", "\x7f", *BIDI, "\ud800", "\U000e0041"):
        shown = show_controls(f"a{text}b")
        assert shown.isascii()
        assert shown.isprintable()


def test_text_of_all_languages_stays() -> None:
    text = "größer 東京 ไทย עברית\n\ta👩‍👩‍👧"
    assert show_controls(text) == text


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet=st.characters(exclude_categories=[])))
def test_json_stays_what_it_says(text: str) -> None:
    written = json.dumps({"a": text}, ensure_ascii=False)
    shown = show_controls(written)
    assert json.loads(shown) == {"a": text}
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in shown)


def test_a_value_of_data_makes_no_lines() -> None:
    assert show_in_line("beer\nyule: all is well") == "beer\\u000ayule: all is well"
