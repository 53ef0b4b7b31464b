"""Which language a browser gets that asks for some."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.live.http.languages import LENGTH, negotiated

OFFERED = ["en", "lt", "ar", "pt-BR"]
TAGS = st.from_regex(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8}){0,2}|\*", fullmatch=True)
WEIGHTS = st.sampled_from(["", ";q=1", ";q=0.9", "; q=0.5", ";q=0", ";Q=0.001", ";q=2", ";q=", ";level=1"])
HEADERS = st.lists(st.tuples(TAGS, WEIGHTS).map("".join)).map(",".join)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("lt", "lt"),
        ("LT", "lt"),
        ("lt-LT", "lt"),
        # The first that is offered counts, not the first that matches as a whole.
        ("lt-LT, en;q=0.5", "lt"),
        ("en;q=0.5, lt-LT", "lt"),
        ("fr, ar;q=0.3, lt;q=0.4", "lt"),
        ("ar-EG-x-private", "ar"),
        ("pt-BR", "pt-BR"),
        ("pt_BR", "en"),
        ("pt-PT, en;q=0.9", "pt-BR"),
        ("pt", "pt-BR"),
        ("fr", "en"),
        ("fr, *;q=0.1", "en"),
        ("en;q=0, *", "lt"),
        ("en;q=0, lt;q=0, ar;q=0, pt-BR;q=0", "en"),
        ("lt;q=0, lt-LT", "en"),
        ("ar ; q = 0.8 , lt;q=0.7", "ar"),
        ("ar;q=1.5, lt;q=0.1", "lt"),
        ("ar;q=nonsense, lt", "lt"),
        (",,;q=1,lt", "lt"),
    ],
)
def test_the_best_offered_language_is_taken(header: str, language: str) -> None:
    assert negotiated(header, OFFERED) == language


@given(st.one_of(st.text(), HEADERS))
def test_no_header_makes_an_error(header: str) -> None:
    assert negotiated(header, OFFERED) in OFFERED


@given(HEADERS)
def test_an_order_of_equals_is_the_order_of_the_header(header: str) -> None:
    assert negotiated(f"lt,ar,{header}", OFFERED) in ("lt", *OFFERED)
    assert negotiated(f"ar;q=0.5,{','.join(['xx'] * 3)},lt;q=0.5", OFFERED) == "ar"


def test_no_more_of_a_header_is_read_than_browsers_send() -> None:
    assert negotiated("x," * LENGTH + "lt", OFFERED) == "en"
