"""The letter in the disc beside a person's messages is what a reader takes for the first of the name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.live.templating.initials import LIMIT, initial_of

EXPECTED = {
    "Mara": "M",
    "quiet meadow": "Q",
    "émile": "É",
    "e\u0301mile": "E\u0301",
    "@ann": "A",
    "(7 of 9)": "7",
    "ßara": "ß",
    "مريم": "م",
    "क्षमा": "क्ष",
    "\u200b\u2060Ann": "A",
    "👩‍🚀 Ann": "👩‍🚀",
    "👨‍👩‍👧‍👦 us": "👨‍👩‍👧‍👦",
    "🇱🇹": "🇱🇹",
    "!!!": "!",
    "": "",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_initial_is_the_first_letter_that_is_seen(name: str) -> None:
    assert initial_of(name) == EXPECTED[name]


@given(st.text() | st.text(alphabet="a\u0301\u200b "))
def test_any_name_has_a_short_initial(name: str) -> None:
    assert len(initial_of(name)) <= LIMIT
