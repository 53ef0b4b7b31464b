"""What can be seen of a text, what a name is made of, and how numbers are read: for every script, and every Python."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.live.validation.texts import is_blank, name_of, numeral, plainly_signed, without_unseen

# What Unicode has assigned at any time, or reserved to show nothing, or left to anybody.
VISIBLE = [
    "🩷",
    "🫨",
    "🛜",
    "\uf8ff",
    "\U000f0000",
    "\u0378",
    "\U0002fa20",
    "🏻",
    "🇪",
    "\ufffd",
    "\u0600",
    "⠁",
    "a\u0301",
]
BLANK = {
    "spaces": " \u00a0\u1680\u2003\u202f\u3000",
    "line ends and controls": "\n\t\x07\x85\u2028\u2029",
    "of no width": "\u200b\u200c\u200d\u2060\ufeff",
    "bidi controls": "\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "variation selectors": "\ufe00\ufe0f\U000e0100\U000e01ef",
    "fillers": "\u115f\u1160\u3164\uffa0",
    "marks alone": "\u0301\u0903\u20e3\U00016fe4",
    "reserved to show nothing": "\u2065\ufff0\ufff8\U000e0fff",
    "symbols that are empty": "\u2800\U0001d159",
    "what never becomes a character": "\ufdd0\uffff\U0010ffff",
    "halves": "\ud800\udfff",
    "annotations": "\ufff9\ufffa\ufffb\u00ad\u034f\u17b4\u180b\u180e",
}
KEPT = {
    "a sequence of emoji": "👩\u200d💻 and 👩🏽\u200d🚀",
    "a heart on fire": "❤\ufe0f\u200d🔥",
    "a keycap": "1\ufe0f\u20e3",
    "a flag of tags": "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "a rainbow flag": "🏳\ufe0f\u200d🌈",
    "Persian": "می\u200cخواهم",
    "Sinhala": "ශ්\u200dරී",
    "Hindi": "क्\u200dष",
    "Bengali": "র\u200d্যাব",
    "marks": "हिन्दी ห้อง שָׁלוֹם",
}
STRIPPED = {
    "of no width": ("an\u200bn\u2060", "ann"),
    "a joiner that joins nothing": ("a\u200dn\u200cn", "ann"),
    "an override": ("\u202ena\u2066n\u202c", "nan"),
    "tags": ("ann\U000e0061\U000e0062", "ann"),
    "tags after a flag": ("🏴\U000e0067\U000e0062", "🏴"),
    "controls": ("a\x07n\x00n", "ann"),
    "selectors that select nothing": ("a\ufe0fnn\ufe0f", "ann"),
    "more than one selector": ("❤\ufe0f\ufe0f\ufe0f", "❤\ufe0f"),
    "fillers": ("ann\u3164", "ann"),
    "lines": ("ann\n of\u2028 the\tsea", "ann of the sea"),
    "a joiner at the end": ("می\u200c", "می"),
}
odd = st.text(
    st.sampled_from(
        "aی क्षर্🏴👩🦊❤1\u20e3\u0301\ufe0f\ufe0e\u200b\u200c\u200d\u202e\u3164\u180b\U000e0067\U000e007f\n\ud800"
    )
)


@pytest.mark.parametrize("text", VISIBLE)
def test_what_some_font_may_show_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert not is_blank(f" \u200b{text}")
    assert name_of(text) == text


@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK)
def test_what_no_font_shows_is_blank(text: str) -> None:
    for each in (text, *text):
        assert is_blank(each), ascii(each)
        assert name_of(each) == ""
    assert not is_blank(f"{text}x")


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_a_name_keeps_what_its_script_or_picture_needs(text: str) -> None:
    assert name_of(text) == text


@pytest.mark.parametrize(("text", "name"), STRIPPED.values(), ids=STRIPPED)
def test_a_name_loses_what_nobody_sees(text: str, name: str) -> None:
    assert name_of(text) == name


@given(st.text() | odd)
@example("👩\ufe0f\u200d\u3164💻")
@example("क्\u200d\u3164")
@settings(deadline=None)
def test_a_name_is_settled_and_hides_nothing(text: str) -> None:
    name = name_of(text)
    assert name_of(name) == name == name.strip()
    assert not {unicodedata.category(char) for char in name} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(name) & set("\u200b\u202e\u3164\u2066\ufeff")
    assert bool(name) is not is_blank(text)


@given(odd)
@settings(deadline=None)
def test_a_text_keeps_its_length_when_each_unseen_character_has_a_stand_in(text: str) -> None:
    shadow = without_unseen(text, "\0")
    assert len(shadow) == len(text)
    assert all(left in (right, "\0") for left, right in zip(shadow, text, strict=True))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", "3"),
        (" −3 ", "-3"),
        ("－１２", "-12"),
        ("＋5", "+5"),
        ("–7", "-7"),
        ("٣", "3"),
        ("-१२", "-12"),
        ("1,000", "1000"),
        ("1\u202f000\u202f000", "1000000"),
        ("−1’000", "-1000"),
        ("1,00", "1,00"),
        ("1,000’000", "1,000’000"),
        ("1.000", "1.000"),
        ("--1", "--1"),
        ("x", "x"),
    ],
)
def test_a_whole_number_is_read_as_people_write_it(text: str, number: str) -> None:
    assert numeral(text) == number


def test_of_a_fraction_only_the_sign_is_read() -> None:
    assert plainly_signed("−1,5") == "-1,5"
