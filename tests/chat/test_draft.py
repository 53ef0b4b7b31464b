"""What somebody typed becomes a message within bounds, or is refused with the reason."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.chat.contexts import MessageRefusal
from webapp.chat.draft import Draft
from webapp.chat.models import Message
from webapp.chat.refusal import MessageRefused
from webapp.chat.saying import MESSAGE_LIMIT, message_of
from webapp.live.visitor import NAME_LIMIT, Visitor

ANN = Visitor("ann-id", "Calm Sea")
BOB = Visitor("bob-id", "Dark Moon")
INVISIBLE = ["", " ", "\t \r\n", "\0\x07\x1b", "\u200b\u2060\ufeff", "\u00a0\u3000\u2003", "\u2028\u2029", "\u00ad"]
# Mostly what is near a bound, or hard to see; plain text seldom is.
odd = st.text(alphabet=st.sampled_from("a é\t\r\n\0\x1b\u200b\u00a0\u2028\u2029🦊\u0301"), max_size=60)
long = st.builds(lambda text, times: text * times, odd, st.integers(0, 200))
anything = st.text() | odd | long


def said(message: str = "hi", handle: str = "ann", nonce: str = "", visitor: Visitor = ANN) -> Message:
    return message_of(Draft(handle, message, nonce), message, visitor.named(handle), 7)


def refusal(message: str = "hi", handle: str = "ann") -> MessageRefusal:
    with pytest.raises(MessageRefused) as raised:
        said(message, handle)
    return raised.value.refusal


def test_plain_words_stay_as_they_are() -> None:
    message = said("hi there", "ann of the sea")
    assert (message.handle, message.message) == ("ann of the sea", "hi there")


@pytest.mark.parametrize("length", [1, 2, MESSAGE_LIMIT - 1, MESSAGE_LIMIT])
def test_a_message_has_up_to_2000_characters_after_trimming(length: int) -> None:
    assert MESSAGE_LIMIT == 2000
    assert said(" \n" * 3000 + "🦊" * length + "\t" * 3000).message == "🦊" * length


def test_a_longer_message_is_refused_with_the_limit() -> None:
    assert refusal("x" * 2001) == MessageRefusal("too_long", limit=2000)


def test_what_is_dropped_does_not_count() -> None:
    assert said("x" * 2000 + "\0" * 99).message == "x" * 2000
    assert said("x\r\n" * 1000).message == ("x\n" * 1000).strip()


@pytest.mark.parametrize("length", [1, NAME_LIMIT])
def test_a_name_has_up_to_40_characters_after_trimming(length: int) -> None:
    assert NAME_LIMIT == 40
    assert said(handle=" " * 50 + "é" * length + "\n" * 50).handle == "é" * length


def test_a_longer_name_is_refused_with_the_limit() -> None:
    assert refusal(handle="x" * 41) == MessageRefusal("handle_too_long", limit=40)


def test_a_name_is_one_line_with_single_spaces() -> None:
    assert said(handle="ann \t\n of\r\n  the\x00 sea").handle == "ann of the sea"


@pytest.mark.parametrize("handle", INVISIBLE)
def test_a_name_that_nobody_could_see_is_the_guests(handle: str) -> None:
    assert said(handle=handle).handle == "Calm Sea"


@pytest.mark.parametrize("message", INVISIBLE)
def test_a_message_that_nobody_could_see_is_refused(message: str) -> None:
    assert refusal(message) == MessageRefusal("blank")


def test_control_characters_are_dropped_but_tabs_and_line_ends_stay() -> None:
    assert said("a\0b\x07\x1b[31m\tc\nd\x7f\x85e").message == "ab[31m\tc\nde"


def test_characters_that_join_others_stay() -> None:
    assert said("👩\u200d👩\u200d👧").message == "👩\u200d👩\u200d👧"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\u2029"])
def test_every_line_end_is_the_same_one(end: str) -> None:
    assert said(f"a{end}b{end}{end}c").message == "a\nb\n\nc"


def test_without_a_nonce_there_is_no_digest() -> None:
    assert said(nonce="").nonce is None


def test_the_same_text_with_the_same_nonce_is_the_same_message() -> None:
    assert said("hi", nonce="n").nonce == said(" hi\r\n", handle="renamed", nonce="n").nonce is not None


def test_another_text_visitor_or_nonce_is_another_message() -> None:
    messages = [said("hi", nonce="n"), said("ho", nonce="n"), said("hi", nonce="m"), said("hi", nonce="n", visitor=BOB)]
    assert len({message.nonce for message in messages}) == len(messages)


def test_a_digest_tells_nothing_of_the_visitor_and_fits_its_column() -> None:
    digest = said("hi", nonce="n" * 100_000).nonce
    assert digest is not None
    assert ANN.id not in digest
    assert len(digest) <= 64


@given(handle=anything, message=anything, nonce=anything)
@settings(deadline=None)
def test_any_text_makes_a_message_within_bounds_or_is_refused(handle: str, message: str, nonce: str) -> None:
    try:
        made = said(message, handle, nonce)
    except MessageRefused:
        return
    assert 1 <= len(made.handle) <= NAME_LIMIT
    assert 1 <= len(made.message) <= MESSAGE_LIMIT
    assert made.handle == made.handle.strip()
    assert made.message == made.message.strip()
    assert not [char for char in made.handle if unicodedata.category(char) == "Cc"]
    assert {char for char in made.message if unicodedata.category(char) == "Cc"} <= {"\n", "\t"}
    assert (made.nonce is None) is (nonce == "")
