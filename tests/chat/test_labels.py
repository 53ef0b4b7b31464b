"""Labels: one spelling for each room, and none that the app itself uses."""

from __future__ import annotations

import re
import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.chat.labels import LABEL_LIMIT, label_of

RESERVED = frozenset({"new", "me", "static"})
SCRIPTS = [
    *("हिन्दी", "नमस्ते", "ห้อง", "বাংলা", "தமிழ்", "ગુજરાતી", "한국어", "日本語ー", "שָׁלוֹם", "مَرْحَبًا", "བོད་ཡིག", "ខ្មែរ", "မြန်မာ"),
    *("می\u200cخواهم", "ශ්\u200dරී", "क्\u200dष", "র\u200d্যাব", "i̇stanbul", "ⅷ", "①", "²", "a_b-1", "-", "_"),
]
SPELLINGS = {
    "İstanbul": "i̇stanbul",
    "straße": "strasse",
    "\ufb01nal": "final",
    "\u1112\u1161\u11ab": "한",
    "e\u0301": "é",
    "e\u200b\u0301": "é",
    "ro\u00adom": "room",
    "\u202eroom\u202c": "room",
    "room\U000e0041": "room",
    "room\u3164": "room",
    "r\u200co\u200dom": "room",
    "می\u200c": "می",
    "क्\u200c": "क्",
    "ᠮᠣ\u180bᠩ": "ᠮᠣᠩ",
}
odd = st.text(
    st.sampled_from("aİßयक्षیخর্েé\u0301\u0307\u0345\u200b\u200c\u200d\u202e\u3164\ufe0f\U000e0067-_1"), max_size=60
)
UNSEEN = st.text(st.sampled_from("\u200b\u00ad\u2060\u202e\u2066\ufeff\u3164\ufe0f\U000e0041\U000e0fff"), max_size=3)


@given(st.text(max_size=60) | odd | st.sampled_from(["New", "ΜΕ", "ﬀ", "ß", "ǰ", "ΐ", "ŉ", "ẞ" * 25, "STATIC"]))
@settings(deadline=None)
def test_a_label_is_settled_folded_and_never_reserved(text: str) -> None:
    label = label_of(text, RESERVED)
    if label is not None:
        assert label_of(label, RESERVED) == label
        assert label == unicodedata.normalize("NFC", label) == unicodedata.normalize("NFC", label.casefold())
        assert 1 <= len(label) <= LABEL_LIMIT
        assert label not in RESERVED


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_can_name_a_room(text: str) -> None:
    assert label_of(text, RESERVED) == text


@pytest.mark.parametrize(("text", "label"), SPELLINGS.items())
def test_every_spelling_means_the_same_label(text: str, label: str) -> None:
    assert label_of(text, RESERVED) == label


@given(st.sampled_from([each for each in SCRIPTS if len(each) > 1]), st.lists(UNSEEN, min_size=2, max_size=12))
@settings(deadline=None)
def test_what_nobody_sees_makes_no_second_room(text: str, unseen: list[str]) -> None:
    joiners = {"\u200c", "\u200d"}
    spelled = ""
    for place, char in enumerate(text):
        # Not beside a joiner: what it then joins is another matter.
        beside = joiners & set(text[max(0, place - 2) : place + 2])
        spelled += ("" if beside else unseen[place % len(unseen)]) + char
    assert label_of(spelled, RESERVED) == text


@pytest.mark.parametrize(
    "text", ["", "\u0301", "\u0301\u20e3", "\u3164", "\u200d", "🦊", "a🦊", "a b", "a.b", "a\0", "a\x07", "ne\u200bw"]
)
def test_what_is_no_word_is_no_label(text: str) -> None:
    assert label_of(text, RESERVED) is None


def test_every_letter_that_a_label_could_have_before_it_can_have_still() -> None:
    letters = (chr(code) for code in range(sys.maxunicode + 1))
    assert [each for each in letters if re.match(r"\w", each) and label_of(f"a{each}", RESERVED) is None] == []


@pytest.mark.parametrize("length", [LABEL_LIMIT, LABEL_LIMIT + 1])
def test_a_label_is_measured_in_its_normal_form(length: int) -> None:
    taken_apart = unicodedata.normalize("NFD", "ǖ" * length)
    assert len(taken_apart) == 3 * length
    assert label_of(taken_apart, RESERVED) == ("ǖ" * length if length <= LABEL_LIMIT else None)


def test_a_path_that_is_far_too_long_is_not_even_looked_at() -> None:
    def seconds(text: str) -> float:
        began = time.thread_time()
        assert label_of(text, RESERVED) is None
        return time.thread_time() - began

    short, long = ("a" + "\u0301\u0316" * times for times in (90, 15_000))
    # Thirty thousand marks take no longer than two hundred, which are put into order.
    assert min(seconds(long) for _ in range(5)) < 5 * max(seconds(short) for _ in range(5))
